"""What a person does with an open file: programs that write where others read."""

import os

PIECE = 4096  # never more at once: then no read falls into the middle of a write


class InPlaceMixin:

    def _open(self, path, flags):
        """The descriptor of a file that nobody else is writing, and what is in it."""
        descriptor = os.open(self.full(path), flags)
        if self.ledger.is_written(os.fstat(descriptor)):
            os.close(descriptor)
            raise FileExistsError(17, "somebody else is writing")
        return descriptor, os.pread(descriptor, 1 << 24, 0)

    def _pieces(self, descriptor, content, offset, pieces, pause_s=0.0):
        """Writes the pieces one behind the other; returns what is then in the file."""
        for piece in pieces:
            after = content[:offset] + piece + content[offset + len(piece):]
            # A disk that fills up takes a part.
            self.ledger.allow(after)
            count = os.pwrite(descriptor, piece, offset)
            if count != len(piece):
                after = content[:offset] + piece[:count] + content[offset + count:]
                self.ledger.allow(after)
            content, offset = after, offset + count
            if pause_s > 0:
                self.pause(pause_s)
        return content

    def _write(self, path, what, flags, change):
        """`change(descriptor, content)` writes, and returns the new content."""
        with self.desk.lock:
            descriptor, before = self._open(path, os.O_RDWR | flags)
            being_written = self.ledger.writing(descriptor)
            being_written.__enter__()
        try:
            self.note(f"begins: {what} {path!r}, {len(before)} bytes")
            try:
                change(descriptor, before)
            finally:
                after = os.pread(descriptor, 1 << 24, 0)
                if after != before:
                    self.ledger.release(before, f"{self.me}: {what} {path!r}")
                    self.ledger.owe(after, f"{self.me}: {what} {path!r}")
                os.close(descriptor)
                self.note(f"ends: {what} {path!r}, {len(after)} bytes")
        finally:
            being_written.__exit__()

    def edit_in_place(self):
        with self.desk.lock:
            path = self.an_existing_file()

        def change(descriptor, content):
            offset = self.rng.randrange(len(content) + 1)
            self._pieces(descriptor, content, offset, [self.content(200)[:PIECE]])

        self._write(path, "edits in place", 0, change)

    def write_anew(self):
        """Emptied first, then written: the usual way of simple programs."""
        with self.desk.lock:
            path = self.an_existing_file()

        def change(descriptor, _):
            os.ftruncate(descriptor, 0)
            content = self.content(20_000)
            pieces = [content[i:i + PIECE] for i in range(0, len(content), PIECE)]
            self._pieces(descriptor, b"", 0, pieces, self.rng.choice((0.0, 0.0, 0.03)))

        self._write(path, "writes anew", 0, change)

    def append_slowly(self):
        with self.desk.lock:
            path = self.an_existing_file()

        def change(descriptor, content):
            pieces = [self.content(200)[:PIECE] for _ in range(self.rng.randrange(2, 6))]
            self._pieces(descriptor, content, len(content), pieces, self.rng.random() * 0.4)

        self._write(path, "appends to", 0, change)

    def hold_open(self):
        """And write into it later, whatever happened to the name meanwhile."""
        with self.desk.lock:
            path = self.an_existing_file()

        def change(descriptor, content):
            self.pause(1 + self.rng.random() * 3)
            self._pieces(descriptor, content, 0, [self.content(200)[:PIECE]])

        self._write(path, "holds open", 0, change)
