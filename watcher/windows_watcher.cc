#include "watcher/windows_watcher.h"

#include <windows.h>

#include <utility>

#include "sync/os/windows_error.h"
#include "sync/os/windows_handle.h"
#include "sync/os/windows_names.h"
#include "watcher/own_directory.h"
#include "watcher/windows_changes.h"

namespace atozsync {

namespace {

constexpr DWORD kBufferBytes = 64 * 1024;
constexpr DWORD kWhat = FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_DIR_NAME |
                        FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_LAST_WRITE |
                        FILE_NOTIFY_CHANGE_CREATION;
// Reads taken in one go, so that a flood does not keep the loop.
constexpr int kReadsPerTurn = 8;

}  // namespace

// Rings `async` from a thread of the system when something has arrived.
class WindowsWatcher::Reader {
 public:
  explicit Reader(uv_async_t* async) : async_(async), buffer_(kBufferBytes) {}
  ~Reader() {
    if (waiting_ != nullptr) ::UnregisterWaitEx(waiting_, INVALID_HANDLE_VALUE);
    if (!under_way_) return;
    // The buffer is the system's until the read has ended.
    ::CancelIoEx(directory_.get(), &read_);
    DWORD ignored = 0;
    ::GetOverlappedResult(directory_.get(), &read_, &ignored, TRUE);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // 0, or the code.
  DWORD Open(const std::string& root) {
    directory_ = WindowsHandle(
        ::CreateFileW(NativeName(root).c_str(), FILE_LIST_DIRECTORY,
                      FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                      OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OVERLAPPED, nullptr));
    if (!directory_.valid()) return ::GetLastError();
    arrived_ = WindowsHandle(::CreateEventW(nullptr, FALSE, FALSE, nullptr));
    if (!arrived_.valid()) return ::GetLastError();
    const auto ring = [](void* async, BOOLEAN) { uv_async_send(static_cast<uv_async_t*>(async)); };
    if (!::RegisterWaitForSingleObject(&waiting_, arrived_.get(), ring, async_, INFINITE,
                                       WT_EXECUTEINWAITTHREAD)) {
      waiting_ = nullptr;
      return ::GetLastError();
    }
    return Begin();
  }

  DWORD Begin() {
    read_ = OVERLAPPED{};
    read_.hEvent = arrived_.get();
    under_way_ = ::ReadDirectoryChangesW(directory_.get(), buffer_.data(), kBufferBytes, TRUE,
                                         kWhat, nullptr, &read_, nullptr) != 0;
    return under_way_ ? 0 : ::GetLastError();
  }

  // False while nothing has arrived. `code` is 0 or says why the read failed.
  bool Take(Bytes* bytes, DWORD* code) {
    if (!under_way_) return false;
    DWORD count = 0;
    *code = ::GetOverlappedResult(directory_.get(), &read_, &count, FALSE) ? 0 : ::GetLastError();
    if (*code == ERROR_IO_INCOMPLETE) return false;
    under_way_ = false;
    bytes->assign(buffer_.begin(), buffer_.begin() + count);
    return true;
  }

 private:
  uv_async_t* const async_;
  Bytes buffer_;
  WindowsHandle directory_;
  WindowsHandle arrived_;
  HANDLE waiting_ = nullptr;
  OVERLAPPED read_{};
  bool under_way_ = false;
};

WindowsWatcher::WindowsWatcher(uv_loop_t* loop, Executor& executor, std::string root_directory,
                               WatcherOptions options)
    : loop_(loop), executor_(executor), root_(std::move(root_directory)), options_(options) {}

WindowsWatcher::~WindowsWatcher() {
  executor_.CancelTimer(poll_timer_);
  reader_.reset();
  if (async_ == nullptr) return;
  async_->data = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(async_),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_async_t*>(handle); });
}

Status WindowsWatcher::Start(Sink sink) {
  CHECK(async_ == nullptr);
  sink_ = std::move(sink);
  auto async = std::make_unique<uv_async_t>();
  if (const int failed = uv_async_init(loop_, async.get(), &WindowsWatcher::OnAsync); failed != 0) {
    return Status(Errc::kIo, "watching " + Printable(root_) + ": " + uv_strerror(failed));
  }
  async_ = async.release();
  async_->data = this;
  reader_ = std::make_unique<Reader>(async_);
  if (const DWORD code = reader_->Open(root_); code != 0) {
    reader_.reset();
    return WindowsError(code, "watching " + Printable(root_));
  }
  return Status::Ok();
}

