#include "records.h"
#include "segment_format.h"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <filesystem>
#include <fstream>

#include <godseye/base/log.h>
#include <godseye/base/mutex.h>
#include <godseye/store/journal.h>

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

namespace godseye::store {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;
namespace fs = std::filesystem;

long JournalFiles::write(int fd, const void* data, size_t size) { return ::write(fd, data, size); }
int JournalFiles::fdatasync(int fd) { return ::fdatasync(fd); }
int JournalFiles::create(const char* path) { return ::open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600); }
int JournalFiles::ftruncate(int fd, long size) { return ::ftruncate(fd, size); }

Result<JournalSync> parse_journal_sync(std::string_view text) {
  if (text == "none") return JournalSync::kNone;
  if (text == "interval") return JournalSync::kInterval;
  if (text == "always") return JournalSync::kAlways;
  return Error(ErrorCode::kInvalidArgument,
               "journal-sync: " + base::quoted(text) + ", expected none, interval or always");
}

namespace {

constexpr std::chrono::milliseconds kSyncInterval{1000};

struct SegmentFile {
  SegmentId id;
  uint64_t bytes = 0;
};

void sync_directory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

class Journal::Impl {
 public:
  Impl(JournalConfig config, base::Clock clock, std::shared_ptr<JournalFiles> files)
      : config_(std::move(config)), clock_(std::move(clock)), files_(std::move(files)) {}
  ~Impl() {
    const base::MutexLock lock(mutex_);
    close_open_segment();
  }

  Status scan();
  Status append(const signal::MetricBatch& batch) GE_EXCLUDES(mutex_);
  Status append(const signal::SpanBatch& batch) GE_EXCLUDES(mutex_);
  Status append(const signal::EventBatch& batch) GE_EXCLUDES(mutex_);
  Result<SegmentId> rotate() GE_EXCLUDES(mutex_);
  std::optional<base::TickTime> open_since() const GE_EXCLUDES(mutex_);
  void sync_if_due() GE_EXCLUDES(mutex_);
  std::vector<SegmentId> closed() const GE_EXCLUDES(mutex_);
  Result<SegmentContents> read(SegmentId id) GE_EXCLUDES(mutex_);
  Status remove(SegmentId id) GE_EXCLUDES(mutex_);
  Status quarantine(SegmentId id, std::string_view reason) GE_EXCLUDES(mutex_);
  JournalStats stats() const GE_EXCLUDES(mutex_);

 private:
  std::string path_of(SegmentId id) const { return config_.directory + "/" + segment_file_name(id); }
  Status keep(const Result<Records>& records) GE_EXCLUDES(mutex_);
  TimeBounds bounds() const;
  Status ensure_open() GE_REQUIRES(mutex_);
  Status write_all(std::string_view bytes) GE_REQUIRES(mutex_);
  Status refuse(Error error) GE_REQUIRES(mutex_);
  void close_open_segment() GE_REQUIRES(mutex_);
  void forget(SegmentId id) GE_REQUIRES(mutex_);
  uint64_t valid_bytes(SegmentId id) const GE_EXCLUDES(mutex_);

  const JournalConfig config_;
  const base::Clock clock_;
  const std::shared_ptr<JournalFiles> files_;

  mutable base::Mutex mutex_;
  std::deque<SegmentFile> closed_ GE_GUARDED_BY(mutex_);
  SegmentFile open_ GE_GUARDED_BY(mutex_);
  uint64_t open_spans_ GE_GUARDED_BY(mutex_) = 0;
  base::TickTime open_since_ GE_GUARDED_BY(mutex_);
  int fd_ GE_GUARDED_BY(mutex_) = -1;
  bool unsynced_ GE_GUARDED_BY(mutex_) = false;
  base::TickTime synced_at_ GE_GUARDED_BY(mutex_);
  uint64_t sequence_ GE_GUARDED_BY(mutex_) = 0;
  uint64_t salt_ GE_GUARDED_BY(mutex_) = 0;
  SegmentId newest_closed_ GE_GUARDED_BY(mutex_);
  JournalStats stats_ GE_GUARDED_BY(mutex_);
};

Status Journal::Impl::scan() {
  std::error_code error;
  fs::create_directories(config_.directory + "/quarantine", error);
  if (error) return Error(ErrorCode::kIo, "cannot create " + config_.directory + ": " + error.message());
  const base::MutexLock lock(mutex_);
  for (const fs::directory_entry& entry : fs::directory_iterator(config_.directory, error)) {
    const std::optional<SegmentId> id = parse_segment_file_name(entry.path().filename().string());
    if (!id) continue;
    const uint64_t bytes = entry.file_size(error);
    closed_.push_back({*id, bytes});
    stats_.bytes += bytes;
  }
  if (error) return Error(ErrorCode::kIo, "cannot read " + config_.directory + ": " + error.message());
  std::sort(closed_.begin(), closed_.end(), [](const SegmentFile& a, const SegmentFile& b) { return a.id < b.id; });
  if (!closed_.empty()) {
    newest_closed_ = closed_.back().id;
    sequence_ = newest_closed_.sequence;
    spdlog::info("journal: {} segments of {} bytes wait to be stored", closed_.size(), stats_.bytes);
  }
  if (::getrandom(&salt_, sizeof salt_, 0) != sizeof salt_) return base::errno_error("getrandom", errno);
  return base::ok();
}

Status Journal::Impl::refuse(Error error) {
  ++stats_.refused_io;
  stats_.last_error = error.message();
  return error;
}

Status Journal::Impl::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const long written = files_->write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return base::errno_error("writing " + path_of(open_.id), errno);
    if (written == 0) return base::errno_error("writing " + path_of(open_.id), ENOSPC);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return base::ok();
}

