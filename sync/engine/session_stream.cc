#include "sync/engine/session_stream.h"

namespace atozsync {

namespace {

constexpr size_t kOutputBytesMax = 256u << 10;  // handed to the connection at once
constexpr size_t kUnsentBytesMax = 1u << 20;    // then the connection has enough for now
// What a peer that reads never comes near: rows and contents wait far below, with them come at most
// eight contents in the making. Then it asks on purpose and does not listen.
constexpr size_t kQueuedBytesMax = 32u << 20;

}  // namespace

SessionStream::SessionStream(Core& core, StreamOwner& owner, std::unique_ptr<Connection> connection)
    : core_(core),
      owner_(owner),
      connection_(std::move(connection)),
      session_(this, core.clock.MonoMs(), core.options.session),
      heard_ms_(core.clock.MonoMs()) {
  connection_->SetHandler(this);
}

SessionStream::~SessionStream() {
  if (!ended_) core_.upload.Forget(*this);  // one that has ended may outlive the core
  connection_->SetHandler(nullptr);
}

void SessionStream::Send(const protocol::Message& message) {
  if (ended_) return;
  session_.Send(message);
  FlushLater();
}

void SessionStream::SendContentFrame(Bytes frame) {
  if (ended_) return;
  session_.SendContentFrame(std::move(frame));
  FlushLater();
}

void SessionStream::FlushLater() {
  if (flush_posted_) return;
  flush_posted_ = true;
  core_.Post([this, alive = std::weak_ptr<int>(alive_)] {
    if (alive.expired()) return;
    flush_posted_ = false;
    FlushOutput();
    // A page of rows may have waited for the one that went now.
    if (!ended_ && core_.upload.limited()) owner_.OnStreamDrained();
  });
}

// Nothing when only content is left, and that has to wait.
Bytes SessionStream::NextOutput() {
  UploadLimit& upload = core_.upload;
  if (!upload.limited()) return session_.TakeOutput(kOutputBytesMax);
  Bytes output = session_.TakeControl(kOutputBytesMax);
  if (output.empty()) {
    const size_t bytes = upload.Ask(*this);
    if (bytes > 0) output = session_.TakeContent(bytes);
  }
  upload.Spend(output.size());
  return output;
}

void SessionStream::FlushOutput() {
  while (!ended_ && session_.has_output() && connection_->UnsentBytes() < kUnsentBytesMax) {
    Bytes output = NextOutput();
    if (output.empty()) break;
    connection_->Send(std::move(output));
  }
}

void SessionStream::OnMaySend() {
  FlushOutput();
  if (!ended_) owner_.OnStreamDrained();
}

bool SessionStream::MayAddRows() {
  UploadLimit& upload = core_.upload;
  return !upload.limited() || (!session_.has_control() && upload.MayAdd(*this));
}

void SessionStream::Close(const std::string& reason) {
  if (ended_) return;
  session_.Send(protocol::Goodbye{reason});
  FlushOutput();
  connection_->Close();
  End({Errc::kCancelled, reason});
}

void SessionStream::End(const Status& reason) {
  if (ended_) return;
  ended_ = true;
  core_.upload.Forget(*this);
  owner_.OnStreamEnded(*this, reason);
}

void SessionStream::OnTick() {
  if (ended_) return;
  Status status = session_.OnTick(core_.clock.MonoMs());
  if (status.ok() && session_.queued_bytes() > kQueuedBytesMax) {
    status = Status(Errc::kTimeout, "it does not read what is sent");
  }
  if (!status.ok()) {
    Close(status.ToString());
    return;
  }
  FlushOutput();
}

void SessionStream::OnBytes(ByteSpan bytes) {
  if (ended_) return;
  heard_ms_ = core_.clock.MonoMs();
  Status status = session_.OnBytes(bytes, heard_ms_);
  if (!status.ok()) {
    Close(status.ToString());
    return;
  }
  FlushOutput();
}

void SessionStream::OnDrained() {
  FlushOutput();
  owner_.OnStreamDrained();
}

void SessionStream::OnClosed(Status reason) {
  End(reason.ok() ? Status(Errc::kPeerGone, "the other side closed the connection") : reason);
}

Status SessionStream::OnMessage(protocol::Message message) {
  if (ended_) return Status::Ok();
  if (session_.queued_bytes() > kQueuedBytesMax) {
    return {Errc::kProtocol, "asks for more than it reads"};
  }
  return owner_.OnStreamMessage(*this, std::move(message));
}

}  // namespace atozsync
