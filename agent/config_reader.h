// ConfigReader: reads the configuration section by section and remembers the first thing that is
// wrong in the whole file. Inside of config*.cc; not for others to include. The document outlives
// it.
#pragma once

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config.h"
#include "agent/duration.h"
#include "sync/base/rel_path.h"

namespace atozsync {

class ConfigReader {
 public:
  ConfigReader(const toml::table& document, std::string file_name)
      : document_(document), file_name_(std::move(file_name)) {}

  // Makes `name` the current section; false when it is not there.
  bool Enter(const char* name, std::initializer_list<std::string_view> keys) {
    const toml::node* node = document_.get(name);
    if (node == nullptr) return false;
    if (!node->is_table()) {
      Fail(*node, name, "must be a section, written as [" + std::string(name) + "]");
      return false;
    }
    EnterTable(*node->as_table(), "[" + std::string(name) + "]", keys);
    return true;
  }

  // Whose keys are names that a person chose.
  void EnterTable(const toml::table& table, std::string label) {
    section_ = &table;
    label_ = std::move(label);
  }
  void EnterTable(const toml::table& table, std::string label,
                  std::initializer_list<std::string_view> keys) {
    EnterTable(table, std::move(label));
    for (const auto& [key, node] : table) {
      if (std::find(keys.begin(), keys.end(), key.str()) != keys.end()) continue;
      std::string known;
      for (std::string_view name : keys) known += (known.empty() ? "" : ", ") + std::string(name);
      Fail(node, std::string(key.str()), "unknown key; known here: " + known);
    }
  }

  const toml::node* Find(const char* key) const { return section_->get(key); }

  void Text(const char* key, std::string* out) { Take(key, out, "text in quotes"); }
  void Flag(const char* key, bool* out) { Take(key, out, "true or false"); }
  void Number(const char* key, int64_t* out) { Take(key, out, "a whole number"); }

  void Texts(const char* key, std::vector<std::string>* out) {
    const toml::node* node = Find(key);
    if (node == nullptr) return;
    const toml::array* list = node->as_array();
    if (list == nullptr) return Fail(*node, key, "must be a list of texts, like [\"a\", \"b\"]");
    if (list->size() > Config::kListMax) return Fail(*node, key, "has more than 256 entries");
    out->clear();
    for (const toml::node& entry : *list) {
      std::optional<std::string> text = entry.value_exact<std::string>();
      if (!text) return Fail(entry, key, "must be a list of texts, like [\"a\", \"b\"]");
      out->push_back(*text);
    }
  }

  void Duration(const char* key, int64_t min_ms, int64_t max_ms, int64_t* out) {
    std::string text;
    Text(key, &text);
    if (Find(key) == nullptr || failed()) return;
    Result<int64_t> value_ms = ParseDuration(text);
    if (!value_ms.ok()) return Fail(key, value_ms.error().context);
    if (*value_ms < min_ms || *value_ms > max_ms) {
      return Fail(key, fmt::format("must lie between {} s and {} s",
                                   static_cast<double>(min_ms) / 1000, max_ms / 1000));
    }
    *out = *value_ms;
  }

  void Require(const char* key, const std::string& value) {
    if (value.empty()) Fail(key, "is missing or empty");
  }
  void Fail(const char* key, const std::string& text) {
    const toml::node* node = Find(key);
    Fail(node == nullptr ? *static_cast<const toml::node*>(section_) : *node, key, text);
  }
  void Fail(const toml::node& node, const std::string& key, const std::string& text) {
    if (failed()) return;
    std::string in = label_.empty() ? key : label_ + " " + key;
    status_ = Status(Errc::kInvalid, fmt::format("{}:{}: {}: {}", file_name_,
                                                 node.source().begin.line, Printable(in), text));
  }
  bool failed() const { return !status_.ok(); }
  const Status& status() const { return status_; }
  void LeaveSection() { label_.clear(); }

 private:
  template <typename T>
  void Take(const char* key, T* out, const char* what) {
    const toml::node* node = Find(key);
    if (node == nullptr) return;
    std::optional<T> value = node->value_exact<T>();
    if (!value) return Fail(*node, key, std::string("must be ") + what);
    *out = std::move(*value);
  }

  const toml::table& document_;
  const std::string file_name_;
  const toml::table* section_ = nullptr;
  std::string label_;
  Status status_;
};

// config_network.cc
void ReadNetworkSection(ConfigReader& reader, Config& config);
// config_brake.cc
void ReadBrakeSection(ConfigReader& reader, Config& config);
// config_dashboard.cc
void ReadDashboardSection(ConfigReader& reader, Config& config);
void ReadAlertSection(ConfigReader& reader, Config& config);

}  // namespace atozsync