Status Journal::Impl::ensure_open() {
  if (fd_ >= 0) return base::ok();
  const SegmentId id{sequence_ + 1, salt_};
  const std::string path = path_of(id);
  const int fd = files_->create(path.c_str());
  if (fd < 0) return base::errno_error("creating " + path, errno);
  ++sequence_;
  fd_ = fd;
  open_ = {id, 0};
  const std::string header = segment_header();
  if (Status written = write_all(header); !written) {
    ::close(fd_);
    fd_ = -1;
    ::unlink(path.c_str());
    return written;
  }
  open_.bytes = header.size();
  stats_.bytes += header.size();
  if (config_.sync != JournalSync::kNone) sync_directory(config_.directory);
  return base::ok();
}

Status Journal::Impl::append(const signal::MetricBatch& batch) {
  return batch.empty() ? base::ok() : keep(records_of(batch));
}

Status Journal::Impl::append(const signal::SpanBatch& batch) {
  return batch.empty() ? base::ok() : keep(records_of(batch, bounds()));
}

Status Journal::Impl::append(const signal::EventBatch& batch) {
  return batch.empty() ? base::ok() : keep(records_of(batch));
}

TimeBounds Journal::Impl::bounds() const {
  const int64_t now = clock_.wall().time_since_epoch().count();
  TimeBounds bounds;
  if (config_.span_age_max.count() > 0) bounds.min_ns = now - std::chrono::nanoseconds(config_.span_age_max).count();
  if (config_.span_ahead_max.count() > 0) {
    bounds.max_ns = now + std::chrono::nanoseconds(config_.span_ahead_max).count();
  }
  return bounds;
}

// Writes all of `records` or nothing.
Status Journal::Impl::keep(const Result<Records>& records) {
  if (!records) return records.error();
  const std::string& bytes = records->bytes;
  const base::MutexLock lock(mutex_);
  if (stats_.bytes + bytes.size() + kSegmentHeaderBytes > config_.bytes_max) {
    ++stats_.refused_full;
    return Error(ErrorCode::kQueueFull, "the journal holds " + std::to_string(stats_.bytes) +
                                            " bytes, its limit is --journal-bytes-max " +
                                            std::to_string(config_.bytes_max) + ": the store does not keep up");
  }
  if (Status opened = ensure_open(); !opened) return refuse(opened.error());
  Status written = write_all(bytes);
  if (written && config_.sync == JournalSync::kAlways && files_->fdatasync(fd_) != 0) {
    written = base::errno_error("syncing " + path_of(open_.id), errno);
  }
  if (!written) {
    // Half a record in the middle would make the segment look damaged: back to the last whole one, or leave it as the
    // segment's torn end.
    if (files_->ftruncate(fd_, static_cast<long>(open_.bytes)) != 0 ||
        ::lseek(fd_, static_cast<off_t>(open_.bytes), SEEK_SET) < 0) {
      close_open_segment();
    }
    return refuse(written.error());
  }
  if (open_.bytes == kSegmentHeaderBytes) open_since_ = clock_.tick();
  open_.bytes += bytes.size();
  stats_.bytes += bytes.size();
  stats_.records_appended += records->count;
  stats_.span_times_clamped += records->times_clamped;
  stats_.last_error.clear();
  unsynced_ = config_.sync == JournalSync::kInterval;
  open_spans_ += records->spans;
  if (open_.bytes >= kSegmentBytesMax || open_spans_ >= kSpansPerSegmentMax) close_open_segment();
  return base::ok();
}

void Journal::Impl::close_open_segment() {
  if (fd_ < 0) return;
  if (unsynced_) files_->fdatasync(fd_);
  unsynced_ = false;
  ::close(fd_);
  fd_ = -1;
  closed_.push_back(open_);
  newest_closed_ = open_.id;
  open_spans_ = 0;
}

Result<SegmentId> Journal::Impl::rotate() {
  const base::MutexLock lock(mutex_);
  if (fd_ >= 0 && open_.bytes > kSegmentHeaderBytes) close_open_segment();
  return newest_closed_;
}

std::optional<base::TickTime> Journal::Impl::open_since() const {
  const base::MutexLock lock(mutex_);
  if (fd_ < 0 || open_.bytes <= kSegmentHeaderBytes) return std::nullopt;
  return open_since_;
}

