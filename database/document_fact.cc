#include "database/document_fact.h"

#include "database/look_up.h"
#include "database/place.h"

namespace atozsync {

namespace {

// Rows, or none where a right is missing.
Result<Rows> AskIfAllowed(DatabaseConnection& connection, const std::string& sql, size_t columns) {
  Result<Rows> rows = connection.Query(sql, columns);
  if (rows.ok() || WordOf(rows.error()) != RowsWord::kForbidden) return rows;
  return Rows();
}

Status AddPatient(DatabaseConnection& connection, DocumentFact& fact) {
  ASSIGN_OR_RETURN(Rows rows, AskIfAllowed(connection,
                                           "SELECT LName, FName FROM patient WHERE PatNum=" +
                                               std::to_string(fact.pat_num),
                                           2));
  if (rows.empty()) return Status::Ok();
  const std::string& last = TextIn(rows[0][0]);
  const std::string& first = TextIn(rows[0][1]);
  fact.patient = last + (last.empty() || first.empty() ? "" : ", ") + first;
  return Status::Ok();
}

Status AddDetails(DatabaseConnection& connection, DocumentFact& fact) {
  ASSIGN_OR_RETURN(
      Rows rows,
      AskIfAllowed(connection,
                   "SELECT DateCreated, Description, DocCategory FROM document WHERE DocNum=" +
                       std::to_string(fact.doc_num),
                   3));
  if (rows.empty()) return Status::Ok();
  fact.date = TextIn(rows[0][0]);
  fact.description = TextIn(rows[0][1]);
  const std::optional<int64_t> category = NumberIn(rows[0][2]);
  if (!category) return Status::Ok();
  ASSIGN_OR_RETURN(
      Rows names,
      AskIfAllowed(connection,
                   "SELECT ItemName FROM definition WHERE DefNum=" + std::to_string(*category), 1));
  if (!names.empty()) fact.category = TextIn(names[0][0]);
  return Status::Ok();
}

}  // namespace

Result<std::optional<DocumentFact>> LookUpDocument(DatabaseConnection& connection,
                                                   const RelPath& path) {
  const Place place = PlaceOf(path);
  const bool askable = place.kind == PlaceKind::kPatient && place.number &&
                       IsCompleteName(place.name) && IsUtf8(place.name) && IsUtf8(place.dir);
  if (!askable) return std::optional<DocumentFact>();
  const std::string number = std::to_string(*place.number);
  ASSIGN_OR_RETURN(Rows patients,
                   connection.Query("SELECT ImageFolder, UPPER(LEFT(ImageFolder,1)) FROM patient "
                                    "WHERE PatNum=" +
                                        number,
                                    2));
  if (patients.empty()) return std::optional<DocumentFact>();
  const std::optional<RelPath> dir = PatientDir(TextIn(patients[0][1]), TextIn(patients[0][0]));
  if (!dir || dir->str() != place.dir) return std::optional<DocumentFact>();
  ASSIGN_OR_RETURN(Rows rows,
                   connection.Query("SELECT DocNum, FileName FROM document WHERE PatNum=" + number +
                                        " AND FileName=" + SqlText(place.name) + " AND " +
                                        kDocumentIsAFile + " ORDER BY DocNum",
                                    2));
  for (const Row& row : rows) {
    // Collations ignore case and accents.
    const std::optional<int64_t> doc_num = NumberIn(row[0]);
    if (!doc_num || TextIn(row[1]) != place.name) continue;
    DocumentFact fact;
    fact.doc_num = *doc_num;
    fact.pat_num = *place.number;
    TRY(AddPatient(connection, fact));
    TRY(AddDetails(connection, fact));
    return std::optional<DocumentFact>(std::move(fact));
  }
  return std::optional<DocumentFact>();
}

}  // namespace atozsync
