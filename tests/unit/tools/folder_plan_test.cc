#include "tools/atoz_folder/folder_plan.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <map>
#include <regex>
#include <set>
#include <vector>

#include "sync/base/rel_path.h"

namespace atozsync {
namespace {

std::vector<PlannedFile> PlanAll(const PlanOptions& options) {
  std::vector<PlannedFile> files;
  FolderPlan plan(options);
  while (std::optional<PlannedFile> file = plan.Next()) files.push_back(*file);
  return files;
}

PlanOptions Files(uint64_t count, uint64_t seed = 1) {
  PlanOptions options;
  options.files = count;
  options.seed = seed;
  return options;
}

bool Matches(const std::string& text, const std::string& pattern) {
  return std::regex_match(text, std::regex(pattern));
}

TEST(FolderPlan, SameSeedSamePlanOtherSeedOther) {
  std::vector<PlannedFile> one = PlanAll(Files(500, 7));
  std::vector<PlannedFile> two = PlanAll(Files(500, 7));
  std::vector<PlannedFile> other = PlanAll(Files(500, 8));
  ASSERT_EQ(one.size(), two.size());
  for (size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].path, two[i].path);
    EXPECT_EQ(one[i].content, two[i].content);
    EXPECT_EQ(one[i].mtime_ns, two[i].mtime_ns);
  }
  EXPECT_NE(one[5].path, other[5].path);
}

