-- The conflict log: replicates in the same stream as the entries.
CREATE TABLE conflicts (
  id          BLOB    PRIMARY KEY,  -- 16 bytes, the same on every replica
  sequence    INTEGER NOT NULL,     -- position in this replica's stream of changes
  path        TEXT    NOT NULL,     -- whole path
  other_path  TEXT    NOT NULL,     -- the other name of a case clash; else empty
  kind        INTEGER NOT NULL,     -- 1 edit-edit … 6 late-write (sync/model/conflict.h)
  detected_ms INTEGER NOT NULL,     -- when the first replica saw it, since 1970 UTC
  state       INTEGER NOT NULL,     -- 0 open, else how it was settled
  state_hlc   INTEGER NOT NULL,     -- hybrid logical time of the state
  rule        TEXT    NOT NULL,     -- label of the row of the decision table
  winner      BLOB    NOT NULL,     -- the version that stood after the decision
  loser       BLOB    NOT NULL      -- the version that was put aside
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX conflicts_by_sequence ON conflicts (sequence);
