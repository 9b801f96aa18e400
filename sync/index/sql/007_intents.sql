-- Swaps that were begun: written before the swap, erased with the commit that records its result.
-- After a crash they tell what may have happened.
CREATE TABLE intents (
  id      INTEGER PRIMARY KEY,  -- from counters.intent
  path    TEXT    NOT NULL,     -- what is being changed
  staged  TEXT    NOT NULL,     -- the new content; empty for a deletion
  kept_at TEXT    NOT NULL,     -- where the old content goes; empty where there is none
  plan    BLOB    NOT NULL      -- stamps of both contents, and the entry to be (docs/index.md)
) STRICT;
