-- Every directory on the way to an entry, whether or not it has an entry of its own. An id is
-- always greater than the parent's, so that following parents ends.
CREATE TABLE directories (
  id          INTEGER PRIMARY KEY,  -- 1 is the root
  parent      INTEGER NOT NULL,     -- directories.id; 0 for the root
  name        TEXT    NOT NULL,     -- its name in the parent, any bytes; empty for the root
  digest_high INTEGER NOT NULL,     -- sum of the live entries' digests below, upper 64 bits …
  digest_low  INTEGER NOT NULL,     -- … and lower 64 bits
  live        INTEGER NOT NULL,     -- live entries below, at any depth
  UNIQUE (parent, name)
) STRICT;
INSERT INTO directories VALUES (1, 0, '', 0, 0, 0);
