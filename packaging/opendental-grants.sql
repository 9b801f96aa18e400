-- The least rights atozsync needs in the practice's database: it reads the columns named here, looks
-- at how replication does, and can change nothing. Run it on the server of each office as an
-- administrator, then give the user a password and put the same into the file that password_file
-- in atozsync.toml names (chmod 600):
--
--   mariadb --force < opendental-grants.sql
--   mariadb -e "SET PASSWORD FOR 'atozsync'@'127.0.0.1' = PASSWORD('…')"
--
-- --force passes over tables and columns that your version of Open Dental does not have. Another
-- database name, or 'localhost' for a unix socket: replace it in the whole file. Accounts do not
-- replicate with replicate-do-db set; otherwise once is enough.

-- Nobody can log in before the password is set.
CREATE USER IF NOT EXISTS 'atozsync'@'127.0.0.1' IDENTIFIED VIA mysql_native_password USING 'invalid';

-- Which row names which file. RawBase64 and Note are tested on the server, never fetched: a row
-- with a picture of its own, or one waiting for an upload, names no file.
GRANT SELECT (DocNum, PatNum, FileName, RawBase64, Note, ExternalSource) ON opendental.document TO 'atozsync'@'127.0.0.1';
GRANT SELECT (PatNum, ImageFolder) ON opendental.patient TO 'atozsync'@'127.0.0.1';
GRANT SELECT (EobAttachNum, FileName, RawBase64) ON opendental.eobattach TO 'atozsync'@'127.0.0.1';
GRANT SELECT (EhrAmendmentNum, PatNum, FileName, RawBase64) ON opendental.ehramendment TO 'atozsync'@'127.0.0.1';

-- That images were deleted or made, and for which patient.
GRANT SELECT (SecurityLogNum, PermType, PatNum) ON opendental.securitylog TO 'atozsync'@'127.0.0.1';

-- Where the folder is, whether replication failed, whether an update is under way.
GRANT SELECT (PrefName, ValueString) ON opendental.preference TO 'atozsync'@'127.0.0.1';
GRANT SELECT (Descript, ServerId, AtoZpath) ON opendental.replicationserver TO 'atozsync'@'127.0.0.1';
GRANT SELECT (ComputerName, AtoZpath) ON opendental.computerpref TO 'atozsync'@'127.0.0.1';

-- Whether replication runs. MySQL and MariaDB before 10.5 call it REPLICATION CLIENT.
GRANT SLAVE MONITOR ON *.* TO 'atozsync'@'127.0.0.1';

-- Who comes today or tomorrow: their files arrive first.
GRANT SELECT (PatNum, AptStatus, AptDateTime) ON opendental.appointment TO 'atozsync'@'127.0.0.1';

-- For people who review a conflict: which patient, category and day the document is of. Leave these
-- out if nothing but Open Dental may read names: the review then shows the path alone.
GRANT SELECT (DateCreated, Description, DocCategory) ON opendental.document TO 'atozsync'@'127.0.0.1';
GRANT SELECT (LName, FName) ON opendental.patient TO 'atozsync'@'127.0.0.1';
GRANT SELECT (DefNum, ItemName) ON opendental.definition TO 'atozsync'@'127.0.0.1';

-- For the consistency report (verify-db) only: the other tables that name files.
GRANT SELECT (EmailAttachNum, EmailMessageNum, ActualFileName) ON opendental.emailattach TO 'atozsync'@'127.0.0.1';
GRANT SELECT (ClaimNum, PatNum) ON opendental.claim TO 'atozsync'@'127.0.0.1';
GRANT SELECT (ClaimAttachNum, ClaimNum, ActualFileName, ImageReferenceId) ON opendental.claimattach TO 'atozsync'@'127.0.0.1';
GRANT SELECT (MedLabNum, PatNum, FileName) ON opendental.medlab TO 'atozsync'@'127.0.0.1';
GRANT SELECT (SheetNum, PatNum, ClinicNum) ON opendental.sheet TO 'atozsync'@'127.0.0.1';
GRANT SELECT (SheetFieldNum, SheetNum, FieldType, FieldName) ON opendental.sheetfield TO 'atozsync'@'127.0.0.1';
GRANT SELECT (SheetFieldDefNum, FieldType, FieldName) ON opendental.sheetfielddef TO 'atozsync'@'127.0.0.1';
GRANT SELECT (ClaimFormItemNum, ImageFileName) ON opendental.claimformitem TO 'atozsync'@'127.0.0.1';
GRANT SELECT (ProvNum, WebSchedImageLocation) ON opendental.provider TO 'atozsync'@'127.0.0.1';
GRANT SELECT (TransactionInvoiceNum, FilePath) ON opendental.transactioninvoice TO 'atozsync'@'127.0.0.1';
GRANT SELECT (WikiPageNum, PageContent) ON opendental.wikipage TO 'atozsync'@'127.0.0.1';
GRANT SELECT (WikiPageNum, PageContent) ON opendental.wikipagehist TO 'atozsync'@'127.0.0.1';
GRANT SELECT (EmailMessageNum, PatNum) ON opendental.emailmessage TO 'atozsync'@'127.0.0.1';
-- Pictures inside e-mails are named in their text. Leave these out if nothing but Open Dental may
-- read e-mails: the report says then that it could not look there.
GRANT SELECT (BodyText) ON opendental.emailmessage TO 'atozsync'@'127.0.0.1';
GRANT SELECT (EmailTemplateNum, BodyText) ON opendental.emailtemplate TO 'atozsync'@'127.0.0.1';
