#include "database/look_up.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "database/place.h"

namespace atozsync {

const char* const kDocumentIsAFile =
    "(RawBase64='' AND NOT (FileName='x' AND (LEFT(Note,12)='_rawBase64_:' OR "
    "LEFT(Note,11)='_download_:')))";

namespace {

// Calls `take` with slices of `all`, each of at most `most`.
template <typename T, typename Take>
Status InSlices(const std::vector<T>& all, size_t most, Take take) {
  for (size_t begin = 0; begin < all.size(); begin += most) {
    const size_t end = std::min(all.size(), begin + most);
    TRY(take(std::vector<T>(all.begin() + static_cast<ptrdiff_t>(begin),
                            all.begin() + static_cast<ptrdiff_t>(end))));
  }
  return Status::Ok();
}

class LookUpRun {
 public:
  LookUpRun(DatabaseConnection& connection, FolderMap& folders, int64_t now_ms)
      : connection_(connection), folders_(folders), now_ms_(now_ms) {}

  Result<std::vector<RowState>> Run(const std::vector<RelPath>& paths) {
    for (const RelPath& path : paths) places_.push_back(PlaceOf(path));
    states_.assign(places_.size(), RowState::kUnknown);
    TRY(FindOwners());
    TRY(FindDocuments());
    TRY(FindByKey(PlaceKind::kEob, "eobattach", "EobAttachNum"));
    TRY(FindByKey(PlaceKind::kAmendment, "ehramendment", "EhrAmendmentNum"));
    // A name that is not text: no column holds it.
    for (size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].kind != PlaceKind::kElsewhere && !Askable(places_[i])) {
        states_[i] = RowState::kNotNamed;
      }
    }
    return std::move(states_);
  }

 private:
  struct Owners {
    std::vector<int64_t> pat_nums;
    bool all = false;  // there are no others
  };
  using Wanted = std::pair<int64_t, std::string>;  // patient or key, FileName

  static bool Askable(const Place& place) { return IsUtf8(place.name) && IsUtf8(place.dir); }

  // Fills owners_: whose folder each path is in.
  Status FindOwners() {
    owners_.resize(places_.size());
    std::set<int64_t> asked;
    for (size_t i = 0; i < places_.size(); ++i) {
      const Place& place = places_[i];
      if (place.kind == PlaceKind::kLab) owners_[i] = {{0}, true};
      if (place.kind != PlaceKind::kPatient || !Askable(place)) continue;
      owners_[i].pat_nums = folders_.OwnersOf(place.dir);
      if (place.number) owners_[i].pat_nums.push_back(*place.number);
      asked.insert(owners_[i].pat_nums.begin(), owners_[i].pat_nums.end());
    }
    ASSIGN_OR_RETURN(const PatientDirs dirs,
                     AskPatientDirs(connection_, folders_, {asked.begin(), asked.end()}));
    for (size_t i = 0; i < places_.size(); ++i) {
      const Place& place = places_[i];
      if (place.kind != PlaceKind::kPatient || !Askable(place)) continue;
      std::vector<int64_t>& pat_nums = owners_[i].pat_nums;
      pat_nums.erase(std::remove_if(pat_nums.begin(), pat_nums.end(),
                                    [&](int64_t pat_num) {
                                      const auto own = dirs.find(pat_num);
                                      return own == dirs.end() || own->second.str() != place.dir;
                                    }),
                     pat_nums.end());
      owners_[i].all = folders_.IsSure(!pat_nums.empty(), now_ms_);
    }
    return Status::Ok();
  }

  Status FindDocuments() {
    std::vector<Wanted> wanted;
    for (size_t i = 0; i < places_.size(); ++i) {
      for (const int64_t pat_num : owners_[i].pat_nums) {
        wanted.emplace_back(pat_num, places_[i].name);
      }
    }
    std::sort(wanted.begin(), wanted.end());
    std::set<Wanted> named;
    size_t next = 0;
    while (next < wanted.size()) {
      std::set<int64_t> pat_nums;
      std::set<std::string> names;
      for (; next < wanted.size() && names.size() < kNamesPerQuery; ++next) {
        const auto& [pat_num, name] = wanted[next];
        if (pat_nums.size() == kPatNumsPerQuery && pat_nums.count(pat_num) == 0) break;
        pat_nums.insert(pat_num);
        names.insert(name);
      }
      TRY(AskDocuments(pat_nums, names, named));
    }
    for (size_t i = 0; i < places_.size(); ++i) {
      const Owners& owners = owners_[i];
      const bool is_named =
          std::any_of(owners.pat_nums.begin(), owners.pat_nums.end(), [&](int64_t pat_num) {
            return named.count({pat_num, places_[i].name}) > 0;
          });
      if (is_named) states_[i] = RowState::kNamed;
      if (!is_named && owners.all) states_[i] = RowState::kNotNamed;
    }
    return Status::Ok();
  }

