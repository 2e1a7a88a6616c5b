//! The figures the population is drawn from, as committed in `data/population/demo-marginals.toml`.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use terms::{Country, Level, SubjectKind, UsStatus};

use super::draw::Weighted;

const SHIPPED: &str = include_str!("../../../../data/population/demo-marginals.toml");

/// How somebody born abroad came to stay in the United States.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Immigrant {
    /// Citizen by now.
    Naturalised,
    /// Admitted for good, or protected.
    Permanent,
    /// On a visa, or without leave to stay: status `none`.
    Other,
}

/// What is on file about the users of a key that is not one person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum UsersAttested {
    Nothing,
    UsPersons(Level),
    NotAll(Level),
}

/// An invented employer.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Employer {
    pub(super) name: String,
    pub(super) sector: String,
    /// In the United States.
    pub(super) us: bool,
    /// Named in the second letter.
    #[serde(default)]
    pub(super) partner: bool,
}

/// The figures, ready to be drawn from.
#[derive(Clone, Debug)]
pub(super) struct Marginals {
    pub(super) place: Weighted<Country>,
    pub(super) birth_country: Weighted<Country>,
    pub(super) foreign_born: f64,
    pub(super) foreign_born_software: f64,
    pub(super) immigrant: Weighted<Immigrant>,
    pub(super) permanent_kind: Weighted<UsStatus>,
    pub(super) former_citizenship_kept: f64,
    pub(super) us_citizens_abroad: f64,
    pub(super) third_country_nationals: f64,
    pub(super) evidence: Weighted<Level>,
    pub(super) partner_evidence: Weighted<Level>,
    pub(super) status_stated: f64,
    pub(super) evidence_lapsed: f64,
    pub(super) works_for_nobody: f64,
    pub(super) partner_staff: f64,
    pub(super) contractors: f64,
    pub(super) subject_kind: Weighted<SubjectKind>,
    pub(super) users_attested: Weighted<UsersAttested>,
    pub(super) sector: Weighted<String>,
    pub(super) employers: Vec<Employer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "schema")]
    _schema: u32,
    #[serde(rename = "built")]
    _built: String,
    figure: Vec<Figure>,
    employer: Vec<Employer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Figure {
    id: String,
    #[serde(rename = "kind")]
    _kind: Kind,
    #[serde(rename = "source")]
    _source: String,
    value: Option<f64>,
    #[serde(default)]
    shares: BTreeMap<String, f64>,
    rest: Option<String>,
    #[serde(default)]
    weights: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Measured,
    Derived,
    Assumed,
}

impl Marginals {
    /// The figures that come with Douane.
    pub(super) fn shipped() -> Result<Self> {
        Self::parse(SHIPPED).context("data/population/demo-marginals.toml")
    }

    fn parse(text: &str) -> Result<Self> {
        let file: File = toml::from_str(text)?;
        Ok(Self {
            place: file.countries("place")?,
            birth_country: file.countries("birth_country")?,
            foreign_born: file.share("foreign_born")?,
            foreign_born_software: file.share("foreign_born_software")?,
            immigrant: file.words("immigrant_status", immigrant)?,
            permanent_kind: file.words("permanent_kind", UsStatus::parse)?,
            former_citizenship_kept: file.share("former_citizenship_kept")?,
            us_citizens_abroad: file.share("us_citizens_abroad")?,
            third_country_nationals: file.share("third_country_nationals")?,
            evidence: file.words("evidence", Level::parse)?,
            partner_evidence: file.words("partner_evidence", Level::parse)?,
            status_stated: file.share("status_stated")?,
            evidence_lapsed: file.share("evidence_lapsed")?,
            works_for_nobody: file.share("works_for_nobody")?,
            partner_staff: file.share("partner_staff")?,
            contractors: file.share("contractors")?,
            subject_kind: file.words("subject_kind", subject_kind)?,
            users_attested: file.words("users_attested", users_attested)?,
            sector: file.words("sector", |word| Some(word.to_owned()))?,
            employers: file.employer,
        })
    }
}

