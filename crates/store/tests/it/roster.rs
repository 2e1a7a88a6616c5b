//! Rosters: what is read, and what is refused with line, column and cure.

use crate::person;
use proptest::prelude::*;
use std::io::Write;
use store::Digest;
use store::roster::{Format, Problem, Roster, RosterError, RosterRow, open};
use terms::{
    Attested, Citizenship, Country, Employer, Employment, Instant, Level, PersonFacts, Relation, SubjectKind,
    UsStatus,
};

fn read(text: &[u8]) -> Result<Vec<RosterRow>, RosterError> {
    Roster::new(text, None)?.collect()
}

fn country(code: &str) -> Country {
    Country::parse(code).unwrap()
}

fn day(date: &str) -> Option<Instant> {
    Some(Instant::parse(&format!("{date}T00:00:00Z")).unwrap())
}

fn held(code: &str, from: Option<Instant>, until: Option<Instant>, level: Level) -> Citizenship {
    let until_level = if until.is_some() { level } else { Level::None };
    Citizenship { country: country(code), from, registered: None, until, level, until_level }
}

/// What the two full rows below say.
fn full() -> PersonFacts {
    PersonFacts {
        kind: SubjectKind::Person,
        person_id: Some(person("u1")),
        us_status: Attested::new(UsStatus::ConditionalLpr, Level::Document),
        us_status_expires: day("2027-01-01"),
        citizenships: vec![
            held("FR", day("1990-05-05"), day("2015-07-01"), Level::Credential),
            held("DE", day("2015-06-01"), None, Level::Credential),
            held("KR", None, None, Level::Credential),
        ],
        citizenships_complete: Attested::new(true, Level::Credential),
        permanent_residences: vec![held("CA", None, None, Level::Employer)],
        location: Some(Attested::new(Country::US, Level::SelfDeclared)),
        employment: Employment::Works(Employer {
            name: "Harbor, Grid \"Co\"".into(),
            relation: Relation::Contractor,
            level: Level::Employer,
            ..Employer::default()
        }),
        ..PersonFacts::unknown()
    }
}

const FULL_CSV: &str = "\u{feff}person_id,Level,us_status,us_status_level,us_status_expires,citizenships,\
citizenships_level,citizenships_complete,permanent_residences,location,employer,relation\r\n\
u1,employer,Conditional_LPR,document,2027-01-01,FR@1990-05-05..2015-07-01; deu@2015-06-01;kr,credential,TRUE,\
CAN,us,\"Harbor, Grid \"\"Co\"\"\",contractor\r\n";

const FULL_JSON: &str = r#"{"person_id":"u1","level":"employer","us_status":"conditional_lpr","us_status_level":"document","us_status_expires":"2027-01-01T00:00:00Z","citizenships":[{"country":"FR","from":"1990-05-05","until":"2015-07-01"},"DE@2015-06-01",{"country":"KR","from":null}],"citizenships_level":"credential","citizenships_complete":true,"permanent_residences":["CA"],"location":"USA","employer":"Harbor, Grid \"Co\"","relation":"contractor","users_us_persons":null}"#;

#[test]
fn both_formats_say_the_same() {
    for (text, line) in [(FULL_CSV, 2), (FULL_JSON, 1)] {
        assert_eq!(read(text.as_bytes()).unwrap(), [RosterRow { line, person: person("u1"), facts: full() }]);
    }
}

#[test]
fn an_empty_value_is_unknown() {
    let columns = "person_id,kind,level,us_status,us_status_level,us_status_expires,citizenships,citizenships_level,\
                   citizenships_complete,permanent_residences,location,location_level,employer,relation,\
                   employer_level,users_us_persons,users_us_persons_level";
    let unknown = PersonFacts { person_id: Some(person("u1")), ..PersonFacts::unknown() };
    let empty = format!("{columns}\nu1{}\n", ",".repeat(16));
    for text in
        [empty.as_str(), "person_id\nu1", "{\"person_id\":\"u1\"}", "person_id,us_status\nu1,unknown\n"]
    {
        assert_eq!(read(text.as_bytes()).unwrap()[0].facts, unknown, "{text}");
    }
}

