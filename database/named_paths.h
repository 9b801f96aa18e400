// Which rows of Open Dental's database name which files: every table that does, how it is read, and
// what a row means. Nothing here talks to a server. Pure functions and constant tables, any thread.
//
// A table is read in steps along its primary key, never in one go and never by an order without an
// index: a lock on a whole table (MyISAM) lasts for one step.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sync/base/rel_path.h"

namespace atozsync {

// One row as the server gives it; nothing = NULL.
using DbCells = std::vector<std::optional<std::string>>;

// Why a row names no file that could be missing.
enum class NoFile : uint8_t {
  kHasFile,      // it does name one
  kHalfMade,     // between INSERT and the UPDATE that gives the name
  kPlaceholder,  // an upload through the API that nobody has opened yet
  kInDatabase,   // the content is in the row
  kNotAttached,  // no name
  kNotSaved,     // sent to a clearing house, not kept
  kElsewhere,    // a web address, or a path outside the folder
  kBuiltIn,      // part of Open Dental
  kInCloud,      // in Dropbox
};
inline constexpr size_t kNoFileCount = 9;
const char* NoFileText(NoFile why);  // for a person

struct FileRow {
  int64_t key = 0;
  int64_t pat_num = 0;  // 0 = none
  NoFile no_file = NoFile::kHasFile;
  std::string name;                    // as it stands in the row
  RelPath path;                        // root: there is no such place; `trouble` says why
  RelPath other_path;                  // may stand there instead; root = no
  NoFile forgiven = NoFile::kHasFile;  // why it is no loss when the file is not there
  std::string trouble;
};

// What rows are to be understood by.
struct NamingContext {
  std::vector<std::string> roots;  // full paths by which workstations know the folder
};

inline constexpr size_t kRowsPerQueryMax = 500;

struct NamingTable {
  const char* name;
  const char* key;                 // primary key
  const char* columns = "0,''";    // after the key
  const char* joins = "";          // by primary key
  const char* where = "";          // which rows name anything; empty: all
  const char* text = "";           // column whose text names images; empty: none
  size_t step = kRowsPerQueryMax;  // keys that one query looks at
  bool one_row_per_file = false;   // a second row for the same file is a finding
  bool required = false;  // no report without it; others are passed over where they are missing
  void (*names_of)(const DbCells& cells, const NamingContext& context, std::vector<FileRow>& out);

  bool has_text() const { return *text != '\0'; }
  // Rows that name nothing are passed over: a step ends at a key, not at a number of rows.
  bool sparse() const { return *where != '\0' || has_text(); }
};

const std::vector<NamingTable>& NamingTables();

// The last key of the next step after `after_key` (sparse tables): no row where less than a step is
// left.
std::string StepEndSql(const NamingTable& table, int64_t after_key);
// The first kRowsPerQueryMax rows with after_key < key <= end_key (nothing: no end); cells as
// names_of() takes them.
std::string RowsSql(const NamingTable& table, int64_t after_key, std::optional<int64_t> end_key);
// How many columns those rows have.
size_t ColumnsOf(const NamingTable& table);
// The whole text of a row whose text was too long to come along (cells[3] is NULL).
std::string LongTextSql(const NamingTable& table, int64_t key);

// Patients with a folder: PatNum, first character in upper case, ImageFolder.
std::string PatientsSql(int64_t after_key);
// The value of `DocPath`: paths by which workstations know the folder, separated by ';'.
inline constexpr const char* kRootsSql =
    "SELECT ValueString FROM preference WHERE PrefName='DocPath' LIMIT 10";
std::vector<std::string> RootsOf(std::string_view doc_path);

// Is this a place whose files all have rows, so that one without is worth a word?
bool FilesNeedRows(const RelPath& path);

}  // namespace atozsync
