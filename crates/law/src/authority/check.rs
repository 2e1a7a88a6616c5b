//! The check itself: each cited provision against the directive.

use super::kinds::fit;
use super::table::{Authority, MayReach, Verb, Verified, find, is_informed};
use super::words::{Notice, Text};
use super::{clock, excess, words};
use crate::groups;
use crate::instrument::{Class, Destinations, Directive, Form};
use terms::{Activity, Country, CountrySet, EndUse, Instant};

/// What a cited provision does not carry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Countries of the scope that it does not list.
    Countries {
        /// What it lists.
        listed: CountrySet,
        /// The scope beyond that, without the United States and its territories.
        beyond: CountrySet,
    },
    /// Persons it cannot reach.
    Persons {
        /// Whom it can bind.
        may_reach: MayReach,
        /// Whether it reaches listed parties only.
        party_based: bool,
        /// Whom the directive reaches.
        class: Class,
    },
    /// Activities that are none of its transaction types, or of which that is contested.
    TransactionKinds {
        /// Its transaction types.
        covers: &'static [Verb],
        /// Contested.
        contested: Vec<Activity>,
        /// Not covered.
        not_covered: Vec<Activity>,
        /// Whether the directive speaks of remote access and the provision does not.
        remote_access: bool,
    },
    /// Limits the directive does not keep to.
    EndUseLimit {
        /// The limits, in English.
        limits: &'static [String],
    },
    /// Preconditions; no field of a law file can show them.
    BasisNotShown {
        /// The conditions, in English.
        conditions: &'static [String],
    },
    /// No section of the regulations implements it.
    NotImplemented {
        /// Who says so.
        source: &'static str,
    },
    /// The form of a notice to a single company.
    ClockFormality {
        /// For an oral notice: until when it is to be confirmed in writing.
        written_due: Option<Instant>,
        /// How far the form was checked.
        form_verified: Verified,
    },
}

/// One warning of the check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The provision, by its id in the table.
    pub authority: &'static str,
    /// Its citation.
    pub citation: &'static str,
    /// How far its row was checked.
    pub verified: Verified,
    /// What it does not carry.
    pub kind: Kind,
    /// The same in words.
    pub summary: Text,
}

/// Compares a directive with each provision it cites, in the order of citation. Findings are warnings: the directive
/// is enforced as written whatever they say ([`super::ENFORCED`]).
pub fn check(directive: &Directive) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, id) in directive.authority.iter().enumerate() {
        let again = directive.authority.iter().take(at).any(|earlier| earlier == id);
        let Some(authority) = find(id).filter(|_| !again) else { continue };
        let kinds = [
            countries(authority, directive),
            persons(authority, directive),
            transaction_kinds(authority, directive),
            end_use_limit(authority, directive),
            basis(authority),
            not_implemented(authority),
        ];
        findings.extend(kinds.into_iter().flatten().map(|kind| finding(authority, kind, directive)));
    }
    findings.extend(formality(directive));
    findings
}

fn finding(authority: &'static Authority, kind: Kind, directive: &Directive) -> Finding {
    let summary = words::summary(authority, &kind, directive);
    let Authority { id, citation, verified, .. } = authority;
    Finding { authority: id, citation, verified: *verified, kind, summary }
}

fn countries(authority: &Authority, directive: &Directive) -> Option<Kind> {
    let excess = excess(directive).into_iter().find(|excess| excess.authority.id == authority.id)?;
    Some(Kind::Countries { listed: authority.countries()?, beyond: excess.beyond })
}

fn persons(authority: &Authority, directive: &Directive) -> Option<Kind> {
    let class = directive.persons.class;
    let reached = if authority.party_based {
        class == Class::ListedParty
    } else {
        match authority.may_reach {
            MayReach::Anyone => true,
            MayReach::UsPersons => {
                class == Class::UsPerson7446 && directive.destinations == Destinations::None
            }
            MayReach::Exporters => !reaches_us_persons_at_home(directive),
        }
    };
    let Authority { may_reach, party_based, .. } = authority;
    (!reached).then_some(Kind::Persons { may_reach: *may_reach, party_based: *party_based, class })
}

/// Whether the class holds US persons in the United States, who receive no export there (15 CFR 734.13, 734.18).
fn reaches_us_persons_at_home(directive: &Directive) -> bool {
    let persons = &directive.persons;
    let us = || {
        groups::resolve_all(persons.countries.iter().map(String::as_str))
            .is_ok_and(|set| set.contains(Country::US))
    };
    match persons.class {
        Class::Everyone | Class::UsPerson7446 => true,
        Class::NationalOf => us() && !persons.only_foreign_persons,
        Class::LocatedIn | Class::NationalOrLocatedIn => us(),
        _ => false,
    }
}

fn transaction_kinds(authority: &'static Authority, directive: &Directive) -> Option<Kind> {
    let fit = fit(authority, directive);
    let fits = fit.contested.is_empty() && fit.not_covered.is_empty() && !fit.remote_access;
    (!fits).then(|| Kind::TransactionKinds {
        covers: &authority.covers,
        contested: fit.contested,
        not_covered: fit.not_covered,
        remote_access: fit.remote_access,
    })
}

fn end_use_limit(authority: &'static Authority, directive: &Directive) -> Option<Kind> {
    let class = directive.persons.class;
    let elsewhere =
        authority.limits_bind_only == Some(Verb::UsPersonActivity) && class != Class::UsPerson7446;
    let party = authority.party_based && class == Class::ListedParty;
    let kept = directive.end_uses.as_ref().is_some_and(|named| {
        let inside = |end_use: &EndUse| authority.end_uses.contains(end_use);
        !named.is_empty() && named.iter().all(inside)
    });
    let limits = authority.end_use_limits.as_slice();
    (!limits.is_empty() && !elsewhere && !party && !kept).then_some(Kind::EndUseLimit { limits })
}

fn basis(authority: &'static Authority) -> Option<Kind> {
    let conditions = authority.basis_needed.as_slice();
    (!conditions.is_empty()).then_some(Kind::BasisNotShown { conditions })
}

fn not_implemented(authority: &'static Authority) -> Option<Kind> {
    authority.not_implemented.as_deref().map(|source| Kind::NotImplemented { source })
}

/// Formalities of a notice of the United States to a single company: an oral one decays unless confirmed in writing;
/// a letter comes from a certain office.
fn formality(directive: &Directive) -> Option<Finding> {
    if directive.source.state != Country::US {
        return None;
    }
    let form = is_informed()?;
    let cited = directive.authority.iter().filter_map(|id| find(id)).find(|authority| authority.is_informed);
    let written_due = match directive.form {
        Form::Oral => {
            Some(clock::written_confirmation_due(directive.issued_at, form.oral_confirmation_working_days)?)
        }
        Form::IsInformedLetter => None,
        Form::Rule | Form::Statute | Form::CourtOrder => return None,
    };
    // A letter under some other power has other formalities; an oral one is told the only rule there is.
    let authority = match written_due {
        Some(_) => cited.or_else(|| find(&form.rule))?,
        None => cited?,
    };
    let notice = Notice { form, written_due, office: &directive.source.office };
    Some(Finding {
        authority: &authority.id,
        citation: &form.citation,
        verified: form.verified,
        kind: Kind::ClockFormality { written_due, form_verified: form.verified },
        summary: words::formality(&notice),
    })
}
