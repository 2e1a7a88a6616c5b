//! SCIM 2.0 users (RFC 7643, 4.1; lists as RFC 7644, 3.4.2) with an extension of predicates.

use serde::Deserialize;
use std::io::Read;
use terms::limits::CITIZENSHIPS;
use terms::{Attested, Citizenship, Country, Employer, Employment, Level, PersonFacts, Relation, UsStatus};

use super::column::Column;
use super::error::{Problem, RosterError};
use super::row::{self, RosterRow};
use super::{MAX_ROWS, SCIM_BYTES};

/// A list response, or a bare list of users. Members that are not named here are read past: they never reach memory
/// beyond the parser.
#[derive(Deserialize)]
#[serde(untagged)]
enum Document {
    Response {
        #[serde(rename = "Resources", default)]
        resources: Vec<User>,
    },
    Bare(Vec<User>),
}

#[derive(Deserialize)]
struct User {
    id: Option<String>,
    #[serde(rename = "externalId")]
    external_id: Option<String>,
    active: Option<bool>,
    #[serde(rename = "urn:douane:params:scim:schemas:extension:eligibility:1.0")]
    eligibility: Option<Eligibility>,
    #[serde(rename = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")]
    enterprise: Option<Enterprise>,
}

/// Predicates alone: an attribute of another name is refused, so that no document number slips in.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Eligibility {
    us_person: Option<bool>,
    us_status: Option<String>,
    #[serde(default)]
    not_national_of: Vec<String>,
    #[serde(default)]
    nationalities: Vec<String>,
    #[serde(default)]
    nationalities_complete: bool,
    relation: Option<String>,
    as_of: Option<String>,
}

#[derive(Deserialize)]
struct Enterprise {
    organization: Option<String>,
}

/// The users of one document, numbered from 1 where the other forms have lines.
pub(super) struct ScimRows {
    users: std::vec::IntoIter<User>,
    read: u64,
}

impl ScimRows {
    pub(super) fn read(input: impl Read) -> Result<Self, RosterError> {
        let wrong = |problem| RosterError { line: 1, problem };
        let mut text = Vec::new();
        let mut bounded = input.take(SCIM_BYTES.saturating_add(1));
        bounded.read_to_end(&mut text).map_err(RosterError::unreadable)?;
        if u64::try_from(text.len()).unwrap_or(u64::MAX) > SCIM_BYTES {
            return Err(wrong(Problem::TooManyRows { limit: MAX_ROWS }));
        }
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
        let document: Document = serde_json::from_slice(text).map_err(|_| wrong(Problem::NotScim))?;
        let (Document::Response { resources: users } | Document::Bare(users)) = document;
        Ok(Self { users: users.into_iter(), read: 0 })
    }

    /// The next user; whoever is not active any more has no row.
    pub(super) fn next(&mut self) -> Option<Result<RosterRow, RosterError>> {
        loop {
            let user = self.users.next()?;
            self.read = self.read.saturating_add(1);
            if user.active != Some(false) {
                let line = self.read;
                return Some(row(line, &user).map_err(|problem| RosterError { line, problem }));
            }
        }
    }
}

fn row(line: u64, user: &User) -> Result<RosterRow, Problem> {
    let person = row::person(user.external_id.as_deref().or(user.id.as_deref()).unwrap_or_default().trim())?;
    let none = Eligibility::default();
    let said = user.eligibility.as_ref().unwrap_or(&none);
    if let Some(as_of) = &said.as_of {
        row::date(Column::UsStatusExpires, as_of)?;
    }
    let denied = codes(&said.not_national_of)?;
    let citizenships = citizenships(said)?;
    let not_citizenships = row::not_citizenships(&denied, &citizenships, Level::Employer)?;
    let complete = said.nationalities_complete && !citizenships.is_empty();
    let us_citizen = citizenships.iter().any(|held| held.country == Country::US);
    let facts = PersonFacts {
        person_id: Some(person.clone()),
        us_status: us_status(said, us_citizen)?,
        citizenships,
        // A list says what is held; of what was lost SCIM has no word.
        citizenships_current: if complete {
            Attested::new(true, Level::Employer)
        } else {
            Attested::default()
        },
        not_citizenships,
        employment: employment(said, user.enterprise.as_ref())?,
        ..PersonFacts::unknown()
    };
    Ok(RosterRow { line, person, facts })
}

