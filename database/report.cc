#include "database/report.h"

#include "database/report_store.h"

namespace atozsync {

namespace {

constexpr size_t kBatch = 200;            // findings looked at once more together
constexpr size_t kRowsShown = 10;         // of one file that several rows name
constexpr uint64_t kFilesPerLine = 5000;  // progress

Status Interrupted() {
  return {Errc::kCancelled, "the report was stopped"};
}

std::string RowName(const StoredRow& row) {
  return std::string(NamingTables()[row.table].name) + " " + std::to_string(row.key);
}

std::string Listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

class ReportRun final : public RowTaker {
 public:
  ReportRun(const ReportOptions& options, FileList& files, Interrupt& interrupt,
            const TakeFinding& take, const TakeProgress& progress, ReportStore& store)
      : options_(options),
        files_(files),
        interrupt_(interrupt),
        take_(take),
        progress_(progress),
        store_(store) {
    counts_.rows_of_table.resize(NamingTables().size());
  }

  Result<ReportCounts> Run(FileRowSource& rows) {
    TRY(TakeFiles());
    TRY(rows.ReadAll(*this));
    TRY(store_.health());
    progress_("comparing");
    store_.CollectStrays();
    TRY(FindMissing());
    TRY(FindStrays());
    TRY(FindSharedAndTwins());
    return counts_;
  }

  void OnPatient(int64_t pat_num, const RelPath& folder) override {
    store_.AddPatient(pat_num, folder);
  }
  void OnRow(size_t table, FileRow row) override {
    if (row.no_file != NoFile::kHasFile) {
      ++counts_.no_file[static_cast<size_t>(row.no_file)];
      return;
    }
    ++counts_.rows;
    ++counts_.rows_of_table[table];
    store_.AddRow(table, row);
  }
  void OnPassedOver(size_t table, const std::string& why) override {
    counts_.passed_over.push_back(std::string(NamingTables()[table].name) + ": " + why);
  }
  void OnProgress(const std::string& text) override { progress_(text); }

 private:
  Status TakeFiles() {
    uint64_t told = 0;
    for (;;) {
      if (interrupt_.is_set()) return Interrupted();
      ASSIGN_OR_RETURN(std::vector<ListedFile> page, files_.NextPage());
      if (page.empty()) break;
      for (const ListedFile& file : page) {
        store_.AddFile(file);
        counts_.files += file.place == FilePlace::kHere ? 1 : 0;
      }
      if (counts_.files >= told + kFilesPerLine) {
        told = counts_.files;
        progress_("listed " + std::to_string(told) + " files");
      }
    }
    return store_.health();
  }

  void Give(const Finding& finding) {
    ++counts_.findings[static_cast<size_t>(finding.kind)];
    take_(finding);
  }

  // --- rows without files ---

  Status FindMissing() {
    Status status;
    std::vector<StoredRow> batch;
    store_.ForEachMissing([&](StoredRow row) {
      batch.push_back(std::move(row));
      if (batch.size() >= kBatch) status = JudgeMissing(batch);
      return status.ok();
    });
    if (status.ok()) status = JudgeMissing(batch);
    return status.ok() ? store_.health() : status;
  }

  Status JudgeMissing(std::vector<StoredRow>& batch) {
    if (interrupt_.is_set()) return Interrupted();
    std::vector<RelPath> paths;
    for (const StoredRow& row : batch) {
      paths.push_back(row.path);
      paths.push_back(row.other_path);
    }
    ASSIGN_OR_RETURN(std::vector<ListedFile> now, LookUpAll(paths));
    std::vector<StoredRow> missing;
    std::vector<ListedFile> their_now;
    for (size_t i = 0; i < batch.size(); ++i) {
      StoredRow& row = batch[i];
      bool came = now[2 * i].place == FilePlace::kHere && row.place != FilePlace::kHeld;
      if (came || now[2 * i + 1].place == FilePlace::kHere || JudgeElsewhere(row)) continue;
      their_now.push_back(now[2 * i]);
      missing.push_back(std::move(row));
    }
    batch.clear();
    return GiveMissing(missing, their_now);
  }

