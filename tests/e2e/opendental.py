"""The Open Dental stand-in: a workstation at one site, one server and one folder.

It does to rows and files what the program does, in its order and with what lies in between: a row
is made with no more than the extension for its name, then named, then the file is written in place
under its final name and given the time of its source, which may be years ago. Showing a patient
in the imaging module imports whatever lies in his folder without a row: `show()`. Deleting takes
the file first and the row after it.

Two workstations of one site do not work on the same patient at the same moment (that makes
duplicates without any synchronization); those of different sites do.
"""

import os
import re
import threading
import time

from mariadb import pymysql

COLUMNS = ("Description", "DateCreated", "DocCategory", "PatNum", "FileName", "ImgType", "Note",
           "RawBase64", "Thumbnail", "OcrResponseData")
IMAGE_DELETE, IMAGE_EDIT, IMAGE_CREATE = 44, 89, 202  # securitylog.PermType
IMAGES = (".jpg", ".jpeg", ".tga", ".bmp", ".tif", ".tiff", ".gif", ".emf", ".exif", ".ico",
          ".png", ".wmf", ".tig")
FOLDERS = ("EOBs", "Amendments", "EmailAttachments", "EmailAttachments/In", "EmailAttachments/Out",
           "EmailImages", "Forms", "MedLabEmbeddedFiles", "MedLabHL7", "ProviderImages", "Reports",
           "SheetImages", "Wiki")
PIECE = 16384  # bytes that a program writes at once


class Refused(Exception):
    """The program shows a message and does nothing: no such file, a file that is locked."""


def letters(text):
    return "".join(c for c in text or "" if c.isalpha())


class Site:
    """A folder and what only its own computers know of it."""

    def __init__(self, name, root, server):
        self.name, self.root, self.server = name, os.fsdecode(root), server
        self.hidden = set()  # full paths with the Hidden attribute, which no tool here carries
        self._locks = {}
        self._lock = threading.Lock()

    def make_folders(self):
        for name in [chr(c) for c in range(ord("A"), ord("Z") + 1)] + list(FOLDERS):
            os.makedirs(os.path.join(self.root, name), exist_ok=True)

    def patient_lock(self, patient):
        with self._lock:
            return self._locks.setdefault(patient, threading.RLock())