  Status AskDocuments(const std::set<int64_t>& pat_nums, const std::set<std::string>& names,
                      std::set<Wanted>& named) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ",") + SqlText(name);
    // The server's comparison lets more through (case, accents); bytes decide here. Taken row by
    // row: nothing limits how many rows of one patient have the same name.
    return connection_.Stream("SELECT PatNum, FileName FROM document WHERE PatNum IN (" +
                                  SqlList(std::vector<int64_t>(pat_nums.begin(), pat_nums.end())) +
                                  ") AND FileName IN (" + list + ") AND " + kDocumentIsAFile,
                              2, [&](const Row& row) {
                                const int64_t pat_num = NumberIn(row[0]).value_or(-1);
                                const std::string& name = TextIn(row[1]);
                                const bool asked =
                                    pat_nums.contains(pat_num) && names.contains(name);
                                if (asked && IsCompleteName(name)) named.emplace(pat_num, name);
                                return true;
                              });
  }

  Status FindByKey(PlaceKind kind, const std::string& table, const std::string& key) {
    std::set<int64_t> keys;
    for (const Place& place : places_) {
      if (place.kind == kind) keys.insert(*place.number);
    }
    std::map<int64_t, std::string> names;
    const auto ask = [&](const std::vector<int64_t>& some) -> Status {
      ASSIGN_OR_RETURN(const Rows rows,
                       connection_.Query("SELECT " + key + ", FileName FROM " + table + " WHERE " +
                                             key + " IN (" + SqlList(some) + ") AND RawBase64=''",
                                         2));
      for (const Row& row : rows) names[NumberIn(row[0]).value_or(-1)] = TextIn(row[1]);
      return Status::Ok();
    };
    TRY(InSlices(std::vector<int64_t>(keys.begin(), keys.end()), kKeysPerQuery, ask));
    for (size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].kind != kind) continue;
      const auto found = names.find(*places_[i].number);
      const bool is_named =
          found != names.end() && found->second == places_[i].name && IsCompleteName(found->second);
      states_[i] = is_named ? RowState::kNamed : RowState::kNotNamed;
    }
    return Status::Ok();
  }

  DatabaseConnection& connection_;
  FolderMap& folders_;
  const int64_t now_ms_;
  std::vector<Place> places_;
  std::vector<Owners> owners_;
  std::vector<RowState> states_;
};

}  // namespace

Result<PatientDirs> AskPatientDirs(DatabaseConnection& connection, FolderMap& folders,
                                   const std::vector<int64_t>& pat_nums) {
  PatientDirs dirs;
  const auto ask = [&](const std::vector<int64_t>& some) -> Status {
    ASSIGN_OR_RETURN(const Rows rows,
                     connection.Query("SELECT PatNum, ImageFolder, UPPER(LEFT(ImageFolder,1)) "
                                      "FROM patient WHERE PatNum IN (" +
                                          SqlList(some) + ")",
                                      3));
    for (const Row& row : rows) {
      const int64_t pat_num = NumberIn(row[0]).value_or(0);
      const std::optional<RelPath> dir = PatientDir(TextIn(row[2]), TextIn(row[1]));
      folders.Learn(pat_num, TextIn(row[1]), TextIn(row[2]));
      if (dir) dirs.emplace(pat_num, *dir);
    }
    return Status::Ok();
  };
  TRY(InSlices(pat_nums, kPatNumsPerQuery, ask));
  return dirs;
}

Result<std::vector<RowState>> AnswerLookUp(DatabaseConnection& connection, FolderMap& folders,
                                           const std::vector<RelPath>& paths, int64_t now_ms) {
  return LookUpRun(connection, folders, now_ms).Run(paths);
}

}  // namespace atozsync
