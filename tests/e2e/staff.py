"""People at work in a practice of several sites, at random from a seed: each has a Workstation and
does one thing after the other, at a stated rate. Whatever they do to a patient's documents they do
with the patient shown, as in the program: so most of what they do begins with an import scan."""

import random
import threading
import time

from opendental import Refused, Workstation
from paperwork import PaperworkMixin

NAMES = ("Smith", "Jones", "O'Brien", "Émond", "de la Cruz", "Miller", "Davis", "Brown", "Wilson",
         "Moore", "Clark", "Lewis")
YEARS_AGO_NS = 10 * 365 * 86400 * 10**9


class Desk(PaperworkMixin, Workstation):
    """A workstation that can do everything."""


def make_patients(server, count, seed=1):
    """Rows only: folders are made when first needed. Returns their PatNums."""
    rng = random.Random(f"patients {seed}")
    with server.connect() as connection, connection.cursor() as cursor:
        made = []
        for _ in range(count):
            cursor.execute("INSERT INTO patient (LName, FName) VALUES (%s, %s)",
                           (rng.choice(NAMES), rng.choice(("Ann", "Bob", "Zoë", "Luc"))))
            made.append(cursor.lastrowid)
        return made


class Contents:
    """Contents that nobody made before."""

    def __init__(self, seed, size_max=60_000):
        self._rng = random.Random(f"contents {seed}")
        self._lock = threading.Lock()
        self._made, self._size_max = 0, size_max

    def new(self):
        with self._lock:
            self._made += 1
            size = self._rng.choice((300, 4000, self._rng.randrange(self._size_max)))
            return b"%08d " % self._made + self._rng.randbytes(size)


class Clerk(threading.Thread):
    """Works until `documents_left` is used up or `end` is set. `rate` is actions per second."""

    def __init__(self, site, journal, contents, patients, seed, rate, quota, name="1", habits=None):
        super().__init__(daemon=True)
        self.desk = Desk(site, journal, name)
        self.journal, self.contents, self.patients = journal, contents, patients
        self.rng = random.Random(f"{seed} {self.desk.name}")
        self.rate, self.quota = rate, quota
        self.end = threading.Event()
        self._habits = habits or HABITS

    def run(self):
        actions, weights = zip(*self._habits.items())
        try:
            while not self.end.wait(self.rng.expovariate(self.rate)) and not self.quota.used_up():
                what = self.rng.choices(actions, weights)[0]
                try:
                    getattr(self, what)()
                except Refused as refused:
                    self.journal.note(self.desk.name, f"{what}: {refused}")
                except FileNotFoundError as error:  # a folder that another site just took away
                    self.journal.note(self.desk.name, f"{what}: {error}")
        except Exception as problem:
            self.journal.problems.append(f"{self.desk.name}: {problem!r}")
            raise
        finally:
            self.desk.close()

    def shown_patient(self):
        patient = self.rng.choice(self.patients)
        self.desk.show(patient)
        return patient

    def a_document(self, patient, extension=""):
        rows = [row for row in self.desk.documents(patient) if row["FileName"].endswith(extension)]
        if not rows:
            raise Refused("nothing to choose")
        return self.rng.choice(rows)

    # --- habits ---

    def visit(self):
        self.shown_patient()

    def scan(self):
        patient = self.shown_patient()
        self.quota.use()
        extension = self.rng.choice((".jpg", ".jpg", ".pdf", ".docx"))
        long_ago = self.rng.randrange(YEARS_AGO_NS) if self.rng.random() < 0.5 else 0
        self.desk.import_file(patient, self.contents.new(), extension, time.time_ns() - long_ago,
                              pause_s=self.rng.choice((0, 0, 0.05)))

    def archive(self):
        patient = self.shown_patient()
        self.quota.use()
        self.desk.archive(patient, self.contents.new())

    def bridge(self):
        patient = self.shown_patient()
        self.quota.use()
        self.desk.tiger_view(patient, self.contents.new())

    def selfie(self):
        patient = self.shown_patient()
        self.quota.use()
        self.desk.eclipboard(patient, f"Selfie{self.desk.site.name}", self.contents.new())

    def print_all(self):
        self.desk.print_category(self.shown_patient(), self.contents.new(),
                                 printing_s=self.rng.random() * 3)

    def crop(self):
        self.desk.crop(self.a_document(self.shown_patient(), ".jpg")["DocNum"])

    def drop(self):
        patient = self.rng.choice(self.patients)
        self.quota.use()
        number = self.rng.randrange(10**9)
        name = self.rng.choice((f"drop {number}.pdf", f"_{self.desk._categories[1]}_{number}.jpg"))
        self.desk.drop(patient, name, self.contents.new())

    def delete(self):
        self.desk.delete_document(self.a_document(self.shown_patient())["DocNum"])

    def move(self):
        row = self.a_document(self.shown_patient())
        target = self.rng.choice(self.patients)
        if target != row["PatNum"]:
            self.desk.move_to_patient(row["DocNum"], target)

    def merge(self):
        source, target = self.rng.sample(self.patients, 2)
        self.desk.show(source)
        self.desk.merge_patients(source, target)

    def edit_letter(self):
        row = self.a_document(self.shown_patient(), ".docx")
        self.desk.edit_in_word(row["DocNum"], self.contents.new(), typing_s=self.rng.random())

    def look(self):
        self.desk.make_thumbnails(self.shown_patient())

    def eob(self):
        self.desk.attach_eob(self.rng.randrange(1000), self.contents.new())

    def email(self):
        self.desk.attach_to_email(self.rng.choice(self.patients), "papers.pdf",
                                  self.contents.new(), sent=self.rng.random() < 0.7)

    def sheet(self):
        self.desk.sheet_image(f"logo {self.rng.randrange(10**9)}.png", self.contents.new())


HABITS = {"visit": 40, "scan": 24, "archive": 4, "bridge": 1, "selfie": 1, "drop": 3,
          "print_all": 1, "crop": 3, "delete": 8, "move": 3, "merge": 0.3, "edit_letter": 4,
          "look": 3, "eob": 2, "email": 2, "sheet": 1}


class Quota:
    """How many documents are still to be made. Thread-safe."""

    def __init__(self, documents):
        self._left, self._lock = documents, threading.Lock()

    def use(self):
        with self._lock:
            self._left -= 1

    def used_up(self):
        with self._lock:
            return self._left <= 0
