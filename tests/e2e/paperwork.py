"""What else the Open Dental stand-in and the people beside it do: archives, letters, attachments,
patient merges, thumbnails, Word, files that somebody drops into a folder."""

import os
import random
import time

from opendental import Refused


class PaperworkMixin:
    """For a Workstation."""

    # --- the file before its usable row ---

    def archive(self, patient, content, kind="TPArchive", between=None):
        """Signed treatment plans, sheets, payment plans: an empty row of nobody's, the file, then
        the row gets its patient and name."""
        with self.site.patient_lock(patient):
            folder = self.folder(patient)
            begun = self.journal.begin(self.site.name, "archive", patient, content)
            doc_num = self.insert_document(0, "", kind)
            name = f"{kind}{doc_num}.pdf"
            while os.path.exists(os.path.join(folder, name)):
                name = name[:-4] + "x.pdf"
            self.copy_in(os.path.join(folder, name), content, time.time_ns())
            if between is not None:
                between("file")
            self.journal.named(begun, doc_num, name)
            self.sql("UPDATE document SET PatNum=%s, FileName=%s WHERE DocNum=%s", patient, name,
                     doc_num)
            return doc_num

    def tiger_view(self, patient, content):
        """A bridge moves its picture into the folder and makes the row after it."""
        with self.site.patient_lock(patient):
            folder = self.folder(patient)
            begun = self.journal.begin(self.site.name, "bridge", patient, content)
            tail = "".join(random.choices("abcdefghijkmnpqrstuvwxyz23456789", k=4))
            name = f"TV_{begun.number}{tail}.tig"
            aside = os.path.join(self.site.root, ".atozsync-tiger-" + name)
            with open(aside, "xb") as file:
                file.write(content)
            os.rename(aside, os.path.join(folder, name))
            doc_num = self.insert_document(patient, name, "TigerView")
            self.journal.named(begun, doc_num, name)
            return doc_num

    def drop(self, patient, name, content, mtime_ns=None):
        """A person, a scanner or the API puts a file into the folder: there is no row."""
        with self.site.patient_lock(patient):
            begun = self.journal.begin(self.site.name, "drop", patient, content)
            path = os.path.join(self.folder(patient), name)
            self.copy_in(path, content, mtime_ns or time.time_ns())
            self.journal.dropped(begun, name)

    def eclipboard(self, patient, header, content):
        """A complete row, then the picture, under a name that another site may make, too."""
        with self.site.patient_lock(patient):
            folder = self.folder(patient)
            begun = self.journal.begin(self.site.name, "eClipboard", patient, content)
            name = f"{patient}_{header}_{time.strftime('%Y%m%d')}.bmp"
            number = 0
            while os.path.exists(os.path.join(folder, name)):
                number += 1
                name = f"{patient}_{header}_{time.strftime('%Y%m%d')}_{number}.bmp"
            doc_num = self.insert_document(patient, name, header)
            self.journal.named(begun, doc_num, name)
            self.copy_in(os.path.join(folder, name), content, time.time_ns())
            return doc_num

    def print_category(self, patient, content, printing_s=0.0):
        """All of a category in one PDF that lies in the folder, without a row, while it prints."""
        with self.site.patient_lock(patient):
            printed = self.journal.begin(self.site.name, "print", patient, content)
            tail = "".join(random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=6))
            path = os.path.join(self.folder(patient),
                                f"{tail}{time.strftime('%Y%m%d%H%M%S')}.pdf")
            self.copy_in(path, content, time.time_ns())
            time.sleep(printing_s)
            self.journal.discarding(printed)
            if os.path.exists(path):
                os.unlink(path)

    def crop(self, doc_num):
        """Pictures are never rewritten: the row says what is shown of them."""
        row = self.document(doc_num)
        self.sql("UPDATE document SET CropX=CropX+1, DegreesRotated=90 WHERE DocNum=%s", doc_num)
        thumbnail = os.path.join(self.folder(row["PatNum"]), "Thumbnails", row["FileName"])
        if os.path.exists(thumbnail):
            os.unlink(thumbnail)

    # --- patients that turn out to be one ---

    def merge_patients(self, source, target):
        """All files of the one folder that lie here go to the other, hidden ones included; rows
        whose files have not arrived stay behind."""
        first, second = sorted((source, target))
        with self.site.patient_lock(first), self.site.patient_lock(second):
            self.sql("UPDATE mount SET PatNum=%s WHERE PatNum=%s", target, source)
            old, new = self.folder(source), self.folder(target)
            with os.scandir(old) as entries:
                files = sorted(entry.name for entry in entries if entry.is_file())
            for name in files:
                path = os.path.join(old, name)
                new_name = name
                if os.path.exists(os.path.join(new, name)):
                    new_name = f"{source}_{name}"
                try:
                    with open(path, "rb") as file:
                        content = file.read()
                    document = self.journal.find(source, name, content)
                    if document is not None:
                        self.journal.moves(document, target)
                        self.journal.dropped(document, new_name)
                    self.copy_in(os.path.join(new, new_name), content, os.stat(path).st_mtime_ns)
                except FileNotFoundError:
                    continue
                self.sql("UPDATE document SET PatNum=%s, FileName=%s "
                         "WHERE PatNum=%s AND FileName=%s", target, new_name, source, name)
                try:
                    os.unlink(path)
                except OSError:
                    pass
            self.insert("patientlink", PatNumFrom=source, PatNumTo=target, LinkType=1,
                        DateTimeLink=time.strftime("%Y-%m-%d %H:%M:%S"))
            self.sql("UPDATE patient SET PatStatus=3 WHERE PatNum=%s", source)

    # --- attachments: no import scan reads these folders ---

    def attach_eob(self, claim_payment, content, extension=".pdf"):
        number = self.insert("eobattach", ClaimPaymentNum=claim_payment, FileName=extension,
                             RawBase64="", DateTCreated=time.strftime("%Y-%m-%d %H:%M:%S"))
        name = f"{time.strftime('%Y%m%d_%H%M%S')}_{number}{extension}"
        self.sql("UPDATE eobattach SET FileName=%s WHERE EobAttachNum=%s", name, number)
        self.copy_in(os.path.join(self.site.root, "EOBs", name), content, time.time_ns())
        return number

    def delete_eob(self, number):
        """The file if it can be; the row always."""
        row = self.sql("SELECT FileName FROM eobattach WHERE EobAttachNum=%s", number)
        try:
            if row:
                os.unlink(os.path.join(self.site.root, "EOBs", row[0]["FileName"]))
        except OSError:
            pass
        self.sql("DELETE FROM eobattach WHERE EobAttachNum=%s", number)

    def attach_to_email(self, patient, displayed, content, sent=True):
        """The file now; the row when the message is sent, or never."""
        tail = "".join(random.choices("abcdefghjkmnpqrstuvwxyz", k=4))
        actual = f"Out\\{time.strftime('%Y%m%d')}_{time.time_ns()}_{tail}_{displayed}"
        self.copy_in(os.path.join(self.site.root, "EmailAttachments", actual.replace("\\", "/")),
                     content, time.time_ns())
        if not sent:
            return None
        message = self.insert("emailmessage", PatNum=patient, Subject="Papers", BodyText="")
        return self.insert("emailattach", EmailMessageNum=message, DisplayedFileName=displayed,
                           ActualFileName=actual)

    def sheet_image(self, name, content):
        """Copied first, refused where the name is taken; the row when the editor is saved."""
        path = os.path.join(self.site.root, "SheetImages", name)
        if os.path.exists(path):
            raise Refused(f"{name} exists")
        self.copy_in(path, content, time.time_ns())
        return self.insert("sheetfielddef", SheetDefNum=9, FieldType=4, FieldName=name,
                           FieldValue="")

    # --- what looking and editing leave behind ---

    def make_thumbnails(self, patient):
        """Lists of pictures make small ones, which stay at this site."""
        folder = os.path.join(self.folder(patient), "Thumbnails")
        os.makedirs(folder, exist_ok=True)
        for row in self.documents(patient):
            if os.path.exists(os.path.join(os.path.dirname(folder), row["FileName"])):
                with open(os.path.join(folder, row["FileName"]), "wb") as file:
                    file.write(b"small")

    def edit_in_word(self, doc_num, content, typing_s=0.0):
        """Word keeps a hidden owner file while it edits, and saves beside and by rename. No row
        changes."""
        row = self.document(doc_num)
        with self.site.patient_lock(row["PatNum"]):
            folder = self.folder(row["PatNum"])
            path = os.path.join(folder, row["FileName"])
            if not os.path.exists(path):
                raise Refused(f"no file {path}")
            owner = os.path.join(folder, "~$" + row["FileName"][2:])
            beside = os.path.join(folder, f"~WRD{doc_num % 10000:04}.tmp")
            former = os.path.join(folder, f"~WRL{doc_num % 10000:04}.tmp")
            self.site.hidden.update((owner, beside, former))
            try:
                with open(owner, "wb") as file:
                    file.write(self.name.encode())
                time.sleep(typing_s)
                with open(beside, "wb") as file:
                    file.write(content)
                self.journal.rewritten(row["PatNum"], row["FileName"], content)
                try:
                    os.rename(path, former)
                except FileNotFoundError as error:
                    raise Refused(f"{path} went away") from error
                os.rename(beside, path)
            finally:
                for left in (owner, beside, former):
                    if os.path.exists(left):
                        os.unlink(left)
                self.site.hidden.difference_update((owner, beside, former))
