// Status and Result<T>: how errors travel through atozsync.
//
// An Error says what the caller can do about it (code), what the system said (os_errno), and in
// words what was being tried (context, which names the path). Logic tests `code` only; the text is
// for people. Values, never exceptions; both types are [[nodiscard]]. Thread-compatible.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "sync/base/check.h"

namespace atozsync {

enum class Errc {
  kNotFound,           // the thing named is not there
  kExists,             // something is there already
  kChangedUnderneath,  // not what was last seen there: look again before doing anything
  kNoSpace,            // the volume (or a quota) is full: stop receiving, try later
  kPermission,         // the system refuses: a person has to change rights
  kIo,                 // the medium or the system failed
  kCorrupt,            // bytes that should make sense do not
  kProtocol,           // a peer broke the protocol: close the session
  kPeerGone,           // the connection is away: try again after it is back
  kTimeout,            // waited long enough
  kCancelled,          // stopped on purpose
  kBusy,               // locked or being written: try again soon
  kInvalid,            // a person or a file gave a value that cannot be
  kUnsupported,        // this file system or system cannot do it
};

const char* ErrcName(Errc code);

struct Error {
  Errc code = Errc::kIo;
  int os_errno = 0;       // 0 where no system call failed
  std::string context;    // "staging a/b.jpg: write: No space left on device"
  bool injected = false;  // made by a test on purpose
};

class [[nodiscard]] Status {
 public:
  Status() = default;  // OK
  Status(Error error) : error_(std::move(error)) {}
  Status(Errc code, std::string context) : error_(Error{code, 0, std::move(context), false}) {}

  static Status Ok() { return Status(); }

  bool ok() const { return !error_.has_value(); }
  // REQUIRES: !ok().
  const Error& error() const {
    CHECK(error_.has_value());
    return *error_;
  }
  Errc code() const { return error().code; }
  bool Is(Errc code) const { return error_.has_value() && error_->code == code; }
  // "OK", or the context.
  std::string ToString() const;
  // The same error with `what` put before its context: "what: context".
  Status WithContext(const std::string& what) const;
  // Says that dropping the error is meant; write the reason beside the call.
  void IgnoreError() const {}

 private:
  std::optional<Error> error_;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Status status) : value_(std::move(status)) { CHECK(!std::get<Status>(value_).ok()); }
  Result(Error error) : value_(Status(std::move(error))) {}

  bool ok() const { return std::holds_alternative<T>(value_); }
  // OK when there is a value.
  Status status() const { return ok() ? Status() : std::get<Status>(value_); }
  const Error& error() const { return std::get<Status>(value_).error(); }
  bool Is(Errc code) const { return !ok() && error().code == code; }

  // REQUIRES: ok().
  T& value() & {
    CHECK(ok());
    return std::get<T>(value_);
  }
  const T& value() const& {
    CHECK(ok());
    return std::get<T>(value_);
  }
  T&& value() && {
    CHECK(ok());
    return std::move(std::get<T>(value_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Status> value_;
};

// The error for a failed system call: picks the code from `os_errno`.
Error ErrnoError(int os_errno, std::string context);

#define ATOZ_CONCAT_INNER(a, b) a##b
#define ATOZ_CONCAT(a, b) ATOZ_CONCAT_INNER(a, b)

// Returns from the enclosing function when `expression` is an error.
#define TRY(expression)                            \
  do {                                             \
    ::atozsync::Status try_status_ = (expression); \
    if (!try_status_.ok()) return try_status_;     \
  } while (false)

// ASSIGN_OR_RETURN(auto file, fs.OpenRead(path));
#define ASSIGN_OR_RETURN(declaration, expression) \
  ASSIGN_OR_RETURN_IMPL(ATOZ_CONCAT(result_, __LINE__), declaration, expression)
#define ASSIGN_OR_RETURN_IMPL(result, declaration, expression) \
  auto result = (expression);                                  \
  if (!result.ok()) return result.status();                    \
  declaration = std::move(result).value()

}  // namespace atozsync
