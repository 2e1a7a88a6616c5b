//! A regime for one model with fewer directives in it: what a comparison of regimes decides by.

use crate::compile::places;
use crate::plan::Plan;
use crate::regime::{Dormant, Regime, Rule};

impl Regime {
    /// The same regime, where each directive on a model is replaced by another, or is not enforced (`None`). Positions
    /// stay, and with them what licences lift. Meant for questions about that model only, at instants at which the
    /// replacements do what the directives did.
    #[must_use]
    pub fn narrowed(&self, model: usize, replace: impl Fn(usize, &Rule) -> Option<Rule>) -> Self {
        let mut narrowed = self.clone();
        let Some(plan) = self.plan(model) else { return narrowed };
        for (bit, position) in plan.positions().iter().enumerate() {
            let rule = usize::try_from(*position).ok().and_then(|at| narrowed.rules.get_mut(at));
            let Some(rule) = rule else { continue };
            match replace(bit, rule) {
                Some(other) => *rule = other,
                None => rule.dormant = Some(Dormant::AddressedElsewhere),
            }
        }
        let mut own = Plan::build(&narrowed.rules, plan.positions().to_vec(), &self.choices);
        let masks = |of: fn(&crate::plan::Block) -> u64| plan.blocks().iter().map(of).collect::<Vec<u64>>();
        own.mark_lifted(&masks(|block| block.lifted_for_staff), true, false);
        own.mark_lifted(&masks(|block| block.lifted_for_persons), false, true);
        let reached = narrowed.rules_for(model).map(|(_, rule)| rule);
        let enforced: Vec<Rule> = reached.filter(|rule| rule.enforced()).cloned().collect();
        narrowed.places = places(&enforced, self.grants.all_terms());
        let slot = self.plan_of.get(model).and_then(|at| narrowed.plans.get_mut(usize::try_from(*at).ok()?));
        if let Some(slot) = slot {
            *slot = own;
        }
        narrowed
    }
}
