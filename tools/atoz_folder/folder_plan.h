// FolderPlan: which files a generated folder has, one after the other. Pure: touches no disk.
//
// The same options give the same plan on every machine. Holds one patient's files at a time, so any
// number of files costs the same memory. What the names follow: docs/generate.md. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>

#include "tools/atoz_folder/content_stream.h"
#include "tools/atoz_folder/patient_names.h"
#include "tools/atoz_folder/seeded_random.h"
#include "tools/atoz_folder/shared_names.h"

namespace atozsync {

struct PlanOptions {
  uint64_t files = 2000;  // synchronized ones; thumbnails and the like come on top
  uint64_t seed = 1;
  uint64_t bytes_per_file_mean = 280'000;
  bool small = false;  // documents of 1 KiB only, ten in each patient's folder, nothing else
};

struct PlannedFile {
  std::string path;  // below the root
  Content content;
  int64_t mtime_ns = 0;
  bool synchronized = true;  // false: thumbnails, Thumbs.db
  bool directory = false;    // an empty patient's folder
};

class FolderPlan {
 public:
  explicit FolderPlan(const PlanOptions& options);
  std::optional<PlannedFile> Next();

 private:
  void PlanPatient();
  void PlanSmallPatient();
  void PlanDocument(const Patient& patient, bool thumbnails);
  void PlanShared();
  PlannedFile Make(const std::string& path, ContentKind kind);
  std::string DocumentName(const Patient& patient, ContentKind kind, int64_t mtime_ns);
  std::string NormalName(const Patient& patient, ContentKind kind);
  std::string UserName(ContentKind kind);
  std::string Unused(const std::string& name);
  ContentKind DrawDocumentKind();
  uint64_t DrawSize(ContentKind kind);
  int64_t DrawTime();
  uint64_t NextDocument() { return document_number_ += 1 + random_.Below(3); }

  const PlanOptions options_;
  SeededRandom random_;
  SharedNames shared_names_;
  std::deque<PlannedFile> waiting_;
  std::set<std::string> used_names_;  // in the patient's folder that is being planned
  std::optional<Content> last_pdf_;   // statements are sent on as attachments
  uint64_t given_ = 0;                // synchronized files
  uint64_t planned_ = 0;
  uint64_t patient_index_ = 0;
  uint64_t patient_number_ = 0;
  uint64_t document_number_ = 1000;
};

}  // namespace atozsync
