"""The tables of the embedded store. What was taken is never changed and never goes."""

PUBLIC = "current = 1 AND json_extract(CAST(body AS TEXT), '$.access_role') IS NULL"
"""What of a path is for everybody: an index holds it, so that a page of it costs its length."""
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS publishers (
    number INTEGER PRIMARY KEY,
    did    TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE IF NOT EXISTS records (
    position    INTEGER PRIMARY KEY CHECK (position >= 0),
    id          BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    publisher   INTEGER NOT NULL REFERENCES publishers,
    issued      INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    method      TEXT NOT NULL,
    key         TEXT NOT NULL,
    head        BLOB NOT NULL CHECK (length(head) = 32),
    for_roles   INTEGER NOT NULL,
    made        INTEGER NOT NULL,
    jws         TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS versions (
    number  INTEGER PRIMARY KEY,
    link    BLOB NOT NULL CHECK (length(link) = 16),
    version INTEGER NOT NULL CHECK (version >= 1),
    path    TEXT NOT NULL,
    current INTEGER NOT NULL CHECK (current IN (0, 1)),
    record  INTEGER NOT NULL REFERENCES records,
    born    INTEGER NOT NULL,
    body    BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS versions_of_a_link ON versions (link, version);
CREATE INDEX IF NOT EXISTS links_of_a_path ON versions (path, current);
CREATE INDEX IF NOT EXISTS public_paths ON versions (path) WHERE {PUBLIC};
CREATE TABLE IF NOT EXISTS counts (
    key       TEXT NOT NULL,
    day       INTEGER NOT NULL,
    link_type TEXT NOT NULL,
    times     INTEGER NOT NULL,
    PRIMARY KEY (key, day, link_type)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS records_never_change BEFORE UPDATE ON records
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER IF NOT EXISTS records_never_go BEFORE DELETE ON records
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER IF NOT EXISTS versions_never_change
BEFORE UPDATE OF link, version, path, record, born, body ON versions
BEGIN SELECT RAISE(ABORT, 'versions are append-only'); END;
CREATE TRIGGER IF NOT EXISTS versions_never_go BEFORE DELETE ON versions
BEGIN SELECT RAISE(ABORT, 'versions are append-only'); END;
"""
