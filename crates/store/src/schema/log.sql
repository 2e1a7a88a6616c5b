-- Format 3. The log.
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

-- One row per erasable text of an event: a statement filed, as JSON; how it was shown on a page, as JSON; the words of an
-- appeal and of its answer. The log holds the commitment.
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