impl File {
    fn figure(&self, id: &str) -> Result<&Figure> {
        self.figure
            .iter()
            .find(|figure| figure.id == id)
            .with_context(|| format!("there is no figure `{id}`"))
    }

    fn share(&self, id: &str) -> Result<f64> {
        let value = self.figure(id)?.value.with_context(|| format!("figure `{id}` has no `value`"))?;
        ensure!((0.0..=1.0).contains(&value), "figure `{id}`: {value} is no share");
        Ok(value)
    }

    /// Shares by word; they must add up to 1.
    fn words<T>(&self, id: &str, read: impl Fn(&str) -> Option<T>) -> Result<Weighted<T>> {
        let figure = self.figure(id)?;
        let total: f64 = figure.shares.values().sum();
        ensure!((total - 1.0).abs() < 1e-9, "figure `{id}`: its shares add up to {total}, not to 1");
        weighted(id, &figure.shares, read)
    }

    /// Shares by country; what is left of 1 goes to the countries of `rest`, by their weights.
    fn countries(&self, id: &str) -> Result<Weighted<Country>> {
        let figure = self.figure(id)?;
        let rest = figure.rest.as_deref().with_context(|| format!("figure `{id}` has no `rest`"))?;
        let weights = &self.figure(rest)?.weights;
        let (named, total): (f64, f64) = (figure.shares.values().sum(), weights.values().sum());
        ensure!((0.0..=1.0).contains(&named), "figure `{id}`: its shares add up to {named}");
        let mut shares = figure.shares.clone();
        for (country, weight) in weights {
            *shares.entry(country.clone()).or_default() += (1.0 - named) * weight / total;
        }
        weighted(id, &shares, |code| Country::parse(code).ok())
    }
}

fn weighted<T>(
    id: &str,
    shares: &BTreeMap<String, f64>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Weighted<T>> {
    let mut items = Vec::with_capacity(shares.len());
    for (word, share) in shares {
        let Some(item) = read(word) else { bail!("figure `{id}`: `{word}` is not known here") };
        items.push((item, *share));
    }
    Weighted::new(items).with_context(|| format!("figure `{id}` has a weight that cannot be drawn from"))
}

fn immigrant(word: &str) -> Option<Immigrant> {
    match word {
        "naturalised" => Some(Immigrant::Naturalised),
        "permanent" => Some(Immigrant::Permanent),
        "temporary" | "unauthorised" => Some(Immigrant::Other),
        _ => None,
    }
}

fn subject_kind(word: &str) -> Option<SubjectKind> {
    match word {
        "person" => Some(SubjectKind::Person),
        "shared_key" => Some(SubjectKind::SharedKey),
        "service" => Some(SubjectKind::Service),
        _ => None,
    }
}

fn users_attested(word: &str) -> Option<UsersAttested> {
    match word {
        "nothing" => Some(UsersAttested::Nothing),
        "us_persons_employer" => Some(UsersAttested::UsPersons(Level::Employer)),
        "us_persons_document" => Some(UsersAttested::UsPersons(Level::Document)),
        "not_all_document" => Some(UsersAttested::NotAll(Level::Document)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_figures_can_be_read() {
        let marginals = Marginals::shipped().unwrap();
        assert!(marginals.employers.iter().any(|employer| employer.us && !employer.partner));
        assert!(marginals.employers.iter().any(|employer| !employer.us));
    }

    #[test]
    fn faults_are_named() {
        for (from, to, word) in [
            ("US = 0.216", "USA = 0.216", "`USA` is not known"),
            ("none = 0.60", "none = 0.61", "add up to 1.01"),
            ("value = 0.1901", "value = 1.901", "is no share"),
            ("id = \"sector\"", "id = \"sectors\"", "no figure `sector`"),
            ("MX = 5", "MX = -5", "cannot be drawn from"),
            ("refugee = 0.05", "refuge = 0.05", "`refuge` is not known"),
        ] {
            let fault = Marginals::parse(&SHIPPED.replace(from, to)).unwrap_err().to_string();
            assert!(fault.contains(word), "{from} -> {to}: {fault}");
        }
    }
}
