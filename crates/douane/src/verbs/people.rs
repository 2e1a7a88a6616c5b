//! `douane people`, `douane key`, `douane officer`, `douane status`.

use super::{print_json, table};
use crate::cli::{Key, Officer};
use crate::client::Client;
use crate::dir::{DataDir, new_key, write_private};
use anyhow::{Context, ensure};
use ledger::keyfile;
use ledger::note::SigningKey;
use server::control::api::{
    AccountRef, Approval, ClockSetting, IssuedKey, KeyText, Loaded, NewKey, NewOfficer, OfficerView, Removal,
    Removed, StatusView,
};
use std::path::Path;
use terms::{AccountId, Instant, OfficerId, SubjectKind};

/// Loads a roster into the running server.
pub async fn load(client: &Client, file: &Path, account: &AccountId, json: bool) -> anyhow::Result<()> {
    let loaded = upload(client, file, account).await?;
    if json {
        return print_json(&loaded);
    }
    println!("{} people on the roster, {} new or changed", loaded.people, loaded.written);
    Ok(())
}

/// Sends a roster to the running server.
pub async fn upload(client: &Client, file: &Path, account: &AccountId) -> anyhow::Result<Loaded> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or("roster");
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect();
    client.upload(&format!("/v1/people?account={account}&file={name}"), bytes.into()).await
}

/// Issues or withdraws keys.
pub async fn key(client: &Client, dir: &DataDir, verb: &Key, json: bool) -> anyhow::Result<()> {
    match verb {
        Key::Add { account, person, label } => {
            let kind = if person.is_some() { SubjectKind::Person } else { SubjectKind::SharedKey };
            let new = NewKey { account: account.clone(), person: person.clone(), kind, label: label.clone() };
            let issued: IssuedKey = client.post("/v1/keys", &new).await?;
            if json {
                return print_json(&issued);
            }
            println!("{}", issued.key);
            eprintln!("shown once; only its hash is kept");
        }
        Key::AddMissing { account, out } => {
            let keys = issue_missing(client, account).await?;
            let path = out.clone().unwrap_or_else(|| dir.issued_keys());
            write_keys(&path, &keys)?;
            println!("{} keys written to {}", keys.len(), path.display());
        }
        Key::Revoke { account } => {
            let mut key = String::new();
            std::io::stdin().read_line(&mut key)?;
            let text = KeyText { account: account.clone(), key: key.trim().to_owned() };
            let _: AccountRef = client.post("/v1/keys/revocation", &text).await?;
            println!("withdrawn; its open streams have ended");
        }
    }
    Ok(())
}

/// A key for every person who has none.
pub async fn issue_missing(client: &Client, account: &AccountId) -> anyhow::Result<Vec<IssuedKey>> {
    client.post("/v1/keys/missing", &AccountRef { account: account.clone() }).await
}

/// Adds issued keys to a file only its owner can read. Keys written there before stay: none can be shown again.
pub fn write_keys(path: &Path, keys: &[IssuedKey]) -> anyhow::Result<()> {
    let mut text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::from("person_id,key\n"),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    for key in keys {
        let person = key.person.as_ref().map(|person| person.as_str()).unwrap_or_default();
        text.push_str(&format!("{person},{}\n", key.key));
    }
    write_private(path, text.as_bytes())
}

/// Adds or lists officers.
pub async fn officer(client: &Client, dir: &DataDir, verb: &Officer, json: bool) -> anyhow::Result<()> {
    match verb {
        Officer::Add { name, key, by, by_key, account } => {
            let path = key.clone().unwrap_or_else(|| dir.officer_key(name.as_str()));
            let signer = by.as_ref().map(|by| read_officer_key(dir, by, by_key.as_deref())).transpose()?;
            let introducer = by.as_ref().zip(signer.as_ref());
            let added = introduce(client, (name, account.as_ref()), &path, introducer).await?;
            if json {
                return print_json(&added);
            }
            println!(
                "officer {name}: private key in {}, public key on file\n  {}",
                path.display(),
                added.public_key
            );
            println!(
                "Give the file to {name} alone and take it off this machine: a signature by it is {}.",
                if account.is_some() { "the account's word" } else { "an approval" }
            );
        }
        Officer::Remove { name, for_cause, why } => {
            let removal = Removal { officer: name.clone(), for_cause: *for_cause, why: why.clone() };
            let removed: Removed = client.post("/v1/officers/removal", &removal).await?;
            if json {
                return print_json(&removed);
            }
            println!("officer {name} can no longer act; {} statements were withdrawn", removed.withdrawn);
        }
        Officer::List => {
            let officers: Vec<OfficerView> = client.get("/v1/officers").await?;
            if json {
                return print_json(&officers);
            }
            let mut table = table(&["officer", "acts for", "public key", "state"]);
            for officer in officers {
                let state = if officer.retired { "retired" } else { "active" };
                let acts_for = officer.account.map_or_else(|| "the operator".to_owned(), |of| of.to_string());
                table.add_row([officer.officer.to_string(), acts_for, officer.public_key, state.to_owned()]);
            }
            println!("{table}");
        }
    }
    Ok(())
}

