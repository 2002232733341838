-- What must never be lost: facts, parts, files, kept. Everything else can be rebuilt from them.

-- actors: who asked and who endorsed, with the salts of the commitments that stand for them in `bytes`.
CREATE TABLE facts (
    position INTEGER PRIMARY KEY,
    case_number INTEGER NOT NULL,
    record TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    bytes TEXT NOT NULL,
    salt BLOB NOT NULL,
    entry BLOB NOT NULL,
    actors TEXT NOT NULL,
    UNIQUE (record, sequence)
);

-- Hashes of perfect subtrees of the log (RFC 6962).
CREATE TABLE nodes (
    level INTEGER NOT NULL,
    place INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (level, place)
) WITHOUT ROWID;

CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL, at INTEGER NOT NULL);

-- Records as they stand now: a cache of the facts. sight 2: everyone sees `card`; 1: outsiders see `public`;
-- 0: outsiders may not know of it. The state comes last, so that fronts are read without it.
CREATE TABLE records (
    id TEXT PRIMARY KEY,
    desk TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    born TEXT NOT NULL,
    is_demo INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    position INTEGER NOT NULL,
    sight INTEGER NOT NULL,
    card TEXT NOT NULL,
    public TEXT,
    state TEXT NOT NULL
);

-- Fronts of records, for lists. tier 2: the same for everyone; 1: for outsiders; 0: for insiders. words: both
-- titles in small letters.
CREATE TABLE cards (
    record TEXT NOT NULL,
    tier INTEGER NOT NULL,
    desk TEXT NOT NULL,
    status TEXT NOT NULL,
    region INTEGER NOT NULL,
    kind TEXT NOT NULL,
    field TEXT NOT NULL,
    amount INTEGER,
    until TEXT,
    title_zh TEXT NOT NULL,
    title_en TEXT NOT NULL,
    words TEXT NOT NULL,
    is_offer INTEGER NOT NULL,
    is_need INTEGER NOT NULL,
    latitude REAL,
    longitude REAL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (record, tier)
) WITHOUT ROWID;
CREATE INDEX cards_by_desk ON cards (desk, changed DESC, record);
CREATE INDEX cards_by_facet ON cards (desk, tier, status, kind, field, region, record);
CREATE INDEX cards_by_place ON cards (desk, tier, latitude, longitude, region) WHERE latitude IS NOT NULL;
CREATE INDEX cards_by_change ON cards (changed DESC);
CREATE INDEX cards_by_title_zh ON cards (desk, title_zh, record);
CREATE INDEX cards_by_title_en ON cards (desk, title_en, record);

-- Who has which part in a record. is_public: outsiders may know.
CREATE TABLE parties (
    who TEXT NOT NULL,
    part TEXT NOT NULL,
    record TEXT NOT NULL,
    desk TEXT NOT NULL,
    is_public INTEGER NOT NULL,
    PRIMARY KEY (who, part, record)
) WITHOUT ROWID;
CREATE INDEX parties_by_record ON parties (record);

-- Who sees everything of a record that is not the same for everyone: an id, or `office:<name>`.
CREATE TABLE insiders (who TEXT NOT NULL, region INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (who, region, record)) WITHOUT ROWID;
CREATE INDEX insiders_by_record ON insiders (record);

CREATE TABLE unique_keys (key TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX unique_keys_by_record ON unique_keys (record);

CREATE TABLE due (record TEXT PRIMARY KEY, at INTEGER NOT NULL, command TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX due_by_time ON due (at);

CREATE TABLE receipts (key TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;

-- Values that are not in the log: of persons, and sealed ones.
CREATE TABLE parts (
    commitment TEXT PRIMARY KEY,
    subject TEXT NOT NULL,
    record TEXT NOT NULL,
    is_sealed INTEGER NOT NULL,
    salt BLOB NOT NULL,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX parts_by_subject ON parts (subject);
CREATE INDEX parts_by_record ON parts (record);

-- Asks that wait for a second person.
CREATE TABLE pending (id TEXT PRIMARY KEY, ask TEXT NOT NULL, who TEXT NOT NULL, region INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;

-- Standing matches: which offer answers which need.
CREATE TABLE hits (
    need TEXT NOT NULL,
    offer TEXT NOT NULL,
    score INTEGER NOT NULL,
    why TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (need, offer)
) WITHOUT ROWID;
CREATE INDEX hits_by_offer ON hits (offer);

-- Answers that span records, folded from public facts.
CREATE TABLE sheets (view TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (view, key)) WITHOUT ROWID;

-- Not events: sessions, credentials, drafts, read marks, positions of followers.
CREATE TABLE kept (space TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (space, key)) WITHOUT ROWID;
CREATE INDEX kept_by_end ON kept (until);