/// A US person of a kind that is not said is written as [`crate::file`] writes one.
fn us_status(said: &Eligibility, us_citizen: bool) -> Result<Attested<UsStatus>, Problem> {
    let named = said.us_status.as_deref().map(|word| {
        let words = row::STATUSES.map(UsStatus::word).join(", ");
        UsStatus::parse(word).ok_or_else(|| Problem::value(Column::UsStatus, word, format!("one of {words}")))
    });
    let named = named.transpose()?.filter(|status| *status != UsStatus::Unknown);
    let foreign = named.and_then(UsStatus::is_foreign_person);
    if foreign.is_some() && foreign == said.us_person
        || us_citizen && (said.us_person == Some(false) || foreign == Some(true))
    {
        let allowed = "what `us_person` and `nationalities` do not contradict";
        return Err(Problem::value(Column::UsStatus, named.unwrap_or_default().word(), allowed));
    }
    let status = match (named, said.us_person) {
        (Some(status), _) => status,
        (None, _) if us_citizen => UsStatus::Citizen,
        (None, Some(true)) => UsStatus::UsPerson,
        (None, Some(false)) => UsStatus::None,
        (None, None) => return Ok(Attested::default()),
    };
    Ok(Attested::new(status, Level::Employer))
}

fn codes(codes: &[String]) -> Result<Vec<Country>, Problem> {
    codes.iter().map(|code| row::country(Column::Citizenships, code.trim())).collect()
}

/// The nationalities held.
fn citizenships(said: &Eligibility) -> Result<Vec<Citizenship>, Problem> {
    let mut held: Vec<Citizenship> = Vec::new();
    for country in codes(&said.nationalities)? {
        if held.iter().all(|known| known.country != country) {
            let (level, until_level) = (Level::Employer, Level::None);
            held.push(Citizenship { country, from: None, registered: None, until: None, level, until_level });
        }
    }
    if held.len() > CITIZENSHIPS {
        let allowed = format!("at most {CITIZENSHIPS} countries");
        return Err(Problem::value(Column::Citizenships, &format!("{} countries", held.len()), allowed));
    }
    Ok(held)
}

