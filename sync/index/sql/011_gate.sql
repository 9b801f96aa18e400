-- What the gate remembers of a path: files and rows of the practice's database (docs/database.md).
CREATE TABLE gate (
  path     TEXT    PRIMARY KEY,  -- below the root
  row_seen INTEGER NOT NULL,     -- 1: a row named the file while it stood here
  held_ms  INTEGER NOT NULL      -- since when it waits for its row; 0 = it does not
) STRICT, WITHOUT ROWID;
