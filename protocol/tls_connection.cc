#include "protocol/tls_connection.h"

#include <utility>

namespace atozsync::protocol {
namespace {

constexpr size_t kReadBytes = 256u << 10;
// Until we know that a replica is there at all.
constexpr size_t kHandshakeReadBytes = 16u << 10;
constexpr size_t kWriteBytes = 256u << 10;

}  // namespace

TlsConnection::TlsConnection(std::unique_ptr<UvSocket> socket, Executor& executor,
                             const TlsContext& tls, TlsRole role, std::optional<ReplicaId> expected,
                             StreamUse use)
    : socket_(std::move(socket)),
      executor_(executor),
      tls_(tls, role, expected, use),
      role_(role),
      remote_address_(socket_->remote_address()) {
  socket_->SetListener(this);
}

TlsConnection::~TlsConnection() {
  executor_.CancelTimer(close_timer_);
  // A courtesy, if it costs nothing: the other side need not wonder.
  if (state_ == State::kOpen && !writing_ && tls_.cipher_bytes() == 0) {
    tls_.CloseNotify();
    Pump();
  }
}

void TlsConnection::Start(UniqueFunction<void(Status)> ready) {
  ready_ = std::move(ready);
  const Status status = role_ == TlsRole::kDial ? tls_.Start() : Status::Ok();
  Pump();
  if (!status.ok()) End(status);
  UpdateReading();
}

void TlsConnection::SetHandler(ConnectionHandler* handler) {
  handler_ = handler;
  DeliverLater();
}

void TlsConnection::Send(Bytes bytes) {
  if (state_ != State::kOpen) return;
  const Status status = tls_.Write(bytes);
  if (!status.ok()) {
    End(status);
    return;
  }
  Pump();
  if (UnsentBytes() >= kDrainedBytes) above_low_mark_ = true;
  if (UnsentBytes() > kUnsentBytesMax) {
    End({Errc::kPeerGone, remote_address_ + ": does not take what is sent to it"});
  }
}

size_t TlsConnection::UnsentBytes() const {
  return socket_ == nullptr ? 0 : tls_.cipher_bytes() + socket_->unwritten_bytes();
}

void TlsConnection::PauseReading(bool paused) {
  if (paused_ == paused) return;
  paused_ = paused;
  if (paused) {
    UpdateReading();
  } else {
    DeliverLater();
  }
}

void TlsConnection::Close() {
  if (state_ == State::kOpen) BeginClose();
  if (state_ == State::kHandshake) End({Errc::kCancelled, remote_address_ + ": closed"});
}

void TlsConnection::OnSocketBytes(ByteSpan bytes) {
  // What still comes after the end is read and dropped: closing a socket with bytes unread makes
  // the system throw away what the other side has not read yet.
  if (state_ == State::kClosing) return;
  const Status status = tls_.OnCipher(bytes, &plain_);
  Pump();  // answers of the handshake, alerts
  if (!status.ok()) {
    End(status.WithContext(remote_address_));
    return;
  }
  if (state_ == State::kHandshake && tls_.established()) {
    Established();
  } else {
    Deliver();
  }
}

void TlsConnection::Established() {
  state_ = State::kOpen;
  UpdateReading();
  const std::weak_ptr<int> alive = alive_;
  UniqueFunction<void(Status)> ready = std::move(ready_);
  ready(Status::Ok());
  // A handler that was set meanwhile has its delivery posted already.
  if (!alive.expired()) UpdateReading();
}

void TlsConnection::Deliver() {
  if (state_ == State::kEnded) return DeliverEnd();
  if (state_ == State::kOpen && handler_ != nullptr && !paused_ && !plain_.empty()) {
    Bytes chunk = std::exchange(plain_, {});
    const std::weak_ptr<int> alive = alive_;
    handler_->OnBytes(chunk);
    if (alive.expired()) return;
    chunk.clear();
    if (plain_.empty()) plain_ = std::move(chunk);  // its room is used again
  }
  if (state_ == State::kOpen && tls_.closed_by_peer() && plain_.empty()) BeginClose();
  UpdateReading();
}

void TlsConnection::DeliverLater() {
  executor_.Post([this, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) Deliver();
  });
}

void TlsConnection::DeliverEnd() {
  if (end_told_) return;
  if (ready_) {
    end_told_ = true;
    UniqueFunction<void(Status)> ready = std::move(ready_);
    ready(end_reason_);
  } else if (handler_ != nullptr) {
    end_told_ = true;
    handler_->OnClosed(end_reason_);
  }
}

void TlsConnection::UpdateReading() {
  if (socket_ == nullptr) return;
  // Without a taker, bytes wait in the system: the other side's window fills.
  const bool taken = handler_ != nullptr && !paused_ && plain_.empty();
  if (state_ == State::kOpen && !taken) {
    socket_->StopReading();
  } else {
    socket_->StartReading(state_ == State::kHandshake ? kHandshakeReadBytes : kReadBytes);
  }
}

void TlsConnection::Pump() {
  if (writing_ || socket_ == nullptr) return;
  Bytes cipher = tls_.TakeCipher(kWriteBytes);
  if (cipher.empty()) {
    if (state_ == State::kClosing && !shut_) {
      shut_ = true;
      socket_->Shutdown();
    }
    return;
  }
  writing_ = true;
  const Status status = socket_->Write(std::move(cipher));
  if (!status.ok()) End(status.WithContext(remote_address_));
}

void TlsConnection::OnSocketWritten(Status status) {
  writing_ = false;
  if (!status.ok()) {
    End(status.WithContext(remote_address_));
    return;
  }
  Pump();
  if (state_ == State::kOpen && above_low_mark_ && UnsentBytes() < kDrainedBytes) {
    above_low_mark_ = false;
    if (handler_ != nullptr) handler_->OnDrained();
  }
}

void TlsConnection::OnSocketEnd(Status reason) {
  if (state_ == State::kClosing) {
    if (UnsentBytes() == 0) {
      reason = Status::Ok();
    } else if (reason.ok()) {
      reason = {Errc::kPeerGone, "closed before it took everything"};
    }
  } else if (reason.ok()) {
    reason = {Errc::kPeerGone, "the connection ended without a goodbye"};
  }
  End(reason.WithContext(remote_address_));
}

void TlsConnection::BeginClose() {
  state_ = State::kClosing;
  plain_.clear();
  tls_.CloseNotify();
  close_timer_ = executor_.PostAfter(kCloseWaitMs, [this, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) End(Status::Ok());
  });
  Pump();
  UpdateReading();
}

void TlsConnection::End(Status reason) {
  if (state_ == State::kEnded) return;
  state_ = State::kEnded;
  end_reason_ = std::move(reason);
  socket_.reset();
  plain_.clear();
  executor_.CancelTimer(std::exchange(close_timer_, 0));
  DeliverLater();
}

}  // namespace atozsync::protocol
