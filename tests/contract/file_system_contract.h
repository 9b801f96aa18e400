// FileSystemContract: what sync/base/file_system.h promises, as tests. Every implementation is
// instantiated on the same suite, so that what the simulation proves also holds on a disk:
//
//   INSTANTIATE_TEST_SUITE_P(Posix, FileSystemContract,
//                            testing::Values(FileSystemFactory(&MakePosix)));
//
// Include it in exactly one source of a test program. Holds only what callers may rely on; what
// one implementation does beyond that is tested beside it. Tests live in
// file_system_contract_{names,content,links}.h by subject.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sync/base/file_system.h"

namespace atozsync {

// A fresh, empty tree and the hooks a test needs beside the interface.
class FileSystemUnderTest {
 public:
  virtual ~FileSystemUnderTest() = default;
  virtual FileSystem& fs() = 0;
  // Puts a symbolic link at `at` that leads to `target` (which need not exist) in the same tree.
  // False where this implementation has no links: nothing is left to promise about them then.
  virtual bool MakeLink(const RelPath& at, const RelPath& target) {
    static_cast<void>(at), static_cast<void>(target);
    return false;
  }
  // Whether a file's name can be changed in the case of its letters only.
  virtual bool ChangesCase() const { return true; }
};
using FileSystemFactory = std::function<std::unique_ptr<FileSystemUnderTest>()>;

class FileSystemContract : public testing::TestWithParam<FileSystemFactory> {
 protected:
  static RelPath P(std::string_view path) { return RelPath::Trusted(path); }
  FileSystem& fs() { return under_test_->fs(); }
  FileSystemUnderTest& under_test() { return *under_test_; }

  void Write(const RelPath& path, std::string_view content) {
    Result<std::unique_ptr<File>> file = fs().Create(path);
    ASSERT_TRUE(file.ok()) << file.status().ToString();
    Status written = (*file)->WriteAt(0, AsBytes(content));
    ASSERT_TRUE(written.ok()) << written.ToString();
  }
  void MakeDir(const RelPath& path) {
    Status made = fs().MakeDir(path);
    ASSERT_TRUE(made.ok()) << made.ToString();
  }
  // The content, or "<error name>".
  std::string Read(const RelPath& path) {
    Result<std::unique_ptr<File>> file = fs().OpenRead(path);
    if (!file.ok()) return std::string("<") + ErrcName(file.error().code) + ">";
    return ReadAll(**file);
  }
  static std::string ReadAll(File& file) {
    std::string content;
    Bytes buffer(4096);
    while (true) {
      Result<size_t> got = file.ReadAt(content.size(), buffer);
      if (!got.ok()) return "<" + got.status().ToString() + ">";
      if (*got == 0) return content;
      content += AsText(ByteSpan(buffer).first(*got));
    }
  }
  FileStat StatOf(const RelPath& path) {
    Result<FileStat> stat = fs().Stat(path);
    EXPECT_TRUE(stat.ok()) << stat.status().ToString();
    return stat.ok() ? *stat : FileStat{};
  }
  bool IsThere(const RelPath& path) { return fs().Stat(path).ok(); }
  std::vector<std::string> NamesIn(const RelPath& dir) {
    Result<std::vector<DirEntry>> entries = fs().List(dir);
    EXPECT_TRUE(entries.ok()) << entries.status().ToString();
    std::vector<std::string> names;
    if (!entries.ok()) return names;
    for (const DirEntry& entry : *entries) names.push_back(entry.name);
    return names;
  }

 private:
  std::unique_ptr<FileSystemUnderTest> under_test_ = GetParam()();
};

// Compares codes with a message that shows the error.
inline testing::AssertionResult FailsWith(const Status& status, Errc code) {
  if (status.Is(code)) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "expected '" << ErrcName(code) << "', got "
         << (status.ok() ? "OK" : std::string(ErrcName(status.code())) + ": " + status.ToString());
}
template <typename T>
testing::AssertionResult FailsWith(const Result<T>& result, Errc code) {
  return FailsWith(result.status(), code);
}
inline testing::AssertionResult IsOk(const Status& status) {
  if (status.ok()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << status.ToString();
}
template <typename T>
testing::AssertionResult IsOk(const Result<T>& result) {
  return IsOk(result.status());
}

}  // namespace atozsync

// The suite itself, by subject; meant to be read after the fixture.
#include "tests/contract/file_system_contract_content.h"
#include "tests/contract/file_system_contract_links.h"
#include "tests/contract/file_system_contract_names.h"