  // The root, of rows without a possible place, is nowhere.
  Result<std::vector<ListedFile>> LookUpAll(const std::vector<RelPath>& paths) {
    std::vector<RelPath> asked;
    for (const RelPath& path : paths) {
      if (!path.is_root()) asked.push_back(path);
    }
    std::vector<ListedFile> answered;
    if (!asked.empty()) {
      ASSIGN_OR_RETURN(answered, files_.LookUp(asked));
    }
    CHECK(answered.size() == asked.size());
    std::vector<ListedFile> all(paths.size());
    size_t next = 0;
    for (size_t i = 0; i < paths.size(); ++i) {
      all[i].place = FilePlace::kNowhere;
      if (!paths[i].is_root()) all[i] = std::move(answered[next++]);
    }
    return all;
  }

  // True: the file is here under another name or in another folder, or it need not be.
  bool JudgeElsewhere(const StoredRow& row) {
    Finding finding = FindingOf(row);
    // What waits here or is on its way will come to its place.
    if (row.place != FilePlace::kNowhere) return false;
    finding.found_at = store_.CaseTwin(row.path);
    if (!finding.found_at.is_root()) {
      finding.kind = FindingKind::kCaseOnly;
      finding.text = RowName(row) + " names it in other letter case than the file " +
                     Printable(finding.found_at);
      Give(finding);
      return true;
    }
    if (NamingTables()[row.table].required) {
      StoredFile stray = store_.TakeStray(row.name, row.pat_num);
      if (!stray.path.is_root()) {
        finding.kind = FindingKind::kWrongFolder;
        finding.found_at = stray.path;
        finding.text = WrongFolderText(row, stray);
        Give(finding);
        return true;
      }
    }
    if (row.forgiven == NoFile::kHasFile) return false;
    counts_.no_file[static_cast<size_t>(row.forgiven)] += row.count;
    counts_.rows -= row.count;
    counts_.rows_of_table[row.table] -= row.count;
    return true;
  }

  static std::string WrongFolderText(const StoredRow& row, const StoredFile& stray) {
    std::string text = "the file of " + RowName(row) + " is at " + Printable(stray.path);
    if (stray.pat_num == row.pat_num) return text + ", another folder of this patient";
    if (stray.pat_num == 0) return text + ", a folder of no patient";
    return text + ", which belongs to patient " + std::to_string(stray.pat_num);
  }

  static Finding FindingOf(const StoredRow& row) {
    Finding finding;
    finding.table = NamingTables()[row.table].name;
    finding.key = row.key;
    finding.pat_num = row.pat_num;
    finding.path = row.path;
    return finding;
  }

  Status GiveMissing(const std::vector<StoredRow>& rows, const std::vector<ListedFile>& now) {
    ASSIGN_OR_RETURN(std::vector<PeersWord> words, AskPeers(rows, now));
    for (size_t i = 0; i < rows.size(); ++i) {
      const StoredRow& row = rows[i];
      Finding finding = FindingOf(row);
      finding.text = RowName(row) + " names a file that is not here";
      if (row.count > 1) finding.text += " (" + std::to_string(row.count) + " rows do)";
      if (!row.trouble.empty()) {
        finding.where = "not-here";
        finding.text = RowName(row) + " names '" + Printable(row.name) + "': " + row.trouble;
      } else if (row.place == FilePlace::kHeld) {
        finding.where = "held";
        finding.text += ": it is held here: " + row.from;
      } else if (now[i].place == FilePlace::kComing || !words[i].have.empty()) {
        finding.where = "in-transit";
        finding.from = now[i].place == FilePlace::kComing ? now[i].from : Listed(words[i].have);
        finding.text += ": in transit from " + finding.from;
      } else {
        SayNowhere(words[i], finding);
      }
      if (now[i].kept) finding.text += "; `atozsync history` shows a kept version of it";
      counts_.held += finding.where == "held" ? 1 : 0;
      counts_.in_transit += finding.where == "in-transit" ? 1 : 0;
      Give(finding);
    }
    return Status::Ok();
  }

  static void SayNowhere(const PeersWord& word, Finding& finding) {
    if (!word.asked) {
      finding.where = "not-here";
      finding.text += ", and no replica has announced it";
    } else if (word.silent.empty()) {
      finding.where = "nowhere";
      finding.text += ", and nowhere in the cluster";
    } else {
      finding.where = "not-here";
      finding.text += "; " + Listed(word.silent) + " could not be asked";
    }
  }

