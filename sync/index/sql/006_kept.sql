-- Contents that were replaced, deleted or lost a conflict, and are kept below .atozsync/.
CREATE TABLE kept (
  id      TEXT    PRIMARY KEY,  -- chosen by the engine
  path    TEXT    NOT NULL,     -- where it stood
  kept_at TEXT    NOT NULL,     -- where it is now
  kept_ms INTEGER NOT NULL,     -- since when, since 1970 UTC
  why     TEXT    NOT NULL,     -- replaced, deleted, conflict
  hash    BLOB,                 -- of the content, 16 bytes; NULL where it is not a file
  version BLOB    NOT NULL,     -- the whole version (docs/index.md)
  stamp   BLOB    NOT NULL      -- how the kept file looked: a later write to it shows
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_by_path ON kept (path, kept_ms, id);
CREATE INDEX kept_by_age ON kept (kept_ms, id);
CREATE INDEX kept_by_content ON kept (hash, path, id) WHERE hash IS NOT NULL;
