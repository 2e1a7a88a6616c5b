//! The difference as data, as a table and as Markdown.

use super::words;
use crate::cli::Language;
use crate::verbs::table;
use decide::diff::{Answer, Change, Counterexample, Counts, Cut, Diff, Matrix};
use law::Regime;
use serde::Serialize;
use terms::{Instant, PersonFacts};

/// Everything, for `--json`.
#[derive(Serialize)]
pub struct View {
    exact: bool,
    left_out: Vec<&'static str>,
    unmatched_models: Vec<String>,
    changes: Vec<Row>,
    refuses_more: Reply,
    permits_more: Reply,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    counts: Vec<CountsView>,
}

#[derive(Serialize)]
struct Row {
    models: Vec<String>,
    from: &'static str,
    to: &'static str,
    since: Option<Instant>,
    until: Option<Instant>,
    who: Vec<String>,
}

/// The answer to one of the two questions.
#[derive(Serialize)]
struct Reply {
    /// `yes`, `no`, or `not_found` where something was left out.
    answer: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<Example>,
}

#[derive(Serialize)]
struct Example {
    model: String,
    at: Instant,
    before: &'static str,
    after: &'static str,
    decided_by: [Vec<String>; 2],
    activity: &'static str,
    end_use: terms::Attested<terms::EndUse>,
    served_from: terms::Country,
    person: PersonFacts,
}

#[derive(Serialize)]
struct CountsView {
    at: Instant,
    people: u64,
    changes: Vec<CountRow>,
}

#[derive(Serialize)]
struct CountRow {
    model: String,
    /// `everyone`, `us_status X` or `nationality X`.
    among: String,
    from: &'static str,
    to: &'static str,
    count: u64,
}

impl View {
    /// Puts everything together.
    pub fn new(
        diff: &Diff,
        answers: [&Answer; 2],
        regimes: [&Regime; 2],
        counts: &[(Instant, Counts)],
    ) -> Self {
        let [refuses, permits] = answers;
        Self {
            exact: diff.cuts.is_empty(),
            left_out: diff.cuts.iter().map(|cut: &Cut| words::cut(*cut)).collect(),
            unmatched_models: diff.unmatched.iter().map(ToString::to_string).collect(),
            changes: diff.changes.iter().map(Row::of).collect(),
            refuses_more: Reply::of(refuses, regimes),
            permits_more: Reply::of(permits, regimes),
            counts: counts.iter().map(|(at, counts)| CountsView::of(*at, counts)).collect(),
        }
    }
}

impl Row {
    fn of(change: &Change) -> Self {
        Self {
            models: change.models.iter().map(ToString::to_string).collect(),
            from: change.from.word(),
            to: change.to.word(),
            since: change.since,
            until: change.until,
            who: words::region(&change.who),
        }
    }
}

impl Reply {
    fn of(answer: &Answer, regimes: [&Regime; 2]) -> Self {
        let word = match &answer.example {
            Some(_) => "yes",
            None if answer.cuts.is_empty() => "no",
            None => "not_found",
        };
        Self { answer: word, example: answer.example.as_deref().map(|example| Example::of(example, regimes)) }
    }
}

impl Example {
    fn of(example: &Counterexample, regimes: [&Regime; 2]) -> Self {
        let [a, b] = regimes;
        let ids = |regime: &Regime, verdict: &decide::Verdict| {
            let rules = verdict.decisive(regime).filter_map(|position| regime.rule(position));
            rules.map(|rule| rule.id.to_string()).collect()
        };
        // The second verdict speaks of the model by its position in the second catalogue.
        Self {
            model: example.model.to_string(),
            at: example.at,
            before: example.before.outcome.word(),
            after: example.after.outcome.word(),
            decided_by: [ids(a, &example.before), ids(b, &example.after)],
            activity: example.request.activity.word(),
            end_use: example.request.end_use,
            served_from: example.request.served_from,
            person: example.facts.clone(),
        }
    }

    /// The person as a file that `douane check --person` reads.
    fn person_file(&self) -> String {
        toml::to_string(&self.person).unwrap_or_default()
    }
}

impl CountsView {
    fn of(at: Instant, counts: &Counts) -> Self {
        let mut changes = Vec::new();
        for model in &counts.models {
            let mut add = |among: String, matrix: &Matrix| {
                changes.extend(matrix.changes().map(|(from, to, count)| CountRow {
                    model: model.model.to_string(),
                    among: among.clone(),
                    from: from.word(),
                    to: to.word(),
                    count,
                }));
            };
            add("everyone".to_owned(), &model.all);
            model.by_status.iter().for_each(|(status, matrix)| add(format!("us_status {status}"), matrix));
            model.by_nationality.iter().for_each(|(code, matrix)| add(format!("nationality {code}"), matrix));
        }
        Self { at, people: counts.people, changes }
    }
}

