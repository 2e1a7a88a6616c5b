//! The result, as a table and as one JSON object.

use super::clients::Asked;
use super::receipts::Seen;
use super::stage::Stage;
use crate::cli::Demo;
use crate::drive::StreamsReport;
use crate::population::{Invented, Truth};
use crate::verbs::table;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use terms::{Country, SubjectKind, UsStatus};

/// Answers of a group of people.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Share {
    served: usize,
    denied: usize,
    verify_first: usize,
    other: usize,
}

/// What the demo found. What it says of streams and answers was counted by the clients.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Summary {
    people: usize,
    seed: u64,
    streams: usize,
    streams_forbidden: usize,
    streams_missed: usize,
    streams_cut_wrongly: usize,
    streams_cut_early: usize,
    streams_altered: usize,
    /// From the instant to the last byte of a forbidden stream, its lawful ending included.
    cut_p50_ms: f64,
    cut_p99_ms: f64,
    cut_max_ms: f64,
    /// From the instant to the last text of a forbidden stream.
    text_p99_ms: f64,
    pub(super) served: usize,
    pub(super) denied: usize,
    pub(super) verify_first: usize,
    pub(super) blanket_would_refuse: usize,
    /// Of those a blanket shutdown would have refused, those whom the letter does not reach in fact.
    blanket_not_reached_in_fact: usize,
    groups: BTreeMap<&'static str, Share>,
    answers_not_as_the_letter_says: usize,
    /// People who then showed the one fact they were asked for, and those of them who were served.
    cured_asked: usize,
    cured_served: usize,
    after_second_letter_asked: usize,
    after_second_letter_mismatches: usize,
    after_third_letter_asked: usize,
    after_third_letter_mismatches: usize,
    pub(super) receipts_checked: usize,
    pub(super) receipts_bad: usize,
    pub(super) log_entries: u64,
    pub(super) log_sound: bool,
    #[serde(skip)]
    pub(super) receipts: Vec<Seen>,
}

impl Summary {
    pub(super) fn new(stage: &Stage, demo: &Demo) -> Self {
        let reached = |invented: &Invented| invented.us_status == UsStatus::None;
        Self {
            people: stage.people.len(),
            seed: demo.seed,
            blanket_would_refuse: stage.people.len(),
            blanket_not_reached_in_fact: stage
                .count(|invented| invented.row.kind == SubjectKind::Person && !reached(invented)),
            ..Self::default()
        }
    }

    pub(super) fn add_streams(&mut self, report: &StreamsReport) {
        self.streams = report.streams;
        self.streams_forbidden = report.streams_forbidden;
        self.streams_missed = report.streams_missed;
        self.streams_cut_wrongly = report.streams_cut_wrongly;
        self.streams_cut_early = report.streams_cut_early;
        self.streams_altered = report.streams_altered;
        self.cut_p50_ms = report.end_p50_ms;
        self.cut_p99_ms = report.end_p99_ms;
        self.cut_max_ms = report.end_max_ms;
        self.text_p99_ms = report.cut_p99_ms;
        // Each stream began with status 200.
        self.receipts.extend(report.receipts.iter().map(|id| Seen { id: id.clone(), status: 200 }));
    }

    pub(super) fn add_first_answers(&mut self, stage: &Stage, asked: &Asked) {
        let by_name: HashMap<&str, &Invented> =
            stage.people.iter().map(|invented| (invented.row.person_id.as_str(), invented)).collect();
        for answer in &asked.answers {
            let Some(invented) = by_name.get(answer.name.as_str()) else { continue };
            let share = self.groups.entry(group(invented)).or_default();
            match answer.status {
                Some(200) => share.served += 1,
                Some(451) => share.denied += 1,
                Some(401 | 403) => share.verify_first += 1,
                _ => share.other += 1,
            }
        }
        let sum = |part: fn(&Share) -> usize| self.groups.values().map(part).sum();
        (self.served, self.denied, self.verify_first) =
            (sum(|s| s.served), sum(|s| s.denied), sum(|s| s.verify_first));
        self.answers_not_as_the_letter_says = asked.report.mismatches + asked.report.altered;
    }

    pub(super) fn add_cured(&mut self, asked: &Asked) {
        (self.cured_asked, self.cured_served) = (asked.report.asked, asked.served());
        self.answers_not_as_the_letter_says += asked.report.mismatches + asked.report.altered;
    }

    pub(super) fn add_later_answers(&mut self, letter: &str, asked: &Asked) {
        let mismatches = asked.report.mismatches + asked.report.altered;
        if letter == "second" {
            (self.after_second_letter_asked, self.after_second_letter_mismatches) =
                (asked.report.asked, mismatches);
        } else {
            (self.after_third_letter_asked, self.after_third_letter_mismatches) =
                (asked.report.asked, mismatches);
        }
    }

