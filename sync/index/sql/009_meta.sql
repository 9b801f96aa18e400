-- Small facts of the engine, by name.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,  -- name of the fact
  value TEXT NOT NULL      -- its value, any bytes
) STRICT, WITHOUT ROWID;