/// An officer's private key.
pub fn read_officer_key(
    dir: &DataDir,
    officer: &OfficerId,
    path: Option<&Path>,
) -> anyhow::Result<SigningKey> {
    let path = path.map_or_else(|| dir.officer_key(officer.as_str()), Path::to_owned);
    keyfile::read(&path).with_context(|| format!("the key of {officer}, {}", path.display()))
}

/// Makes a key pair of an officer of the operator and puts the public half on file. A private key that is there already is
/// used.
pub async fn add_officer(
    client: &Client,
    name: &OfficerId,
    path: &Path,
    introducer: Option<(&OfficerId, &SigningKey)>,
) -> anyhow::Result<OfficerView> {
    introduce(client, (name, None), path, introducer).await
}

/// The same for an officer of an account, where one is named.
async fn introduce(
    client: &Client,
    (name, account): (&OfficerId, Option<&AccountId>),
    path: &Path,
    introducer: Option<(&OfficerId, &SigningKey)>,
) -> anyhow::Result<OfficerView> {
    let key = if path.exists() { keyfile::read(path)? } else { new_key(name.as_str())? };
    ensure!(
        key.verifier().name() == name.as_str(),
        "{} is the key of {}",
        path.display(),
        key.verifier().name()
    );
    if !path.exists() {
        keyfile::write(path, &key).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let public_key = key.verifier().to_string();
    let introduced_by = introducer
        .map(|(officer, key)| {
            let text = match account {
                Some(account) => law::account_introduction_text(name, &public_key, account),
                None => law::introduction_text(name, &public_key),
            };
            let note = key.sign(&text)?;
            anyhow::Ok(Approval { officer: officer.clone(), note })
        })
        .transpose()?;
    client
        .post(
            "/v1/officers",
            &NewOfficer { officer: name.clone(), public_key, introduced_by, account: account.cloned() },
        )
        .await
}

/// Sets the practice clock.
pub async fn set_clock(client: &Client, at: Instant, json: bool) -> anyhow::Result<()> {
    let status: StatusView = client.post("/v1/practice/clock", &ClockSetting { at }).await?;
    print_status(&status, json)
}

/// Where the server stands.
pub async fn status(client: &Client, json: bool) -> anyhow::Result<()> {
    print_status(&client.get("/v1/status").await?, json)
}

fn print_status(status: &StatusView, json: bool) -> anyhow::Result<()> {
    if json {
        return print_json(status);
    }
    let next = status.next_change.map_or_else(|| "none".to_owned(), |next| next.to_string());
    let mut table = table(&["", ""]);
    table.set_header([
        "clock",
        &format!("{}{}", status.now, if status.practice { " (practice)" } else { "" }),
    ]);
    table.add_row(["snapshot", &status.snapshot.to_string()]);
    table.add_row(["regime", &status.regime]);
    table.add_row(["next change", &next]);
    table.add_row(["open streams", &status.open_streams.to_string()]);
    table.add_row(["keys", &status.keys.to_string()]);
    table.add_row(["log entries", &status.log_size.to_string()]);
    table.add_row(["log key", &status.log_key]);
    table.add_row(["log closed", status.log_closed.as_deref().unwrap_or("no")]);
    table.add_row(["served unrecorded", &status.unrecorded.to_string()]);
    table.add_row(["bylaw errors", &status.bylaw_errors.to_string()]);
    println!("{table}");
    Ok(())
}
