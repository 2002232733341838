-- What only a store needs that several nodes share.

-- Files of at most 20 MB that records hold, by the hash of their bytes.
CREATE TABLE files (hash TEXT PRIMARY KEY, bytes BLOB NOT NULL);

-- Who writes: one row. Each writer has its own epoch, higher than the one before, and checks in every commit
-- that it still stands here. A beat that stands still for some time means that the writer is gone.
CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL,
    beat INTEGER NOT NULL,
    holder TEXT NOT NULL,
    address TEXT NOT NULL
);
INSERT INTO lease (name, epoch, beat, holder, address) VALUES ('writer', 0, 0, '', '');
