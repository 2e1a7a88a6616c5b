//! Where an instrument comes from.

use super::checker::Checker;
use super::finding::error;
use super::spans::Place;
use crate::instrument::Source;

impl Checker<'_> {
    pub(super) fn source(&mut self, place: &Place, source: &Source) {
        self.text(&place.then("office"), "office", &source.office, "name the office or court that issued it");
        self.texts(&place.then("addressees"), "addressees", &source.addressees);
        let fields = [
            ("public_reference", &source.public_reference),
            ("public_url", &source.public_url),
            ("channel", &source.channel),
        ];
        for (name, text) in fields {
            self.optional_text(&place.then(name), name, text.as_ref());
        }
        if let Some(digest) = &source.document_sha256 {
            let hex = digest.len() == 64 && digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            if !hex {
                let message = "document_sha256 is no SHA-256 in lower-case hex";
                let finding = error("bad_document_hash", message, "paste the output of sha256sum");
                self.report(&place.then("document_sha256"), finding);
            }
        }
        if let Some(call_back) = &source.call_back {
            let place = place.then("call_back");
            for (name, text) in [("with", &call_back.with), ("by", &call_back.by)] {
                self.text(
                    &place.then(name),
                    name,
                    text,
                    "a call-back records with which office and who called",
                );
            }
        }
    }
}
