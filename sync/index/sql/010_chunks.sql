-- How contents are cut into chunks, so that a chunk's bytes are found in any file that has them. A
-- list belongs to a content, not to a path.
CREATE TABLE chunk_lists (
  id        INTEGER PRIMARY KEY,
  file_hash BLOB UNIQUE  -- of the content, 16 bytes; NULL: nobody has it, its chunks are going
) STRICT;
CREATE INDEX chunk_lists_going ON chunk_lists (id) WHERE file_hash IS NULL;
CREATE TABLE chunks (
  list   INTEGER NOT NULL,  -- chunk_lists.id
  number INTEGER NOT NULL,  -- from 0
  hash   BLOB    NOT NULL,  -- of the chunk, 16 bytes
  place  INTEGER NOT NULL,  -- where it begins in the content, bytes
  size   INTEGER NOT NULL,  -- bytes
  PRIMARY KEY (list, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX chunks_by_hash ON chunks (hash);
