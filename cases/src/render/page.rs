//! One page per topic.

use super::{law, person, words};
use crate::book::{Articles, BadLaw, Chapter, Piece, Scenario, Text};
use crate::{Answer, Case};
use ::law::Policy;
use terms::{EndUse, MissingFact, Question};

/// A page as it grows.
pub(super) struct Page<'a> {
    pub(super) articles: &'a Articles,
    pub(super) out: String,
}

impl Page<'_> {
    /// A line, and an empty one after it.
    pub(super) fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push_str("\n\n");
    }

    fn bullets(&mut self, lines: &[String]) {
        for line in lines {
            self.out.push_str(&format!("- {line}\n"));
        }
        self.out.push('\n');
    }

    /// A chapter, its pieces in order.
    pub(super) fn chapter(&mut self, chapter: &Chapter) {
        self.line(&format!("## {}", chapter.title));
        for piece in &chapter.pieces {
            match piece {
                Piece::Prose(text) => self.line(text),
                Piece::Law(block) => {
                    self.line("**The law.**");
                    self.bullets(&law::lines(&block.file));
                    let reported = words::codes(&block.warns);
                    if !reported.is_empty() {
                        self.line(&format!("Its check warns: {}.", words::list(&reported, "and")));
                    }
                }
                Piece::Operator(policy) => self.line(&operator(policy)),
                Piece::Scenario(scenario) => self.scenario(scenario),
                Piece::BadLaw(bad) => self.bad_law(bad),
            }
        }
    }

    fn head(&mut self, text: &Text) {
        self.line(&format!("### {}", text.heading));
        text.prose.iter().for_each(|paragraph| self.line(paragraph));
    }

    fn cited(&mut self, text: &Text) {
        let link = |cited: &String| match self.articles.find(cited) {
            Some(article) => format!("[{cited}]({} \"{}\")", article.url, article.title),
            None => cited.clone(),
        };
        let links: Vec<String> = text.articles.iter().map(link).collect();
        self.line(&format!("*Articles: {}*", links.join("; ")));
    }

    fn scenario(&mut self, scenario: &Scenario) {
        let Scenario { text, case, wrong } = scenario;
        self.head(text);
        self.line(&format!("**{}** {}.", person::kind(case.facts.kind), asks(case)));
        let facts = person::lines(&case.facts);
        if facts.is_empty() {
            self.line("Nothing is known of who asks.");
        } else {
            self.bullets(&facts);
        }
        let says = answer(&case.expected);
        if wrong.is_empty() {
            self.line(&says);
        } else {
            let lines: Vec<String> = wrong.iter().map(|line| line.replace('_', " ")).collect();
            self.line(&format!("The false statement: {says}"));
            self.line(&format!("It fails in: {}.", words::list(&lines, "and")));
        }
        self.cited(text);
    }

    fn bad_law(&mut self, bad: &BadLaw) {
        self.head(&bad.text);
        self.line(&format!("```toml\n{}\n```", bad.law.trim()));
        let errors: Vec<String> = bad
            .errors
            .iter()
            .map(|error| format!("`{}`: {}. {}.", error.code, error.message.trim_end(), capital(&error.help)))
            .map(|line| line.replace('\n', " "))
            .collect();
        self.line("**Refused.**");
        self.bullets(&errors);
        self.cited(&bad.text);
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn operator(policy: &Policy) -> String {
    let mut text = format!(
        "**The operator** asks for {} about the person and for {} about the place.",
        words::level(policy.min_evidence),
        words::level(policy.min_location_evidence)
    );
    if let Some(name) = &policy.operator {
        text.push_str(&format!(" Its name is {name}."));
    }
    for question in Question::ALL {
        if let Some(choice) = policy.choices.word(question) {
            let asked = capital(question.in_words());
            text.push_str(&format!(" Recorded reading: *{asked}* `{choice}`."));
        }
    }
    text
}

/// What is asked for, and when.
fn asks(case: &Case) -> String {
    let request = &case.request;
    let what = request.activity.word().replace('_', " ");
    let mut text = format!("asks at {}", words::instant(case.clock.at));
    if case.clock.uncertainty_us > 0 {
        text.push_str(&format!(" (the clock may be wrong by {} ms)", case.clock.uncertainty_us / 1000));
    }
    text.push_str(&format!(
        " for {what} of `{}`, served from {}",
        case.model,
        words::country(request.served_from)
    ));
    if request.end_use.value != EndUse::Unknown {
        text.push_str(&format!(", for {}", words::end_use(request.end_use.value)));
        if request.end_use.level != terms::Level::Credential {
            text.push_str(&format!(" ({})", words::level(request.end_use.level)));
        }
    }
    if let Some(started) = case.started_at {
        text.push_str(&format!("; the stream began at {}", words::instant(started)));
    }
    text
}

/// The answer in words.
fn answer(answer: &Answer) -> String {
    let mut text = format!("**Answer: {}.**", words::outcome(&answer.outcome));
    if !answer.missing.is_empty() {
        let known = |word: &String| MissingFact::parse(word).map_or("?", words::fact);
        let facts: Vec<&str> = answer.missing.iter().map(known).collect();
        text.push_str(&format!(" Missing: {}.", words::list(&facts, "and")));
    }
    if let Some((question, options)) = &answer.depends_on {
        let asked = Question::parse(question).map_or("", Question::in_words);
        text.push_str(&format!(" *{}*", capital(asked)));
        let under: Vec<String> = options
            .iter()
            .map(|(option, outcome)| format!("`{option}`: {}", words::outcome(outcome)))
            .collect();
        text.push_str(&format!(" {}.", under.join("; ")));
    }
    if let Some(decisive) = answer.decisive.as_ref().filter(|decisive| !decisive.is_empty()) {
        let verb = if decisive.len() == 1 { "decides" } else { "decide" };
        text.push_str(&format!(" {} {verb}.", capital(&words::list(&words::codes(decisive), "and"))));
    }
    if let Some(action) = &answer.stream_action {
        let done = if action == "cut" { "cut" } else { "suspended" };
        text.push_str(&format!(" The stream is {done}."));
    }
    if !answer.flags.is_empty() {
        text.push_str(&format!(" Flagged: {}.", words::list(&words::codes(&answer.flags), "and")));
    }
    text
}
