#include "sync/engine/layout.h"

#include <xxhash.h>

#include <charconv>
#include <cstdio>

#include "sync/base/file_system.h"
#include "sync/base/planted_fault.h"
#include "sync/engine/ignore.h"

namespace atozsync::layout {

namespace {

constexpr std::string_view kHeldSuffix = ".held";
constexpr size_t kNameBytesMax = 190;  // leaves room for the suffix within 255

std::string Format(const char* format, auto... values) {
  char buffer[128];
  std::snprintf(buffer, sizeof buffer, format, values...);
  return buffer;
}

}  // namespace

RelPath Own() {
  return RelPath::Trusted(kOwnFolder);
}
RelPath Marker() {
  return Own().Child("root-id");
}
RelPath Staging() {
  return Own().Child("staging");
}
RelPath Versions() {
  return Own().Child("versions");
}
RelPath Conflicts() {
  return Own().Child("conflicts");
}

bool RootPresent(FileSystem& files) {
  return files.Stat(Marker()).ok() || Planted(PlantedFault::kMissingRootIsEmpty);
}

RelPath Staged(uint64_t number, const ContentHash& hash) {
  return Staging().Child(Format("%llu-%016llx", static_cast<unsigned long long>(number),
                                static_cast<unsigned long long>(hash.high)));
}

bool IsStagedOf(std::string_view name, const ContentHash& hash) {
  return name.ends_with(Format("-%016llx", static_cast<unsigned long long>(hash.high)));
}

RelPath Partial(const ContentHash& hash) {
  return Staging().Child(hash.ToHex() + ".part");
}

bool IsPartial(std::string_view name) {
  return name.ends_with(".part");
}

RelPath Held(const ContentHash& hash) {
  return Staging().Child(hash.ToHex() + std::string(kHeldSuffix));
}

Result<ContentHash> HashOfHeld(std::string_view name) {
  if (!name.ends_with(kHeldSuffix)) {
    return Status(Errc::kInvalid, Printable(name) + ": not a content that is held");
  }
  return ContentHash::Parse(name.substr(0, name.size() - kHeldSuffix.size()));
}

RelPath ConflictCopy(const ContentHash& conflict_id, uint64_t distinct) {
  return Conflicts().Child(conflict_id.ToHex() +
                           Format("-%llu", static_cast<unsigned long long>(distinct)));
}

Result<ContentHash> ConflictOfCopy(const RelPath& place) {
  if (place.parent() != Conflicts()) {
    return Status(Errc::kInvalid, Printable(place) + ": not a conflict's copy");
  }
  return ContentHash::Parse(place.name().substr(0, place.name().find('-')));
}

RelPath UsersBytes(const RelPath& staged) {
  return Conflicts().Child(staged.name());
}

RelPath KeptVersion(const RelPath& path, int64_t kept_ms, const ContentHash& hash,
                    uint64_t distinct) {
  std::string name(path.name());
  if (name.size() > kNameBytesMax) {
    name =
        name.substr(0, kNameBytesMax - 20) +
        Format("~#%016llx", static_cast<unsigned long long>(XXH3_64bits(name.data(), name.size())));
  }
  name +=
      Format("~%013lld-%016llx-%llu", static_cast<long long>(kept_ms),
             static_cast<unsigned long long>(hash.high), static_cast<unsigned long long>(distinct));
  std::string whole = Versions().str();
  std::string dir = path.parent().str();
  if (whole.size() + dir.size() + name.size() + 2 > RelPath::kPathBytesMax) {
    dir = Format("~#%016llx", static_cast<unsigned long long>(XXH3_64bits(dir.data(), dir.size())));
  }
  if (!dir.empty()) whole += "/" + dir;
  return RelPath::Trusted(whole + "/" + name);
}

KeptName ParseKeptName(std::string_view name) {
  size_t tilde = name.rfind('~');
  if (tilde == std::string_view::npos || tilde == 0) return {};
  std::string_view rest = name.substr(tilde + 1);
  KeptName kept;
  auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), kept.kept_ms);
  size_t used = static_cast<size_t>(end - rest.data());
  if (error != std::errc() || used != 13 || rest.size() < 13 + 1 + 16 || rest[13] != '-') return {};
  kept.content = rest.substr(14, 16);
  if (kept.content.find_first_not_of("0123456789abcdef") != std::string::npos) return {};
  kept.name = name.substr(0, tilde);
  return kept;
}

}  // namespace atozsync::layout
