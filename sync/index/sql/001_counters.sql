-- One row: what this index is, what it has given out, and sums that would be slow to count. The
-- numbers that are given out never go back, also when the rows that hold them are gone.
CREATE TABLE counters (
  id             INTEGER PRIMARY KEY CHECK (id = 1),
  index_id       INTEGER NOT NULL,  -- random, never 0: another number is another history (64 bits)
  sequence       INTEGER NOT NULL,  -- the last one given to an entry or a conflict
  arrival        INTEGER NOT NULL,  -- the last one given to a need
  intent         INTEGER NOT NULL,  -- the last id given to an intent
  files          INTEGER NOT NULL,  -- live files
  directories    INTEGER NOT NULL,  -- live directories, without the root
  bytes          INTEGER NOT NULL,  -- sizes of the live files
  tombstones     INTEGER NOT NULL,  -- deleted paths that are still remembered
  need_paths     INTEGER NOT NULL,  -- distinct paths in needs
  need_bytes     INTEGER NOT NULL,  -- the largest wanted size of each such path
  open_conflicts INTEGER NOT NULL,  -- conflicts whose state is 0
  chunk_sweep    INTEGER NOT NULL   -- chunk_lists.id up to which the sweep at the start has looked
) STRICT;
