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
  retired_us INTEGER,
  -- The account an employer's officer acts for; NULL for the operator's.
  account TEXT REFERENCES accounts (account)
) STRICT, WITHOUT ROWID;

-- How a statement came through a page, and the officer whose word it is.
CREATE TABLE cures (
  seq INTEGER PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts (account),
  person TEXT NOT NULL,
  id TEXT NOT NULL,
  officer TEXT REFERENCES officers (officer)
) STRICT;
CREATE INDEX cures_by_person ON cures (account, person);
CREATE INDEX cures_by_officer ON cures (officer);

-- `seq` and `settled` are the events that hold the words of the appeal and of the answer.
CREATE TABLE appeals (
  number INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL UNIQUE,
  account TEXT NOT NULL REFERENCES accounts (account),
  person TEXT NOT NULL,
  model TEXT NOT NULL,
  lang TEXT NOT NULL,
  link BLOB NOT NULL UNIQUE CHECK (length(link) = 32),
  at_us INTEGER NOT NULL,
  due_us INTEGER NOT NULL,
  erased INTEGER NOT NULL DEFAULT 0 CHECK (erased IN (0, 1)),
  settled INTEGER UNIQUE,
  settled_us INTEGER,
  granted INTEGER CHECK (granted IN (0, 1)),
  officer TEXT REFERENCES officers (officer),
  CHECK ((settled IS NULL) = (settled_us IS NULL) AND (settled IS NULL) = (granted IS NULL)
    AND (settled IS NULL) = (officer IS NULL))
) STRICT;
CREATE INDEX appeals_by_person ON appeals (account, person);

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

PRAGMA user_version = 3;
