// JoinClient: the joining side of an invitation: dials the inviter's addresses in turn, shows the
// secret, and – for a preview – reads the list of what the inviter has. Changes nothing here.
// Runs the executor's loop until it is done; bounded by time and by kRowsMax rows.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/invitation.h"
#include "protocol/messages.h"
#include "protocol/session.h"
#include "sync/base/clock.h"
#include "sync/base/transport.h"
#include "sync/os/uv_executor.h"

namespace atozsync {

struct JoinAnswer {
  protocol::JoinReply reply;
  std::vector<protocol::UpdateRow> rows;  // preview only; tombstones too
};

class JoinClient final : public ConnectionHandler, public protocol::SessionHandler {
 public:
  static constexpr size_t kRowsMax = 5'000'000;
  static constexpr int64_t kDialTimeoutMs = 10'000;
  static constexpr int64_t kSilenceMaxMs = 30'000;  // between two answers

  JoinClient(UvExecutor& executor, Transport& transport, const Invitation& invitation,
             protocol::JoinRequest request);
  ~JoinClient() override;

  // kPeerGone: none of the addresses answers; kPermission: somebody else answers there, or the
  // inviter refuses, in its own words. Once per object.
  Result<JoinAnswer> Run();

 private:
  void DialNext();
  void OnDialled(Result<std::unique_ptr<Connection>> connection);
  void Flush();
  void Finish(Status status);
  void RestartSilenceTimer();

  void OnBytes(ByteSpan bytes) override;
  void OnDrained() override { Flush(); }
  void OnClosed(Status reason) override;
  Status OnMessage(protocol::Message message) override;
  Status OnReply(protocol::JoinReply reply);
  Status OnPage(protocol::IndexUpdate page);

  UvExecutor& executor_;
  Transport& transport_;
  const Invitation invitation_;
  const protocol::JoinRequest request_;
  size_t next_address_ = 0;
  std::string failures_;  // one sentence per address
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<protocol::Session> session_;
  TimerId silence_timer_ = 0;
  JoinAnswer answer_;
  Status result_;
  bool answered_ = false;
  bool finished_ = false;
};

}  // namespace atozsync
