#include "tools/atoz_folder/folder_plan.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace atozsync {
namespace {

constexpr uint64_t kSmallBytes = 1024;
constexpr uint64_t kSmallFilesPerPatient = 10;
// One file in so many is large: volumes of cone beam scans, archives, long scans.
constexpr uint64_t kLargeEvery = 250;

// What the ranges below come to, large files included (measured over 1,200,000 files): the measure
// of all scaling.
constexpr uint64_t kUnscaledBytesMean = 284'400;

struct SizeRange {
  uint64_t min;
  uint64_t max;
};

SizeRange RangeOf(ContentKind kind) {
  switch (kind) {
    case ContentKind::kJpeg: return {20'000, 700'000};
    case ContentKind::kPdf: return {20'000, 800'000};
    case ContentKind::kTiff: return {50'000, 1'000'000};
    case ContentKind::kBmp: return {100'000, 1'000'000};
    case ContentKind::kDicom: return {100'000, 2'000'000};
    case ContentKind::kPng: return {10'000, 400'000};
    case ContentKind::kDocx: return {12'000, 150'000};
    case ContentKind::kZip: return {50'000, 2'000'000};
    case ContentKind::kText: return {300, 16'000};
    case ContentKind::kCsv: return {200, 4'000};
    case ContentKind::kHl7: return {500, 12'000};
    case ContentKind::kThumbsDb: return {8'000, 60'000};
  }
  return {1, 1};
}

constexpr std::array<ContentKind, 5> kLargeKinds = {ContentKind::kDicom, ContentKind::kZip,
                                                    ContentKind::kPdf, ContentKind::kTiff,
                                                    ContentKind::kDicom};
constexpr std::array<std::string_view, 6> kArchives = {
    "TPArchive", "TPArchive", "PayPlanArchive", "ServiceDateView", "Consent", "MedicalHistory"};
constexpr std::array<std::string_view, 4> kLetters = {"Referral to specialist", "Recall letter",
                                                      "Thank you_new patient", "Insurance appeal"};
constexpr std::array<std::string_view, 3> kHeaders = {"Insurance Front", "Insurance Back",
                                                      "Photo ID"};
constexpr std::array<std::string_view, 5> kDropNames = {
    "scan", "IMG_0412", "insurance card (front)", "Röntgen #2", "Überweisung"};

}  // namespace

FolderPlan::FolderPlan(const PlanOptions& options)
    : options_(options), random_(MixSeed(options.seed, options.small ? 1 : 0)) {}

std::optional<PlannedFile> FolderPlan::Next() {
  if (given_ >= options_.files) return std::nullopt;
  while (waiting_.empty()) {
    if (options_.small) {
      PlanSmallPatient();
    } else {
      PlanPatient();
    }
  }
  PlannedFile file = std::move(waiting_.front());
  waiting_.pop_front();
  if (file.synchronized && !file.directory) ++given_;
  return file;
}

void FolderPlan::PlanSmallPatient() {
  patient_number_ += 1 + random_.Below(2);
  Patient patient = MakePatient(patient_index_++, patient_number_, random_);
  for (uint64_t i = 0; i < kSmallFilesPerPatient; ++i) {
    ContentKind kind = DrawDocumentKind();
    std::string name = patient.Letters() + std::to_string(NextDocument()) + "." + ExtensionOf(kind);
    PlannedFile file = Make(patient.Path() + "/" + name, kind);
    file.content.size = kSmallBytes;
    waiting_.push_back(std::move(file));
  }
}

void FolderPlan::PlanPatient() {
  patient_number_ += 1 + random_.Below(4);
  Patient patient = MakePatient(patient_index_++, patient_number_, random_);
  used_names_.clear();
  // Selecting a patient makes the folder; not every one gets a document.
  if (random_.OneIn(25)) {
    PlannedFile folder;
    folder.path = patient.Path();
    folder.directory = true;
    waiting_.push_back(std::move(folder));
    return;
  }
  bool thumbnails = random_.OneIn(8);
  uint64_t documents = 1 + random_.Below(random_.OneIn(12) ? 80 : 20);
  for (uint64_t i = 0; i < documents; ++i) PlanDocument(patient, thumbnails);
  if (random_.OneIn(30)) {
    PlannedFile cache = Make(patient.Path() + "/Thumbs.db", ContentKind::kThumbsDb);
    cache.synchronized = false;
    waiting_.push_front(std::move(cache));
  }
  // About 15 in 100 files are no patient's.
  uint64_t shared = (documents * 3 + random_.Below(17)) / 17;
  for (uint64_t i = 0; i < shared; ++i) PlanShared();
}

void FolderPlan::PlanDocument(const Patient& patient, bool thumbnails) {
  ContentKind kind = DrawDocumentKind();
  bool large = ++planned_ % kLargeEvery == 0;
  if (large) kind = kLargeKinds[random_.Below(kLargeKinds.size())];
  PlannedFile file = Make("", kind);
  std::string name;
  if (large) {
    name = NormalName(patient, kind);
    file.content.size = random_.LogUniform(10'000'000, 40'000'000) * options_.bytes_per_file_mean /
                        kUnscaledBytesMean;
  } else {
    name = DocumentName(patient, kind, file.mtime_ns);
  }
  used_names_.insert(name);
  file.path = patient.Path() + "/" + name;
  if (name.starts_with("New Document")) file.content.size = 0;
  if (kind == ContentKind::kPdf && !large) last_pdf_ = file.content;
  waiting_.push_back(std::move(file));
  if (!thumbnails || (kind != ContentKind::kJpeg && kind != ContentKind::kTiff)) return;
  PlannedFile thumbnail = Make(patient.Path() + "/Thumbnails/" + name, ContentKind::kJpeg);
  thumbnail.content.size = 2'000 + random_.Below(4'000);
  thumbnail.synchronized = false;
  waiting_.push_back(std::move(thumbnail));
}

void FolderPlan::PlanShared() {
  int64_t mtime_ns = DrawTime();
  SharedName name = shared_names_.Next(mtime_ns, random_);
  PlannedFile file = Make(name.path, name.kind);
  file.mtime_ns = mtime_ns;
  bool copy = name.sent && name.kind == ContentKind::kPdf && last_pdf_.has_value();
  if (copy) file.content = *last_pdf_;
  ++planned_;
  waiting_.push_back(std::move(file));
}

PlannedFile FolderPlan::Make(const std::string& path, ContentKind kind) {
  PlannedFile file;
  file.path = path;
  file.content = {kind, DrawSize(kind), random_.Next()};
  file.mtime_ns = DrawTime();
  return file;
}

// Numbers are drawn in statements of their own: the order in which operands are evaluated is the
// compiler's, and the plan must not be.
std::string FolderPlan::DocumentName(const Patient& patient, ContentKind kind, int64_t mtime_ns) {
  std::string extension = "." + ExtensionOf(kind);
  uint64_t draw = random_.Below(100);
  switch (kind) {
    case ContentKind::kPdf: {
      if (draw >= 35) break;
      std::string taken = random_.OneIn(20) ? "x" : "";
      std::string archive(kArchives[random_.Below(kArchives.size())]);
      return archive + std::to_string(NextDocument()) + taken + extension;
    }
    case ContentKind::kDocx: {
      if (draw >= 80) break;
      std::string letter(kLetters[random_.Below(kLetters.size())]);
      return letter + std::to_string(NextDocument()) + extension;
    }
    case ContentKind::kBmp: {
      if (draw >= 70) break;
      std::string stem = std::to_string(patient.number) + "_" +
                         std::string(kHeaders[random_.Below(kHeaders.size())]) + "_" +
                         DateText(mtime_ns);
      std::string name = stem + extension;
      for (int n = 1; used_names_.count(name) != 0; ++n) {
        name = stem + "_" + std::to_string(n) + extension;
      }
      return name;
    }
    case ContentKind::kCsv: {
      std::string category = std::to_string(100 + random_.Below(60));
      return "_" + category + "_" + patient.last_name + patient.first_name +
             std::to_string(NextDocument()) + extension;
    }
    case ContentKind::kTiff:
      if (draw < 8) return Unused("TV_" + FourRandom(random_) + ".tig");
      break;
    default: break;
  }
  if (draw >= 96 || kind == ContentKind::kText) return UserName(kind);
  // Left by a merge of two patients.
  if (draw == 95) return std::to_string(patient.number + 1) + "_" + NormalName(patient, kind);
  return NormalName(patient, kind);
}

std::string FolderPlan::NormalName(const Patient& patient, ContentKind kind) {
  std::string taken = random_.OneIn(33) ? "x" : "";
  return taken + patient.Letters() + std::to_string(NextDocument()) + "." + ExtensionOf(kind);
}

// Dropped into the folder by a person.
std::string FolderPlan::UserName(ContentKind kind) {
  bool text = kind == ContentKind::kText;
  std::string_view stem = text ? (random_.OneIn(8) ? "New Document" : "notes")
                               : kDropNames[random_.Below(kDropNames.size())];
  return Unused(std::string(stem) + "." + ExtensionOf(kind));
}

std::string FolderPlan::Unused(const std::string& name) {
  std::string unused = name;
  size_t dot = name.rfind('.');
  for (int n = 2; used_names_.count(unused) != 0; ++n) {
    unused = name.substr(0, dot) + " (" + std::to_string(n) + ")" + name.substr(dot);
  }
  return unused;
}

ContentKind FolderPlan::DrawDocumentKind() {
  uint64_t draw = random_.Below(100);
  if (draw < 50) return ContentKind::kJpeg;
  if (draw < 76) return ContentKind::kPdf;
  if (draw < 84) return ContentKind::kTiff;
  if (draw < 87) return ContentKind::kDicom;
  if (draw < 90) return ContentKind::kBmp;
  if (draw < 94) return ContentKind::kPng;
  if (draw < 97) return ContentKind::kDocx;
  return draw < 99 ? ContentKind::kCsv : ContentKind::kText;
}

uint64_t FolderPlan::DrawSize(ContentKind kind) {
  SizeRange range = RangeOf(kind);
  uint64_t size = random_.LogUniform(range.min, range.max);
  return std::max<uint64_t>(1, size * options_.bytes_per_file_mean / kUnscaledBytesMean);
}

// Open Dental keeps the times of what it copies: years back. Windows counts 100 ns.
int64_t FolderPlan::DrawTime() {
  constexpr int64_t k2006 = 1'136'073'600;
  constexpr uint64_t kNineteenYears = 599'616'000;
  int64_t second = k2006 + static_cast<int64_t>(random_.Below(kNineteenYears));
  return second * 1'000'000'000 + static_cast<int64_t>(random_.Below(10'000'000)) * 100;
}

}  // namespace atozsync
