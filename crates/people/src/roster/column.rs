//! The columns of a roster.

use super::error::{Problem, shown};

macro_rules! columns {
    ($($name:ident = $word:literal,)*) => {
        /// A column, or in JSON Lines a member.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Column { $($name,)* }

        impl Column {
            pub(super) const ALL: &[Self] = &[$(Self::$name,)*];

            pub(super) const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

columns! {
    PersonId = "person_id",
    Kind = "kind",
    Level = "level",
    UsStatus = "us_status",
    UsStatusLevel = "us_status_level",
    UsStatusExpires = "us_status_expires",
    Citizenships = "citizenships",
    CitizenshipsLevel = "citizenships_level",
    CitizenshipsComplete = "citizenships_complete",
    CitizenshipsCurrent = "citizenships_current",
    NotNationalOf = "not_national_of",
    PermanentResidences = "permanent_residences",
    Location = "location",
    LocationLevel = "location_level",
    Employer = "employer",
    Relation = "relation",
    EmployerLevel = "employer_level",
    UsersUsPersons = "users_us_persons",
    UsersUsPersonsLevel = "users_us_persons_level",
}

/// Parts of a column's name that point to identity documents, contact data or other things not needed for a decision.
const PERSONAL: &[&str] = &[
    "name",
    "passport",
    "ssn",
    "social",
    "mail",
    "birth",
    "dob",
    "phone",
    "mobile",
    "address",
    "street",
    "gender",
    "sex",
    "religion",
    "ethnic",
    "race",
    "document",
    "visa",
    "national_id",
    "id_number",
    "licence_n",
    "license_n",
    "tax",
    "photo",
    "이름",
    "성명",
    "여권",
    "주민",
    "생년",
    "전화",
    "주소",
];

impl Column {
    pub(super) const COUNT: usize = Self::ALL.len();

    /// Reads the name of a column.
    pub(super) fn parse(name: &str) -> Result<Self, Problem> {
        let name = name.trim();
        let lower = name.to_lowercase();
        if let Some(known) = Self::ALL.iter().find(|column| column.word() == lower) {
            return Ok(*known);
        }
        if name.contains([';', '\t', '|']) {
            return Err(Problem::Separator(shown(name)));
        }
        let plain = lower.replace([' ', '-'], "_");
        if PERSONAL.iter().any(|part| plain.contains(part)) {
            return Err(Problem::PersonalData(shown(name)));
        }
        Err(Problem::UnknownColumn { column: shown(name), nearest: nearest(&plain) })
    }
}

/// The known column with the fewest letters to change.
fn nearest(name: &str) -> &'static str {
    let bounded: String = name.chars().take(64).collect();
    let closest = Column::ALL.iter().min_by_key(|column| letters_apart(&bounded, column.word()));
    closest.map_or("person_id", |column| column.word())
}

/// Letters to insert, drop or replace (Levenshtein 1966).
fn letters_apart(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, left) in from.chars().enumerate() {
        let mut diagonal = i;
        let mut before = i.saturating_add(1);
        let mut next = Vec::with_capacity(row.len());
        next.push(before);
        for (right, above) in to.iter().zip(row.iter().skip(1)) {
            let replaced = diagonal.saturating_add(usize::from(left != *right));
            before = replaced.min(above.saturating_add(1)).min(before.saturating_add(1));
            diagonal = *above;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_whatever_their_case() {
        for column in Column::ALL {
            assert_eq!(Column::parse(column.word()), Ok(*column));
            assert_eq!(Column::parse(&format!(" {} ", column.word().to_uppercase())), Ok(*column));
        }
    }

    #[test]
    fn typing_errors_are_pointed_out() {
        for (typed, meant) in [
            ("citizenship", "citizenships"),
            ("us status", "us_status"),
            ("personid", "person_id"),
            ("locaton", "location"),
            ("usersuspersons", "users_us_persons"),
        ] {
            let problem = Column::parse(typed).unwrap_err();
            assert_eq!(problem, Problem::UnknownColumn { column: typed.into(), nearest: meant });
        }
    }

    #[test]
    fn personal_data_is_refused() {
        for name in ["Name", "surname", "passport_no", "SSN", "E-Mail", "date of birth", "여권번호", "phone"]
        {
            assert_eq!(Column::parse(name), Err(Problem::PersonalData(name.into())), "{name}");
        }
    }

    #[test]
    fn distances_are_those_of_levenshtein() {
        for (from, to, apart) in
            [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("flaw", "lawn", 2)]
        {
            assert_eq!(letters_apart(from, to), apart);
        }
    }
}