  // Of those rows whose files nobody has announced; the others stay unasked.
  Result<std::vector<PeersWord>> AskPeers(const std::vector<StoredRow>& rows,
                                          const std::vector<ListedFile>& now) {
    std::vector<PeersWord> words(rows.size());
    if (!options_.cluster) return words;
    std::vector<RelPath> paths;
    std::vector<size_t> of_row;
    for (size_t i = 0; i < rows.size(); ++i) {
      bool known = rows[i].path.is_root() || rows[i].place == FilePlace::kHeld ||
                   now[i].place == FilePlace::kComing;
      if (known || counts_.peers_asked >= options_.ask_max) continue;
      ++counts_.peers_asked;
      paths.push_back(rows[i].path);
      of_row.push_back(i);
    }
    if (paths.empty()) return words;
    progress_("asking the other replicas");
    ASSIGN_OR_RETURN(std::vector<PeersWord> said, files_.AskPeers(paths));
    CHECK(said.size() == paths.size());
    for (size_t i = 0; i < said.size(); ++i) {
      words[of_row[i]] = std::move(said[i]);
      words[of_row[i]].asked = true;
    }
    return words;
  }

  // --- files without rows, and the rest ---

  Status FindStrays() {
    Status status;
    std::vector<StoredFile> batch;
    store_.ForEachStray([&](StoredFile file) {
      batch.push_back(std::move(file));
      if (batch.size() >= kBatch) status = JudgeStrays(batch);
      return status.ok();
    });
    if (status.ok()) status = JudgeStrays(batch);
    return status.ok() ? store_.health() : status;
  }

  Status JudgeStrays(std::vector<StoredFile>& batch) {
    if (interrupt_.is_set()) return Interrupted();
    std::vector<RelPath> paths;
    paths.reserve(batch.size());
    for (const StoredFile& file : batch) paths.push_back(file.path);
    ASSIGN_OR_RETURN(std::vector<ListedFile> now, LookUpAll(paths));
    for (size_t i = 0; i < batch.size(); ++i) {
      if (now[i].place != FilePlace::kHere) continue;  // gone meanwhile
      Finding finding;
      finding.kind = FindingKind::kOrphan;
      finding.path = batch[i].path;
      finding.pat_num = batch[i].pat_num;
      finding.text = "no row names this file";
      Give(finding);
    }
    batch.clear();
    return Status::Ok();
  }

  Status FindSharedAndTwins() {
    store_.ForEachShared(kRowsShown, [&](const std::vector<StoredRow>& rows, uint64_t count) {
      Finding finding = FindingOf(rows.front());
      finding.kind = FindingKind::kSeveralRows;
      std::vector<std::string> names;
      names.reserve(rows.size());
      for (const StoredRow& row : rows) names.push_back(RowName(row));
      finding.text = std::to_string(count) + " rows name this file: " + Listed(names);
      if (count > rows.size()) finding.text += ", …";
      Give(finding);
      return !interrupt_.is_set();
    });
    store_.ForEachTwins([&](const RelPath& first, const RelPath& last, uint64_t count) {
      Finding finding;
      finding.kind = FindingKind::kCaseOnly;
      finding.path = first;
      finding.found_at = last;
      finding.pat_num = store_.OwnerOf(first);
      finding.text = std::to_string(count) + " files differ in letter case only: this one and " +
                     Printable(last);
      Give(finding);
      return !interrupt_.is_set();
    });
    return interrupt_.is_set() ? Interrupted() : store_.health();
  }

  const ReportOptions& options_;
  FileList& files_;
  Interrupt& interrupt_;
  const TakeFinding& take_;
  const TakeProgress& progress_;
  ReportStore& store_;
  ReportCounts counts_;
};

}  // namespace

Result<ReportCounts> MakeReport(const ReportOptions& options, FileRowSource& rows, FileList& files,
                                Interrupt& interrupt, const TakeFinding& take,
                                const TakeProgress& progress) {
  ASSIGN_OR_RETURN(std::unique_ptr<ReportStore> store, ReportStore::Open(options.scratch_file));
  return ReportRun(options, files, interrupt, take, progress, *store).Run(rows);
}

}  // namespace atozsync
