"""What was really done in a practice of several sites, in the order in which it was done.

A *document* is one content of one patient: imported, dropped into the folder, archived, edited in
Word. Contents are told apart by their hash, since nobody makes the same twice. A row belongs to a
document. From that the journal knows what the rows alone do not tell: whether a row that an import
scan made is

- rightful: the first row of a file that a person put there without one,
- a duplicate: the document has a row already, maybe one that this server has not seen yet,
- a resurrection: somebody deleted the document, and its file was there again,
- the program's own: made at the document's own site before its row was complete, which Open Dental
  does without any help.

Thread-safe; paths and names are str.
"""

import hashlib
import threading
import time

USER, SCAN = "user", "scan"


def sha(content):
    return hashlib.sha256(content).hexdigest()


class Document:

    def __init__(self, number, site, kind, patient, content):
        self.number, self.site, self.kind = number, site, kind
        self.patient = patient
        self.contents = [sha(content)]  # the last is the newest
        self.rows = {}  # DocNum → USER or SCAN
        self.complete = False  # a row with its full name has been written
        self.deleted_by = None
        self.last_touched = time.monotonic()
        self.name = ""  # the last that its file had

    def __str__(self):
        return f"{self.name} of patient {self.patient}"

    def alive(self):
        return self.deleted_by is None


class Journal:

    def __init__(self):
        self.lock = threading.RLock()
        self._began = time.monotonic()
        self.documents = []
        self._of_content = {}  # (patient, hash) → Document
        self._of_name = {}  # (patient, FileName) → Document
        self._of_row = {}  # DocNum → Document
        self.actions = []  # lines for a person; the first says when they begin, as logs say it
        self.note("all", time.strftime("begins at %Y-%m-%dT%H:%M:%S", time.gmtime()))
        self.scanned = []  # (what, DocNum, site, FileName)
        self.deleted = 0
        self.problems = []

    def note(self, who, text):
        with self.lock:
            self.actions.append(f"{time.monotonic() - self._began:8.2f} {who}: {text}")

    # --- what people do ---

    def begin(self, site, kind, patient, content):
        """A new document, before its first byte or row."""
        with self.lock:
            made = Document(len(self.documents), site, kind, patient, content)
            self.documents.append(made)
            self._of_content[patient, made.contents[0]] = made
            return made

    def named(self, document, doc_num, file_name):
        """Its row has its full name now."""
        with self.lock:
            document.complete = True
            document.rows[doc_num] = USER
            self._of_row[doc_num] = document
            self._call(document, file_name)

    def _call(self, document, file_name):
        document.name = file_name
        self._of_name[document.patient, file_name] = document

    def dropped(self, document, file_name):
        """Its file has this name now, and no row."""
        with self.lock:
            self._call(document, file_name)

    def rewritten(self, patient, file_name, content):
        """About to be: the same document with another content."""
        with self.lock:
            document = self._of_name.get((patient, file_name))
            if document is not None:
                document.contents.append(sha(content))
                document.last_touched = time.monotonic()
                self._of_content[patient, document.contents[-1]] = document
            return document

    def deleting(self, doc_num, who):
        """About to delete this row and its file."""
        with self.lock:
            document = self._of_row.get(doc_num)
            if document is not None and document.alive():
                document.deleted_by = who
                self.deleted += 1
                self.note(who, f"deletes {document}, row {doc_num}")
            return document

    def discarding(self, document):
        """About to delete a file that never was to have a row."""
        with self.lock:
            document.deleted_by = "the program"

    def kept_after_all(self, document):
        """The deletion went wrong: the row is still there."""
        with self.lock:
            if document is not None and not document.alive():
                document.deleted_by = None
                self.deleted -= 1

    def moves(self, document, patient):
        """A merge takes it to another patient, rows and all."""
        with self.lock:
            for content in document.contents:
                self._of_content[patient, content] = document
            self.note("merge", f"{document} goes to patient {patient}")
            document.patient = patient
            document.last_touched = time.monotonic()

    # --- what the import scan does ---

    def find(self, patient, file_name, content):
        """The document that a file is, by its content, else by its name."""
        with self.lock:
            found = self._of_content.get((patient, sha(content))) if content is not None else None
            return found or self._of_name.get((patient, file_name))

    def scan_made(self, site, patient, file_name, doc_num, content):
        """The import scan at `site` made this row; returns what it is."""
        with self.lock:
            document = self.find(patient, file_name, content)
            if document is None:
                what = "unknown"
            elif not document.alive():
                what = "resurrection"
            elif document.patient != patient:
                what = "resurrection"  # a merge took it away from this patient
            elif document.rows or document.complete:
                what = "duplicate"
            elif document.kind != "drop" and document.site == site:
                what = "own"
            elif document.kind != "drop":
                what = "duplicate"  # its row is being made
            else:
                what = "rightful"
            self.scanned.append((what, doc_num, site, file_name))
            if document is not None:
                document.rows[doc_num] = SCAN
                document.complete = True
                self._of_row[doc_num] = document
                self._call(document, file_name)
            self.note(site, f"import scan: {what} row {doc_num} for {file_name}")
            return what

    # --- afterwards ---

    def count(self, what):
        with self.lock:
            return sum(1 for entry in self.scanned if entry[0] == what)

    def of_row(self, doc_num):
        with self.lock:
            return self._of_row.get(doc_num)

    def is_gone(self, patient, content):
        """This content of this patient was deleted, or went to another patient."""
        with self.lock:
            document = self._of_content.get((patient, sha(content)))
            return document is not None and (not document.alive() or document.patient != patient)