/// Headings.
struct Heads {
    changes: [&'static str; 4],
    counts: [&'static str; 5],
    no_change: &'static str,
    exact: &'static str,
    not_exact: &'static str,
    unmatched: &'static str,
    refuses: &'static str,
    permits: &'static str,
    nobody: &'static str,
    not_found: &'static str,
    yes: &'static str,
    people: &'static str,
    since_ever: &'static str,
    open: &'static str,
}

const ENGLISH: Heads = Heads {
    changes: ["models", "change", "from / until", "who"],
    counts: ["instant", "model", "among", "change", "people"],
    no_change: "Nobody is treated otherwise.",
    exact: "Exact: every class of persons and requests that the directives tell apart was decided under both.",
    not_exact: "Not exact:",
    unmatched: "Models in one catalogue only, not compared:",
    refuses: "Does B refuse anyone A permits?",
    permits: "Does B permit anyone A refuses?",
    nobody: "No, nobody.",
    not_found: "Nobody was found; but not everything was looked at.",
    yes: "Yes. For example:",
    people: "People on file",
    since_ever: "since ever",
    open: "open",
};

const KOREAN: Heads = Heads {
    changes: ["모델", "변경", "시작 / 종료", "대상"],
    counts: ["시점", "모델", "구분", "변경", "인원"],
    no_change: "달라지는 대상이 없습니다.",
    exact: "정확함: 지시가 구별하는 모든 사람과 요청의 부류를 양쪽에서 판정했습니다.",
    not_exact: "정확하지 않음:",
    unmatched: "한쪽 목록에만 있어 비교하지 않은 모델:",
    refuses: "A가 허용하는 사람을 B가 거절합니까?",
    permits: "A가 거절하는 사람을 B가 허용합니까?",
    nobody: "아니요, 그런 사람이 없습니다.",
    not_found: "찾지 못했습니다. 다만 전부를 살펴보지는 못했습니다.",
    yes: "예. 예시:",
    people: "등록된 사람",
    since_ever: "처음부터",
    open: "계속",
};

/// Something that takes tables and paragraphs.
trait Page {
    fn rows(&mut self, head: &[&str], rows: Vec<Vec<String>>);
    fn line(&mut self, text: &str);
    fn heading(&mut self, text: &str);
    fn file(&mut self, text: &str);
}

struct Terminal(String);

impl Page for Terminal {
    fn rows(&mut self, head: &[&str], rows: Vec<Vec<String>>) {
        let mut table = table(head);
        rows.into_iter().for_each(|row| {
            table.add_row(row);
        });
        self.line(&table.to_string());
    }
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }
    fn heading(&mut self, text: &str) {
        self.line(&format!("\n{text}"));
    }
    fn file(&mut self, text: &str) {
        text.lines().for_each(|line| self.line(&format!("    {line}")));
    }
}

struct Markdown(String);

impl Page for Markdown {
    fn rows(&mut self, head: &[&str], rows: Vec<Vec<String>>) {
        let row = |cells: Vec<String>| {
            let cells: Vec<String> =
                cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', "<br>")).collect();
            format!("| {} |", cells.join(" | "))
        };
        self.line(&row(head.iter().map(ToString::to_string).collect()));
        self.line(&row(head.iter().map(|_| "---".to_owned()).collect()));
        rows.into_iter().for_each(|cells| self.line(&row(cells)));
    }
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }
    fn heading(&mut self, text: &str) {
        self.line(&format!("\n## {text}\n"));
    }
    fn file(&mut self, text: &str) {
        self.line(&format!("\n```toml\n{}\n```", text.trim_end()));
    }
}

/// As a table.
pub fn text(view: &View, language: Language) -> String {
    let mut page = Terminal(String::new());
    write(view, heads(language), &mut page);
    page.0
}

/// As Markdown.
pub fn markdown(view: &View, language: Language) -> String {
    let mut page = Markdown(String::new());
    write(view, heads(language), &mut page);
    page.0
}

const fn heads(language: Language) -> &'static Heads {
    match language {
        Language::En => &ENGLISH,
        Language::Ko => &KOREAN,
    }
}

fn write(view: &View, heads: &Heads, page: &mut impl Page) {
    if view.changes.is_empty() {
        page.line(heads.no_change);
    } else {
        page.rows(&heads.changes, view.changes.iter().map(|row| cells(row, heads)).collect());
    }
    if view.exact {
        page.line(&format!("\n{}", heads.exact));
    } else {
        page.line(&format!("\n{} {}", heads.not_exact, view.left_out.join("; ")));
    }
    if !view.unmatched_models.is_empty() {
        page.line(&format!("{} {}", heads.unmatched, view.unmatched_models.join(", ")));
    }
    if !view.counts.is_empty() {
        page.heading(heads.people);
        page.rows(&heads.counts, view.counts.iter().flat_map(count_cells).collect());
    }
    reply(heads.refuses, &view.refuses_more, heads, page);
    reply(heads.permits, &view.permits_more, heads, page);
}

fn cells(row: &Row, heads: &Heads) -> Vec<String> {
    let since = row.since.map_or_else(|| heads.since_ever.to_owned(), |at| at.to_string());
    let until = row.until.map_or_else(|| heads.open.to_owned(), |at| at.to_string());
    vec![
        row.models.join("\n"),
        format!("{} -> {}", row.from, row.to),
        format!("{since}\n{until}"),
        row.who.join("\n"),
    ]
}

fn count_cells(view: &CountsView) -> impl Iterator<Item = Vec<String>> {
    view.changes.iter().map(|row| {
        vec![
            view.at.to_string(),
            row.model.clone(),
            row.among.clone(),
            format!("{} -> {}", row.from, row.to),
            format!("{} / {}", row.count, view.people),
        ]
    })
}

fn reply(question: &str, reply: &Reply, heads: &Heads, page: &mut impl Page) {
    page.heading(question);
    let Some(example) = &reply.example else {
        page.line(if reply.answer == "no" { heads.nobody } else { heads.not_found });
        return;
    };
    page.line(heads.yes);
    let [before, after] = &example.decided_by;
    let side = |outcome: &str, by: &[String]| {
        if by.is_empty() { outcome.to_owned() } else { format!("{outcome} ({})", by.join(", ")) }
    };
    page.line(&format!(
        "{} {}: A {}, B {}; {}, served from {}",
        example.model,
        example.at,
        side(example.before, before),
        side(example.after, after),
        example.activity,
        example.served_from.code(),
    ));
    page.file(&example.person_file());
}