void WindowsWatcher::OnAsync(uv_async_t* handle) noexcept {
  auto* self = static_cast<WindowsWatcher*>(handle->data);
  if (self != nullptr) self->Deliver(self->Take());
}

void WindowsWatcher::Flush() {
  Deliver(Take());
}

std::vector<Hint> WindowsWatcher::Take() {
  std::vector<Hint> hints;
  Bytes bytes;
  DWORD code = 0;
  for (int i = 0; reader_ != nullptr && reader_->Take(&bytes, &code); ++i) {
    // The next read first: what happens while this one is looked at is not missed.
    const DWORD failed = reader_->Begin();
    if (code == ERROR_NOTIFY_ENUM_DIR || (code == 0 && bytes.empty())) {
      ++overflows_;
      hints.push_back({RelPath(), HintKind::kRecursive});
    } else if (code != 0) {
      Break(WindowsError(code, "watching " + Printable(root_)), &hints);
      break;
    } else {
      Absorb(bytes, &hints);
    }
    if (failed != 0) {
      Break(WindowsError(failed, "watching " + Printable(root_)), &hints);
      break;
    }
    if (i + 1 == kReadsPerTurn) {
      uv_async_send(async_);  // the rest in the next turn
      break;
    }
  }
  return hints;
}

void WindowsWatcher::Absorb(ByteSpan bytes, std::vector<Hint>* hints) {
  const WindowsChanges decoded = DecodeWindowsChanges(bytes);
  if (decoded.damaged) hints->push_back({RelPath(), HintKind::kRecursive});
  for (const WindowsChange& change : decoded.changes) {
    if (IsOwnDirectory(change.path)) continue;
    const bool is_new =
        change.action == WindowsAction::kAdded || change.action == WindowsAction::kRenamedTo;
    HintKind kind = HintKind::kTouched;
    if (is_new) {
      // What came with a directory is not told one by one.
      const DWORD attributes =
          ::GetFileAttributesW(NativeName(root_ + "/" + change.path.str()).c_str());
      const bool is_dir = attributes != INVALID_FILE_ATTRIBUTES &&
                          (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0 &&
                          (attributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0;
      if (is_dir) kind = HintKind::kRecursive;
    }
    Hint hint{change.path, kind};
    if (hints->empty() || hints->back() != hint) hints->push_back(std::move(hint));
  }
}

// The root was removed, renamed or its volume went away. Until it can be opened again everything is
// looked at every poll_interval_ms.
void WindowsWatcher::Break(const Status& reason, std::vector<Hint>* hints) {
  broken_ = reason.ToString();
  reader_.reset();
  hints->push_back({RelPath(), HintKind::kRecursive});
  poll_timer_ =
      executor_.PostAfter(options_.poll_interval_ms, [this, alive = std::weak_ptr<char>(alive_)] {
        if (!alive.expired()) Poll();
      });
}

void WindowsWatcher::Poll() {
  auto reader = std::make_unique<Reader>(async_);
  std::vector<Hint> hints;
  if (const DWORD code = reader->Open(root_); code != 0) {
    Break(WindowsError(code, "watching " + Printable(root_)), &hints);
  } else {
    reader_ = std::move(reader);
    broken_.clear();
    hints.push_back({RelPath(), HintKind::kRecursive});  // what happened meanwhile
  }
  Deliver(hints);
}

void WindowsWatcher::Deliver(const std::vector<Hint>& hints) {
  for (const Hint& hint : hints) sink_(hint);
}

WatchStatus WindowsWatcher::status() const {
  WatchStatus status;
  status.mode = reader_ != nullptr ? "windows" : "polling";
  status.directories = reader_ != nullptr ? 1 : 0;
  status.overflows = overflows_;
  if (!broken_.empty()) status.problem = broken_ + ": connect its volume or put it back";
  return status;
}

}  // namespace atozsync
