#include "agent/alert/alerts.h"

#include "agent/alert/alert_post.h"
#include "agent/format.h"

namespace atozsync {

Json AlertJson(const Alert& alert, const std::string& replica, int64_t wall_ms, bool details) {
  Json json = {{"event", AlertEventName(alert.event)},
               {"what", alert.trouble.what},
               {"level", alert.trouble.level == Trouble::Level::kBad ? "bad" : "attention"},
               {"text", alert.trouble.text},
               {"count", alert.trouble.count},
               {"since", UtcTime(alert.since_ms)},
               {"time", UtcTime(wall_ms)},
               {"replica", replica}};
  if (details && !alert.trouble.details.empty()) json["details"] = alert.trouble.details;
  return json;
}

Alerts::~Alerts() {
  agent_.executor().CancelTimer(retry_timer_);
  lane_.Stop();
}

void Alerts::Look(const std::vector<Trouble>& troubles) {
  const AlertConfig& config = agent_.config().alert;
  const bool wanted = !config.command.empty() || !config.url.empty();
  const int64_t wall_ms = agent_.executor().clock().WallMs();
  std::vector<Alert> alerts = book_.Update(troubles, agent_.executor().clock().MonoMs(), wall_ms);
  if (!wanted) return;
  for (const Alert& alert : alerts) {
    if (waiting_.size() >= kWaitingMax) {
      agent_.Log(LogLevel::kWarning, "an alert was dropped: too many wait to be sent");
      waiting_.erase(waiting_.begin() + (busy_ ? 1 : 0));
    }
    const Json json = AlertJson(alert, agent_.config().name, wall_ms, config.details);
    waiting_.push_back({Dump(json) + "\n"});
  }
  Next();
}

void Alerts::Next() {
  if (busy_ || waiting_.empty() || retry_timer_ != 0) return;
  busy_ = true;
  const AlertConfig& config = agent_.config().alert;
  Message& message = waiting_.front();
  message.command_done = message.command_done || config.command.empty();
  message.url_done = message.url_done || config.url.empty();
  if (!message.command_done) return RunCommand();
  if (!message.url_done) return Post();
  waiting_.pop_front();
  busy_ = false;
  Next();
}

void Alerts::RunCommand() {
  child_ = ChildProcess::Run(
      agent_.executor(), agent_.config().alert.command, waiting_.front().json, kCommandMs,
      [this, alive = std::weak_ptr<int>(alive_)](const Status& status) {
        if (alive.expired()) return;
        child_.reset();
        waiting_.front().command_done = status.ok();
        OnTried(status.ok() ? status : status.WithContext("[alert] command"));
      });
}

void Alerts::Post() {
  Result<AlertUrl> url = ParseAlertUrl(agent_.config().alert.url);
  if (!url.ok()) return OnTried(url.status());
  lane_.Submit(
      [this, url = *url, json = waiting_.front().json, alive = std::weak_ptr<int>(alive_)] {
        Status posted = PostAlert(url, json);
        agent_.executor().PostFromAnyThread([this, posted, alive] {
          if (alive.expired()) return;
          waiting_.front().url_done = posted.ok();
          OnTried(posted.ok() ? posted : posted.WithContext("[alert] url"));
        });
      });
}

void Alerts::OnTried(const Status& status) {
  busy_ = false;
  if (status.ok()) return Next();
  Message& message = waiting_.front();
  agent_.Log(LogLevel::kWarning, "an alert could not be sent: " + status.ToString());
  if (++message.tries >= kTriesMax) {
    waiting_.pop_front();
    return Next();
  }
  retry_timer_ = agent_.executor().PostAfter(kRetryMs[message.tries - 1], [this] {
    retry_timer_ = 0;
    Next();
  });
}

}  // namespace atozsync
