//! One thing the law asks: what it asks, what is on file, what that comes to.

use super::evidence::OnFile;
use crate::tri::Tri;
use law::ReliefKind;
use serde::{Serialize, Serializer};
use terms::{
    Activity, CountrySet, EndUse, Instant, InstrumentId, Level, MissingFact, Question, Relation, Share,
};

/// Yes, no, or open for want of something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// It holds.
    Yes,
    /// It does not.
    No,
    /// A fact or reading is missing.
    Open,
}

impl From<Tri> for Truth {
    fn from(held: Tri) -> Self {
        match held {
            Tri::Yes => Self::Yes,
            Tri::No => Self::No,
            Tri::Unknown(_) => Self::Open,
        }
    }
}

/// How the parts of a step make up the whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Joint {
    /// All must hold.
    All,
    /// One suffices.
    Any,
    /// One for each answer to a question; they must agree.
    EachReading,
}

/// One thing the law asks: what it asks, what is on file, what that comes to.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Step {
    /// What the law asks.
    #[serde(flatten)]
    pub asks: Predicate,
    /// Whether it holds.
    pub truth: Truth,
    /// What is on file about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on_file: Vec<OnFile>,
    /// Level a statement in the person's favour needs here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level_needed: Option<Level>,
    /// Facts that are missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<MissingFact>,
    /// Questions that are open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<Question>,
    /// How the parts make up the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joint: Option<Joint>,
    /// What it is made of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Self>,
    #[serde(skip)]
    pub(super) held: Tri,
}

impl Step {
    pub(super) fn leaf(asks: Predicate, held: Tri) -> Self {
        let need = held.need();
        Self {
            asks,
            truth: held.into(),
            on_file: Vec::new(),
            level_needed: None,
            missing: need.facts.iter().collect(),
            questions: need.questions().collect(),
            joint: None,
            parts: Vec::new(),
            held,
        }
    }

    pub(super) fn of(asks: Predicate, held: Tri, joint: Joint, parts: Vec<Self>) -> Self {
        Self { joint: Some(joint), parts, ..Self::leaf(asks, held) }
    }

    pub(super) fn shown(mut self, on_file: Vec<OnFile>, level_needed: impl Into<Option<Level>>) -> Self {
        self.on_file = on_file;
        self.level_needed = level_needed.into();
        self
    }
}

/// Countries, written as a list of ISO codes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Countries(pub CountrySet);

impl Serialize for Countries {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter())
    }
}

