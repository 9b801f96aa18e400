-- Versions that peers announced, that we want and do not have yet.
CREATE TABLE needs (
  path    TEXT    NOT NULL,  -- whole path
  peer    BLOB    NOT NULL,  -- replica id, 32 bytes
  arrival INTEGER NOT NULL,  -- order in which they came
  size    INTEGER NOT NULL,  -- of the version, bytes
  version BLOB    NOT NULL,  -- the whole version (docs/index.md)
  PRIMARY KEY (path, peer)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX needs_by_arrival ON needs (arrival);
