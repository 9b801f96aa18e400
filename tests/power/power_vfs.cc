#include "tests/power/power_vfs.h"

#include <filesystem>
#include <fstream>
#include <new>

#include "sync/base/check.h"

namespace atozsync {

namespace stdfs = std::filesystem;

// What SQLite allocates for an open file: ours, then the base's.
struct PowerVfs::OpenFile {
  sqlite3_file file;
  PowerVfs* vfs;
  std::string name;
  bool sync_names;  // the directory too, with the first sync
  sqlite3_file* base() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  const sqlite3_io_methods& methods() { return *base()->pMethods; }
};

namespace {

PowerVfs::OpenFile& Of(sqlite3_file* file) {
  return *reinterpret_cast<PowerVfs::OpenFile*>(file);
}

PowerVfs& Of(sqlite3_vfs* vfs) {
  return *static_cast<PowerVfs*>(vfs->pAppData);
}

std::string NameIn(const char* path) {
  return stdfs::path(path).filename().string();
}

int Close(sqlite3_file* file) {
  int code = Of(file).methods().xClose(Of(file).base());
  Of(file).~OpenFile();
  return code;
}

int Read(sqlite3_file* file, void* to, int bytes, sqlite3_int64 at) {
  int code = Of(file).vfs->Count(VfsCall::kRead);
  if (code != SQLITE_OK) return code;
  return Of(file).methods().xRead(Of(file).base(), to, bytes, at);
}

int WriteAndRecord(PowerVfs::OpenFile& open, const void* from, int bytes, sqlite3_int64 at) {
  if (bytes == 0) return SQLITE_OK;
  int code = open.methods().xWrite(open.base(), from, bytes, at);
  if (code != SQLITE_OK) return code;
  const auto* data = static_cast<const uint8_t*>(from);
  open.vfs->Record(
      {DiskCall::Kind::kWrite, open.name, static_cast<uint64_t>(at), Bytes(data, data + bytes)});
  return SQLITE_OK;
}

int Write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) {
  PowerVfs::OpenFile& open = Of(file);
  int code = open.vfs->Count(VfsCall::kWrite);
  if (code == SQLITE_OK) return WriteAndRecord(open, from, bytes, at);
  // What fails has often done a part.
  auto part = static_cast<int>(open.vfs->random().Below(static_cast<uint64_t>(bytes)));
  int wrote = WriteAndRecord(open, from, part, at);
  return wrote == SQLITE_OK ? code : wrote;
}

int Truncate(sqlite3_file* file, sqlite3_int64 bytes) {
  PowerVfs::OpenFile& open = Of(file);
  int code = open.vfs->Count(VfsCall::kTruncate);
  if (code == SQLITE_OK) code = open.methods().xTruncate(open.base(), bytes);
  if (code != SQLITE_OK) return code;
  open.vfs->Record({DiskCall::Kind::kTruncate, open.name, static_cast<uint64_t>(bytes), {}});
  return SQLITE_OK;
}

int Sync(sqlite3_file* file, int /*flags*/) {
  PowerVfs::OpenFile& open = Of(file);
  int code = open.vfs->Count(VfsCall::kSync);
  open.vfs->Record(
      {code == SQLITE_OK ? DiskCall::Kind::kSync : DiskCall::Kind::kSyncFailed, open.name, 0, {}});
  if (code != SQLITE_OK || !open.sync_names) return code;
  open.sync_names = false;
  open.vfs->Record({DiskCall::Kind::kSyncNames, "", 0, {}});
  return SQLITE_OK;
}

int FileSize(sqlite3_file* file, sqlite3_int64* bytes) {
  int code = Of(file).vfs->Count(VfsCall::kFileSize);
  if (code != SQLITE_OK) return code;
  return Of(file).methods().xFileSize(Of(file).base(), bytes);
}

int Lock(sqlite3_file* file, int level) {
  int code = Of(file).vfs->Count(VfsCall::kLock);
  if (code != SQLITE_OK) return code;
  return Of(file).methods().xLock(Of(file).base(), level);
}

int Unlock(sqlite3_file* file, int level) {
  return Of(file).methods().xUnlock(Of(file).base(), level);
}

int CheckReservedLock(sqlite3_file* file, int* result) {
  return Of(file).methods().xCheckReservedLock(Of(file).base(), result);
}

int FileControl(sqlite3_file* file, int what, void* argument) {
  return Of(file).methods().xFileControl(Of(file).base(), what, argument);
}

int SectorSize(sqlite3_file* file) {
  return Of(file).methods().xSectorSize(Of(file).base());
}

int DeviceCharacteristics(sqlite3_file* file) {
  return Of(file).methods().xDeviceCharacteristics(Of(file).base());
}

// Version 1: neither shared memory nor memory maps.
constexpr sqlite3_io_methods kMethods = {1,
                                         Close,
                                         Read,
                                         Write,
                                         Truncate,
                                         Sync,
                                         FileSize,
                                         Lock,
                                         Unlock,
                                         CheckReservedLock,
                                         FileControl,
                                         SectorSize,
                                         DeviceCharacteristics,
                                         nullptr,
                                         nullptr,
                                         nullptr,
                                         nullptr,
                                         nullptr,
                                         nullptr};

int OpenCallback(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out) {
  return Of(vfs).Open(path, file, flags, out);
}

int DeleteCallback(sqlite3_vfs* vfs, const char* path, int sync_dir) {
  return Of(vfs).Delete(path, sync_dir);
}

int AccessCallback(sqlite3_vfs* vfs, const char* path, int flags, int* result) {
  int code = Of(vfs).Count(VfsCall::kAccess);
  if (code != SQLITE_OK) return code;
  return Of(vfs).base()->xAccess(Of(vfs).base(), path, flags, result);
}

int FullPathname(sqlite3_vfs* vfs, const char* path, int bytes, char* out) {
  return Of(vfs).base()->xFullPathname(Of(vfs).base(), path, bytes, out);
}

int Randomness(sqlite3_vfs* vfs, int bytes, char* out) {
  // Salts of logs: the same seed makes the same bytes.
  Of(vfs).random().Fill({reinterpret_cast<uint8_t*>(out), static_cast<size_t>(bytes)});
  return bytes;
}

int LastError(sqlite3_vfs* vfs, int bytes, char* out) {
  return Of(vfs).base()->xGetLastError(Of(vfs).base(), bytes, out);
}

int SleepCallback(sqlite3_vfs* /*vfs*/, int microseconds) {
  return microseconds;
}

}  // namespace

