-- Format 1. The log.
CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  at_us INTEGER NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  prev BLOB NOT NULL CHECK (length(prev) = 32),
  link BLOB NOT NULL CHECK (length(link) = 32)
) STRICT;

-- One row per version of a person's facts; `facts` is JSON without the person's identifier.
CREATE TABLE person_facts (
  account TEXT NOT NULL,
  person TEXT NOT NULL,
  seq INTEGER NOT NULL REFERENCES events (seq) DEFERRABLE INITIALLY DEFERRED,
  facts TEXT NOT NULL,
  PRIMARY KEY (account, person, seq)
) STRICT, WITHOUT ROWID;

-- The insert triggers also stop INSERT OR REPLACE, which fires no delete trigger.
CREATE TRIGGER events_follow BEFORE INSERT ON events
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events)
BEGIN SELECT RAISE(ABORT, 'events are numbered without gaps'); END;
CREATE TRIGGER events_stay BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_remain BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER person_facts_follow BEFORE INSERT ON person_facts
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events)
BEGIN SELECT RAISE(ABORT, 'facts belong to the next event'); END;
CREATE TRIGGER person_facts_stay BEFORE UPDATE ON person_facts
BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;
CREATE TRIGGER person_facts_remain BEFORE DELETE ON person_facts
BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;

-- The views: made from the log, and made again from it at any time.
CREATE TABLE accounts (
  account TEXT PRIMARY KEY,
  display_name TEXT NOT NULL,
  added_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
  key_hash BLOB PRIMARY KEY CHECK (length(key_hash) = 32),
  account TEXT NOT NULL REFERENCES accounts (account),
  person TEXT,
  kind TEXT NOT NULL,
  label TEXT NOT NULL,
  added_us INTEGER NOT NULL,
  revoked_us INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_by_account ON keys (account);

CREATE TABLE people (
  account TEXT NOT NULL REFERENCES accounts (account),
  person TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (account, person),
  FOREIGN KEY (account, person, seq) REFERENCES person_facts (account, person, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE officers (
  officer TEXT PRIMARY KEY,
  public_key TEXT NOT NULL,
  added_by TEXT REFERENCES officers (officer) DEFERRABLE INITIALLY DEFERRED,
  added_us INTEGER NOT NULL,
  retired_us INTEGER
) STRICT, WITHOUT ROWID;

-- One row per version, under the number of the event that drafted it.
CREATE TABLE instruments (
  version INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  toml TEXT NOT NULL,
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  drafted_by TEXT REFERENCES officers (officer),
  drafted_us INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('drafted', 'active', 'superseded', 'withdrawn')),
  snapshot INTEGER
) STRICT;
CREATE INDEX instruments_by_id ON instruments (id);

CREATE TABLE approvals (
  seq INTEGER PRIMARY KEY,
  version INTEGER NOT NULL REFERENCES instruments (version),
  officer TEXT NOT NULL REFERENCES officers (officer),
  signature TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  UNIQUE (version, officer, signature)
) STRICT;

CREATE TABLE activations (
  seq INTEGER PRIMARY KEY,
  version INTEGER NOT NULL REFERENCES instruments (version),
  snapshot INTEGER NOT NULL,
  at_us INTEGER NOT NULL
) STRICT;

CREATE TABLE letters (
  seq INTEGER PRIMARY KEY,
  version INTEGER NOT NULL REFERENCES instruments (version),
  channel TEXT NOT NULL,
  with_whom TEXT NOT NULL,
  officer TEXT NOT NULL REFERENCES officers (officer),
  at_us INTEGER NOT NULL
) STRICT;

CREATE TABLE readings (
  question TEXT PRIMARY KEY,
  choice TEXT NOT NULL,
  officer TEXT NOT NULL REFERENCES officers (officer),
  why TEXT NOT NULL,
  at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE practice_clock (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  at_us INTEGER NOT NULL
) STRICT;

PRAGMA user_version = 1;