class Workstation:
    """One program at one desk. Not thread-safe: each thread has its own."""

    def __init__(self, site, journal, name="1"):
        self.site, self.journal = site, journal
        self.name = f"{site.name}{name}"
        self._db = site.server.connect(cursorclass=pymysql.cursors.DictCursor)
        self._categories = [row["DefNum"] for row in self.sql(
            "SELECT DefNum FROM definition WHERE Category=18 AND IsHidden=0 ORDER BY ItemOrder")]

    def close(self):
        if self._db.open:
            self._db.close()

    # --- the database ---

    def sql(self, statement, *values):
        with self._db.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall())

    def insert(self, table, **values):
        """The new row's key."""
        names = ",".join(values)
        with self._db.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({names}) VALUES ("
                           f"{','.join(['%s'] * len(values))})", list(values.values()))
            return cursor.lastrowid

    def insert_document(self, patient, file_name, description="", created=None, category=None):
        values = (description, created or time.strftime("%Y-%m-%d %H:%M:%S"),
                  category or self._categories[0], patient, file_name, 0, "", "", "", "")
        return self.insert("document", **dict(zip(COLUMNS, values)))

    def log(self, perm_type, text, patient, doc_num):
        self.insert("securitylog", PermType=perm_type, LogText=text, PatNum=patient, FKey=doc_num,
                    LogDateTime=time.strftime("%Y-%m-%d %H:%M:%S"), CompName=self.name)

    def document(self, doc_num):
        found = self.sql("SELECT DocNum, PatNum, FileName FROM document WHERE DocNum=%s", doc_num)
        if not found:
            raise Refused(f"no document {doc_num}")
        return found[0]

    def documents(self, patient):
        """The complete ones of a patient."""
        rows = self.sql("SELECT DocNum, PatNum, FileName FROM document WHERE PatNum=%s", patient)
        return [row for row in rows if row["FileName"] and not row["FileName"].startswith(".")]

    # --- folders and files ---

    def folder(self, patient):
        """The patient's folder, made when first needed."""
        row = self.sql("SELECT LName, FName, ImageFolder FROM patient WHERE PatNum=%s", patient)[0]
        name = row["ImageFolder"]
        if not name:
            name = f"{letters(row['LName'])}{letters(row['FName'])}{patient}"
            self.sql("UPDATE patient SET ImageFolder=%s WHERE PatNum=%s", name, patient)
        made = os.path.join(self.site.root, name[0].upper(), name)
        os.makedirs(made, exist_ok=True)
        return made

    def path(self, doc_num):
        row = self.document(doc_num)
        return os.path.join(self.folder(row["PatNum"]), row["FileName"])

    def copy_in(self, path, content, mtime_ns, pause_s=0.0):
        """File.Copy: straight to its name, never over another; the source's time at the end."""
        with open(path, "xb") as file:
            for at in range(0, len(content), PIECE):
                file.write(content[at:at + PIECE])
                file.flush()
                time.sleep(pause_s)
        os.utime(path, ns=(mtime_ns, mtime_ns))

    # --- the imaging module ---

    def show(self, patient):
        """Shows a patient: his folder's files that have no row get one. Returns the new DocNums."""
        with self.site.patient_lock(patient):
            folder = self.folder(patient)
            with os.scandir(folder) as entries:
                files = sorted(entry.name for entry in entries if entry.is_file())
            known = {row["FileName"] for row in self.sql(
                "SELECT FileName FROM document WHERE PatNum=%s", patient)}
            made = []
            for name in files:
                if (os.path.join(folder, name) in self.site.hidden or name.startswith(".") or
                        name.lower().endswith("thumbs.db") or name in known):
                    continue
                made.append(self._import_found(patient, folder, name, known))
            return [doc_num for doc_num in made if doc_num is not None]

    def _import_found(self, patient, folder, name, known):
        category = self._categories[0]
        prefix = re.match(r"_(\d+)_", name)
        if prefix and int(prefix.group(1)) in self._categories:
            category = int(prefix.group(1))
            new_name = name[prefix.end():]
            while new_name in known or os.path.exists(os.path.join(folder, new_name)):
                new_name = "x" + new_name
            try:
                os.rename(os.path.join(folder, name), os.path.join(folder, new_name))
            except FileNotFoundError:
                return None
            name = new_name
        content = None
        try:
            with open(os.path.join(folder, name), "rb") as file:  # for the journal alone
                content = file.read()
        except FileNotFoundError:
            pass
        doc_num = self.insert_document(patient, name, description=name, category=category)
        self.journal.scan_made(self.site.name, patient, name, doc_num, content)
        self.log(IMAGE_EDIT, f"Document {name} was created outside of the program", patient,
                 doc_num)
        return doc_num

    def import_file(self, patient, content, extension=".jpg", mtime_ns=None, pause_s=0.0,
                    between=None):
        """Scan, import, paste, acquire: the row first, half made, then named, then the file.
        `between(step)` is called with "half" and "named" between the steps."""
        mtime_ns = mtime_ns or time.time_ns()
        between = between or (lambda step: None)
        with self.site.patient_lock(patient):
            folder = self.folder(patient)
            begun = self.journal.begin(self.site.name, "import", patient, content)
            created = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(mtime_ns // 10**9))
            doc_num = self.insert_document(patient, extension, "Scan", created)
            between("half")
            name = self.unique_name(patient, doc_num, extension)
            self.journal.named(begun, doc_num, name)
            self.sql("UPDATE document SET FileName=%s WHERE DocNum=%s", name, doc_num)
            between("named")
            try:
                self.copy_in(os.path.join(folder, name), content, mtime_ns, pause_s)
            except OSError as error:
                self.journal.deleting(doc_num, "write error")
                self.sql("DELETE FROM document WHERE DocNum=%s", doc_num)
                raise Refused(str(error)) from error
            self.log(IMAGE_CREATE, f"Photo Created: {name}", patient, doc_num)
            return doc_num

    def unique_name(self, patient, doc_num, extension):
        row = self.sql("SELECT LName, FName FROM patient WHERE PatNum=%s", patient)[0]
        name = f"{letters(row['LName'])}{letters(row['FName'])}{doc_num}{extension}"
        taken = {other["FileName"] for other in self.documents(patient)}
        while name in taken:
            name = "x" + name
        return name

    def delete_document(self, doc_num, between=None):
        """The file, then the log, then the row. A file that is not there is not mentioned."""
        row = self.document(doc_num)
        with self.site.patient_lock(row["PatNum"]):
            path = os.path.join(self.folder(row["PatNum"]), row["FileName"])
            document = self.journal.deleting(doc_num, self.name)
            try:
                os.unlink(path)
                self.log(IMAGE_DELETE, f"Document Deleted: {row['FileName']} with category Scans",
                         row["PatNum"], doc_num)
            except FileNotFoundError:
                pass
            except OSError as error:
                self.journal.kept_after_all(document)
                raise Refused(str(error)) from error
            if between is not None:
                between("file gone")
            self.sql("UPDATE securitylog SET FKey=0 WHERE FKey=%s AND PermType IN (44,89,202)",
                     doc_num)
            self.sql("DELETE FROM document WHERE DocNum=%s", doc_num)

    def move_to_patient(self, doc_num, target):
        """A new row and file for the other patient, then the old are deleted."""
        path = self.path(doc_num)
        self.show(target)
        try:
            with open(path, "rb") as file:
                content = file.read()
            mtime_ns = os.stat(path).st_mtime_ns
        except FileNotFoundError as error:
            raise Refused(f"no file {path}") from error
        made = self.import_file(target, content, os.path.splitext(path)[1], mtime_ns)
        self.delete_document(doc_num)
        return made