/// The organisation as employer; without its name the relation says nothing that can be kept.
fn employment(said: &Eligibility, enterprise: Option<&Enterprise>) -> Result<Employment, Problem> {
    let word = said.relation.as_deref().unwrap_or_default();
    let relation = Relation::parse(word)
        .ok_or_else(|| Problem::value(Column::Relation, word, "one of employee, contractor, unknown"))?;
    let Some(name) = enterprise.and_then(|enterprise| enterprise.organization.as_deref()) else {
        return Ok(Employment::Unknown);
    };
    row::check_employer(name)?;
    Ok(Employment::Works(Employer {
        name: name.to_owned(),
        relation,
        level: Level::Employer,
        ..Employer::default()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::{Format, Roster};
    use terms::NotCitizen;

    const USERS: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":3,
      "Resources":[
        {"id":"2819","externalId":"e:7","userName":"zoe","name":{"familyName":"Quagga","givenName":"Zoe"},
         "active":true,"birthdate":"1990-01-01",
         "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"organization":"Acme","employeeNumber":"X1"},
         "urn:douane:params:scim:schemas:extension:eligibility:1.0":{"us_person":true,"relation":"contractor",
          "nationalities":["FR"],"nationalities_complete":true,"not_national_of":["CN"],"as_of":"2026-06-01"}},
        {"id":"2820","active":false},
        {"id":"2821","urn:douane:params:scim:schemas:extension:eligibility:1.0":{"us_person":false}}]}"#;

    fn read(text: &str) -> Result<Vec<RosterRow>, RosterError> {
        Roster::new(text.as_bytes(), Some(Format::Scim))?.collect()
    }

    #[test]
    fn predicates_are_kept_and_names_are_not() {
        let rows = read(USERS).unwrap();
        assert_eq!(
            rows.iter().map(|row| (row.person.as_str(), row.line)).collect::<Vec<_>>(),
            [("e:7", 1), ("2821", 3)]
        );
        let facts = &rows[0].facts;
        assert_eq!(facts.us_status, Attested::new(UsStatus::UsPerson, Level::Employer));
        assert_eq!(facts.citizenships_current, Attested::new(true, Level::Employer));
        assert_eq!(facts.citizenships_complete, Attested::default(), "nothing is said of what was lost");
        assert_eq!(facts.not_citizenships, [NotCitizen { country: Country::CN, level: Level::Employer }]);
        assert!(
            matches!(&facts.employment, Employment::Works(one) if one.name == "Acme" && one.relation == Relation::Contractor)
        );
        assert_eq!(rows[1].facts.us_status, Attested::new(UsStatus::None, Level::Employer));
        let kept = format!("{rows:?}");
        assert!(["Quagga", "Zoe", "zoe", "1990", "X1"].iter().all(|word| !kept.contains(word)), "{kept}");
    }

    #[test]
    fn contradictions_and_other_attributes_are_refused() {
        let with = |members: &str| {
            read(&format!(
                r#"[{{"id":"a","urn:douane:params:scim:schemas:extension:eligibility:1.0":{{{members}}}}}]"#
            ))
        };
        for members in [
            r#""us_person":true,"us_status":"none""#,
            r#""us_person":false,"us_status":"citizen""#,
            r#""us_person":false,"nationalities":["US"]"#,
            r#""nationalities":["CN"],"not_national_of":["CHN"]"#,
            r#""us_status":"martian""#,
            r#""nationalities":["Germany"]"#,
            r#""as_of":"yesterday""#,
            r#""relation":"friend""#,
            r#""passport_number":"X1""#,
        ] {
            assert!(with(members).is_err(), "{members}");
        }
        assert_eq!(with(r#""nationalities":["US"]"#).unwrap()[0].facts.us_status.value, UsStatus::Citizen);
        assert!(read("person_id\nu1\n").is_err());
    }

    #[test]
    fn a_list_may_speak_of_now_and_a_us_person_be_of_no_kind() {
        let csv = "person_id,level,us_status,citizenships,citizenships_level,citizenships_current\n\
                   u1,employer,US_Person,FR,document,true\nu2,employer,,FR,,\n";
        let rows: Vec<RosterRow> =
            Roster::new(csv.as_bytes(), None).unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(rows[0].facts.us_status, Attested::new(UsStatus::UsPerson, Level::Employer));
        assert_eq!(rows[0].facts.citizenships_current, Attested::new(true, Level::Document));
        assert_eq!(rows[1].facts.citizenships_current, Attested::default());
        let capped = Roster::new(csv.as_bytes(), None).unwrap().at_most(Level::Employer).next().unwrap();
        assert_eq!(capped.unwrap().facts.citizenships_current.level, Level::Employer);
    }

    #[test]
    fn countries_may_be_denied_in_every_form() {
        let denied = |text: &str| {
            let row = Roster::new(text.as_bytes(), None).unwrap().at_most(Level::Employer).next().unwrap();
            row.map(|row| row.facts.not_citizenships)
        };
        let both = ["CN", "RU"].map(|code| Country::parse(code).unwrap());
        let expected = both.map(|country| NotCitizen { country, level: Level::Employer });
        for text in [
            "person_id,level,not_national_of\nu1,document,RU; chn;CN\n",
            "{\"person_id\":\"u1\",\"level\":\"document\",\"not_national_of\":[\"RU\",\"CN\"]}\n",
        ] {
            assert_eq!(denied(text).unwrap(), expected, "{text}");
        }
        assert!(denied("person_id,not_national_of\nu1,\n").unwrap().is_empty());
        for wrong in [
            "person_id,citizenships,not_national_of\nu1,CN,CN\n",
            "person_id,not_national_of\nu1,China\n",
            "{\"person_id\":\"u1\",\"not_national_of\":[{\"country\":\"CN\",\"from\":\"1990-01-01\"}]}\n",
        ] {
            let said = denied(wrong).unwrap_err().to_string();
            assert!(said.contains("not_national_of"), "{said}");
        }
        assert!(denied("person_id,citizenships,not_national_of\nu1,CN@1990-01-01..2000-01-01,CN\n").is_ok());
    }

    #[test]
    fn a_ceiling_holds_every_level_down() {
        let csv = "person_id,level,us_status,citizenships,location,location_level,employer\nu1,document,citizen,US,US,credential,Acme\n";
        let rows = |ceiling| {
            let roster = Roster::new(csv.as_bytes(), None).unwrap();
            match ceiling {
                Some(level) => roster.at_most(level).next().unwrap().unwrap().facts,
                None => {
                    let mut roster = roster;
                    roster.next().unwrap().unwrap().facts
                }
            }
        };
        assert_eq!(rows(None).us_status.level, Level::Document);
        let capped = format!("{:?}", rows(Some(Level::Employer)));
        assert!(!capped.contains("Document") && !capped.contains("Credential"), "{capped}");
        let scim = Roster::new(USERS.as_bytes(), Some(Format::Scim)).unwrap().at_most(Level::Credential);
        assert!(!format!("{:?}", scim.collect::<Vec<_>>()).contains("Credential"));
    }
}
