//! Bylaws made ready for a catalogue, and the judgement of one call.

use crate::judgement::{Hit, Judgement, Permitted};
use crate::notes::Notes;
use crate::parse::{Bylaw, Bylaws};
use crate::person::{Person, rung};
use crate::vocabulary::end_use_word;
use cedar_policy::{
    AuthorizationError, Authorizer, Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicyId,
    PolicySet, RestrictedExpression,
};
use law::Model;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use terms::{AccountId, Activity, Capability, ClockReading, Instant, PersonFacts, PersonId, Request, Tier};

/// Bylaws, facts or a request could not be put into Cedar's form. It is our fault; treat it as a refusal.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a bylaw cannot be asked: {0}")]
pub struct Unready(String);

impl Unready {
    fn because(why: impl ToString) -> Self {
        Self(why.to_string())
    }
}

/// What a bylaw is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Who asks; from [`Rulebook::person`].
    pub person: &'a Person,
    /// What for. The position is that of the catalogue the rulebook was made for.
    pub request: Request,
    /// Whether the answer is to be streamed.
    pub streaming: bool,
    /// When.
    pub clock: ClockReading,
}

/// Bylaws ready for the models of one catalogue.
#[derive(Debug)]
pub struct Rulebook {
    authorizer: Authorizer,
    subject: EntityTypeName,
    actions: [(Activity, EntityUid); 3],
    notes: HashMap<PolicyId, Arc<Notes>>,
    /// By position in the catalogue; `None` = no bylaw can reach the model.
    slices: Vec<Option<Slice>>,
    unknown_models: Vec<String>,
}

/// What is asked about one model.
#[derive(Clone, Debug)]
struct Slice {
    uid: EntityUid,
    model: Entities,
    policies: Arc<PolicySet>,
    reads_clock: bool,
}

impl Rulebook {
    /// Makes bylaws ready for these models, in the order of the catalogue.
    ///
    /// # Errors
    /// [`Unready`] when Cedar takes a model or the policies not; nothing an operator can write leads there.
    pub fn new(bylaws: Bylaws, catalogue: &[Model]) -> Result<Self, Unready> {
        let all: Vec<&Bylaw> = bylaws.by_id.values().collect();
        let general: Vec<&Bylaw> = all.iter().copied().filter(|bylaw| bylaw.models.is_none()).collect();
        let shared = policies(&general)?;
        let named = bylaws.models_named();
        let slices: Result<Vec<_>, Unready> = catalogue
            .iter()
            .map(|model| {
                let id = model.id.as_str();
                let own = named.contains(id).then(|| confined(&all, id));
                let reads_clock = own.as_deref().unwrap_or(&general).iter().any(|bylaw| bylaw.reads_clock);
                let policies = own.map_or_else(|| Ok(Arc::clone(&shared)), |own| policies(&own))?;
                (!policies.is_empty()).then(|| slice(model, policies, reads_clock)).transpose()
            })
            .collect();
        let known: BTreeSet<&str> = catalogue.iter().map(|model| model.id.as_str()).collect();
        Ok(Self {
            authorizer: Authorizer::new(),
            subject: type_name("Subject")?,
            actions: actions()?,
            slices: slices?,
            unknown_models: named.difference(&known).map(|id| (*id).to_owned()).collect(),
            notes: all.iter().map(|bylaw| (bylaw.policy.id().clone(), Arc::clone(&bylaw.notes))).collect(),
        })
    }

    /// Models that bylaws name and the catalogue does not have.
    pub fn unknown_models(&self) -> &[String] {
        &self.unknown_models
    }

    /// Whether any bylaw can reach the model at this position.
    pub fn reaches(&self, model: usize) -> bool {
        !matches!(self.slices.get(model), Some(None))
    }

    /// Whether the answer about this model can change by itself as time passes.
    pub fn reads_clock(&self, model: usize) -> bool {
        self.slices.get(model).and_then(Option::as_ref).is_some_and(|slice| slice.reads_clock)
    }

    /// Makes facts ready, as they stand at this instant. A policy names the subject by account and person with a space
    /// between, as in `Subject::"acme ana"`. Only evidence of this account may be in them.
    ///
    /// # Errors
    /// [`Unready`] when Cedar does not take them; treat it as a refusal.
    pub fn person(
        &self,
        account: &AccountId,
        person: Option<&PersonId>,
        facts: &PersonFacts,
        at: Instant,
    ) -> Result<Person, Unready> {
        let person = person.map_or("", |person| person.as_str());
        let name = EntityId::new(format!("{account} {person}").trim_end());
        let uid = EntityUid::from_type_name_and_id(self.subject.clone(), name);
        Person::new(uid, account, facts, at).map_err(Unready)
    }

    /// What the bylaws say to a call that the law permits.
    ///
    /// Where a bylaw looks at the clock it is asked at both ends of what the time may be, and either refuses.
    pub fn judge(&self, _permitted: Permitted, call: &Call<'_>) -> Judgement {
        let slice = match self.slices.get(call.request.model) {
            Some(Some(slice)) => slice,
            Some(None) => return Judgement::default(),
            None => return Judgement::failed(Unready::because("the model is not in the catalogue")),
        };
        let (early, late) = (call.clock.earliest(), call.clock.latest());
        if !slice.reads_clock || early == late {
            return self.ask(slice, call, call.clock.at);
        }
        self.ask(slice, call, early).and(self.ask(slice, call, late))
    }

