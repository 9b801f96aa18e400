"""What a person does with names: whole files come, go and move. All at the desk's lock."""

import os
import shutil

from renaming import exchange, put, rename_noreplace


def content_at(path):
    with open(path, "rb") as file:
        return file.read()


class HandiworkMixin:

    def _fresh(self, content=None):
        """A new file aside, closed: (name, content)."""
        content = self.content() if content is None else content
        self.ledger.allow(content)
        name = self.desk.new_name()
        with open(name, "wb") as file:
            file.write(content)
        return name, content

    def _busy(self, path):
        """Somebody is writing into it: taking it away would need his leave."""
        try:
            return self.ledger.is_written(os.stat(path))
        except OSError:
            return False

    def _released(self, name, why):
        """What lies at `name`, aside, was taken away by this person."""
        self.ledger.release(content_at(name), f"{self.me}: {why}")
        os.unlink(name)

    def create(self):
        with self.desk.lock:
            path = self.any_path()
            name, content = self._fresh()
            os.makedirs(os.path.dirname(self.full(path)), exist_ok=True)
            self.ledger.owe(content, f"{self.me} created {path!r}")
            try:
                rename_noreplace(name, self.full(path))
            except OSError:
                self._released(name, "did not create")
                raise
            self.note(f"creates {path!r}")

    def save_by_exchange(self):
        """At no time without the name, and what was there is known exactly."""
        self._save(put, "saves")

    def save_by_rename(self):
        def replace(name, full):
            kept = self.desk.new_name()
            os.link(full, kept)  # what he had before his eyes
            os.rename(name, full)
            os.rename(kept, name)
            return True

        self._save(replace, "saves by rename")

    def _save(self, replace, what):
        with self.desk.lock:
            path = self.an_existing_file()
            full = self.full(path)
            if self._busy(full):
                return
            name, content = self._fresh()
            self.ledger.owe(content, f"{self.me} {what} {path!r}")
            try:
                replaced = replace(name, full)
            except OSError:
                self._released(name, "could not save")
                raise
            if replaced:
                self._released(name, f"{what} {path!r}")
            self.note(f"{what} {path!r}")

    def copy_with_old_time(self):
        with self.desk.lock:
            source, target = self.an_existing_file(), self.any_path()
            if self._busy(self.full(source)):
                return
            name, _ = self._fresh(content_at(self.full(source)))
            old_ns = self.rng.randrange(10**18, 15 * 10**17)
            os.utime(name, ns=(old_ns, old_ns))
            os.makedirs(os.path.dirname(self.full(target)), exist_ok=True)
            rename_noreplace(name, self.full(target))
            self.note(f"copies {source!r} to {target!r}")

    def rename_file(self):
        """Also from one patient to another."""
        with self.desk.lock:
            source, target = self.an_existing_file(), self.any_path()
            os.makedirs(os.path.dirname(self.full(target)), exist_ok=True)
            rename_noreplace(self.full(source), self.full(target))
            self.note(f"renames {source!r} to {target!r}")

    def move_onto(self):
        with self.desk.lock:
            source, target = self.an_existing_file(), self.an_existing_file()
            if source == target or self._busy(self.full(target)):
                return
            kept = self.desk.new_name()
            os.link(self.full(target), kept)
            try:
                os.rename(self.full(source), self.full(target))
            except OSError:
                os.unlink(kept)
                raise
            self._released(kept, f"moved {source!r} onto {target!r}")
            self.note(f"moves {source!r} onto {target!r}")

    def delete_file(self):
        with self.desk.lock:
            path = self.an_existing_file()
            if self._busy(self.full(path)):
                return
            name = self.desk.new_name()
            os.rename(self.full(path), name)
            self._released(name, f"deleted {path!r}")
            self.note(f"deletes {path!r}")

    def swap_names(self):
        with self.desk.lock:
            left, right = self.an_existing_file(), self.an_existing_file()
            if left != right:
                exchange(self.full(left), self.full(right))
                self.note(f"swaps {left!r} and {right!r}")

    def change_letter_case(self):
        with self.desk.lock:
            path = self.an_existing_file()
            folder, name = os.path.split(path)
            rename_noreplace(self.full(path), self.full(os.path.join(folder, name.swapcase())))
            self.note(f"changes the case of {path!r}")

    def touch(self):
        with self.desk.lock:
            path = self.an_existing_file()
            time_ns = self.rng.randrange(10**18, 18 * 10**17)
            os.utime(self.full(path), ns=(time_ns, time_ns))
            self.note(f"touches {path!r}")

    def make_folder(self):
        with self.desk.lock:
            os.makedirs(self.full(os.path.dirname(self.any_path()) + b"/New%d" %
                                  self.rng.randrange(3)), exist_ok=True)

    def rename_folder(self):
        with self.desk.lock:
            source, target = (os.path.dirname(self.any_path()) for _ in range(2))
            rename_noreplace(self.full(source), self.full(target + b"%d" % self.rng.randrange(3)))
            self.note(f"renames the folder {source!r} to {target!r}…")

    def delete_folder(self):
        """Moved out as a whole: what was in it is gone for all who saw it."""
        with self.desk.lock:
            path = os.path.dirname(self.any_path())
            if self.ledger.anything_written(os.stat(self.desk.root).st_dev):
                return
            name = self.desk.new_name()
            os.rename(self.full(path), name)
            for directory, _, names in os.walk(name):
                for below in names:
                    self.ledger.release(content_at(os.path.join(directory, below)),
                                        f"{self.me}: deleted the folder {path!r}")
            shutil.rmtree(name)
            self.note(f"deletes the folder {path!r}")
