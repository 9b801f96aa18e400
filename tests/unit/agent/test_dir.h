// A directory of its own for one test, removed with everything in it at the end.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/contract/temp_dir.h"

namespace atozsync {

class TestDir {
 public:
  const std::string& path() const { return dir_.path(); }
  std::string File(const std::string& name) const { return path() + "/" + name; }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(File(name), std::ios::binary) << text;
  }
  std::string Read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(File(name), std::ios::binary).rdbuf();
    return text.str();
  }

 private:
  TempDir dir_;
};

}  // namespace atozsync
