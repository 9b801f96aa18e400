#include "protocol/uv_dial.h"

#include <uv.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "protocol/address.h"
#include "protocol/uv_error.h"

namespace atozsync::protocol {
namespace {

// Of one name; more are not tried.
constexpr size_t kTargetsMax = 4;

}  // namespace

struct UvDial::Lookup {
  uv_getaddrinfo_t request{};
  UvDial* owner = nullptr;  // null: nobody waits any more

  static void OnFound(uv_getaddrinfo_t* request, int error, addrinfo* found) noexcept {
    Lookup* self = static_cast<Lookup*>(request->data);
    UvDial* owner = self->owner;
    if (owner != nullptr) {
      owner->lookup_ = nullptr;
      owner->OnResolved(error, found);
    }
    uv_freeaddrinfo(found);
    delete self;
  }
};

UvDial::UvDial(uv_loop_s* loop, Executor& executor, const TlsContext& tls, std::string address,
               const ReplicaId& expected, StreamUse use, Transport::DialDone done)
    : loop_(loop),
      executor_(executor),
      tls_(tls),
      address_(std::move(address)),
      expected_(expected),
      use_(use),
      done_(std::move(done)) {}

UvDial::~UvDial() {
  executor_.CancelTimer(timer_);
  executor_.CancelTimer(attempt_timer_);
  if (lookup_ != nullptr) {
    lookup_->owner = nullptr;
    uv_cancel(reinterpret_cast<uv_req_t*>(&lookup_->request));
  }
}

void UvDial::Start(int64_t timeout_ms) {
  attempt_ms_ = timeout_ms;
  timer_ = executor_.PostAfter(timeout_ms, [this, timeout_ms, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    Failed({Errc::kTimeout, "no answer within " + std::to_string(timeout_ms) + " ms"});
    Finish(failure_);
  });
  const Status status = Resolve();
  if (!status.ok()) {
    Finish(status);
  } else if (!targets_.empty()) {
    TryNext();
  }
}

Status UvDial::Resolve() {
  ASSIGN_OR_RETURN(const HostPort address, ParseHostPort(address_));
  sockaddr_storage target{};
  if (uv_ip4_addr(address.host.c_str(), address.port, reinterpret_cast<sockaddr_in*>(&target)) ==
          0 ||
      uv_ip6_addr(address.host.c_str(), address.port, reinterpret_cast<sockaddr_in6*>(&target)) ==
          0) {
    targets_.push_back(target);
    return Status::Ok();
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  auto* lookup = new Lookup;
  lookup->request.data = lookup;
  lookup->owner = this;
  const int error = uv_getaddrinfo(loop_, &lookup->request, &Lookup::OnFound, address.host.c_str(),
                                   std::to_string(address.port).c_str(), &hints);
  if (error < 0) {
    delete lookup;
    return UvError(error, address_ + ": look up");
  }
  lookup_ = lookup;
  return Status::Ok();
}

void UvDial::OnResolved(int error, const addrinfo* found) {
  if (error < 0) {
    Finish(UvError(error, address_ + ": look up"));
    return;
  }
  for (; found != nullptr && targets_.size() < kTargetsMax; found = found->ai_next) {
    if (found->ai_addrlen > sizeof(sockaddr_storage)) continue;
    sockaddr_storage target{};
    std::memcpy(&target, found->ai_addr, found->ai_addrlen);
    targets_.push_back(target);
  }
  // So that a first address that swallows everything leaves time for the others.
  attempt_ms_ /= static_cast<int64_t>(std::max<size_t>(targets_.size(), 1));
  TryNext();
}

void UvDial::TryNext() {
  executor_.CancelTimer(std::exchange(attempt_timer_, 0));
  while (next_target_ < targets_.size()) {
    const Status status = Begin(targets_[next_target_++]);
    if (status.ok()) return;
    Failed(status);
  }
  Finish(failure_.ok() ? Status(Errc::kPeerGone, address_ + ": the name has no address")
                       : failure_);
}

Status UvDial::Begin(const sockaddr_storage& target) {
  connection_.reset();
  socket_ = std::make_unique<UvSocket>(loop_);
  TRY(socket_->Connect(reinterpret_cast<const sockaddr*>(&target),
                       [this](Status status) { OnConnected(std::move(status)); }));
  if (next_target_ < targets_.size()) {
    attempt_timer_ = executor_.PostAfter(attempt_ms_, [this, alive = std::weak_ptr(alive_)] {
      if (alive.expired()) return;
      attempt_timer_ = 0;
      Failed({Errc::kTimeout, "no answer"});
      TryNext();
    });
  }
  return Status::Ok();
}

void UvDial::OnConnected(Status status) {
  if (!status.ok()) {
    Failed(status);
    TryNext();
    return;
  }
  connection_ = std::make_unique<TlsConnection>(std::move(socket_), executor_, tls_, TlsRole::kDial,
                                                expected_, use_);
  connection_->Start([this](Status ready) { OnReady(std::move(ready)); });
}

void UvDial::OnReady(Status status) {
  if (status.ok()) {
    Finish(std::unique_ptr<Connection>(std::move(connection_)));
    return;
  }
  Failed(status);
  TryNext();
}

void UvDial::Failed(const Status& status) {
  // That somebody else answers says more than that another address is silent.
  if (!failure_.Is(Errc::kPermission)) failure_ = status.WithContext(address_);
}

void UvDial::Finish(Result<std::unique_ptr<Connection>> result) {
  if (result_.has_value()) return;
  result_.emplace(std::move(result));
  executor_.CancelTimer(std::exchange(timer_, 0));
  executor_.CancelTimer(std::exchange(attempt_timer_, 0));
  socket_.reset();
  connection_.reset();
  executor_.Post([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    Transport::DialDone done = std::move(done_);
    done(std::move(*result_));  // may destroy this
  });
}

}  // namespace atozsync::protocol
