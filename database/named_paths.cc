#include "database/named_paths.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "database/name_rules.h"
#include "database/place.h"
#include "sync/model/patient_path.h"

namespace atozsync {

namespace {

// In characters. Longer texts are fetched one by one, so that a step's answer stays small, and cut.
constexpr size_t kShortText = 4096;
constexpr size_t kLongText = 1 << 20;

std::string Text(const DbCells& cells, size_t index) {
  return index < cells.size() && cells[index] ? *cells[index] : std::string();
}

int64_t Number(const DbCells& cells, size_t index) {
  std::string text = Text(cells, index);
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool StartsWith(const std::string& text, std::string_view beginning) {
  return text.compare(0, beginning.size(), beginning) == 0;
}

FileRow Begin(const DbCells& cells) {
  FileRow row;
  row.key = Number(cells, 0);
  row.pat_num = Number(cells, 1);
  row.name = Text(cells, 2);
  return row;
}

void Give(FileRow row, NoFile why, std::vector<FileRow>& out) {
  row.no_file = why;
  out.push_back(std::move(row));
}

void GiveBelow(FileRow row, std::string_view folder, std::vector<FileRow>& out) {
  Result<RelPath> path = PathOfValue(folder, row.name);
  if (path.ok()) {
    row.path = std::move(*path);
  } else {
    row.trouble = path.error().context;
  }
  out.push_back(std::move(row));
}

RelPath OrRoot(const Result<RelPath>& path) {
  return path.ok() ? *path : RelPath();
}

// 2 FileName, 3 patient exists, 4 first character, 5 ImageFolder, 6 RawBase64, 7 Note, 8 source
void NamesOfDocument(const DbCells& cells, const NamingContext&, std::vector<FileRow>& out) {
  FileRow row = Begin(cells);
  std::string note = Text(cells, 7);
  if (Number(cells, 6) != 0) return Give(std::move(row), NoFile::kInDatabase, out);
  if (!IsCompleteName(row.name)) return Give(std::move(row), NoFile::kHalfMade, out);
  if (row.name == "x" && (StartsWith(note, "_rawBase64_:") || StartsWith(note, "_download_:"))) {
    return Give(std::move(row), NoFile::kPlaceholder, out);
  }
  if (Text(cells, 8) == "Dropbox") row.forgiven = NoFile::kInCloud;
  if (row.pat_num == 0) return GiveBelow(std::move(row), "MedLabEmbeddedFiles", out);
  std::optional<RelPath> folder = PatientDir(Text(cells, 4), Text(cells, 5));
  if (folder) return GiveBelow(std::move(row), folder->str(), out);
  row.trouble = Number(cells, 3) == 0
                    ? "there is no patient " + std::to_string(row.pat_num)
                    : "patient " + std::to_string(row.pat_num) + " has no image folder";
  out.push_back(std::move(row));
}

// 2 FileName, 3 RawBase64
void NamesOfEob(const DbCells& cells, const NamingContext&, std::vector<FileRow>& out) {
  FileRow row = Begin(cells);
  if (Number(cells, 3) != 0) return Give(std::move(row), NoFile::kInDatabase, out);
  if (!IsCompleteName(row.name)) return Give(std::move(row), NoFile::kHalfMade, out);
  GiveBelow(std::move(row), "EOBs", out);
}

void NamesOfAmendment(const DbCells& cells, const NamingContext&, std::vector<FileRow>& out) {
  FileRow row = Begin(cells);
  if (Number(cells, 3) != 0) return Give(std::move(row), NoFile::kInDatabase, out);
  if (row.name.empty()) return Give(std::move(row), NoFile::kNotAttached, out);
  GiveBelow(std::move(row), "Amendments", out);
}

void NamesOfEmailAttach(const DbCells& cells, const NamingContext&, std::vector<FileRow>& out) {
  FileRow row = Begin(cells);
  if (row.name.empty()) return Give(std::move(row), NoFile::kNotAttached, out);
  GiveBelow(std::move(row), "EmailAttachments", out);
}

// 2 ActualFileName, 3 ImageReferenceId, 4 first character, 5 ImageFolder
void NamesOfClaimAttach(const DbCells& cells, const NamingContext&, std::vector<FileRow>& out) {
  FileRow row = Begin(cells);
  bool sent = Number(cells, 3) != 0;
  if (row.name.empty()) {
    return Give(std::move(row), sent ? NoFile::kNotSaved : NoFile::kNotAttached, out);
  }
  if (sent) row.forgiven = NoFile::kNotSaved;
  if (std::optional<RelPath> folder = PatientDir(Text(cells, 4), Text(cells, 5))) {
    row.other_path = OrRoot(PathOfValue(folder->str(), row.name));
  }
  GiveBelow(std::move(row), "EmailAttachments", out);
}

void NamesOfMedLab(const DbCells& cells, const NamingContext&, std::vector<FileRow>& out) {
  GiveBelow(Begin(cells), "", out);
}

constexpr std::array kBuiltInSheetImages = {"Patient Info.gif"};
constexpr std::array kBuiltInClaimForms = {
    "ADA2006.gif",      "ADA2012.gif",      "ADA2012_J430D.gif", "ADA2018_J432.gif",
    "ADA2019_J430.gif", "ADA2024_J430.gif", "1500_02_12.gif",    "DC-217.gif"};

template <typename Names>
bool IsOneOf(const std::string& name, const Names& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// 2 FieldName, 3 ClinicNum
void NamesOfSheetImage(const DbCells& cells, const NamingContext&, std::vector<FileRow>& out) {
  FileRow row = Begin(cells);
  if (row.name.empty()) return Give(std::move(row), NoFile::kNotAttached, out);
  if (IsOneOf(row.name, kBuiltInSheetImages)) return Give(std::move(row), NoFile::kBuiltIn, out);
  if (int64_t clinic = Number(cells, 3); clinic != 0) {
    row.other_path = OrRoot(PathOfValue("SheetImages/" + std::to_string(clinic), row.name));
  }
  GiveBelow(std::move(row), "SheetImages", out);
}

void NamesOfClaimForm(const DbCells& cells, const NamingContext&, std::vector<FileRow>& out) {
  FileRow row = Begin(cells);
  if (IsOneOf(row.name, kBuiltInClaimForms)) return Give(std::move(row), NoFile::kBuiltIn, out);
  GiveBelow(std::move(row), "", out);
}

void NamesOfProvider(const DbCells& cells, const NamingContext&, std::vector<FileRow>& out) {
  GiveBelow(Begin(cells), "ProviderImages", out);
}

// 2 nothing, 3 text
void NamesInText(const DbCells& cells, std::string_view folder, std::vector<FileRow>& out) {
  for (std::string& image : ImagesInMarkup(Text(cells, 3))) {
    FileRow row = Begin(cells);
    row.name = std::move(image);
    if (IsWebAddress(row.name)) {
      Give(std::move(row), NoFile::kElsewhere, out);
    } else {
      GiveBelow(std::move(row), folder, out);
    }
  }
}

void NamesOfWiki(const DbCells& cells, const NamingContext&, std::vector<FileRow>& out) {
  NamesInText(cells, "Wiki", out);
}

void NamesOfEmail(const DbCells& cells, const NamingContext&, std::vector<FileRow>& out) {
  NamesInText(cells, "EmailImages", out);
}

void NamesOfInvoice(const DbCells& cells, const NamingContext& context, std::vector<FileRow>& out) {
  FileRow row = Begin(cells);
  std::optional<std::string> below = BelowRoots(row.name, context.roots);
  if (!below) return Give(std::move(row), NoFile::kElsewhere, out);
  row.name = *below;
  GiveBelow(std::move(row), "", out);
}

constexpr size_t kTextStep = 200;
constexpr size_t kSheetStep = 2000;

}  // namespace

const char* NoFileText(NoFile why) {
  switch (why) {
    case NoFile::kHasFile: return "names a file";
    case NoFile::kHalfMade: return "being made: no complete name yet";
    case NoFile::kPlaceholder: return "uploaded through the API and not opened yet";
    case NoFile::kInDatabase: return "content is in the database";
    case NoFile::kNotAttached: return "no file attached";
    case NoFile::kNotSaved: return "sent with a claim and not saved";
    case NoFile::kElsewhere: return "a web address or a path outside the folder";
    case NoFile::kBuiltIn: return "image built into Open Dental";
    case NoFile::kInCloud: return "kept in Dropbox";
  }
  return "unknown";
}

const std::vector<NamingTable>& NamingTables() {
  static const std::vector<NamingTable> kTables = {
      {.name = "document",
       .key = "DocNum",
       .columns = "t.PatNum,t.FileName,p.PatNum IS NOT NULL,UPPER(LEFT(p.ImageFolder,1)),"
                  "p.ImageFolder,t.RawBase64<>'',LEFT(t.Note,12),t.ExternalSource",
       .joins = "LEFT JOIN patient p ON p.PatNum=t.PatNum",
       .one_row_per_file = true,
       .required = true,
       .names_of = NamesOfDocument},
      {.name = "eobattach",
       .key = "EobAttachNum",
       .columns = "0,t.FileName,t.RawBase64<>''",
       .one_row_per_file = true,
       .names_of = NamesOfEob},
      {.name = "ehramendment",
       .key = "EhrAmendmentNum",
       .columns = "t.PatNum,t.FileName,t.RawBase64<>''",
       .one_row_per_file = true,
       .names_of = NamesOfAmendment},
      {.name = "emailattach",
       .key = "EmailAttachNum",
       .columns = "m.PatNum,t.ActualFileName",
       .joins = "LEFT JOIN emailmessage m ON m.EmailMessageNum=t.EmailMessageNum",
       .names_of = NamesOfEmailAttach},
      {.name = "claimattach",
       .key = "ClaimAttachNum",
       .columns = "c.PatNum,t.ActualFileName,t.ImageReferenceId,UPPER(LEFT(p.ImageFolder,1)),"
                  "p.ImageFolder",
       .joins = "LEFT JOIN claim c ON c.ClaimNum=t.ClaimNum "
                "LEFT JOIN patient p ON p.PatNum=c.PatNum",
       .names_of = NamesOfClaimAttach},
      {.name = "medlab",
       .key = "MedLabNum",
       .columns = "t.PatNum,t.FileName",
       .where = "t.FileName<>''",
       .names_of = NamesOfMedLab},
      {.name = "sheetfield",  // by far the most rows, of which few are images
       .key = "SheetFieldNum",
       .columns = "s.PatNum,t.FieldName,s.ClinicNum",
       .joins = "LEFT JOIN sheet s ON s.SheetNum=t.SheetNum",
       .where = "t.FieldType=4",
       .step = kSheetStep,
       .names_of = NamesOfSheetImage},
      {.name = "sheetfielddef",
       .key = "SheetFieldDefNum",
       .columns = "0,t.FieldName,0",
       .where = "t.FieldType=4",
       .names_of = NamesOfSheetImage},
      {.name = "claimformitem",
       .key = "ClaimFormItemNum",
       .columns = "0,t.ImageFileName",
       .where = "t.ImageFileName<>''",
       .names_of = NamesOfClaimForm},
      {.name = "provider",
       .key = "ProvNum",
       .columns = "0,t.WebSchedImageLocation",
       .where = "t.WebSchedImageLocation<>''",
       .names_of = NamesOfProvider},
      {.name = "wikipage",
       .key = "WikiPageNum",
       .text = "PageContent",
       .step = kTextStep,
       .names_of = NamesOfWiki},
      {.name = "wikipagehist",
       .key = "WikiPageNum",
       .text = "PageContent",
       .step = kTextStep,
       .names_of = NamesOfWiki},
      {.name = "emailmessage",
       .key = "EmailMessageNum",
       .text = "BodyText",
       .step = kTextStep,
       .names_of = NamesOfEmail},
      {.name = "emailtemplate",
       .key = "EmailTemplateNum",
       .text = "BodyText",
       .step = kTextStep,
       .names_of = NamesOfEmail},
      {.name = "transactioninvoice",
       .key = "TransactionInvoiceNum",
       .columns = "0,t.FilePath",
       .where = "t.FilePath<>''",
       .names_of = NamesOfInvoice},
  };
  return kTables;
}

std::string StepEndSql(const NamingTable& table, int64_t after_key) {
  std::string key = table.key;
  return "SELECT " + key + " FROM " + table.name + " WHERE " + key + ">" +
         std::to_string(after_key) + " ORDER BY " + key + " LIMIT 1 OFFSET " +
         std::to_string(table.step - 1);
}

std::string RowsSql(const NamingTable& table, int64_t after_key, std::optional<int64_t> end_key) {
  const std::string key = std::string("t.") + table.key;
  std::string columns = table.columns;
  std::string where = table.where;
  if (table.has_text()) {
    const std::string text = std::string("t.") + table.text;
    columns += ",CASE WHEN CHAR_LENGTH(" + text + ")<=" + std::to_string(kShortText) + " THEN " +
               text + " END";
    where = text + " LIKE '%[[img:%'";
  }
  std::string sql = "SELECT " + key + "," + columns + " FROM " + table.name +
                    // Never by another index, and never through the whole table.
                    " t FORCE INDEX (PRIMARY) " + table.joins + " WHERE " + key + ">" +
                    std::to_string(after_key);
  if (end_key) sql += " AND " + key + "<=" + std::to_string(*end_key);
  if (!where.empty()) sql += " AND " + where;
  return sql + " ORDER BY " + key + " LIMIT " + std::to_string(kRowsPerQueryMax);
}

size_t ColumnsOf(const NamingTable& table) {
  size_t columns = table.has_text() ? 3 : 2;  // with the key, and the text
  int depth = 0;
  for (const char* c = table.columns; *c != '\0'; ++c) {
    if (*c == '(') ++depth;
    if (*c == ')') --depth;
    if (*c == ',' && depth == 0) ++columns;
  }
  return columns;
}

std::string LongTextSql(const NamingTable& table, int64_t key) {
  return std::string("SELECT LEFT(") + table.text + "," + std::to_string(kLongText) + ") FROM " +
         table.name + " WHERE " + table.key + "=" + std::to_string(key);
}

std::string PatientsSql(int64_t after_key) {
  return "SELECT PatNum,UPPER(LEFT(ImageFolder,1)),ImageFolder FROM patient WHERE PatNum>" +
         std::to_string(after_key) + " ORDER BY PatNum LIMIT " + std::to_string(kRowsPerQueryMax);
}

std::vector<std::string> RootsOf(std::string_view doc_path) {
  std::vector<std::string> roots;
  for (size_t start = 0; start <= doc_path.size();) {
    size_t end = std::min(doc_path.find(';', start), doc_path.size());
    if (end > start) roots.emplace_back(doc_path.substr(start, end - start));
    start = end + 1;
  }
  return roots;
}

bool FilesNeedRows(const RelPath& path) {
  static constexpr std::array kFolders = {"EOBs",
                                          "Amendments",
                                          "MedLabEmbeddedFiles",
                                          "EmailAttachments",
                                          "EmailAttachments/In",
                                          "EmailAttachments/Out"};
  if (path.parent().is_root()) return false;
  if (InPatientFolder(path)) return true;
  const std::string folder = path.parent().str();
  return IsOneOf(folder, kFolders);
}

}  // namespace atozsync