const char* VfsCallName(VfsCall call) {
  constexpr const char* kNames[kVfsCallKinds] = {
      "open", "read", "write", "truncate", "sync", "delete", "access", "file size", "lock"};
  return kNames[static_cast<size_t>(call)];
}

PowerVfs::PowerVfs(std::string name, std::string dir)
    : name_(std::move(name)), dir_(std::move(dir)), base_(sqlite3_vfs_find(nullptr)) {
  CHECK(base_ != nullptr);
  vfs_ = *base_;
  vfs_.iVersion = 1;
  vfs_.szOsFile = static_cast<int>(sizeof(OpenFile)) + base_->szOsFile;
  vfs_.pNext = nullptr;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = OpenCallback;
  vfs_.xDelete = DeleteCallback;
  vfs_.xAccess = AccessCallback;
  vfs_.xFullPathname = FullPathname;
  vfs_.xRandomness = Randomness;
  vfs_.xSleep = SleepCallback;
  vfs_.xGetLastError = LastError;
  CHECK(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK);
}

PowerVfs::~PowerVfs() {
  sqlite3_vfs_unregister(&vfs_);
}

void PowerVfs::Start(const VfsFault& fault, uint64_t seed) {
  fault_ = fault;
  random_ = SimRandom(seed);
  calls_ = 0;
  failed_.reset();
  log_.clear();
  names_.clear();
  for (const auto& entry : stdfs::directory_iterator(dir_)) {
    names_.insert(entry.path().filename().string());
  }
}