#[test]
fn levels_fall_back_to_the_row_and_places_to_the_persons_word() {
    let text = "person_id,level,us_status,citizenships,location,employer\nu1,document,lpr,FR,FR,none\n";
    let facts = read(text.as_bytes()).unwrap().remove(0).facts;
    assert_eq!(facts.us_status, Attested::new(UsStatus::Lpr, Level::Document));
    assert_eq!(facts.citizenships, [held("FR", None, None, Level::Document)]);
    assert_eq!(facts.citizenships_complete, Attested::default(), "a list is not complete unless it says so");
    assert_eq!(facts.location, Some(Attested::new(country("FR"), Level::SelfDeclared)));
    assert_eq!(facts.employment, Employment::NoEmployer);
    let facts = read(b"person_id,us_status\nu1,none\n").unwrap().remove(0).facts;
    assert_eq!(facts.us_status, Attested::new(UsStatus::None, Level::SelfDeclared));
}

#[test]
fn shared_keys_speak_for_their_users() {
    let text =
        "person_id,kind,users_us_persons,users_us_persons_level\nk1,shared_key,true,employer\nk2,service,,\n";
    let rows = read(text.as_bytes()).unwrap();
    assert_eq!(rows[0].facts.all_users_us_persons, Some(Attested::new(true, Level::Employer)));
    assert_eq!((rows[1].facts.kind, rows[1].facts.all_users_us_persons), (SubjectKind::Service, None));
}

/// Each roster is refused with the message that begins so.
fn refused(cases: &[(&[u8], &str)]) {
    for (text, message) in cases {
        let shown = String::from_utf8_lossy(&text[..text.len().min(80)]).into_owned();
        match read(text) {
            Err(error) => assert!(error.to_string().starts_with(message), "{shown:?}: {error}"),
            Ok(rows) if message.contains("no rows") && rows.is_empty() => panic!("{shown:?} has a header"),
            Ok(rows) => panic!("{shown:?} was read: {rows:?}"),
        }
    }
}

