// TempDir: a new, empty directory of the machine for one test; removed with all below it.
#pragma once

#include <filesystem>
#include <random>
#include <string>
#include <system_error>

#include "sync/base/check.h"

namespace atozsync {

class TempDir {
 public:
  TempDir() {
    std::random_device random;
    std::error_code failed;
    for (int tried = 0; path_.empty() && tried < 100; ++tried) {
      const std::filesystem::path name =
          std::filesystem::temp_directory_path() / ("atozsync-test-" + std::to_string(random()));
      if (!std::filesystem::create_directory(name, failed)) continue;
      std::filesystem::permissions(name, std::filesystem::perms::owner_all, failed);
      path_ = name.string();
    }
    CHECK(!path_.empty());
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