/// What the law asks.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "asks", rename_all = "snake_case")]
pub enum Predicate {
    /// Request and subject are in the scope.
    Scope,
    /// The activity is one of these.
    ActivityIn {
        /// Which; absent = any.
        activities: Option<Vec<Activity>>,
    },
    /// The end use is one of these, against the interest of who asks.
    EndUseReached {
        /// Which.
        end_uses: Vec<EndUse>,
    },
    /// Hosted use is an export.
    HostedUseIsExport,
    /// Access is from another place than the serving one.
    RemoteAccess,
    /// Access is from another country than the serving one.
    FromAnotherCountry,
    /// Every user is elsewhere than the serving site.
    FromAnotherSite,
    /// The person is reached, or the place is.
    PersonOrPlace,
    /// The place is outside the United States, where the text reaches every destination.
    Destination,
    /// The text reaches persons only.
    PersonsOnly,
    /// Everyone.
    Everyone,
    /// Foreign person (15 CFR 772.1).
    ForeignPerson {
        /// Whether only citizens, nationals and protected individuals are spared.
        citizens_and_protected_only: bool,
    },
    /// "Foreign national", without a definition.
    ForeignNational,
    /// Neither citizen nor national of the United States.
    NoCitizenOrNational,
    /// National of one of the countries, by the rule the text states.
    NationalOf {
        /// Which.
        countries: Countries,
    },
    /// The most recent nationality is one of these (15 CFR 734.13(b)).
    MostRecentNationality {
        /// Which.
        countries: Countries,
    },
    /// A current citizenship is one of these.
    AnyCitizenship {
        /// Which.
        countries: Countries,
    },
    /// A citizenship, current or past, is one of these.
    EverCitizenship {
        /// Which.
        countries: Countries,
    },
    /// Located in one of these.
    LocatedIn {
        /// Which.
        countries: Countries,
    },
    /// National of, or located in, one of these.
    NationalOrLocated,
    /// A listed party, or owned by such.
    ListedParty,
    /// On a restricted-party list.
    OnList,
    /// Listed parties own the employer to this share or more.
    OwnedByListed {
        /// Threshold, per cent.
        percent: Share,
    },
    /// The employer's ultimate parent has its seat in one of these.
    ParentSeatIn {
        /// Which.
        countries: Countries,
    },
    /// US person (15 CFR 744.6).
    UsPerson,
    /// Citizen, national, resident or protected individual of the United States, wherever.
    UsPersonByStatus,
    /// In the United States.
    InTheUs,
    /// Works for one of the firms the text names.
    EmployedByNamed {
        /// How many it names.
        firms: usize,
    },
    /// Something takes the subject out.
    Relieved,
    /// An exception or stay.
    Relief {
        /// Its id.
        id: InstrumentId,
        /// What it is.
        kind: Kind,
        /// Whether it names firms or persons: then who is on it is confidential.
        confidential: bool,
    },
    /// A licence; its terms and holders are confidential.
    Licence {
        /// Its id.
        id: InstrumentId,
        /// Always true.
        confidential: bool,
    },
    /// Licences found under the person or the firm; the others name neither.
    Licences {
        /// Licences that lift the directive and were not found under the subject.
        others: usize,
        /// Whether it is known for whom the person works, so that all were found.
        employer_known: bool,
    },
    /// Open at the instant of the request.
    WindowOpen {
        /// First instant; absent = since ever.
        from: Option<Instant>,
        /// First instant after it; absent = open.
        until: Option<Instant>,
    },
    /// It is for the model.
    ForModel,
    /// The subject is one of the parties it names.
    Party {
        /// Firms it names.
        firms: usize,
        /// Persons it names.
        persons: usize,
    },
    /// The end use is one of these, in the favour of who asks.
    EndUseSpared {
        /// Which.
        end_uses: Vec<EndUse>,
    },
    /// Works for a firm in one of the relations.
    Works {
        /// Firms it names; absent = any.
        firms: Option<usize>,
        /// Relations; absent = any.
        relations: Option<Vec<Relation>>,
    },
    /// Located in one of these, in the person's favour.
    SparedIn {
        /// Which.
        countries: Countries,
    },
    /// Every current citizenship is one of these.
    AllCitizenshipsIn {
        /// Which.
        countries: Countries,
    },
    /// No current citizenship is one of these.
    NoCitizenshipOf {
        /// Which.
        countries: Countries,
    },
    /// Permanent resident of one of these.
    ResidentOf {
        /// Which.
        countries: Countries,
    },
    /// Named by the licence.
    NamedByLicence,
    /// Works for the holder.
    WorksForHolder {
        /// Whether as an employee.
        employees_only: bool,
    },
    /// Holds a place, all being taken.
    HoldsPlace,
    /// A question the text leaves open.
    Question {
        /// Which.
        question: Question,
        /// The recorded answer.
        recorded: Option<&'static str>,
    },
    /// One answer to it.
    Under {
        /// Which question.
        question: Question,
        /// The answer.
        option: &'static str,
    },
}

/// An exception or a stay.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An exception of the directive.
    Exception,
    /// A court order that suspends it.
    Stay,
    /// A licence.
    Licence,
}

impl From<ReliefKind> for Kind {
    fn from(kind: ReliefKind) -> Self {
        match kind {
            ReliefKind::Exception => Self::Exception,
            ReliefKind::Stay => Self::Stay,
            ReliefKind::Licence => Self::Licence,
        }
    }
}
