#include "sync/index/codec.h"

#include "sync/base/varint.h"

namespace atozsync {

namespace {

void PutFixed(Bytes& out, uint64_t value) {
  size_t at = out.size();
  out.resize(at + 8);
  PutU64(MutableByteSpan(out).subspan(at), value);
}

void PutHash(Bytes& out, const ContentHash& hash) {
  PutFixed(out, hash.high);
  PutFixed(out, hash.low);
}

void PutText(Bytes& out, const std::string& text) {
  PutVarint(out, text.size());
  out.insert(out.end(), text.begin(), text.end());
}

void PutMembers(Bytes& out, const std::vector<uint32_t>& members) {
  PutVarint(out, members.size());
  for (uint32_t member : members) PutVarint(out, member);
}

// Takes from the front. After the first thing that does not fit everything is 0 and ok() is false.
class Reader {
 public:
  explicit Reader(ByteSpan in) : in_(in) {}

  bool ok() const { return ok_; }
  bool done() const { return ok_ && in_.empty(); }

  uint64_t Varint() {
    std::optional<uint64_t> value = TakeVarint(in_);
    ok_ = ok_ && value.has_value();
    return value.value_or(0);
  }
  uint64_t Fixed() {
    ByteSpan bytes = Take(8);
    return bytes.empty() ? 0 : GetU64(bytes);
  }
  ContentHash Hash() {
    uint64_t high = Fixed();
    return {high, Fixed()};
  }
  // A count of things that take at least `bytes_each`: so never more than fit in what is left.
  size_t Count(size_t bytes_each) {
    uint64_t count = Varint();
    if (count > in_.size() / bytes_each) ok_ = false;
    return ok_ ? static_cast<size_t>(count) : 0;
  }
  std::string_view Text() { return AsText(Take(Count(1))); }
  RelPath Path() {
    Result<RelPath> path = RelPath::Parse(Text());
    if (path.ok()) return std::move(path).value();
    ok_ = false;
    return {};
  }
  std::vector<uint32_t> Members() {
    std::vector<uint32_t> members(Count(1));
    for (uint32_t& member : members) member = static_cast<uint32_t>(Varint());
    return members;
  }
  void Fail() { ok_ = false; }

 private:
  ByteSpan Take(size_t bytes) {
    if (bytes > in_.size()) ok_ = false;
    if (!ok_) return {};
    ByteSpan taken = in_.first(bytes);
    in_ = in_.subspan(bytes);
    return taken;
  }

  ByteSpan in_;
  bool ok_ = true;
};

void ReadHistory(Reader& in, FileVersion& version) {
  std::vector<VersionVector::Entry> entries(in.Count(9));
  for (VersionVector::Entry& entry : entries) {
    entry.author = in.Fixed();
    entry.counter = in.Varint();
  }
  version.dot.author = in.Fixed();
  version.dot.counter = in.Varint();
  version.hlc = in.Fixed();
  version.chain.resize(in.Count(16));
  for (ContentHash& hash : version.chain) hash = in.Hash();
  version.known_by = in.Members();
  version.complete_by = in.Members();
  Result<VersionVector> vector = VersionVector::FromEntries(std::move(entries));
  if (vector.ok()) {
    version.vector = std::move(vector).value();
  } else {
    in.Fail();
  }
}

void WriteVersion(Bytes& out, const FileVersion& version) {
  out.push_back(static_cast<uint8_t>(version.kind));
  PutVarint(out, version.size);
  PutFixed(out, static_cast<uint64_t>(version.mtime_ns));
  PutHash(out, version.hash);
  EncodeHistory(version, out);
}

void ReadVersion(Reader& in, FileVersion& version) {
  uint64_t kind = in.Varint();
  if (kind > static_cast<uint64_t>(VersionKind::kDir)) in.Fail();
  version.kind = static_cast<VersionKind>(kind);
  version.size = in.Varint();
  version.mtime_ns = static_cast<int64_t>(in.Fixed());
  version.hash = in.Hash();
  ReadHistory(in, version);
  if (!ValidateVersion(version).ok()) in.Fail();
}

void WriteStamp(Bytes& out, const FileStamp& stamp) {
  PutVarint(out, stamp.size);
  PutFixed(out, static_cast<uint64_t>(stamp.mtime_ns));
  PutFixed(out, static_cast<uint64_t>(stamp.ctime_ns));
  PutVarint(out, stamp.inode);
}

void ReadStamp(Reader& in, FileStamp& stamp) {
  stamp.size = in.Varint();
  stamp.mtime_ns = static_cast<int64_t>(in.Fixed());
  stamp.ctime_ns = static_cast<int64_t>(in.Fixed());
  stamp.inode = in.Varint();
}

}  // namespace

void EncodeHistory(const FileVersion& version, Bytes& out) {
  PutVarint(out, version.vector.entries().size());
  for (const VersionVector::Entry& entry : version.vector.entries()) {
    PutFixed(out, entry.author);
    PutVarint(out, entry.counter);
  }
  PutFixed(out, version.dot.author);
  PutVarint(out, version.dot.counter);
  PutFixed(out, version.hlc);
  PutVarint(out, version.chain.size());
  for (const ContentHash& hash : version.chain) PutHash(out, hash);
  PutMembers(out, version.known_by);
  PutMembers(out, version.complete_by);
}

bool DecodeHistory(ByteSpan in, FileVersion& version) {
  Reader reader(in);
  ReadHistory(reader, version);
  return reader.done() && ValidateVersion(version).ok();
}

Bytes EncodeVersion(const FileVersion& version) {
  Bytes out;
  WriteVersion(out, version);
  return out;
}

bool DecodeVersion(ByteSpan in, FileVersion& version) {
  Reader reader(in);
  ReadVersion(reader, version);
  return reader.done();
}

Bytes EncodeStamp(const FileStamp& stamp) {
  Bytes out;
  WriteStamp(out, stamp);
  return out;
}

bool DecodeStamp(ByteSpan in, FileStamp& stamp) {
  Reader reader(in);
  ReadStamp(reader, stamp);
  return reader.done();
}

Bytes EncodeIntentPlan(const Intent& intent) {
  Bytes out;
  WriteStamp(out, intent.staged_stamp);
  WriteStamp(out, intent.old_stamp);
  PutText(out, intent.row.path.str());
  WriteVersion(out, intent.row.version);
  WriteStamp(out, intent.row.stamp);
  PutVarint(out, intent.row.sequence);
  PutVarint(out, intent.row.unversioned ? 1 : 0);
  PutText(out, intent.row.reason);
  return out;
}

bool DecodeIntentPlan(ByteSpan in, Intent& intent) {
  Reader reader(in);
  ReadStamp(reader, intent.staged_stamp);
  ReadStamp(reader, intent.old_stamp);
  intent.row.path = reader.Path();
  ReadVersion(reader, intent.row.version);
  ReadStamp(reader, intent.row.stamp);
  intent.row.sequence = reader.Varint();
  intent.row.unversioned = reader.Varint() == 1;
  intent.row.reason = std::string(reader.Text());
  return reader.done();
}

}  // namespace atozsync
