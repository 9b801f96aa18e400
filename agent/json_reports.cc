#include "agent/json_reports.h"

#include <fmt/format.h>

#include "agent/bandwidth.h"
#include "agent/digest.h"
#include "agent/format.h"

namespace atozsync {

namespace {

Json BacklogJson(const Backlog& backlog) {
  return {{"files", backlog.files}, {"bytes", backlog.bytes}};
}

Json DatabaseJson(const RowsHealth& health, const std::optional<DatabaseCounts>& counts) {
  if (health.word == RowsWord::kOff) return nullptr;
  Json json = {{"state", RowsWordName(health.word)},
               {"problem", NullIfEmpty(health.problem)},
               {"frozen", NullIfEmpty(health.frozen)}};
  if (counts) {
    json["rows"] = counts->rows;
    json["missing_files"] = counts->missing_files;
    json["orphan_files"] = counts->orphan_files;
    json["counted"] = UtcTime(counts->counted_ms);
  }
  return json;
}

// A hybrid logical time is for machines; people get the times of the file.
Json PeerJson(const PeerReport& peer) {
  return {{"id", peer.id.ToString()},
          {"name", peer.name},
          {"connected", peer.connected},
          {"address", peer.address},
          {"in_sync", peer.in_sync},
          {"to_receive", BacklogJson(peer.to_receive)},
          {"to_send", BacklogJson(peer.to_send)},
          {"received_bytes", peer.received_bytes},
          {"sent_bytes", peer.sent_bytes},
          {"round_trip_ms", peer.round_trip_ms ? Json(*peer.round_trip_ms) : Json()},
          {"clock_ahead_ms", peer.clock_ahead_ms ? Json(*peer.clock_ahead_ms) : Json()},
          {"last_seen", TimeOrNull(peer.last_seen_ms)},
          {"problem", NullIfEmpty(peer.problem)}};
}

Json UploadLimitJson(uint64_t bytes_per_second) {
  if (bytes_per_second == 0) return {};
  return {{"bytes_per_second", bytes_per_second}, {"text", FormatBandwidth(bytes_per_second)}};
}

Json SideJson(const FileVersion& version, const ReplicaNames& names) {
  bool file = version.kind == VersionKind::kFile;
  return {{"replica", NameOf(names, version.dot.author)},
          {"kind", VersionKindName(version.kind)},
          {"hash", file ? Json(version.hash.ToHex()) : Json()},
          {"size", file ? Json(version.size) : Json()},
          {"mtime", file ? Json(UtcTimeOfNs(version.mtime_ns)) : Json()}};
}

Json DifferenceJson(const ResyncDifference& difference) {
  Json json = {
      {"where", difference.where}, {"what", difference.what}, {"action", difference.action}};
  PutPath(json, difference.path);
  return json;
}

}  // namespace

std::string NameOf(const ReplicaNames& names, AuthorId author) {
  auto found = names.find(ReplicaPrefixOf(author));
  return found != names.end() ? found->second : fmt::format("{:08x}", ReplicaPrefixOf(author));
}

Json StatusJson(const ReplicaFacts& facts, const ReplicaReport& report,
                const std::optional<DatabaseCounts>& counts) {
  Json peers = Json::array();
  for (const PeerReport& peer : report.peers) peers.push_back(PeerJson(peer));
  Json problems = Json::array();
  for (const std::string& problem : report.problems) problems.push_back(problem);
  return {
      {"replica",
       {{"id", facts.id.ToString()},
        {"name", facts.name},
        {"root", facts.root},
        {"version", facts.version}}},
      {"state", ReplicaStateName(report.state)},
      {"in_sync", report.in_sync},
      {"files", report.totals.files},
      {"directories", report.totals.directories},
      {"bytes", report.totals.bytes},
      {"sequence", report.sequence},
      {"watching",
       {{"mode", report.watching.mode},
        {"directories", report.watching.directories},
        {"unwatched", report.watching.unwatched},
        {"overflows", report.watching.overflows},
        {"problem", NullIfEmpty(report.watching.problem)}}},
      {"peers", std::move(peers)},
      {"to_receive", BacklogJson(report.to_receive)},
      {"to_scan", report.to_scan},
      {"to_hash", report.to_hash},
      {"to_keep", report.to_keep},
      {"hashed", {{"files", report.hashed_files}, {"bytes", report.hashed_bytes}}},
      {"upload_limit", UploadLimitJson(report.upload_limit)},
      {"conflicts_open", report.conflicts_open},
      {"held",
       {{"row", report.held_row}, {"locked", report.held_locked}, {"brake", report.held_brake}}},
      {"database", DatabaseJson(report.database, counts)},
      {"problems", std::move(problems)},
      {"last_error", NullIfEmpty(report.last_error)}};
}

std::string HeldId(const RelPath& path) {
  constexpr size_t kIdBytes = 6;
  const Sha256Digest digest = Sha256(AsBytes(path.str()));
  return ToHex(ByteSpan(digest).first(kIdBytes));
}

Json HeldJson(const HeldFile& held) {
  Json json = {{"id", HeldId(held.path)},
               {"why", HeldWhyName(held.why)},
               {"since", TimeOrNull(held.since_ms)},
               {"until", TimeOrNull(held.until_ms)},
               {"next_try", TimeOrNull(held.next_try_ms)},
               {"text", held.text}};
  PutPath(json, held.path);
  return json;
}

Json VersionJson(const FileVersion& version, const ReplicaNames& names) {
  Json json = SideJson(version, names);
  json["vector"] = version.vector.ToString();
  json["counter"] = version.dot.counter;
  return json;
}

Json ConflictJson(const ConflictRecord& record, const std::optional<RelPath>& kept_at,
                  const ReplicaNames& names) {
  Json loser = SideJson(record.loser, names);
  loser["kept_at"] = kept_at ? Json(Printable(*kept_at)) : Json();
  Json json = {{"id", record.id.ToHex()},
               {"kind", ConflictKindName(record.kind)},
               {"detected", UtcTime(record.detected_ms)},
               {"state", ConflictStateName(record.state)},
               {"winner", SideJson(record.winner, names)},
               {"loser", std::move(loser)},
               {"rule", record.rule}};
  PutPath(json, record.path);
  if (!record.other_path.is_root()) json["other_path"] = Printable(record.other_path);
  return json;
}

Json HistoryJson(const RelPath& path, const std::vector<HistoryEntry>& entries) {
  Json versions = Json::array();
  for (const HistoryEntry& entry : entries) {
    Json json = SideJson(entry.version, {});
    json["replica"] = entry.author_name;
    json["version"] = entry.id;
    json["kept"] = TimeOrNull(entry.kept_ms);
    json["why"] = entry.why;
    versions.push_back(std::move(json));
  }
  Json json = {{"versions", std::move(versions)}};
  PutPath(json, path);
  return json;
}

Json ExplainJson(const ExplainReport& report, const ReplicaNames& names) {
  Json json = {{"on_disk", report.on_disk}, {"row", nullptr}};
  PutPath(json, report.path);
  if (report.row) {
    json["row"] = VersionJson(report.row->version, names);
    json["row"]["sequence"] = report.row->sequence;
    json["row"]["unversioned"] = report.row->unversioned;
    json["reason"] = report.row->reason;
  }
  json["waiting_for"] = Json::array();
  for (const Need& need : report.needs) {
    json["waiting_for"].push_back(VersionJson(need.version, names));
  }
  json["held"] = Json::array();
  for (const HeldFile& held : report.held) json["held"].push_back(HeldJson(held));
  json["peers"] = Json::array();
  for (const ExplainVersion& peer : report.peers) {
    json["peers"].push_back({{"replica", peer.replica},
                             {"known", peer.known},
                             {"version", peer.known ? VersionJson(peer.version, names) : Json()}});
  }
  return json;
}

Json ResyncJson(const ResyncReport& report) {
  Json differences = Json::array();
  for (const ResyncDifference& difference : report.differences) {
    differences.push_back(DifferenceJson(difference));
  }
  return {{"files", report.looked_at},
          {"hashed_bytes", report.hashed_bytes},
          {"compared_peers", report.compared_peers},
          {"unreachable_peers", report.unreachable_peers},
          {"difference_count", report.difference_count},
          {"differences", std::move(differences)},
          {"problem", NullIfEmpty(report.problem)}};
}

}  // namespace atozsync