void Journal::Impl::sync_if_due() {
  int copy = -1;
  {
    const base::MutexLock lock(mutex_);
    const base::TickTime now = clock_.tick();
    if (!unsynced_ || fd_ < 0 || now - synced_at_ < kSyncInterval) return;
    synced_at_ = now;
    unsynced_ = false;
    copy = ::fcntl(fd_, F_DUPFD_CLOEXEC, 3);  // so that appends do not wait for the disk
  }
  if (copy < 0) return;
  files_->fdatasync(copy);
  ::close(copy);
}

std::vector<SegmentId> Journal::Impl::closed() const {
  const base::MutexLock lock(mutex_);
  std::vector<SegmentId> ids;
  ids.reserve(closed_.size());
  for (const SegmentFile& file : closed_) ids.push_back(file.id);
  return ids;
}

Result<SegmentContents> Journal::Impl::read(SegmentId id) {
  const std::string path = path_of(id);
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return base::errno_error("opening " + path, errno);
  std::string bytes(static_cast<size_t>(in.tellg()), '\0');
  in.seekg(0);
  if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
    return Error(ErrorCode::kIo, "reading " + path);
  }
  bytes.resize(std::min<uint64_t>(bytes.size(), valid_bytes(id)));
  Result<SegmentContents> contents = decode_segment(bytes);
  const base::MutexLock lock(mutex_);
  if (!contents) {
    ++stats_.segments_corrupt;
    return std::move(contents).error().within(path);
  }
  if (contents->torn_bytes > 0) {
    ++stats_.torn_tails;
    spdlog::info("journal: {} ends with {} bytes of an interrupted write", path, contents->torn_bytes);
  }
  return contents;
}

// Past this there can be a refused batch that could not be cut off (append).
uint64_t Journal::Impl::valid_bytes(SegmentId id) const {
  const base::MutexLock lock(mutex_);
  const auto found = std::find_if(closed_.begin(), closed_.end(), [&](const SegmentFile& f) { return f.id == id; });
  return found == closed_.end() ? UINT64_MAX : found->bytes;
}

void Journal::Impl::forget(SegmentId id) {
  const auto found = std::find_if(closed_.begin(), closed_.end(), [&](const SegmentFile& f) { return f.id == id; });
  if (found == closed_.end()) return;
  stats_.bytes -= std::min(stats_.bytes, found->bytes);
  closed_.erase(found);
}

Status Journal::Impl::remove(SegmentId id) {
  const std::string path = path_of(id);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return base::errno_error("removing " + path, errno);
  const base::MutexLock lock(mutex_);
  forget(id);
  return base::ok();
}

Status Journal::Impl::quarantine(SegmentId id, std::string_view reason) {
  const std::string aside = config_.directory + "/quarantine/" + id.name();
  // The reason is best effort: on a full disk the segment still moves.
  std::ofstream(aside + ".txt") << reason << "\n";
  if (::rename(path_of(id).c_str(), (aside + ".seg").c_str()) != 0) {
    return base::errno_error("moving " + path_of(id) + " to quarantine", errno);
  }
  const base::MutexLock lock(mutex_);
  forget(id);
  return base::ok();
}

JournalStats Journal::Impl::stats() const {
  const base::MutexLock lock(mutex_);
  JournalStats stats = stats_;
  stats.bytes_max = config_.bytes_max;
  stats.segments_closed = closed_.size();
  return stats;
}

Result<std::unique_ptr<Journal>> Journal::open(JournalConfig config, base::Clock clock,
                                               std::shared_ptr<JournalFiles> files) {
  if (files == nullptr) files = std::make_shared<JournalFiles>();
  auto impl = std::make_unique<Impl>(std::move(config), std::move(clock), std::move(files));
  if (Status scanned = impl->scan(); !scanned) return scanned.error();
  return std::unique_ptr<Journal>(new Journal(std::move(impl)));
}

Journal::Journal(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Journal::~Journal() = default;
Status Journal::append(const signal::MetricBatch& batch) { return impl_->append(batch); }
Status Journal::append(const signal::SpanBatch& batch) { return impl_->append(batch); }
Status Journal::append(const signal::EventBatch& batch) { return impl_->append(batch); }
Result<SegmentId> Journal::rotate() { return impl_->rotate(); }
std::optional<base::TickTime> Journal::open_since() const { return impl_->open_since(); }
void Journal::sync_if_due() { impl_->sync_if_due(); }
std::vector<SegmentId> Journal::closed() const { return impl_->closed(); }
Result<SegmentContents> Journal::read(SegmentId id) const { return impl_->read(id); }
Status Journal::remove(SegmentId id) { return impl_->remove(id); }
Status Journal::quarantine(SegmentId id, std::string_view reason) { return impl_->quarantine(id, reason); }
JournalStats Journal::stats() const { return impl_->stats(); }

}  // namespace godseye::store