/// Hostile and clumsy rosters, with the beginning of the message each gets.
#[test]
fn wrong_csv_is_refused_with_line_column_and_cure() {
    let long = format!("person_id,employer\nu1,{}\n", "a".repeat(20_000));
    let name = format!("person_id,employer\nu1,{}\n", "a".repeat(300));
    let many = format!("person_id,citizenships\nu1,{}\n", ["FR"; 17].join(";"));
    let cases: &[(&[u8], &str)] = &[
        (b"", "line 1: the roster has no rows"),
        (b"\n\n\n", "line 1: the roster has no rows"),
        (b"us_status\ncitizen\n", "line 1: there is no column person_id"),
        (b"person_id,person_id\nu1,u1\n", "line 1: column `person_id` is there twice"),
        (
            b"person_id,Citizenship\nu1,FR\n",
            "line 1: unknown column `Citizenship`: the nearest known one is `citizenships`",
        ),
        (b"person_id,\nu1,\n", "line 1: unknown column ``"),
        (
            b"person_id;us_status\nu1;lpr\n",
            "line 1: the columns of `person_id;us_status` are not separated by commas",
        ),
        (b"person_id,Full Name\nu1,Ada\n", "line 1: column `Full Name` seems to hold names"),
        (b"person_id,passport_number\nu1,X\n", "line 1: column `passport_number` seems"),
        (
            b"person_id,us_status\n\nu1,martian\n",
            "line 3: column `us_status`: `martian` is not allowed; write one of citizen, national, lpr",
        ),
        (
            b"person_id,kind\r\nu1,person\r\nu2,robot\r\n",
            "line 3: column `kind`: `robot` is not allowed; write one of person, shared_key, service",
        ),
        (
            b"person_id,level\nu1,S4\n",
            "line 2: column `level`: `S4` is not allowed; write one of none, ip, self",
        ),
        (
            b"person_id,location\nu1,UK\n",
            "line 2: column `location`: `UK` is not allowed; write an ISO 3166-1 country code",
        ),
        (b"person_id,citizenships\nu1,FR;;DE\n", "line 2: column `citizenships`: `` is not allowed"),
        (
            b"person_id,citizenships\nu1,EU\n",
            "line 2: column `citizenships`: `EU` is not allowed; write an ISO 3166-1 country code",
        ),
        (
            b"person_id,citizenships\nu1,FR;fra\n",
            "line 2: column `citizenships`: `fra` is not allowed; write each country once",
        ),
        (
            b"person_id,citizenships\nu1,FR@1990-13-05\n",
            "line 2: column `citizenships`: `1990-13-05` is not allowed; write a date",
        ),
        (
            b"person_id,citizenships\nu1,FR@2015-01-01..1990-01-01\n",
            "line 2: column `citizenships`: `2015-01-01..1990-01-01` is not allowed; write the earlier date first",
        ),
        (
            b"person_id,us_status_expires\nu1,01/02/2027\n",
            "line 2: column `us_status_expires`: `01/02/2027` is not allowed",
        ),
        (b"person_id,us_status_expires\nu1,2027-01-01T00:00:00\n", "line 2: column `us_status_expires`"),
        (
            b"person_id,citizenships_complete\nu1,yes\n",
            "line 2: column `citizenships_complete`: `yes` is not allowed; write one of true, false",
        ),
        (
            b"person_id,relation\nu1,employee\n",
            "line 2: column `relation`: `employee` is not allowed; write nothing here unless",
        ),
        (
            b"person_id,users_us_persons\nu1,true\n",
            "line 2: column `users_us_persons`: `true` is not allowed; write nothing here unless",
        ),
        (b"person_id,employer\nu1,Acme\x07\n", "line 2: column `employer`: `Acme\\u{7}` is not allowed"),
        (b"person_id\nu1\nu2\nu1\n", "line 4: column `person_id`: `u1` is on line 2 already"),
        (b"person_id\n\"\"\n", "line 2: column `person_id`: `` is not allowed"),
        (b"person_id\nAda Lovelace\n", "line 2: column `person_id`: `Ada Lovelace` is not allowed"),
        ("person_id\n\u{202e}u1\n".as_bytes(), "line 2: column `person_id`: `\\u{202e}u1` is not allowed"),
        (b"person_id\nu1\0\n", "line 2: column `person_id`: `u1\\0` is not allowed"),
        (b"person_id,us_status\nu1,lpr,extra\n", "line 2: the row has 3 values, the header 2"),
        (b"person_id,us_status\nu1\n", "line 2: the row has 1 values, the header 2"),
        (b"person_id,employer\nu1,\"Acme\nu2,Borg\n", "line 2: a quotation mark is not closed"),
        (b"person_id,employer\nu1,x\nu2,\"Acme", "line 3: a quotation mark is not closed"),
        (b"person_id\nu1\n\xff\xfe\n", "line 3: the text is not UTF-8"),
        (b"\xff\xfep\0e\0r\0s\0o\0n\0", "line 1: the text is not UTF-8"),
        (long.as_bytes(), "line 2: the row is longer than 16384 bytes"),
        (
            name.as_bytes(),
            "line 2: column `employer`: `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…` is not allowed",
        ),
        (many.as_bytes(), "line 2: column `citizenships`: `17 countries` is not allowed; write at most 16"),
    ];
    refused(cases);
}

#[test]
fn wrong_json_lines_are_refused_with_line_column_and_cure() {
    let nested = format!("{{\"person_id\":\"u1\",\"employer\":{}", "[".repeat(10_000));
    let cases: &[(&[u8], &str)] = &[
        (b"[{\"person_id\":\"u1\"}]", "line 1: this is not one JSON object"),
        (
            b"{\"person_id\":\"u1\"} {}",
            "line 1: this is not one JSON object with text values: trailing characters at character 20",
        ),
        (b"{\"person_id\":\"u1\"}\n{\"person_id\":", "line 2: this is not one JSON object"),
        (b"{\"us_status\":\"lpr\"}", "line 1: there is no column person_id"),
        (
            b"{\"person_id\":7}",
            "line 1: column `person_id`: `7` is not allowed; write a text in quotation marks",
        ),
        (b"{\"person_id\":\"u1\",\"person_id\":\"u2\"}", "line 1: column `person_id` is there twice"),
        (b"{\"person_id\":\"u1\",\"nationality\":\"FR\"}", "line 1: unknown column `nationality`"),
        (b"{\"person_id\":\"u1\",\"birth_date\":\"x\"}", "line 1: column `birth_date` seems to hold names"),
        (b"{\"person_id\":\"u1\",\"us_status\":[\"lpr\"]}", "line 1: column `us_status`"),
        (
            b"{\"person_id\":\"u1\",\"citizenships\":[{\"country\":\"FR\",\"country\":\"DE\"}]}",
            "line 1: column `citizenships`",
        ),
        (
            b"{\"person_id\":\"u1\",\"citizenships\":[{\"country\":\"FR\",\"since\":\"x\"}]}",
            "line 1: column `citizenships`",
        ),
        (b"{\"person_id\":\"u1\",\"employer\":\"A\\nB\"}", "line 1: column `employer`"),
        (nested.as_bytes(), "line 1: this is not one JSON object"),
    ];
    refused(cases);
}