int PowerVfs::Count(VfsCall call) {
  ++calls_;
  bool fails = fault_.call != 0 && (calls_ == fault_.call || (fault_.lasting && failed_));
  if (!fails) return SQLITE_OK;
  if (!failed_) failed_ = call;
  switch (call) {
    case VfsCall::kOpen: return SQLITE_CANTOPEN;
    case VfsCall::kRead: return SQLITE_IOERR_READ;
    case VfsCall::kWrite: return fault_.full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    case VfsCall::kTruncate: return SQLITE_IOERR_TRUNCATE;
    case VfsCall::kSync: return fault_.full ? SQLITE_FULL : SQLITE_IOERR_FSYNC;
    case VfsCall::kDelete: return SQLITE_IOERR_DELETE;
    case VfsCall::kAccess: return SQLITE_IOERR_ACCESS;
    case VfsCall::kFileSize: return SQLITE_IOERR_FSTAT;
    case VfsCall::kLock: return SQLITE_IOERR_LOCK;
  }
  return SQLITE_IOERR;
}

// The index prepares its directory itself, before SQLite sees it.
void PowerVfs::NoticeOutsideChanges() {
  std::set<std::string> there;
  for (const auto& entry : stdfs::directory_iterator(dir_)) {
    there.insert(entry.path().filename().string());
  }
  for (const std::string& name : names_) {
    if (there.count(name) == 0) Record({DiskCall::Kind::kDelete, name, 0, {}});
  }
  for (const std::string& name : there) {
    if (names_.count(name) == 0) Record({DiskCall::Kind::kCreate, name, 0, {}});
  }
  names_ = there;
}

int PowerVfs::Open(const char* path, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  NoticeOutsideChanges();
  int code = Count(VfsCall::kOpen);
  if (code != SQLITE_OK) return code;
  CHECK(path != nullptr && stdfs::path(path).parent_path() == stdfs::path(dir_));
  // As SQLite's VFS for Unix: the name of a new journal or log is synced with its first bytes.
  constexpr int kJournals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
  bool sync_names = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & kJournals) != 0;
  auto* open = new (file) OpenFile{{nullptr}, this, NameIn(path), sync_names};
  code = base_->xOpen(base_, path, open->base(), flags, out_flags);
  if (code != SQLITE_OK) {
    open->~OpenFile();
    return code;
  }
  file->pMethods = &kMethods;
  NoticeOutsideChanges();
  return SQLITE_OK;
}

int PowerVfs::Delete(const char* path, int sync_dir) {
  int code = Count(VfsCall::kDelete);
  if (code == SQLITE_OK) code = base_->xDelete(base_, path, 0);
  if (code != SQLITE_OK) return code;
  names_.erase(NameIn(path));
  Record({DiskCall::Kind::kDelete, NameIn(path), 0, {}});
  if (sync_dir != 0) Record({DiskCall::Kind::kSyncNames, "", 0, {}});
  return SQLITE_OK;
}

void WriteDirectory(const std::string& dir, const std::map<std::string, Bytes>& files) {
  for (const auto& entry : stdfs::directory_iterator(dir)) {
    if (files.count(entry.path().filename().string()) == 0) stdfs::remove(entry.path());
  }
  for (const auto& [name, content] : files) {
    std::ofstream out(stdfs::path(dir) / name, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(content.data()),
              static_cast<std::streamsize>(content.size()));
    CHECK(out.good());
  }
}

std::map<std::string, Bytes> ReadDirectory(const std::string& dir) {
  std::map<std::string, Bytes> files;
  for (const auto& entry : stdfs::directory_iterator(dir)) {
    std::ifstream in(entry.path(), std::ios::binary);
    files[entry.path().filename().string()] = Bytes(std::istreambuf_iterator<char>(in), {});
  }
  return files;
}

}  // namespace atozsync
