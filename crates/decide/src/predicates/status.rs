//! Status under US law, and the three classes of persons that look at it.

use super::View;
use crate::tri::Tri;
use terms::{Country, Level, MissingFact, Question, UsStatus};

impl View<'_> {
    /// Foreign person, 15 CFR 772.1; with `citizens_and_protected_only`, a permanent resident who let the
    /// naturalisation period pass counts as one too (8 USC 1324b(a)(3)).
    pub(crate) fn foreign_person(&self, citizens_and_protected_only: bool) -> Tri {
        let reached = |status: UsStatus| {
            status == UsStatus::None
                || (citizens_and_protected_only && status == UsStatus::LprNaturalisationLapsed)
        };
        if !self.subject().is_person() {
            let attested = self.subject().file.all_users_us_persons;
            let settles = attested.is_some_and(|users| {
                users.value && users.level >= self.min_evidence && users.level != Level::Ip
            });
            if settles && !citizens_and_protected_only {
                return Tri::No;
            }
        }
        self.status(reached)
    }

    /// "Foreign national" without a definition.
    pub(crate) fn foreign_national(&self) -> Tri {
        self.either(Question::ForeignNationalMeans, |option| match option {
            "ear_772_1" => self.foreign_person(false),
            _ => self.no_citizen_or_national(),
        })
    }

    /// US person, 15 CFR 744.6 and 772.1: here the status is the adverse fact.
    pub(crate) fn us_person(&self) -> Tri {
        self.us_person_by_status().or_else(|| self.in_the_us())
    }

    /// US person by status, wherever the person is.
    pub(crate) fn us_person_by_status(&self) -> Tri {
        if !self.subject().is_person() {
            let attested = self.subject().file.all_users_us_persons;
            let stated = attested.is_some_and(|users| users.value && users.level != Level::Ip);
            return Tri::from(stated).or_else(|| self.unknown_status(is_us_person));
        }
        self.status(is_us_person)
    }

    /// In the United States, where being there counts against the person.
    pub(crate) fn in_the_us(&self) -> Tri {
        self.adversely_located(|place| place == Country::US)
    }

    /// Neither citizen nor national of the United States.
    pub(crate) fn no_citizen_or_national(&self) -> Tri {
        self.status(|status| !matches!(status, UsStatus::Citizen | UsStatus::National))
    }

    /// Whether the status is one of those that count against the person.
    fn status(&self, reached: impl Fn(UsStatus) -> bool) -> Tri {
        let status = self.subject().file.us_status.value;
        let level = self.us_status_level();
        let silent = status == UsStatus::Unknown || level == Level::Ip;
        if !self.subject().is_person() || silent || self.subject().conflicting(MissingFact::UsStatus) {
            return self.unknown_status(reached);
        }
        match status.all_of(&reached) {
            Some(true) => Tri::Yes,
            Some(false) if level >= self.min_evidence => Tri::No,
            _ => self.unknown_status(reached),
        }
    }

    /// In a world where the status is another than shown, it counts as one of those that are shown to be possible.
    fn unknown_status(&self, reached: impl Fn(UsStatus) -> bool) -> Tri {
        match self.world.us_status {
            Some(UsStatus::None) if self.is_shown_us_person() => reached(UsStatus::Lpr).into(),
            Some(status) => reached(status).into(),
            None => Tri::lacks(self.personal(MissingFact::UsStatus)),
        }
    }

    /// Whether it is shown that the status is one of those of a US person, and not which.
    fn is_shown_us_person(&self) -> bool {
        let (subject, level) = (self.subject(), self.us_status_level());
        subject.is_person()
            && subject.file.us_status.value == UsStatus::UsPerson
            && !subject.conflicting(MissingFact::UsStatus)
            && level != Level::Ip
            && level >= self.min_evidence
    }

    /// The level of the US status now: lapsed evidence is the person's own word.
    pub(crate) fn us_status_level(&self) -> Level {
        let level = self.subject().file.us_status.level;
        let lapsed =
            self.subject().file.us_status_expires.is_some_and(|expires| self.ask.clock.at >= expires);
        if lapsed { level.min(Level::SelfDeclared) } else { level }
    }
}

fn is_us_person(status: UsStatus) -> bool {
    status != UsStatus::None
}
