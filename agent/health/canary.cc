#include "agent/health/canary.h"

#include <algorithm>

#include "agent/format.h"

namespace atozsync {

namespace {

constexpr char kDir[] = "AtoZSync check";
constexpr char kText[] =
    "atozsync measures with this file how long a change takes to reach the other offices.\n"
    "It sets the file's time anew every so often. Turn it off with canary = \"off\" in\n"
    "atozsync.toml; then it may be deleted.\n";

// As a program would do it: the watcher sees it, the engine takes it in.
Status Touch(FileSystem& files, const RelPath& path, int64_t mtime_ns) {
  if (files.Stat(path).ok()) return files.SetMtime(path, mtime_ns);
  Status made = files.MakeDir(path.parent());
  if (!made.ok() && !made.Is(Errc::kExists)) return made;
  ASSIGN_OR_RETURN(std::unique_ptr<File> file, files.Create(path));
  TRY(file->WriteAt(0, AsBytes(kText)));
  return file->SetMtime(mtime_ns);
}

}  // namespace

RelPath CanaryPath(const std::string& replica_id) {
  return RelPath::Trusted(std::string(kDir) + "/" + replica_id.substr(0, 7) + ".txt");
}

Canary::~Canary() {
  agent_.executor().CancelTimer(ask_timer_);
}

void Canary::Tick() {
  const int64_t every_ms = agent_.config().dashboard.canary_ms;
  const int64_t now_ms = agent_.executor().clock().MonoMs();
  Replica* replica = agent_.replica();
  if (every_ms == 0 || replica == nullptr || now_ms < next_mono_ms_) return;
  // While the first scan goes on, or nothing is exchanged, the time would say nothing.
  const ReplicaState state = replica->Report().state;
  if (state != ReplicaState::kIdle && state != ReplicaState::kSyncing) return;
  if (under_way_ && now_ms - began_mono_ms_ < kGiveUpMs) return;
  next_mono_ms_ = now_ms + every_ms;
  began_mono_ms_ = now_ms;
  Begin(agent_.executor().clock().WallMs());
}

void Canary::Begin(int64_t wall_ms) {
  under_way_ = true;
  sent_wall_ms_ = wall_ms;
  mtime_ns_ = wall_ms * 1'000'000;
  round_trips_.clear();
  for (const PeerConfig& peer : agent_.config().peers) round_trips_.push_back({peer.name, {}});
  auto touched = std::make_shared<Status>();
  agent_.executor().Run(
      Lane::kWrite,
      [files = agent_.files(), path = CanaryPath(agent_.facts().id.ToString()),
       mtime_ns = mtime_ns_, touched] { *touched = Touch(*files, path, mtime_ns); },
      [this, touched, alive = std::weak_ptr<int>(alive_)] {
        if (!alive.expired()) OnTouched(*touched);
      });
}

void Canary::OnTouched(const Status& touched) {
  if (touched.ok()) return Ask();
  under_way_ = false;
  agent_.Log(LogLevel::kWarning, "the canary: " + touched.ToString());
}

void Canary::Ask() {
  ask_timer_ = 0;
  Replica* replica = agent_.replica();
  if (replica == nullptr) {
    under_way_ = false;
    return;
  }
  replica->Explain(CanaryPath(agent_.facts().id.ToString()),
                   [this, alive = std::weak_ptr<int>(alive_)](const ExplainReport& report) {
                     if (!alive.expired()) OnAnswer(report);
                   });
}

void Canary::OnAnswer(const ExplainReport& report) {
  const int64_t took_ms = agent_.executor().clock().MonoMs() - began_mono_ms_;
  bool all = true;
  for (RoundTrip& trip : round_trips_) {
    if (trip.took_ms) continue;
    bool there = std::any_of(report.peers.begin(), report.peers.end(), [&](const auto& peer) {
      return peer.replica == trip.peer && peer.known && peer.version.mtime_ns == mtime_ns_;
    });
    if (there) trip.took_ms = took_ms;
    all = all && there;
  }
  under_way_ = !all && took_ms < kGiveUpMs;
  if (under_way_) ask_timer_ = agent_.executor().PostAfter(kAskMs, [this] { Ask(); });
}

Json Canary::ToJson() const {
  Json json = {{"enabled", agent_.config().dashboard.canary_ms > 0}, {"last", nullptr}};
  if (sent_wall_ms_ == 0) return json;
  Json trips = Json::array();
  for (const RoundTrip& trip : round_trips_) {
    trips.push_back(
        {{"peer", trip.peer}, {"round_trip_ms", trip.took_ms ? Json(*trip.took_ms) : Json()}});
  }
  json["last"] = {{"sent", UtcTime(sent_wall_ms_)}, {"round_trips", std::move(trips)}};
  return json;
}

}  // namespace atozsync
