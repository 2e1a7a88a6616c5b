//! Lists of ISO codes and group names, as sets of strings.

use super::expr::{Expr, all, any, contains, contains_any, eq, text, texts};
use super::lower::reading;
use anyhow::{Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use terms::{Country, Question};

/// Members by group name. The row of Hong Kong is an alias and belongs to no group by itself.
static GROUPS: LazyLock<BTreeMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in include_str!("../../../data/law/country-groups.csv").lines().skip(1) {
        // No name holds a comma; only the note, which comes last, may.
        let mut cells = row.splitn(4, ',');
        let (Some(code), Some(_name), Some(names)) = (cells.next(), cells.next(), cells.next()) else {
            continue;
        };
        for name in names.split(';').filter(|_| code != "HK") {
            groups.entry(name).or_default().push(code);
        }
    }
    groups
});

/// The countries a text lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Countries {
    codes: BTreeSet<String>,
    /// China is listed, Hong Kong is not, and the text does not say whether the one includes the other.
    pub(super) hong_kong_open: bool,
}

impl Countries {
    /// Reads ISO codes and group names; `open` where the text leaves Hong Kong open.
    pub(super) fn read(list: &[String], open: bool) -> Result<Self> {
        let mut codes = BTreeSet::new();
        for item in list {
            match GROUPS.get(item.as_str()) {
                Some(members) => codes.extend(members.iter().map(|code| (*code).to_owned())),
                None if Country::parse(item).is_ok() || item == "XK" => _ = codes.insert(item.clone()),
                None => bail!("`{item}` is neither a country code nor a group of the shipped table"),
            }
        }
        let through_china = codes.contains("CN") && !codes.contains("HK");
        if through_china && !open {
            codes.insert("HK".to_owned());
        }
        Ok(Self { codes, hong_kong_open: through_china && open })
    }

    /// The codes as a Cedar set.
    pub(super) fn literal(&self) -> Expr {
        texts(self.codes.iter().map(String::as_str))
    }

    /// Whether the country is one of these.
    pub(super) fn hold(&self, country: Expr) -> Expr {
        let listed = contains(self.literal(), country.clone());
        self.or_hong_kong(listed, eq(country, text("HK")))
    }

    /// Whether one of the countries of the set is one of these.
    pub(super) fn meet(&self, countries: Expr) -> Expr {
        let listed = contains_any(countries.clone(), self.literal());
        self.or_hong_kong(listed, contains(countries, text("HK")))
    }

    fn or_hong_kong(&self, listed: Expr, is_hong_kong: Expr) -> Expr {
        if !self.hong_kong_open {
            return listed;
        }
        any([listed, all([is_hong_kong, reading(Question::HongKongIsCn, "yes")])])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(list: &[&str], open: bool) -> Countries {
        Countries::read(&list.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>(), open).unwrap()
    }

    #[test]
    fn hong_kong_comes_only_through_china() {
        assert!(codes(&["D:5"], false).codes.contains("HK"));
        assert!(!codes(&["D:2"], false).codes.contains("HK"));
        let open = codes(&["D:5"], true);
        assert!(open.hong_kong_open && !open.codes.contains("HK"));
        let named = codes(&["CN", "HK"], true);
        assert!(!named.hong_kong_open && named.codes.contains("HK"));
    }

    #[test]
    fn groups_have_the_counts_of_the_table() {
        for (group, count) in [("A:1", 40), ("A:5", 38), ("B", 173), ("D:5", 22), ("E:1", 3), ("E:2", 1)] {
            let without_alias = codes(&[group], true);
            assert_eq!(without_alias.codes.len(), count, "{group}");
        }
        assert!(Countries::read(&["Z:9".to_owned()], false).is_err());
    }
}
