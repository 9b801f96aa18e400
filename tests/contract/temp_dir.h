// TempDir: a new, empty directory of the machine for one test; removed with all below it.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "sync/base/check.h"

namespace atozsync {

class TempDir {
 public:
  TempDir() {
    path_ = (std::filesystem::temp_directory_path() / "atozsync-test-XXXXXX").string();
    CHECK(::mkdtemp(path_.data()) != nullptr);
  }
  ~TempDir() {
    std::error_code ignored;  // what is left over is the system's to clean
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace atozsync
