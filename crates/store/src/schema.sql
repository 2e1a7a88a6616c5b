-- Format 2. The log.
CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  at_us INTEGER NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  prev BLOB NOT NULL CHECK (length(prev) = 32),
  link BLOB NOT NULL CHECK (length(link) = 32)
) STRICT;

-- Facts, each text once: JSON without the person's identifier. Whatever nobody has any more is deleted by an erasure.
CREATE TABLE facts (
  id INTEGER PRIMARY KEY,
  body TEXT NOT NULL UNIQUE
) STRICT;

-- One row per version of a person's facts. The log holds a commitment over salt, person and text. Erasure leaves the
-- commitment alone.
CREATE TABLE person_facts (
  account TEXT NOT NULL,
  person TEXT NOT NULL,
  seq INTEGER NOT NULL REFERENCES events (seq) DEFERRABLE INITIALLY DEFERRED,
  facts INTEGER REFERENCES facts (id),
  salt BLOB CHECK (length(salt) = 16),
  erased BLOB CHECK (length(erased) = 32),
  PRIMARY KEY (account, person, seq),
  CHECK ((facts IS NULL) = (salt IS NULL) AND (facts IS NULL) = (erased IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- One row per statement filed; `body` is its JSON. The log holds the commitment.
CREATE TABLE statements (
  seq INTEGER PRIMARY KEY REFERENCES events (seq) DEFERRABLE INITIALLY DEFERRED,
  account TEXT NOT NULL,
  person TEXT NOT NULL,
  salt BLOB NOT NULL CHECK (length(salt) = 16),
  body TEXT NOT NULL
) STRICT;
CREATE INDEX statements_by_person ON statements (account, person);

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
WHEN OLD.facts IS NULL OR NEW.facts IS NOT NULL
  OR (NEW.account, NEW.person, NEW.seq) IS NOT (OLD.account, OLD.person, OLD.seq)
BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;
CREATE TRIGGER person_facts_remain BEFORE DELETE ON person_facts
BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;
CREATE TRIGGER facts_stay BEFORE UPDATE ON facts
BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;
CREATE TRIGGER statements_follow BEFORE INSERT ON statements
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events)
BEGIN SELECT RAISE(ABORT, 'a statement belongs to the next event'); END;
CREATE TRIGGER statements_stay BEFORE UPDATE ON statements
BEGIN SELECT RAISE(ABORT, 'statements are append-only'); END;

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

-- The statements on file; `seq` is the event that filed it last.
CREATE TABLE evidence (
  account TEXT NOT NULL REFERENCES accounts (account),
  person TEXT NOT NULL,
  id TEXT NOT NULL,
  seq INTEGER NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('active', 'suspended', 'revoked')),
  PRIMARY KEY (account, person, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE holds (
  account TEXT NOT NULL REFERENCES accounts (account),
  person TEXT NOT NULL,
  PRIMARY KEY (account, person)
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

PRAGMA user_version = 2;
