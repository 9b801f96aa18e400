// Rows, conflicts, chunks and digests: what describes the tree.
#include <algorithm>

#include "protocol/codec.h"
#include "protocol/codec_parts.h"

namespace atozsync::protocol {
namespace {

constexpr size_t kHashBytes = 16;
constexpr size_t kChunkBytes = kHashBytes + 4;

Status Broken(const char* what) {
  return {Errc::kProtocol, std::string("message: ") + what};
}

void ToWire(const FileVersion& in, wire::Version* out) {
  out->set_kind(static_cast<uint32_t>(in.kind));
  out->set_size(in.size);
  out->set_mtime_ns(in.mtime_ns);
  out->set_hash(HashToWire(in.hash));
  for (const VersionVector::Entry& entry : in.vector.entries()) {
    out->add_authors(entry.author);
    out->add_counters(entry.counter);
  }
  out->set_dot_author(in.dot.author);
  out->set_dot_counter(in.dot.counter);
  out->set_hlc(in.hlc);
  for (const ContentHash& hash : in.chain) AppendHash(hash, out->mutable_chain());
  out->mutable_known_by()->Add(in.known_by.begin(), in.known_by.end());
  out->mutable_complete_by()->Add(in.complete_by.begin(), in.complete_by.end());
}

Result<VersionVector> VectorFromWire(const wire::Version& in) {
  if (in.authors_size() != in.counters_size()) return Broken("half a version vector");
  if (static_cast<size_t>(in.authors_size()) > VersionVector::kEntriesMax) {
    return Broken("a version vector that is too long");
  }
  std::vector<VersionVector::Entry> entries;
  entries.reserve(static_cast<size_t>(in.authors_size()));
  for (int i = 0; i < in.authors_size(); ++i) entries.push_back({in.authors(i), in.counters(i)});
  return VersionVector::FromEntries(std::move(entries));
}

Status FromWire(const wire::Version& in, FileVersion* out) {
  if (in.kind() > static_cast<uint32_t>(VersionKind::kDir))
    return Broken("unknown kind of version");
  out->kind = static_cast<VersionKind>(in.kind());
  out->size = in.size();
  out->mtime_ns = in.mtime_ns();
  ASSIGN_OR_RETURN(out->hash, HashFromWire(in.hash()));
  ASSIGN_OR_RETURN(out->vector, VectorFromWire(in));
  out->dot = {in.dot_author(), in.dot_counter()};
  out->hlc = in.hlc();
  if (in.chain().size() % kHashBytes != 0 ||
      in.chain().size() > kHashBytes * FileVersion::kChainMax) {
    return Broken("a chain that is no list of hashes");
  }
  for (size_t at = 0; at < in.chain().size(); at += kHashBytes) {
    out->chain.push_back(GetHash(AsBytes(in.chain()).subspan(at)));
  }
  out->known_by.assign(in.known_by().begin(), in.known_by().end());
  out->complete_by.assign(in.complete_by().begin(), in.complete_by().end());
  return Status::Ok();
}

void ToWire(const ConflictRecord& in, wire::Conflict* out) {
  out->set_id(HashToWire(in.id));
  out->set_path(in.path.str());
  out->set_other_path(in.other_path.str());
  out->set_kind(static_cast<uint32_t>(in.kind));
  ToWire(in.winner, out->mutable_winner());
  ToWire(in.loser, out->mutable_loser());
  out->set_detected_ms(in.detected_ms);
  out->set_state(static_cast<uint32_t>(in.state));
  out->set_state_hlc(in.state_hlc);
  out->set_rule(in.rule);
}

Status FromWire(const wire::Conflict& in, ConflictRecord* out) {
  // One byte in memory: a larger number must not wrap around to one that means something.
  if (in.kind() > 255 || in.state() > 255) return Broken("unknown kind or state of a conflict");
  ASSIGN_OR_RETURN(out->id, HashFromWire(in.id()));
  ASSIGN_OR_RETURN(out->path, PathFromWire(in.path()));
  ASSIGN_OR_RETURN(out->other_path, PathFromWire(in.other_path()));
  out->kind = static_cast<ConflictKind>(in.kind());
  TRY(FromWire(in.winner(), &out->winner));
  TRY(FromWire(in.loser(), &out->loser));
  out->detected_ms = in.detected_ms();
  out->state = static_cast<ConflictState>(in.state());
  out->state_hlc = in.state_hlc();
  out->rule = in.rule();
  return Status::Ok();
}

size_t ApproximateBytes(const FileVersion& version) {
  constexpr size_t kFixed = 96;  // tags, kind, size, times, hash, dot
  return kFixed + version.vector.entries().size() * (8 + 10) + version.chain.size() * kHashBytes +
         (version.known_by.size() + version.complete_by.size()) * 4;
}

}  // namespace

size_t ApproximateBytes(const UpdateRow& row) {
  return 16 + row.path.str().size() + ApproximateBytes(row.version);
}

size_t ApproximateBytes(const ConflictRecord& conflict) {
  return 80 + conflict.path.str().size() + conflict.other_path.str().size() + conflict.rule.size() +
         ApproximateBytes(conflict.winner) + ApproximateBytes(conflict.loser);
}

ContentHash GetHash(ByteSpan bytes) {
  return {GetU64(bytes), GetU64(bytes.subspan(8))};
}

void AppendHash(const ContentHash& hash, std::string* out) {
  uint8_t bytes[kHashBytes];
  PutU64(bytes, hash.high);
  PutU64(MutableByteSpan(bytes).subspan(8), hash.low);
  out->append(AsText(bytes));
}

std::string HashToWire(const ContentHash& hash) {
  std::string bytes;
  if (!hash.is_zero()) AppendHash(hash, &bytes);
  return bytes;
}

Result<ContentHash> HashFromWire(const std::string& bytes) {
  if (bytes.empty()) return ContentHash{};
  if (bytes.size() != kHashBytes) return Broken("a hash that is not 16 bytes");
  return GetHash(AsBytes(bytes));
}

Result<RelPath> PathFromWire(const std::string& bytes) {
  Result<RelPath> path = RelPath::Parse(bytes);
  // The peer is at fault, not a person.
  if (!path.ok()) return Status(Errc::kProtocol, "message: " + path.error().context);
  return path;
}

void ToWire(const IndexUpdate& in, wire::IndexUpdate* out) {
  out->set_from(in.from);
  out->set_to(in.to);
  out->set_caught_up(in.caught_up);
  for (const UpdateRow& row : in.rows) {
    wire::UpdateRow* wire_row = out->add_rows();
    wire_row->set_path(row.path.str());
    ToWire(row.version, wire_row->mutable_version());
  }
  for (const ConflictRecord& conflict : in.conflicts) ToWire(conflict, out->add_conflicts());
}

Status FromWire(const wire::IndexUpdate& in, IndexUpdate* out) {
  out->from = in.from();
  out->to = in.to();
  out->caught_up = in.caught_up();
  out->rows.reserve(static_cast<size_t>(in.rows_size()));
  for (const wire::UpdateRow& wire_row : in.rows()) {
    UpdateRow& row = out->rows.emplace_back();
    ASSIGN_OR_RETURN(row.path, PathFromWire(wire_row.path()));
    TRY(FromWire(wire_row.version(), &row.version));
  }
  out->conflicts.reserve(static_cast<size_t>(in.conflicts_size()));
  for (const wire::Conflict& conflict : in.conflicts()) {
    TRY(FromWire(conflict, &out->conflicts.emplace_back()));
  }
  return Status::Ok();
}

void ToWire(const ChunkListRequest& in, wire::ChunkListRequest* out) {
  out->set_id(in.id);
  out->set_path(in.path.str());
  out->set_file_hash(HashToWire(in.file_hash));
  out->set_first(in.first);
  out->set_base_hash(HashToWire(in.base_hash));
}

Status FromWire(const wire::ChunkListRequest& in, ChunkListRequest* out) {
  out->id = in.id();
  ASSIGN_OR_RETURN(out->path, PathFromWire(in.path()));
  ASSIGN_OR_RETURN(out->file_hash, HashFromWire(in.file_hash()));
  out->first = in.first();
  ASSIGN_OR_RETURN(out->base_hash, HashFromWire(in.base_hash()));
  return Status::Ok();
}

void ToWire(const ChunkListReply& in, wire::ChunkListReply* out) {
  out->set_id(in.id);
  out->set_found(in.found);
  out->set_more(in.more);
  std::string* chunks = out->mutable_chunks();
  chunks->reserve(in.chunks.size() * kChunkBytes);
  for (const Chunk& chunk : in.chunks) {
    AppendHash(chunk.hash, chunks);
    uint8_t size[4];
    PutU32(size, chunk.size);
    chunks->append(AsText(size));
  }
  for (const ChunkRun& run : in.runs) {
    wire::ChunkRun* added = out->add_runs();
    added->set_fresh(run.fresh);
    added->set_first(run.first);
    added->set_count(run.count);
  }
}

Status FromWire(const wire::ChunkListReply& in, ChunkListReply* out) {
  out->id = in.id();
  out->found = in.found();
  out->more = in.more();
  const ByteSpan chunks = AsBytes(in.chunks());
  if (chunks.size() % kChunkBytes != 0 || chunks.size() / kChunkBytes > kChunksMax) {
    return Broken("too many chunks, or half of one");
  }
  out->chunks.reserve(chunks.size() / kChunkBytes);
  for (size_t at = 0; at < chunks.size(); at += kChunkBytes) {
    out->chunks.push_back({GetHash(chunks.subspan(at)), GetU32(chunks.subspan(at + kHashBytes))});
  }
  if (static_cast<size_t>(in.runs_size()) > kChunkRunsMax) return Broken("too many runs of chunks");
  for (const wire::ChunkRun& run : in.runs()) {
    out->runs.push_back({run.fresh(), run.first(), run.count()});
  }
  return Status::Ok();
}

void ToWire(const DigestRequest& in, wire::DigestRequest* out) {
  out->set_id(in.id);
  out->set_dir(in.dir.str());
  out->set_after(in.after);
}

Status FromWire(const wire::DigestRequest& in, DigestRequest* out) {
  out->id = in.id();
  ASSIGN_OR_RETURN(out->dir, PathFromWire(in.dir()));
  out->after = in.after();
  return Status::Ok();
}

void ToWire(const DigestReply& in, wire::DigestReply* out) {
  out->set_id(in.id);
  out->set_all(HashToWire(in.all));
  out->set_entries(in.entries);
  out->set_more(in.more);
  for (const DigestEntry& entry : in.children) {
    wire::DigestEntry* child = out->add_children();
    child->set_name(entry.name);
    child->set_kind(static_cast<uint32_t>(entry.kind));
    child->set_row(HashToWire(entry.row));
    child->set_below(HashToWire(entry.below));
  }
}

Status FromWire(const wire::DigestReply& in, DigestReply* out) {
  out->id = in.id();
  ASSIGN_OR_RETURN(out->all, HashFromWire(in.all()));
  out->entries = in.entries();
  out->more = in.more();
  out->children.reserve(static_cast<size_t>(in.children_size()));
  for (const wire::DigestEntry& child : in.children()) {
    if (child.kind() > 255) return Broken("unknown kind of version");
    DigestEntry& entry = out->children.emplace_back();
    entry.name = child.name();
    entry.kind = static_cast<VersionKind>(child.kind());
    ASSIGN_OR_RETURN(entry.row, HashFromWire(child.row()));
    ASSIGN_OR_RETURN(entry.below, HashFromWire(child.below()));
  }
  return Status::Ok();
}

void ToWire(const VersionRequest& in, wire::VersionRequest* out) {
  out->set_id(in.id);
  out->set_path(in.path.str());
}

Status FromWire(const wire::VersionRequest& in, VersionRequest* out) {
  out->id = in.id();
  ASSIGN_OR_RETURN(out->path, PathFromWire(in.path()));
  return Status::Ok();
}

void ToWire(const VersionReply& in, wire::VersionReply* out) {
  out->set_id(in.id);
  if (!in.found) return;
  out->mutable_row()->set_path(in.row.path.str());
  ToWire(in.row.version, out->mutable_row()->mutable_version());
}

Status FromWire(const wire::VersionReply& in, VersionReply* out) {
  out->id = in.id();
  out->found = in.has_row();
  if (!out->found) return Status::Ok();
  ASSIGN_OR_RETURN(out->row.path, PathFromWire(in.row().path()));
  return FromWire(in.row().version(), &out->row.version);
}

void ToWire(const Going& in, wire::Going* out) {
  for (const RelPath& path : in.paths) out->add_paths(path.str());
}

Status FromWire(const wire::Going& in, Going* out) {
  out->paths.reserve(static_cast<size_t>(in.paths_size()));
  for (const std::string& path : in.paths()) {
    ASSIGN_OR_RETURN(RelPath parsed, PathFromWire(path));
    out->paths.push_back(std::move(parsed));
  }
  return Status::Ok();
}

}  // namespace atozsync::protocol