#[test]
fn a_check_lists_every_wrong_row() {
    let text = "person_id,us_status\nu1,x\nu2,lpr\nu3,y\nu2,lpr\nu4,lpr,\nu5,lpr\n";
    let lines = |ok: bool| -> Vec<u64> {
        let rows = Roster::new(text.as_bytes(), None).unwrap();
        rows.filter(|row| row.is_ok() == ok)
            .map(|row| row.map_or_else(|error| error.line, |row| row.line))
            .collect()
    };
    assert_eq!((lines(false), lines(true)), (vec![2, 4, 5, 6], vec![3, 7]));
    let open_quote = "person_id,employer\nu1,\"x\nu2,y\n";
    let problems: Vec<_> = Roster::new(open_quote.as_bytes(), None).unwrap().collect();
    assert_eq!(problems.len(), 1, "after an open quotation mark nothing can be trusted");
}

#[test]
fn a_file_is_read_by_its_ending_and_named_without_its_folder() {
    let dir = tempfile::tempdir().unwrap();
    for (name, text, format) in [
        ("people.CSV", "person_id\nu1\n", Some(Format::Csv)),
        ("people.jsonl", "\n{\"person_id\":\"u1\"}\n", Some(Format::JsonLines)),
        ("people", "{\"person_id\":\"u1\"}", None),
    ] {
        let path = dir.path().join(name);
        std::fs::File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
        assert_eq!(Format::of_name(name), format);
        let (source, rows) = open(&path).unwrap();
        assert_eq!((source.file.as_str(), source.sha256), (name, Digest::of(text.as_bytes())));
        assert_eq!(rows.map(|row| row.unwrap().person).collect::<Vec<_>>(), [person("u1")]);
    }
    let missing = open(&dir.path().join("missing.csv")).err().unwrap();
    assert!(matches!(missing.problem, Problem::Unreadable(_)), "{missing}");
}

proptest! {
    #[test]
    fn no_bytes_disturb_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut text = b"person_id,us_status,citizenships,employer\n".to_vec();
        for input in [bytes.clone(), { text.extend(&bytes); text }] {
            for format in [None, Some(Format::Csv), Some(Format::JsonLines)] {
                if let Ok(rows) = Roster::new(input.as_slice(), format) {
                    for row in rows.flatten() {
                        prop_assert_eq!(row.facts.person_id, Some(row.person));
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_written_as_csv_reads_back(
        people in proptest::collection::btree_map("[a-z0-9]{1,8}", ("[ -~]{0,30}", 0_usize..9), 1..20)
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["person_id", "employer", "us_status"]).unwrap();
        for (who, (employer, status)) in &people {
            writer.write_record([who.as_str(), employer, UsStatus::KNOWN[*status].word()]).unwrap();
        }
        let rows = read(&writer.into_inner().unwrap()).unwrap();
        prop_assert_eq!(rows.len(), people.len());
        for (row, (who, (employer, status))) in rows.iter().zip(&people) {
            prop_assert_eq!(row.person.as_str(), who);
            prop_assert_eq!(row.facts.us_status.value, UsStatus::KNOWN[*status]);
            let name = match &row.facts.employment {
                Employment::Works(employer) => employer.name.as_str(),
                Employment::NoEmployer => "none",
                Employment::Unknown => "",
            };
            prop_assert_eq!(name, employer.trim());
        }
    }
}