    /// Whether everything came out as the letters say.
    pub(super) fn is_good(&self) -> bool {
        let faults = [
            self.streams_missed,
            self.streams_cut_wrongly,
            self.streams_cut_early,
            self.streams_altered,
            self.answers_not_as_the_letter_says,
            self.after_second_letter_mismatches,
            self.after_third_letter_mismatches,
            self.receipts_bad,
        ];
        faults.iter().all(|count| *count == 0) && self.log_sound
    }

    pub(super) fn print(&self) {
        println!("\nWho kept service on 12 June, of {} invented people:", self.people);
        let mut groups = table(&["", "served", "refused", "must verify"]);
        for (name, share) in &self.groups {
            groups.add_row([
                (*name).to_owned(),
                share.served.to_string(),
                share.denied.to_string(),
                share.verify_first.to_string(),
            ]);
        }
        groups.add_row([
            "everybody".to_owned(),
            self.served.to_string(),
            self.denied.to_string(),
            self.verify_first.to_string(),
        ]);
        groups.add_row([
            "blanket shutdown".to_owned(),
            "0".to_owned(),
            self.blanket_would_refuse.to_string(),
            "0".to_owned(),
        ]);
        println!("{groups}");
        println!(
            "Most must verify because little was on file about anybody when the letter came; the figures behind the"
        );
        println!("invented people, measured or assumed, are in data/population/demo-marginals.toml.");
        let mut table = table(&["at 17:21:00", ""]);
        for (name, value) in [
            ("live streams", self.streams.to_string()),
            ("forbidden", self.streams_forbidden.to_string()),
            ("missed", self.streams_missed.to_string()),
            ("cut wrongly", self.streams_cut_wrongly.to_string()),
            (
                "from the instant to the last byte of a forbidden stream, p99",
                format!("{:.1} ms", self.cut_p99_ms),
            ),
            ("of the last one", format!("{:.1} ms", self.cut_max_ms)),
            (
                "answers not as the letters say",
                (self.answers_not_as_the_letter_says
                    + self.after_second_letter_mismatches
                    + self.after_third_letter_mismatches)
                    .to_string(),
            ),
            (
                "showed the missing fact / served then",
                format!("{} / {}", self.cured_asked, self.cured_served),
            ),
            ("receipts checked / bad", format!("{} / {}", self.receipts_checked, self.receipts_bad)),
        ] {
            table.add_row([name.to_owned(), value]);
        }
        println!("{table}");
        println!(
            "A blanket shutdown would have cut off {} people whom the letter does not reach in fact.",
            self.blanket_not_reached_in_fact
        );
    }

    /// What a reader can try while the demo goes on serving.
    pub(super) fn print_tries(stage: &Stage) {
        let this =
            std::env::current_exe().map_or_else(|_| "douane".to_owned(), |path| path.display().to_string());
        println!(
            "\nThe clock has run on to 30 June, where the letters are lifted. To go back to 13 June and try:"
        );
        println!("  {this} --dir {} clock 2026-06-13T09:00:00-04:00", stage.dir.path().display());
        let served = stage.key_of(|invented| invented.truth == Truth::Served).unwrap_or("KEY");
        let refused = stage.key_of(|invented| invented.truth == Truth::Refused).unwrap_or("KEY");
        for (who, key) in [("somebody who is served", served), ("somebody who is refused", refused)] {
            println!("  # {who}");
            println!(
                "  curl -i http://{}/v1/chat/completions -H 'Authorization: Bearer {key}' -d '{{\"model\":\"fable-5\",\"messages\":[]}}'",
                stage.node.gateway
            );
        }
        println!("Nobody in this demo exists.");
    }
}

/// The group of a row, by what the person is in fact.
fn group(invented: &Invented) -> &'static str {
    let in_us = invented.country == Country::US;
    match (invented.row.kind, invented.us_status, in_us) {
        (SubjectKind::SharedKey, ..) => "shared keys of firms",
        (SubjectKind::Service, ..) => "services",
        (_, UsStatus::Citizen | UsStatus::National, true) => "US citizens and nationals in the US",
        (_, UsStatus::Citizen | UsStatus::National, false) => "US citizens and nationals abroad",
        (_, UsStatus::None | UsStatus::Unknown, true) => "foreign persons in the US",
        (_, UsStatus::None | UsStatus::Unknown, false) => "foreign persons abroad",
        (_, UsStatus::Refugee | UsStatus::Asylee | UsStatus::TemporaryResident, _) => "protected individuals",
        (_, _, _) => "permanent residents",
    }
}
