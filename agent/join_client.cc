#include "agent/join_client.h"

namespace atozsync {

namespace {

constexpr size_t kOutputBytes = 1 << 20;

}  // namespace

JoinClient::JoinClient(UvExecutor& executor, Transport& transport, const Invitation& invitation,
                       protocol::JoinRequest request)
    : executor_(executor),
      transport_(transport),
      invitation_(invitation),
      request_(std::move(request)) {}

JoinClient::~JoinClient() {
  executor_.CancelTimer(silence_timer_);
}

Result<JoinAnswer> JoinClient::Run() {
  DialNext();
  executor_.Run();
  connection_.reset();
  if (!result_.ok()) return result_;
  return std::move(answer_);
}

void JoinClient::DialNext() {
  if (next_address_ == invitation_.addresses.size()) {
    return Finish({Errc::kPeerGone,
                   "the inviting replica cannot be reached" + failures_ +
                       ": is its agent running, the VPN up, and the port open in its firewall?"});
  }
  const std::string& address = invitation_.addresses[next_address_++];
  transport_.Dial(
      address, invitation_.inviter, StreamUse::kLink, kDialTimeoutMs,
      [this](Result<std::unique_ptr<Connection>> connection) { OnDialled(std::move(connection)); });
}

void JoinClient::OnDialled(Result<std::unique_ptr<Connection>> connection) {
  if (!connection.ok()) {
    failures_ += (failures_.empty() ? " (" : "; ") + connection.error().context;
    if (next_address_ == invitation_.addresses.size()) failures_ += ")";
    return DialNext();
  }
  connection_ = std::move(*connection);
  session_ = std::make_unique<protocol::Session>(this, executor_.clock().MonoMs());
  connection_->SetHandler(this);
  session_->Send(request_);
  RestartSilenceTimer();
  Flush();
}

void JoinClient::RestartSilenceTimer() {
  executor_.CancelTimer(silence_timer_);
  silence_timer_ = executor_.PostAfter(kSilenceMaxMs, [this] {
    silence_timer_ = 0;
    Finish({Errc::kTimeout, "the inviting replica does not answer: try again"});
  });
}

void JoinClient::Flush() {
  while (session_->has_output()) connection_->Send(session_->TakeOutput(kOutputBytes));
}

void JoinClient::Finish(Status status) {
  if (finished_) return;
  finished_ = true;
  result_ = std::move(status);
  executor_.CancelTimer(silence_timer_);
  executor_.Stop();
}

void JoinClient::OnBytes(ByteSpan bytes) {
  if (finished_) return;
  Status status = session_->OnBytes(bytes, executor_.clock().MonoMs());
  if (!status.ok()) return Finish(status);
  Flush();
}

void JoinClient::OnClosed(Status reason) {
  Finish({Errc::kPeerGone, "the inviting replica closed the connection" +
                               (reason.ok() ? "" : " (" + reason.error().context + ")") +
                               ": try again"});
}

Status JoinClient::OnMessage(protocol::Message message) {
  if (finished_) return Status::Ok();
  if (auto* reply = std::get_if<protocol::JoinReply>(&message)) return OnReply(std::move(*reply));
  if (auto* page = std::get_if<protocol::IndexUpdate>(&message)) return OnPage(std::move(*page));
  if (auto* goodbye = std::get_if<protocol::Goodbye>(&message)) {
    return {Errc::kPermission, "the inviting replica says: " + Printable(goodbye->reason)};
  }
  return {Errc::kProtocol, "unexpected " + std::string(protocol::MessageName(message)) +
                               " while joining: are both replicas of the same version?"};
}

Status JoinClient::OnReply(protocol::JoinReply reply) {
  if (answered_) return {Errc::kProtocol, "two answers to one invitation"};
  answered_ = true;
  if (!reply.accepted) {
    return {Errc::kPermission, "the inviting replica refuses: " + Printable(reply.problem)};
  }
  answer_.reply = std::move(reply);
  if (request_.preview) {
    session_->Send(protocol::ListRequest{0});
    RestartSilenceTimer();
  } else {
    Finish(Status::Ok());
  }
  return Status::Ok();
}

Status JoinClient::OnPage(protocol::IndexUpdate page) {
  if (!answered_ || !request_.preview) return {Errc::kProtocol, "a list that nobody asked for"};
  for (protocol::UpdateRow& row : page.rows) answer_.rows.push_back(std::move(row));
  if (answer_.rows.size() > kRowsMax) {
    return {Errc::kProtocol, "the inviting replica lists more than five million files"};
  }
  if (page.caught_up) {
    Finish(Status::Ok());
    return Status::Ok();
  }
  if (page.to <= page.from) return {Errc::kProtocol, "a list that does not go on"};
  session_->Send(protocol::ListRequest{page.to});
  RestartSilenceTimer();
  return Status::Ok();
}

}  // namespace atozsync
