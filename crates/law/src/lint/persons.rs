//! The persons limb of a directive or a service duty.

use super::checker::Checker;
use super::finding::error;
use super::spans::Place;
use crate::groups;
use crate::instrument::{Class, NationalityRule, Persons};
use terms::{Country, Question};

impl Checker<'_> {
    /// Fields that belong to the class, and only those.
    pub(super) fn persons(&mut self, place: &Place, persons: &Persons) {
        self.countries_of(place, persons);
        self.nationality_of(place, persons);
        self.ownership_of(place, persons);
        self.employers_of(place, persons);
        let class = persons.class.word();
        let stray = persons.exempt.is_some() && persons.class != Class::ForeignPerson;
        let message = format!("exempt belongs to class foreign_person only, not to {class}");
        let finding = error("exempt_without_use", message, "remove exempt").under("8 USC 1324b(a)(3)");
        self.without_use(&place.then("exempt"), stray, finding);
    }

    fn countries_of(&mut self, place: &Place, persons: &Persons) {
        let class = persons.class;
        let listed = place.then("countries");
        self.countries(&listed, &persons.countries);
        if class.names_countries() && persons.countries.is_empty() {
            let message = format!("{} names no country", class.word());
            self.report(
                &place.then("class"),
                error("no_countries", message, "add countries = [\"..\"]: ISO codes or groups such as D:5"),
            );
        }
        let stray = !class.names_countries() && !persons.countries.is_empty();
        let message = format!("the class {} takes no countries", class.word());
        let help = "remove countries, or use class = \"located_in\", \"national_of\", \"national_or_located_in\" or \"entity_hq\"";
        self.without_use(&listed, stray, error("countries_without_use", message, help));
        if persons.hong_kong.is_some() && !hong_kong_can_be_open(persons) {
            let message =
                "hong_kong has no effect: the countries do not name China, or name Hong Kong themselves";
            let finding = error("hong_kong_without_use", message, "remove hong_kong");
            self.report(&place.then("hong_kong"), finding);
        }
    }

    fn nationality_of(&mut self, place: &Place, persons: &Persons) {
        let class = persons.class;
        let takes = class.looks_at_nationality();
        let help = "remove it, or use class = \"national_of\" or \"national_or_located_in\"";
        let message = format!("rule says which nationality counts, and {} looks at none", class.word());
        let finding = error("rule_without_use", message, help).under("15 CFR 734.13(b)");
        self.without_use(&place.then("rule"), !takes && persons.rule.is_some(), finding);
        let message =
            format!("only_foreign_persons limits a nationality limb, and {} has none", class.word());
        let finding = error("only_foreign_persons_without_use", message, help).under("15 CFR 772.1");
        self.without_use(
            &place.then("only_foreign_persons"),
            !takes && persons.only_foreign_persons,
            finding,
        );
    }

    fn ownership_of(&mut self, place: &Place, persons: &Persons) {
        let Some(share) = persons.ownership_percent else { return };
        let place = place.then("ownership_percent");
        if persons.class != Class::ListedParty {
            let message =
                format!("ownership_percent belongs to class listed_party, not to {}", persons.class.word());
            self.report(&place, error("ownership_without_use", message, "remove ownership_percent"));
        }
        // The type takes what is out of range as its nearest end; the file tells what was written.
        let written = self.spans.number(&place).unwrap_or(share.percent());
        let in_range = written > 0.0 && written <= 100.0 && share.percent() > 0.0;
        if !in_range {
            let message = "ownership_percent must be more than 0 and at most 100";
            let finding = error("bad_ownership", message, "write for instance ownership_percent = 50");
            self.report(&place, finding.under("15 CFR 744.11"));
        }
    }

    fn employers_of(&mut self, place: &Place, persons: &Persons) {
        let listed = place.then("employers");
        self.texts(&listed, "employers", &persons.employers);
        let takes = persons.class == Class::EmployedBy;
        if takes && persons.employers.is_empty() {
            let message = "employed_by names no firm";
            self.report(&place.then("class"), error("no_employers", message, "add employers = [\"..\"]"));
        }
        let message = format!("the class {} takes no employers", persons.class.word());
        let finding =
            error("employers_without_use", message, "remove employers, or use class = \"employed_by\"");
        self.without_use(&listed, !takes && !persons.employers.is_empty(), finding);
    }

    /// The readings a persons limb leaves open.
    pub(super) fn open_readings_of(&mut self, place: &Place, persons: &Persons) {
        if persons.class == Class::ForeignNationalUndefined {
            let message = "\"foreign national\" stands without a definition: it can be read to spare permanent residents, \
                           refugees and asylees, or not";
            self.open_reading(&place.then("class"), Question::ForeignNationalMeans, message, "15 CFR 772.1");
        }
        let silent = persons.rule.unwrap_or_default() == NationalityRule::Unspecified;
        if persons.class.looks_at_nationality() && silent {
            let message =
                "the text does not say which nationality counts: the most recent, any held, or any ever held";
            let field = if persons.rule.is_some() { "rule" } else { "class" };
            self.open_reading(&place.then(field), Question::NationalityRule, message, "15 CFR 734.13(b)");
        }
        if persons.hong_kong.is_some() && hong_kong_can_be_open(persons) {
            let message = "the text does not say whether \"China\" includes Hong Kong";
            let article = "15 CFR part 740, Supplement No. 1";
            self.open_reading(&place.then("hong_kong"), Question::HongKongIsCn, message, article);
        }
    }
}

/// Whether the countries contain China, and Hong Kong only through it.
fn hong_kong_can_be_open(persons: &Persons) -> bool {
    groups::resolve_literally(persons.countries.iter().map(String::as_str))
        .is_ok_and(|literal| literal.contains(Country::CN) && !literal.contains(Country::HK))
}
