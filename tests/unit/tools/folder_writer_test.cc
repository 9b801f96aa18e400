#include "tools/atoz_folder/folder_writer.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace atozsync {
namespace {

namespace fs = std::filesystem;

class FolderWriterTest : public testing::Test {
 protected:
  FolderWriterTest() {
    std::string pattern = testing::TempDir() + "/atoz-generate-XXXXXX";
    root_ = mkdtemp(pattern.data());
  }
  ~FolderWriterTest() override { fs::remove_all(root_); }

  GenerateOptions Options(const std::string& name, uint64_t files, uint64_t seed) const {
    GenerateOptions options;
    options.out = (root_ / name).string();
    options.plan.files = files;
    options.plan.seed = seed;
    options.plan.bytes_per_file_mean = 3'000;
    return options;
  }
  // Path → time and content.
  std::map<std::string, std::string> Tree(const std::string& name) const {
    std::map<std::string, std::string> tree;
    for (const auto& entry : fs::recursive_directory_iterator(root_ / name)) {
      std::string& value = tree[fs::relative(entry.path(), root_ / name).string()];
      if (!entry.is_regular_file()) continue;
      struct stat info;
      EXPECT_EQ(stat(entry.path().c_str(), &info), 0);
      std::ostringstream content;
      content << info.st_mtim.tv_sec << "." << info.st_mtim.tv_nsec << ":"
              << std::ifstream(entry.path()).rdbuf();
      value = content.str();
    }
    return tree;
  }
  fs::path root_;
};

TEST_F(FolderWriterTest, SameSeedSameTreeOtherSeedOther) {
  ASSERT_TRUE(GenerateFolder(Options("one", 300, 5)).ok());
  ASSERT_TRUE(GenerateFolder(Options("two", 300, 5)).ok());
  ASSERT_TRUE(GenerateFolder(Options("other", 300, 6)).ok());
  EXPECT_EQ(Tree("one"), Tree("two"));
  EXPECT_NE(Tree("one"), Tree("other"));
}

TEST_F(FolderWriterTest, WritesWhatWasPlannedAndCountsIt) {
  GenerateOptions options = Options("out", 250, 1);
  Result<GenerateSummary> made = GenerateFolder(options);
  ASSERT_TRUE(made.ok()) << made.status().ToString();
  EXPECT_EQ(made->files, 250u);
  uint64_t files = 0;
  uint64_t folders = 0;
  for (const auto& entry : fs::recursive_directory_iterator(options.out)) {
    ++(entry.is_directory() ? folders : files);
  }
  EXPECT_EQ(files, made->files + made->extras);
  EXPECT_EQ(folders, made->folders);
  FolderPlan plan(options.plan);
  uint64_t bytes = 0;
  while (std::optional<PlannedFile> file = plan.Next()) {
    fs::path path = fs::path(options.out) / file->path;
    if (file->directory) continue;
    EXPECT_EQ(fs::file_size(path), file->content.size) << path;
    struct stat info;
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec, file->mtime_ns) << path;
    if (file->synchronized) bytes += file->content.size;
  }
  EXPECT_EQ(made->bytes, bytes);
}

TEST_F(FolderWriterTest, AllLettersAreThereEvenWhenEmpty) {
  ASSERT_TRUE(GenerateFolder(Options("out", 0, 1)).ok());
  for (char letter = 'A'; letter <= 'Z'; ++letter) {
    EXPECT_TRUE(fs::is_directory(root_ / "out" / std::string(1, letter)));
  }
}

TEST_F(FolderWriterTest, RefusesADirectoryThatIsNotEmpty) {
  GenerateOptions options = Options("", 5, 1);
  std::ofstream(root_ / "somebody's.txt") << "mine";
  Result<GenerateSummary> made = GenerateFolder(options);
  ASSERT_TRUE(made.status().Is(Errc::kExists));
  EXPECT_NE(made.error().context.find("--force"), std::string::npos);
  EXPECT_FALSE(fs::exists(root_ / "A"));
  options.force = true;
  EXPECT_TRUE(GenerateFolder(options).ok());
  EXPECT_TRUE(fs::exists(root_ / "somebody's.txt"));
}

TEST_F(FolderWriterTest, ErrorNamesThePath) {
  std::ofstream(root_ / "file") << "x";
  Result<GenerateSummary> made = GenerateFolder(Options("file/below", 5, 1));
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().context.find("file/below"), std::string::npos);
}

}  // namespace
}  // namespace atozsync
