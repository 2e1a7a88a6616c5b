//! Appeals: listed beside a running server, answered through it.

use super::super::{print_json, table};
use crate::cli::Appeals;
use crate::client::Client;
use server::control::api::AppealAnswer;
use store::{AppealEntry, Reader, Standing};

/// Prints appeals that wait for an answer, the most urgent first; all of them by number where that is asked.
pub(super) async fn list(reader: &Reader, all: bool, json: bool) -> anyhow::Result<()> {
    let appeals = chosen(reader.appeals().await?, all);
    if json {
        return print_json(&appeals);
    }
    let mut table = table(&["number", "state", "answer by", "account", "person", "model", "words"]);
    for appeal in &appeals {
        let words = appeal.words.as_deref().unwrap_or("(erased)");
        table.add_row([
            &appeal.number.to_string(),
            word(appeal.state),
            &appeal.due.to_string(),
            appeal.account.as_str(),
            appeal.person.as_str(),
            &appeal.model,
            words,
        ]);
    }
    println!("{table}");
    Ok(())
}

fn chosen(mut appeals: Vec<AppealEntry>, all: bool) -> Vec<AppealEntry> {
    if !all {
        appeals.retain(|appeal| appeal.state == Standing::Open);
        appeals.sort_by_key(|appeal| (appeal.due, appeal.number));
    }
    appeals
}

const fn word(state: Standing) -> &'static str {
    match state {
        Standing::Open => "open",
        Standing::Granted => "granted",
        Standing::Rejected => "rejected",
        Standing::Erased => "erased",
    }
}

/// Answers one appeal.
pub(super) async fn settle(client: &Client, verb: Appeals, json: bool) -> anyhow::Result<()> {
    let Appeals::Settle { number, grant, by, why, .. } = verb else {
        anyhow::bail!("this verb answers nothing")
    };
    let answer = AppealAnswer { number, granted: grant, by, why };
    let settled: AppealEntry = client.post("/v1/appeals/settlement", &answer).await?;
    if json {
        return print_json(&settled);
    }
    println!(
        "number {}: {}; the person reads the reason on the link of the appeal",
        settled.number,
        word(settled.state)
    );
    if grant {
        println!(
            "what is on file is not changed by this: see `douane people export {} --account {}`, then `douane people settle`",
            settled.person, settled.account
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use terms::{AccountId, Instant, PersonId};

    fn appeal(number: u64, state: Standing, due: i64) -> AppealEntry {
        AppealEntry {
            number,
            state,
            at: Instant::from_micros(0),
            due: Instant::from_micros(due),
            account: AccountId::parse("acme").unwrap(),
            person: PersonId::parse("u1").unwrap(),
            model: "m".to_owned(),
            lang: "en".to_owned(),
            words: Some("w".to_owned()),
            answered: None,
            by: None,
            answer: None,
        }
    }

    #[test]
    fn what_is_most_urgent_comes_first() {
        let all = || {
            let granted = appeal(2, Standing::Granted, 1);
            vec![appeal(1, Standing::Open, 9), granted, appeal(3, Standing::Open, 5)]
        };
        let numbers = |some: Vec<AppealEntry>| some.iter().map(|one| one.number).collect::<Vec<_>>();
        assert_eq!(numbers(chosen(all(), false)), [3, 1]);
        assert_eq!(numbers(chosen(all(), true)), [1, 2, 3]);
    }
}