    fn ask(&self, slice: &Slice, call: &Call<'_>, at: Instant) -> Judgement {
        self.answer(slice, call, at).unwrap_or_else(Judgement::failed)
    }

    fn answer(&self, slice: &Slice, call: &Call<'_>, at: Instant) -> Result<Judgement, Unready> {
        let action = self.actions.iter().find(|(activity, _)| *activity == call.request.activity);
        let (_, action) = action.ok_or_else(|| Unready::because("the activity has no action"))?;
        let request = cedar_policy::Request::new(
            call.person.entity.uid(),
            action.clone(),
            slice.uid.clone(),
            context(call, at)?,
            None,
        )
        .map_err(Unready::because)?;
        let person = [call.person.entity.clone()];
        let entities = slice.model.clone().add_entities(person, None).map_err(Unready::because)?;
        let response = self.authorizer.is_authorized(&request, &slice.policies, &entities);
        let hit = |id: &PolicyId| self.notes.get(id).map(|notes| Hit { notes: Arc::clone(notes) });
        let refused = response.diagnostics().reason().map(|id| hit(id).ok_or(id));
        let (refused, strangers): (Vec<_>, Vec<_>) = refused.partition(Result::is_ok);
        let strangers =
            strangers.into_iter().filter_map(Result::err).map(|id| format!("bylaw {id} is not known"));
        let errors = response.diagnostics().errors().map(told).chain(strangers);
        let judgement =
            Judgement { refused: refused.into_iter().flatten().collect(), errors: errors.collect() };
        Ok(judgement.and(Judgement::default()))
    }
}

/// The bylaw and what went wrong in it.
fn told(error: &AuthorizationError) -> String {
    let AuthorizationError::PolicyEvaluationError(error) = error;
    format!("bylaw {}: {}", AsRef::<str>::as_ref(error.policy_id()), error.inner())
}

fn confined<'a>(all: &[&'a Bylaw], model: &str) -> Vec<&'a Bylaw> {
    let may_reach = |bylaw: &&Bylaw| bylaw.models.as_ref().is_none_or(|models| models.contains(model));
    all.iter().copied().filter(may_reach).collect()
}

fn policies(bylaws: &[&Bylaw]) -> Result<Arc<PolicySet>, Unready> {
    let policies = bylaws.iter().map(|bylaw| bylaw.policy.clone());
    PolicySet::from_policies(policies).map(Arc::new).map_err(Unready::because)
}

fn type_name(name: &str) -> Result<EntityTypeName, Unready> {
    name.parse().map_err(Unready::because)
}

fn actions() -> Result<[(Activity, EntityUid); 3], Unready> {
    let name = type_name("Action")?;
    let action = |activity: Activity| {
        let id = EntityId::new(activity.word());
        (activity, EntityUid::from_type_name_and_id(name.clone(), id))
    };
    Ok([Activity::HostedInference, Activity::WeightsDownload, Activity::SourceCode].map(action))
}

fn slice(model: &Model, policies: Arc<PolicySet>, reads_clock: bool) -> Result<Slice, Unready> {
    let id = EntityId::new(model.id.as_str());
    let uid = EntityUid::from_type_name_and_id(type_name("Model")?, id);
    let capabilities = model.capabilities.iter().flat_map(up_to).map(RestrictedExpression::new_string);
    let attributes = HashMap::from([
        ("owned_by".to_owned(), RestrictedExpression::new_string(model.owned_by.clone())),
        ("capabilities".to_owned(), RestrictedExpression::new_set(capabilities)),
    ]);
    let entity = Entity::new(uid.clone(), attributes, HashSet::new()).map_err(Unready::because)?;
    let model = Entities::from_entities([entity], None).map_err(Unready::because)?;
    Ok(Slice { uid, model, policies, reads_clock })
}

/// A capability with every weaker tier: who can do what experts can, can do what novices can.
fn up_to(capability: &Capability) -> impl Iterator<Item = String> + '_ {
    let weaker = Tier::ALL.into_iter().filter(|tier| *tier <= capability.tier);
    weaker.map(|tier| Capability { tag: capability.tag.clone(), tier }.to_string())
}

fn context(call: &Call<'_>, at: Instant) -> Result<Context, Unready> {
    let word = |word: &str| RestrictedExpression::new_string(word.to_owned());
    let end_use = call.request.end_use;
    let pairs = [
        ("at", RestrictedExpression::new_datetime(written(at)?)),
        ("end_use", word(end_use_word(end_use.value))),
        ("end_use_level", rung(end_use.level)),
        ("served_from", word(call.request.served_from.code())),
        ("streaming", RestrictedExpression::new_bool(call.streaming)),
    ];
    Context::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value))).map_err(Unready::because)
}

/// An instant as Cedar reads it: UTC, to the millisecond.
fn written(at: Instant) -> Result<String, Unready> {
    let moment = jiff::Timestamp::from_microsecond(at.as_micros()).map_err(Unready::because)?;
    Ok(moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string())
}
