-- A directory that a build of format 1 wrote: two accounts, two officers, two rosters, one person set, a key, a reading and a letter.
PRAGMA foreign_keys = OFF;
BEGIN TRANSACTION;
CREATE TABLE accounts (
  account TEXT PRIMARY KEY,
  display_name TEXT NOT NULL,
  added_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "accounts" VALUES('acme','Acme Ltd',1781000000000000);
INSERT INTO "accounts" VALUES('borg','Borg Ltd',1781000000000000);
CREATE TABLE activations (
  seq INTEGER PRIMARY KEY,
  version INTEGER NOT NULL REFERENCES instruments (version),
  snapshot INTEGER NOT NULL,
  at_us INTEGER NOT NULL
) STRICT;
INSERT INTO "activations" VALUES(12,10,1,1781000005000000);
CREATE TABLE approvals (
  seq INTEGER PRIMARY KEY,
  version INTEGER NOT NULL REFERENCES instruments (version),
  officer TEXT NOT NULL REFERENCES officers (officer),
  signature TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  UNIQUE (version, officer, signature)
) STRICT;
INSERT INTO "approvals" VALUES(11,10,'ada','00',1781000005000000);
CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  at_us INTEGER NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  prev BLOB NOT NULL CHECK (length(prev) = 32),
  link BLOB NOT NULL CHECK (length(link) = 32)
) STRICT;
INSERT INTO "events" VALUES(1,1781000000000000,'account_added','{"event":"account_added","account":"acme","display_name":"Acme Ltd"}',X'0000000000000000000000000000000000000000000000000000000000000000',X'AB2106E77C91F3F00FA481AD21AD01A9E30FA47FAC582E17395DD3381407799C');
INSERT INTO "events" VALUES(2,1781000000000000,'account_added','{"event":"account_added","account":"borg","display_name":"Borg Ltd"}',X'AB2106E77C91F3F00FA481AD21AD01A9E30FA47FAC582E17395DD3381407799C',X'B6138F3F514E92D4DDB9625488738D2729193D458A194046510B16F85C1A81E8');
INSERT INTO "events" VALUES(3,1781000000000000,'officer_added','{"event":"officer_added","officer":"ada","public_key":"0000000000000000000000000000000000000000000000000000000000000000","added_by":null}',X'B6138F3F514E92D4DDB9625488738D2729193D458A194046510B16F85C1A81E8',X'6A4E4127153C2778F8BD296D0D04081E2ABB8EEA663876E17FF87DC4AA17D117');
INSERT INTO "events" VALUES(4,1781000000000000,'officer_added','{"event":"officer_added","officer":"bob","public_key":"0101010101010101010101010101010101010101010101010101010101010101","added_by":"ada"}',X'6A4E4127153C2778F8BD296D0D04081E2ABB8EEA663876E17FF87DC4AA17D117',X'DE588949B93AFB78798D301E84A261B2012955ACBE35D21782410F0474F5BCC4');
INSERT INTO "events" VALUES(5,1781000001000000,'people_loaded','{"event":"people_loaded","account":"acme","source":{"file":"people-0.csv","sha256":"a8cca79723c2d23294cf83372b6b825b550f569b2732948b5ee7a6e5cf8d6121"},"people":3,"written":3,"rows":"f68378f683454b719adb6ee317cc2d84fcf05a46ebc27c3a54897c8e615fc945"}',X'DE588949B93AFB78798D301E84A261B2012955ACBE35D21782410F0474F5BCC4',X'3738642FA7E3C41353052E6E6D242C31663C751C11443D55218314283F4505BD');
INSERT INTO "events" VALUES(6,1781000002000000,'people_loaded','{"event":"people_loaded","account":"acme","source":{"file":"people-1.csv","sha256":"b7282b775867d0a2cd85d0ad42a0632ce8a511459709862d65ed45eb3bac5acb"},"people":2,"written":1,"rows":"641e14b60c338ccbfa3248dc72f6e180d4589e80b25f07b2cac6572df1bc1dbe"}',X'3738642FA7E3C41353052E6E6D242C31663C751C11443D55218314283F4505BD',X'438FB7EE1C6965D8691ACF7EE4454496F23FFC0A57CF0047F93F007CAB8EEFF8');
INSERT INTO "events" VALUES(7,1781000004000000,'person_facts_set','{"event":"person_facts_set","account":"acme","person":"u9","facts":{"kind":"person","us_status":{"value":"lpr","level":"document"},"us_status_expires":null,"citizenships":[],"citizenships_complete":{"value":false,"level":"none"},"permanent_residences":[],"location":null,"employment":"unknown","all_users_us_persons":null,"conflicting":[]}}',X'438FB7EE1C6965D8691ACF7EE4454496F23FFC0A57CF0047F93F007CAB8EEFF8',X'B664A457DE57682D4145E13EE953D9F5095D7CE5476E452B600136D7C6C2F9CC');
INSERT INTO "events" VALUES(8,1781000004000000,'key_added','{"event":"key_added","key_hash":"0707070707070707070707070707070707070707070707070707070707070707","account":"acme","person":"u9","kind":"person","label":"nine"}',X'B664A457DE57682D4145E13EE953D9F5095D7CE5476E452B600136D7C6C2F9CC',X'7AEE49AAC541D246A975E282611578F4D191FAB73D1E88C671B305AF5858F0C5');
INSERT INTO "events" VALUES(9,1781000004000000,'reading_recorded','{"event":"reading_recorded","question":"destination_limb","choice":"person_only","by":"ada","why":"because"}',X'7AEE49AAC541D246A975E282611578F4D191FAB73D1E88C671B305AF5858F0C5',X'249CA6CF7D8D28702D2F1C4A609D77D049ABF2352BC7E5BCC2DFFB885E279BED');
INSERT INTO "events" VALUES(10,1781000005000000,'instrument_drafted','{"event":"instrument_drafted","id":"letter","kind":"directive","toml":"schema = 1\n","digest":"da93db77ebb07776dbd095f79fe28cbf4d42340c27bc33547ed7eeb2d3c93ea1","drafted_by":"ada"}',X'249CA6CF7D8D28702D2F1C4A609D77D049ABF2352BC7E5BCC2DFFB885E279BED',X'7071AF3FE8F92BCBDFE4C316F6D99883FCC3794039F6C6F4F44CB7F558D1897B');
INSERT INTO "events" VALUES(11,1781000005000000,'approved','{"event":"approved","instrument":"letter","digest":"da93db77ebb07776dbd095f79fe28cbf4d42340c27bc33547ed7eeb2d3c93ea1","officer":"ada","signature":"00"}',X'7071AF3FE8F92BCBDFE4C316F6D99883FCC3794039F6C6F4F44CB7F558D1897B',X'D7F6C9C26B1EB2BC24F74DD94D5ECC59F71E7A9A57FBE3455AA9AF2AA938B755');
INSERT INTO "events" VALUES(12,1781000005000000,'activated','{"event":"activated","instrument":"letter","digest":"da93db77ebb07776dbd095f79fe28cbf4d42340c27bc33547ed7eeb2d3c93ea1","snapshot":1}',X'D7F6C9C26B1EB2BC24F74DD94D5ECC59F71E7A9A57FBE3455AA9AF2AA938B755',X'77CB820BA3D0460BC0A059B8D3BE0C3C2D42844F0BB289CE38D1E6A952F5F0A2');
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
INSERT INTO "instruments" VALUES(10,'letter','directive','schema = 1
',X'DA93DB77EBB07776DBD095F79FE28CBF4D42340C27BC33547ED7EEB2D3C93EA1','ada',1781000005000000,'active',1);
CREATE TABLE keys (
  key_hash BLOB PRIMARY KEY CHECK (length(key_hash) = 32),
  account TEXT NOT NULL REFERENCES accounts (account),
  person TEXT,
  kind TEXT NOT NULL,
  label TEXT NOT NULL,
  added_us INTEGER NOT NULL,
  revoked_us INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO "keys" VALUES(X'0707070707070707070707070707070707070707070707070707070707070707','acme','u9','person','nine',1781000004000000,NULL);
CREATE TABLE letters (
  seq INTEGER PRIMARY KEY,
  version INTEGER NOT NULL REFERENCES instruments (version),
  channel TEXT NOT NULL,
  with_whom TEXT NOT NULL,
  officer TEXT NOT NULL REFERENCES officers (officer),
  at_us INTEGER NOT NULL
) STRICT;
CREATE TABLE officers (
  officer TEXT PRIMARY KEY,
  public_key TEXT NOT NULL,
  added_by TEXT REFERENCES officers (officer) DEFERRABLE INITIALLY DEFERRED,
  added_us INTEGER NOT NULL,
  retired_us INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO "officers" VALUES('ada','0000000000000000000000000000000000000000000000000000000000000000',NULL,1781000000000000,NULL);
INSERT INTO "officers" VALUES('bob','0101010101010101010101010101010101010101010101010101010101010101','ada',1781000000000000,NULL);
CREATE TABLE people (
  account TEXT NOT NULL REFERENCES accounts (account),
  person TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (account, person),
  FOREIGN KEY (account, person, seq) REFERENCES person_facts (account, person, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO "people" VALUES('acme','u1',5);
INSERT INTO "people" VALUES('acme','u2',6);
INSERT INTO "people" VALUES('acme','u3',5);
INSERT INTO "people" VALUES('acme','u9',7);
CREATE TABLE person_facts (
  account TEXT NOT NULL,
  person TEXT NOT NULL,
  seq INTEGER NOT NULL REFERENCES events (seq) DEFERRABLE INITIALLY DEFERRED,
  facts TEXT NOT NULL,
  PRIMARY KEY (account, person, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO "person_facts" VALUES('acme','u1',5,'{"kind":"person","us_status":{"value":"citizen","level":"document"},"us_status_expires":null,"citizenships":[{"country":"US","level":"self","until_level":"none"}],"citizenships_complete":{"value":false,"level":"none"},"permanent_residences":[],"location":null,"employment":"unknown","all_users_us_persons":null,"conflicting":[]}');
INSERT INTO "person_facts" VALUES('acme','u2',5,'{"kind":"person","us_status":{"value":"none","level":"document"},"us_status_expires":null,"citizenships":[{"country":"FR","level":"self","until_level":"none"},{"country":"DE","level":"self","until_level":"none"}],"citizenships_complete":{"value":false,"level":"none"},"permanent_residences":[],"location":null,"employment":"unknown","all_users_us_persons":null,"conflicting":[]}');
INSERT INTO "person_facts" VALUES('acme','u2',6,'{"kind":"person","us_status":{"value":"lpr","level":"document"},"us_status_expires":null,"citizenships":[{"country":"FR","level":"self","until_level":"none"}],"citizenships_complete":{"value":false,"level":"none"},"permanent_residences":[],"location":null,"employment":"unknown","all_users_us_persons":null,"conflicting":[]}');
INSERT INTO "person_facts" VALUES('acme','u3',5,'{"kind":"person","us_status":{"value":"lpr","level":"self"},"us_status_expires":null,"citizenships":[{"country":"KR","level":"self","until_level":"none"}],"citizenships_complete":{"value":false,"level":"none"},"permanent_residences":[],"location":null,"employment":"unknown","all_users_us_persons":null,"conflicting":[]}');
INSERT INTO "person_facts" VALUES('acme','u9',7,'{"kind":"person","us_status":{"value":"lpr","level":"document"},"us_status_expires":null,"citizenships":[],"citizenships_complete":{"value":false,"level":"none"},"permanent_residences":[],"location":null,"employment":"unknown","all_users_us_persons":null,"conflicting":[]}');
CREATE TABLE practice_clock (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  at_us INTEGER NOT NULL
) STRICT;
CREATE TABLE readings (
  question TEXT PRIMARY KEY,
  choice TEXT NOT NULL,
  officer TEXT NOT NULL REFERENCES officers (officer),
  why TEXT NOT NULL,
  at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "readings" VALUES('destination_limb','person_only','ada','because',1781000004000000);
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
CREATE INDEX keys_by_account ON keys (account);
CREATE INDEX instruments_by_id ON instruments (id);
COMMIT;
PRAGMA user_version = 1;
