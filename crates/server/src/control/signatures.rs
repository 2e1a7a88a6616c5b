//! What officers signed, and whether it stands.

use crate::house::read_instrument;
use law::{CallBackOnFile, LawFile, approval_text};
use ledger::note::{Note, VerifierKey};
use store::{Instrument, State};
use terms::OfficerId;

/// Whether the note is the signature of this officer of the operator over this text. Officers of accounts sign nothing
/// about law and officers.
pub(super) fn signed_by(state: &State, officer: &OfficerId, note: &str, text: &str) -> bool {
    state.officers.get(officer).is_some_and(|officer| officer.account.is_none())
        && signed_by_any(state, officer, note, text)
}

/// The same, whomever the officer acts for.
pub(super) fn signed_by_any(state: &State, officer: &OfficerId, note: &str, text: &str) -> bool {
    let Some(on_file) = state.officers.get(officer).filter(|officer| officer.retired.is_none()) else {
        return false;
    };
    let (Ok(key), Ok(note)) = (on_file.public_key.parse::<VerifierKey>(), Note::parse(note)) else {
        return false;
    };
    note.verified_by(&key).is_ok_and(|signed| signed == text)
}

/// The officer in office who signed a note, whomever the officer acts for, and the text.
pub(crate) fn signed_by_anyone(state: &State, note: &str) -> Option<(OfficerId, String)> {
    let note = Note::parse(note).ok()?;
    let mut active = state.officers.iter().filter(|(_, officer)| officer.retired.is_none());
    active.find_map(|(name, officer)| {
        let key = officer.public_key.parse::<VerifierKey>().ok()?;
        Some((name.clone(), note.verified_by(&key).ok()?.to_owned()))
    })
}

/// Whether two verifier keys hold the same key material, whatever their names.
pub(super) fn same_key(one: &str, other: &str) -> bool {
    one.rsplit('+').next() == other.rsplit('+').next()
}

/// Whether the note is the officer's signature over this version and the readings recorded now.
pub(super) fn covers(state: &State, instrument: &Instrument, officer: &OfficerId, note: &str) -> bool {
    let Ok(file) = read_instrument(instrument) else { return false };
    let text = approval_text(&instrument.id, &approval_digest(state, instrument, &file));
    signed_by(state, officer, note, &text)
}

/// Officers whose approval stands, each once, in the order of signing.
pub(super) fn standing(state: &State, instrument: &Instrument) -> Vec<OfficerId> {
    let mut officers: Vec<OfficerId> = Vec::new();
    for approval in state.approvals_of(instrument.version) {
        if !officers.contains(&approval.officer)
            && covers(state, instrument, &approval.officer, &approval.signature)
        {
            officers.push(approval.officer.clone());
        }
    }
    officers
}

/// What an approval of this version covers now.
pub(super) fn approval_digest(state: &State, instrument: &Instrument, file: &LawFile) -> [u8; 32] {
    file.approval_digest(state.choices(), call_back(state, instrument).as_ref())
}

/// The newest call-back on file for this version.
pub(super) fn call_back(state: &State, instrument: &Instrument) -> Option<CallBackOnFile> {
    let letter = state.letters.iter().rev().find(|letter| letter.version == instrument.version)?;
    Some(CallBackOnFile { channel: letter.channel.clone(), with: letter.with.clone(), by: letter.by.clone() })
}
