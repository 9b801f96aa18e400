// UniqueFunction: a callable that may own things that cannot be copied (std::move_only_function
// comes with C++23 only). Empty when default-constructed or moved from. Not thread-safe.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "sync/base/check.h"

namespace atozsync {

template <typename Signature>
class UniqueFunction;

template <typename R, typename... Args>
class UniqueFunction<R(Args...)> {
 public:
  UniqueFunction() = default;
  UniqueFunction(std::nullptr_t) {}
  template <typename F,
            typename = std::enable_if_t<!std::is_same_v<std::decay_t<F>, UniqueFunction>>>
  UniqueFunction(F&& callable)
      : holder_(std::make_unique<Holder<std::decay_t<F>>>(std::forward<F>(callable))) {}

  explicit operator bool() const { return holder_ != nullptr; }
  R operator()(Args... args) {
    CHECK(holder_ != nullptr);
    return holder_->Call(std::forward<Args>(args)...);
  }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual R Call(Args... args) = 0;
  };
  template <typename F>
  struct Holder final : Base {
    explicit Holder(F wrapped) : callable(std::move(wrapped)) {}
    R Call(Args... args) override { return callable(std::forward<Args>(args)...); }
    F callable;
  };
  std::unique_ptr<Base> holder_;
};

}  // namespace atozsync
