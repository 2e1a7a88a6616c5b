//! Countries and sets of countries.

use crate::country_table::ROWS;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A country or territory with an ISO 3166-1 alpha-2 code, held as its row in the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(u8);

/// The text is no ISO 3166-1 alpha-2 code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown country `{0}`: use an ISO 3166-1 alpha-2 code such as FR")]
pub struct UnknownCountry(pub String);

impl Country {
    /// The United States.
    pub const US: Self = Self(index_of("US"));
    /// China.
    pub const CN: Self = Self(index_of("CN"));
    /// Hong Kong.
    pub const HK: Self = Self(index_of("HK"));

    /// Reads an upper-case alpha-2 code.
    pub fn parse(code: &str) -> Result<Self, UnknownCountry> {
        ROWS.binary_search_by(|row| row.0.cmp(code))
            .ok()
            .and_then(|row| u8::try_from(row).ok())
            .map(Self)
            .ok_or_else(|| UnknownCountry(code.to_owned()))
    }

    /// How many there are in the table.
    pub const COUNT: usize = ROWS.len();

    /// Every country of the table, in order of code.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=u8::MAX).take(ROWS.len()).map(Self)
    }

    /// Its row in the table: where it stands in tables of 256.
    pub const fn row(self) -> u8 {
        self.0
    }

    /// The alpha-2 code.
    pub fn code(self) -> &'static str {
        ROWS.get(usize::from(self.0)).map_or("??", |row| row.0)
    }

    /// The alpha-3 code.
    pub fn alpha3(self) -> &'static str {
        ROWS.get(usize::from(self.0)).map_or("???", |row| row.1)
    }

    /// The English short name.
    pub fn name_en(self) -> &'static str {
        ROWS.get(usize::from(self.0)).map_or("", |row| row.2)
    }

    /// The Korean short name.
    pub fn name_ko(self) -> &'static str {
        ROWS.get(usize::from(self.0)).map_or("", |row| row.3)
    }

    /// The country a *place* counts as: the territories of the United States (PR, GU, AS, MP, VI, UM) are the
    /// United States (15 CFR 772.1, "United States").
    #[must_use]
    pub fn as_place(self) -> Self {
        match self.code() {
            "PR" | "GU" | "AS" | "MP" | "VI" | "UM" => Self::US,
            _ => self,
        }
    }
}

/// Row of a code known at compile time; the build fails when the table lacks it.
const fn index_of(code: &str) -> u8 {
    let wanted = code.as_bytes();
    let mut row: u8 = 0;
    #[expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "evaluated at compile time only"
    )]
    while (row as usize) < ROWS.len() {
        let have = ROWS[row as usize].0.as_bytes();
        if have[0] == wanted[0] && have[1] == wanted[1] {
            return row;
        }
        row += 1;
    }
    #[expect(clippy::panic, reason = "evaluated at compile time only")]
    {
        panic!("code is not in the table")
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Country {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Country".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "pattern": "^[A-Z]{2}$", "description": "ISO 3166-1 alpha-2 code"
        })
    }
}

/// A set of countries: 256 bits, one per row of the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct CountrySet([u64; 4]);

impl CountrySet {
    /// No country.
    pub const EMPTY: Self = Self([0; 4]);

    /// Every country of the table.
    pub fn all() -> Self {
        Country::all().collect()
    }

    /// Adds one country.
    pub fn insert(&mut self, country: Country) {
        if let Some(word) = self.0.get_mut(usize::from(country.0 >> 6)) {
            *word |= 1 << (country.0 & 63);
        }
    }

    /// Takes one country out.
    pub fn remove(&mut self, country: Country) {
        if let Some(word) = self.0.get_mut(usize::from(country.0 >> 6)) {
            *word &= !(1 << (country.0 & 63));
        }
    }

    /// Whether the country is in the set.
    pub fn contains(&self, country: Country) -> bool {
        self.0.get(usize::from(country.0 >> 6)).is_some_and(|word| word & (1 << (country.0 & 63)) != 0)
    }

    /// Countries in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    /// Countries of this set that the other lacks.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }

    /// Whether each country of this set is in the other.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.difference(other).is_empty()
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }

    /// How many countries it holds.
    pub fn len(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// Its countries, in order of code.
    pub fn iter(&self) -> impl Iterator<Item = Country> + '_ {
        Country::all().filter(|country| self.contains(*country))
    }

    fn zip(&self, other: &Self, op: impl Fn(u64, u64) -> u64) -> Self {
        let mut out = *self;
        for (word, theirs) in out.0.iter_mut().zip(other.0) {
            *word = op(*word, theirs);
        }
        out
    }
}

impl FromIterator<Country> for CountrySet {
    fn from_iter<I: IntoIterator<Item = Country>>(countries: I) -> Self {
        let mut set = Self::EMPTY;
        countries.into_iter().for_each(|country| set.insert(country));
        set
    }
}

impl fmt::Debug for CountrySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_matches_the_shipped_file_and_is_sorted() {
        let file = include_str!("../../../data/iso3166.csv");
        // The file also lists the European Union, which is no country and has no alpha-3 code.
        let rows = file.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
        let codes: Vec<&str> = rows.filter(|row| !row[1].is_empty()).map(|row| row[0]).collect();
        assert!(Country::parse("EU").is_err());
        let mut sorted = codes.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, Country::all().map(Country::code).collect::<Vec<_>>());
        assert!(ROWS.len() <= 256, "a CountrySet has 256 bits");
    }

    #[test]
    fn every_code_reads_back() {
        for country in Country::all() {
            assert_eq!(Country::parse(country.code()), Ok(country));
        }
        for bad in ["us", "USA", "", "ZZ", "U", "\u{feff}US"] {
            assert!(Country::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sets_behave_as_sets() {
        let set: CountrySet = [Country::US, Country::CN].into_iter().collect();
        assert_eq!(set.len(), 2);
        assert!(set.is_subset(&CountrySet::all()));
        assert!(!CountrySet::all().is_subset(&set));
        assert_eq!(CountrySet::all().difference(&set).len() as usize, ROWS.len() - 2);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Country::CN, Country::US]);
    }

    #[test]
    fn territories_are_the_united_states_as_a_place_only() {
        let puerto_rico = Country::parse("PR").unwrap();
        assert_eq!(puerto_rico.as_place(), Country::US);
        assert_ne!(puerto_rico, Country::US);
        assert_eq!(Country::HK.as_place(), Country::HK);
    }
}
