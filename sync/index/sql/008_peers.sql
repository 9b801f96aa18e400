-- Per peer: how far we know its stream, and it knows ours.
CREATE TABLE peers (
  id           BLOB    PRIMARY KEY,  -- replica id, 32 bytes
  index_id     INTEGER NOT NULL,     -- of the peer's index when we last spoke (64 bits)
  received     INTEGER NOT NULL,     -- we have processed its stream up to here
  acknowledged INTEGER NOT NULL,     -- it has processed our stream up to here
  last_seen_ms INTEGER NOT NULL      -- since 1970 UTC
) STRICT, WITHOUT ROWID;