// One number for everything in a folder: whoever changes it changes every folder that tests and
// benchmarks have ever been run on. Compilers must not differ in it.
TEST(FolderPlan, SeedOneIsTheSameFolderForEveryCompilerAndMachine) {
  PlanOptions options = Files(2'000);
  options.bytes_per_file_mean = 5'000;
  uint64_t sum = 0;
  auto add = [&](ByteSpan bytes) { sum = XXH3_64bits_withSeed(bytes.data(), bytes.size(), sum); };
  Bytes content(4'000'000);
  for (const PlannedFile& file : PlanAll(options)) {
    add(AsBytes(file.path));
    add(AsBytes(std::to_string(file.mtime_ns)));
    size_t size = ContentStream(file.content).Read(content);
    add(ByteSpan(content).first(size));
  }
  EXPECT_EQ(sum, 13'753'421'186'003'840'507u);
}

TEST(FolderPlan, CountsSynchronizedFilesExactly) {
  for (uint64_t count : {0u, 1u, 37u, 1'000u}) {
    uint64_t synchronized = 0;
    for (const PlannedFile& file : PlanAll(Files(count))) {
      if (file.synchronized && !file.directory) ++synchronized;
    }
    EXPECT_EQ(synchronized, count);
  }
}

TEST(FolderPlan, PathsAreValidAndNeverComeTwice) {
  std::set<std::string> seen;
  for (const PlannedFile& file : PlanAll(Files(30'000))) {
    EXPECT_TRUE(RelPath::Parse(file.path).ok()) << file.path;
    EXPECT_TRUE(seen.insert(file.path).second) << file.path;
  }
}

// Every path is one that Open Dental, or a person using it, makes.
TEST(FolderPlan, NamesFollowTheRules) {
  const std::string letter = "(?:[A-Za-z]|[\\x80-\\xFF])";
  const std::string extension = "(jpg|pdf|tif|bmp|dcm|png|docx|zip|csv|txt)";
  const std::string first = "(?:[A-Z0-9]|[\\xC0-\\xFF][\\x80-\\xBF]+)";
  const std::string folder = "(" + first + ")/(" + letter + "*)([0-9]+)";
  const std::vector<std::string> document_names = {
      "x?" + letter + "*[0-9]+\\." + extension,
      "(TPArchive|PayPlanArchive|ServiceDateView|Consent|MedicalHistory)[0-9]+x?\\.pdf",
      "(Referral to specialist|Recall letter|Thank you_new patient|Insurance appeal)[0-9]+\\.docx",
      "[0-9]+_(Insurance Front|Insurance Back|Photo ID)_[0-9]{8}(_[0-9]+)?\\.bmp",
      "_[0-9]+_[^/]*[0-9]+\\.csv",
      "TV_[A-Z0-9]{4}( \\([0-9]+\\))?\\.tig",
      "[0-9]+_x?" + letter + "*[0-9]+\\." + extension,
      "(scan|IMG_0412|insurance card \\(front\\)|Röntgen #2|Überweisung|New Document|notes)"
      "( \\([0-9]+\\))?\\." +
          extension,
      "Thumbs\\.db",
      "Thumbnails/[^/]+\\.(jpg|tif|tig)"};
  std::string any_document;
  for (const std::string& name : document_names) {
    any_document += (any_document.empty() ? "" : "|") + ("(?:" + name + ")");
  }
  const std::vector<std::string> shared = {
      "EOBs/[0-9]{8}_[0-9]{6}_[0-9]+\\.(jpg|pdf)",
      "Amendments/[0-9]{8}_[0-9]{6}_[0-9]+\\.pdf",
      "EmailAttachments/[0-9]{8}_[0-9]{18}[A-Z0-9]{4}\\.pdf",
      "EmailAttachments/(In|Out)/[0-9]{8}_[0-9]{18}_[A-Z0-9]{4}_[^/]+\\.(pdf|jpg|docx|png|tif)",
      "(Forms|Wiki|EmailImages|ProviderImages|Reports|MedLabEmbeddedFiles|SheetImages"
      "|SheetImages/2)/[^/]+\\.(pdf|docx|png|jpg|rdl)",
      "MedLabHL7/(Processed/)?result[0-9]+\\.hl7",
      "ClaimForm[0-9]+\\.png"};
  std::string any_shared;
  for (const std::string& path : shared) {
    any_shared += (any_shared.empty() ? "" : "|") + ("(?:" + path + ")");
  }
  const std::regex document(folder + "(/(?:" + any_document + "))?");
  const std::regex outside(any_shared);
  std::map<std::string, int> outside_folders;
  for (const PlannedFile& file : PlanAll(Files(3'000))) {
    bool in_patient = std::regex_match(file.path, document);
    bool in_shared = std::regex_match(file.path, outside);
    EXPECT_TRUE(in_patient != in_shared) << file.path;
    if (in_shared) ++outside_folders[file.path.substr(0, file.path.find_last_of('/'))];
  }
  for (const char* name : {"EOBs", "Amendments", "EmailAttachments", "EmailAttachments/In",
                           "EmailAttachments/Out", "EmailImages", "Wiki", "SheetImages", "Forms",
                           "ProviderImages", "MedLabHL7", "MedLabHL7/Processed"}) {
    EXPECT_GT(outside_folders[name], 0) << name;
  }
}

TEST(FolderPlan, LetterFolderIsTheUpperCaseFirstCharacter) {
  SeededRandom random(1);
  EXPECT_EQ((Patient{"van Dyk", "J.R.", 12}).Path(), "V/vanDykJR12");
  EXPECT_EQ((Patient{"O'Brien", "Zoë", 3}).Path(), "O/OBrienZoë3");
  EXPECT_EQ((Patient{"Élie", "Kim", 4}).Path(), "É/ÉlieKim4");
  EXPECT_EQ((Patient{"王", "小明", 5}).Path(), "王/王小明5");
  EXPECT_EQ((Patient{"", "", 678}).Path(), "6/678");
}

TEST(FolderPlan, HasFoldersBeyondAToZAlreadyWhenItIsSmall) {
  std::set<std::string> tops;
  for (const PlannedFile& file : PlanAll(Files(200))) {
    tops.insert(file.path.substr(0, file.path.find('/')));
  }
  EXPECT_EQ(tops.count("É"), 1u);
  EXPECT_EQ(tops.count("王"), 1u);
  EXPECT_TRUE(std::any_of(tops.begin(), tops.end(),
                          [](const std::string& top) { return Matches(top, "[0-9]"); }));
}

TEST(FolderPlan, SizesHaveThePromisedMeanAndATail) {
  uint64_t bytes = 0;
  uint64_t large = 0;
  uint64_t below_100_kb = 0;
  const uint64_t count = 20'000;
  for (const PlannedFile& file : PlanAll(Files(count))) {
    if (!file.synchronized || file.directory) continue;
    bytes += file.content.size;
    EXPECT_LE(file.content.size, 40'000'000u);
    if (file.content.size >= 10'000'000) ++large;
    if (file.content.size < 100'000) ++below_100_kb;
  }
  EXPECT_GT(bytes / count, 250'000u);
  EXPECT_LT(bytes / count, 306'000u);
  EXPECT_GT(large, count / 400);
  EXPECT_LT(large, count / 200);
  EXPECT_GT(below_100_kb, count / 3);
}

TEST(FolderPlan, MeanCanBeChosen) {
  PlanOptions options = Files(20'000);
  options.bytes_per_file_mean = 50'000;
  uint64_t bytes = 0;
  for (const PlannedFile& file : PlanAll(options)) {
    if (file.synchronized) bytes += file.content.size;
  }
  EXPECT_GT(bytes / 20'000, 45'000u);
  EXPECT_LT(bytes / 20'000, 55'000u);
}

TEST(FolderPlan, SmallIsTenFilesOfOneKibibytePerPatient) {
  PlanOptions options = Files(200);
  options.small = true;
  std::map<std::string, int> in_folder;
  for (const PlannedFile& file : PlanAll(options)) {
    EXPECT_EQ(file.content.size, 1024u);
    EXPECT_TRUE(file.synchronized);
    ++in_folder[file.path.substr(0, file.path.find_last_of('/'))];
  }
  EXPECT_EQ(in_folder.size(), 20u);
  for (const auto& [folder, files] : in_folder) EXPECT_EQ(files, 10) << folder;
}

TEST(FolderPlan, TimesAreYearsBackInStepsOfWindows) {
  for (const PlannedFile& file : PlanAll(Files(1'000))) {
    if (file.directory) continue;
    EXPECT_GE(file.mtime_ns, 1'136'073'600'000'000'000) << file.path;
    EXPECT_LT(file.mtime_ns, 1'735'689'600'000'000'000) << file.path;
    EXPECT_EQ(file.mtime_ns % 100, 0);
  }
}

TEST(SharedNames, DatesAreThoseOfTheFile) {
  EXPECT_EQ(DateTimeText(1'552'318'501'123'456'700), "20190311_153501");
  EXPECT_EQ(DateText(951'782'400'000'000'000), "20000229");
}

TEST(FolderPlan, SomeSentAttachmentsAreCopiesOfDocuments) {
  std::set<uint64_t> documents;
  int copies = 0;
  for (const PlannedFile& file : PlanAll(Files(2'000))) {
    bool sent = file.path.starts_with("EmailAttachments/Out/");
    if (sent && documents.count(file.content.seed) != 0) ++copies;
    documents.insert(file.content.seed);
  }
  EXPECT_GT(copies, 5);
}

}  // namespace
}  // namespace atozsync
