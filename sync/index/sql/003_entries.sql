-- What this replica knows about each path: the version that stands in its folder, or that it is
-- deleted. Clustered, so that a directory's entries lie side by side.
CREATE TABLE entries (
  directory      INTEGER NOT NULL,  -- directories.id of the parent
  name           TEXT    NOT NULL,  -- last component of the path, any bytes
  sequence       INTEGER NOT NULL,  -- position in this replica's stream of changes
  kind           INTEGER NOT NULL,  -- 0 deleted, 1 file, 2 directory
  unversioned    INTEGER NOT NULL,  -- 1: found here, its history is unknown
  size           INTEGER NOT NULL,  -- bytes; files
  mtime_ns       INTEGER NOT NULL,  -- of the version, since 1970 UTC; files
  hash           BLOB,              -- of the content, 16 bytes; files
  history        BLOB    NOT NULL,  -- vector, dot, hlc, chain, acknowledgements (docs/index.md)
  stamp_size     INTEGER NOT NULL,  -- how the file looked when it was hashed: bytes …
  stamp_mtime_ns INTEGER NOT NULL,  -- … time of modification …
  stamp_ctime_ns INTEGER NOT NULL,  -- … time of change …
  stamp_inode    INTEGER NOT NULL,  -- … file id; 0: do not trust the stamp
  reason         TEXT    NOT NULL,  -- why it last changed, for `explain`
  path           TEXT,              -- whole path, where a list by path needs it; else NULL
  PRIMARY KEY (directory, name)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX entries_by_sequence ON entries (sequence);
CREATE INDEX entries_by_content ON entries (hash) WHERE kind = 1;
CREATE INDEX entries_deleted ON entries (path) WHERE kind = 0;
CREATE INDEX entries_unversioned ON entries (path) WHERE unversioned = 1;
CREATE INDEX entries_by_folded_name ON entries (directory, name COLLATE NOCASE) WHERE kind <> 0;
