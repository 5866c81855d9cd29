#include "copy.h"
#include "eraser.h"
#include "http_engine.h"
#include "importer.h"
#include "roller.h"
#include "supervisor.h"
#include "writer.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>

#include <godseye/base/log.h>
#include <godseye/net/listen_address.h>
#include <godseye/store/store.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace godseye::store {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;
namespace fs = std::filesystem;

namespace {

constexpr uint32_t kRetentionDaysMax = 3650;  // DateTime ends in 2106: time + retention must not pass it

// Hours that late points came into are rolled up again this much more rarely than new ones are looked for.
constexpr int kLateEach = 10;

constexpr const char* kRestoredBackup = "restored";

// More than any time zone that a clock was set to by mistake.
constexpr std::chrono::days kSpanAheadMax{1};

// Until the engine answers and has our tables, questions fail at once instead of waiting or finding no table.
class GatedEngine final : public Engine {
 public:
  GatedEngine(Engine& engine, std::function<Status()> gate) : engine_(engine), gate_(std::move(gate)) {}
  Result<Rows> select(std::string_view sql, const QueryOptions& options) override {
    if (Status open = gate_(); !open) return open.error();
    return engine_.select(sql, options);
  }
  Status execute(std::string_view sql, const QueryOptions& options) override {
    if (Status open = gate_(); !open) return open;
    return engine_.execute(sql, options);
  }
  Status insert(const InsertBlock& block, std::chrono::milliseconds timeout) override {
    if (Status open = gate_(); !open) return open;
    return engine_.insert(block, timeout);
  }

 private:
  Engine& engine_;
  const std::function<Status()> gate_;
};

class FileLock {
 public:
  ~FileLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  Status take(const std::string& path) {
    fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd_ < 0) return base::errno_error("opening " + path, errno);
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      return Error(ErrorCode::kAlreadyExists, path + " is locked: another godseye runs on this data directory");
    }
    return base::ok();
  }

 private:
  int fd_ = -1;
};

std::string program_beside_us() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path().string() + "/godseye-store";
}

Status check(const StoreConfig& config) {
  if (config.data_dir.empty()) return Error(ErrorCode::kInvalidArgument, "data-dir is empty");
  if (config.retention_days == 0 || config.retention_days > kRetentionDaysMax) {
    return Error(ErrorCode::kInvalidArgument, "retention-days is " + std::to_string(config.retention_days) +
                                                  ", expected 1 to " + std::to_string(kRetentionDaysMax));
  }
  if (config.span_retention_days > kRetentionDaysMax) {
    return Error(ErrorCode::kInvalidArgument, "span-retention-days is " + std::to_string(config.span_retention_days) +
                                                  ", expected 0 (as retention-days) to " +
                                                  std::to_string(kRetentionDaysMax));
  }
  if (config.journal_bytes_max < kSegmentBytesMax) {
    return Error(ErrorCode::kInvalidArgument, "journal-bytes-max is " + std::to_string(config.journal_bytes_max) +
                                                  ", expected at least " + std::to_string(kSegmentBytesMax));
  }
  for (const char c : config.database) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_') {
      return Error(ErrorCode::kInvalidArgument,
                   "database " + base::quoted(config.database) + ": expected letters, digits and _");
    }
  }
  const std::string socket = config.data_dir + "/engine.sock";
  if (config.clickhouse_url.empty() && socket.size() > net::kUnixPathBytesMax) {
    return Error(ErrorCode::kInvalidArgument, "data-dir " + config.data_dir + " is too long: " + socket +
                                                  " must fit into " + std::to_string(net::kUnixPathBytesMax) +
                                                  " bytes");
  }
  return base::ok();
}

}  // namespace

class Store::Impl {
 public:
  Impl(StoreConfig config, base::Clock clock) : config_(std::move(config)), clock_(std::move(clock)) {}
  ~Impl() {
    if (journal_ != nullptr) static_cast<void>(journal_->rotate());
    if (http_ != nullptr) http_->stop();
    writer_.reset();
    roller_.reset();
    supervisor_.reset();
  }

  Status start(std::shared_ptr<Engine> engine, std::shared_ptr<JournalFiles> files);
  Status append(const signal::MetricBatch& batch);
  Status append(const signal::SpanBatch& batch);
  Status append(const signal::EventBatch& batch);
  Ticket rotate();
  Status wait_ready(base::TickTime deadline);
  Status recent_spans(int64_t since_ns, size_t limit, const std::function<void(const SpanKey&)>& visit);
  void waiting_spans(const std::function<void(const signal::SpanBatch&)>& visit);
  Result<EraseReport> erase(EraseKey key, std::string_view id, std::chrono::milliseconds timeout);
  Status backup(const std::string& directory, std::chrono::milliseconds timeout);
  StoreStats stats() const;
  StoreHealth health() const;
  Status roll_up();
  Result<ImportReport> import_points(const signal::MetricBatch& batch, std::chrono::milliseconds timeout);
  int64_t oldest_import_s() const;

  Engine& engine() { return *gated_; }
  Writer& writer() { return *writer_; }

 private:
  void start_engine();
  Status lay_out_backup();
  Status gate() const;
  Status appended(Status status);
  uint32_t span_retention_days() const {
    return config_.span_retention_days == 0 ? config_.retention_days : config_.span_retention_days;
  }
  uint64_t quarantine_files() const;

  const StoreConfig config_;
  const base::Clock clock_;
  FileLock lock_;
  std::unique_ptr<Journal> journal_;
  std::shared_ptr<HttpEngine> http_;  // null when the engine is the caller's
  std::shared_ptr<Engine> engine_;
  std::unique_ptr<GatedEngine> gated_;
  std::unique_ptr<Supervisor> supervisor_;
  std::unique_ptr<Roller> roller_;  // null: nothing is rolled up
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Importer> importer_;
  std::atomic<uint64_t> imported_{0};
  std::atomic<uint64_t> batches_{0};
  std::atomic<uint64_t> points_{0};
  std::atomic<uint64_t> spans_{0};
  std::atomic<uint64_t> evaluations_{0};
  std::atomic<uint64_t> events_{0};
  std::atomic<bool> refusing_{false};
};

void Store::Impl::start_engine() {
  HttpEngineConfig http;
  SupervisorConfig supervisor;
  http.database = config_.database;
  http.insert_settings = config_.insert_settings;
  if (config_.clickhouse_url.empty()) {
    http.unix_socket = config_.data_dir + "/engine.sock";
    supervisor.child = {config_.store_program.empty() ? program_beside_us() : config_.store_program,
                        "--data-dir",
                        config_.data_dir + "/clickhouse",
                        "--socket",
                        http.unix_socket,
                        "--memory-bytes",
                        std::to_string(config_.engine_memory_bytes),
                        "--nice",
                        std::to_string(config_.engine_nice_steps),
                        "--parent",
                        std::to_string(::getpid())};
    if (!config_.engine_library.empty()) {
      supervisor.child.insert(supervisor.child.end(), {"--engine", config_.engine_library});
    }
  } else {
    http.url = config_.clickhouse_url;
    http.user = config_.clickhouse_user;
    http.password = config_.clickhouse_password;
  }
  supervisor.database = config_.database;
  if (!config_.restore_from.empty()) supervisor.restore_backup = kRestoredBackup;
  // What was restored must not expire by what the backup's tables said, whenever the next start is.
  supervisor.retention = {config_.retention_days, span_retention_days(), config_.rollup_days,
                          !config_.restore_from.empty()};
  http_ = std::make_shared<HttpEngine>(std::move(http));
  engine_ = http_;
  supervisor_ =
      std::make_unique<Supervisor>(std::move(supervisor), engine_,
                                   [http = http_](std::chrono::milliseconds timeout) { return http->ping(timeout); });
}

Status Store::Impl::start(std::shared_ptr<Engine> engine, std::shared_ptr<JournalFiles> files) {
  if (Status checked = check(config_); !checked) return checked;
  std::error_code error;
  if (!config_.restore_from.empty() && fs::exists(config_.data_dir, error)) {
    return Error(ErrorCode::kAlreadyExists,
                 config_.data_dir + " is there already: a backup is restored into a new one");
  }
  fs::create_directories(config_.data_dir, error);
  if (error) return Error(ErrorCode::kIo, "cannot create data-dir " + config_.data_dir + ": " + error.message());
  if (Status locked = lock_.take(config_.data_dir + "/store.lock"); !locked) return locked;
  if (Status laid_out = lay_out_backup(); !laid_out) return std::move(laid_out).error().within("restoring");
  Result<std::unique_ptr<Journal>> journal =
      Journal::open({.directory = config_.data_dir + "/journal",
                     .sync = config_.journal_sync,
                     .bytes_max = config_.journal_bytes_max,
                     .span_age_max = std::chrono::days(span_retention_days() + 1),
                     .span_ahead_max = kSpanAheadMax},
                    clock_, std::move(files));
  if (!journal) return std::move(journal).error().within("journal");
  journal_ = *std::move(journal);
  if (engine == nullptr) {
    start_engine();
  } else {
    engine_ = std::move(engine);
  }
  gated_ = std::make_unique<GatedEngine>(*engine_, [this] { return gate(); });
  WriterConfig writer;
  writer.rotate_interval = config_.rotate_interval;
  writer.early_after = config_.early_after;
  writer.early_pause = config_.early_pause;
  writer.derive = config_.derive;
  writer.derive_events = config_.derive_events;
  writer.points = config_.points;
  if (http_ != nullptr && config_.rollup_interval.count() > 0) {
    RollerConfig roller;
    roller.interval = config_.rollup_interval;
    roller.late_interval = config_.rollup_interval * kLateEach;
    roller.retention_days = config_.retention_days;
    roller_ = std::make_unique<Roller>(roller, clock_, engine_,
                                       [this] { return supervisor_ == nullptr || supervisor_->ready(); });
    writer.note_hours = [this](SegmentId id, std::span<const uint32_t> hours) { return roller_->note(id, hours); };
  }
  importer_ = std::make_unique<Importer>(*gated_, clock_, [this](uint64_t number, std::span<const uint32_t> hours) {
    return roller_ == nullptr ? base::ok() : roller_->note(number, hours);
  });
  writer_ = std::make_unique<Writer>(
      writer, clock_, *journal_, engine_, [this] { return supervisor_ == nullptr || supervisor_->ready(); },
      [this] {
        if (supervisor_ != nullptr) supervisor_->doubt();
      });
  return base::ok();
}

// The engine reads backups from one directory of its own; the journal's segments are found there by the journal.
Status Store::Impl::lay_out_backup() {
  if (config_.restore_from.empty()) return base::ok();
  Status laid_out =
      link_tree(config_.restore_from + "/engine", config_.data_dir + "/clickhouse/backups/" + kRestoredBackup);
  return laid_out ? link_tree(config_.restore_from + "/journal", config_.data_dir + "/journal") : laid_out;
}

Status Store::Impl::backup(const std::string& directory, std::chrono::milliseconds timeout) {
  if (!config_.clickhouse_url.empty() || http_ == nullptr) {
    return Error(ErrorCode::kUnimplemented, "the tables are in a ClickHouse of its own: use its BACKUP");
  }
  std::error_code error;
  if (fs::exists(directory, error)) return Error(ErrorCode::kAlreadyExists, directory + " is there already");
  fs::create_directories(directory + "/journal", error);
  if (error) return base::errno_error("creating " + directory, error.value());
  // First the journal, then the tables: what is stored in between is in both, and who restores asks for each block
  // before it inserts it. The other way round it would be in neither.
  rotate();
  for (const SegmentId id : journal_->closed()) {
    const std::string file = "/journal/" + id.name() + ".seg";
    const Status linked = link_file(config_.data_dir + file, directory + file);
    if (!linked && linked.error().code() != ErrorCode::kNotFound) return linked;  // not there: it is stored
  }
  const std::string name =
      fs::path(directory).filename().string() + "-" + std::to_string(clock_.wall().time_since_epoch().count());
  const Status made = gated_->execute("BACKUP DATABASE `" + config_.database + "` TO File({name:String})",
                                      {.parameters = {{"name", name}}, .timeout = timeout});
  if (!made) return made;
  return move_tree(config_.data_dir + "/clickhouse/backups/" + name, directory + "/engine");
}

int64_t Store::Impl::oldest_import_s() const {
  return base::unix_seconds(clock_.wall()) - static_cast<int64_t>(config_.retention_days) * 86'400 + 3600;
}

Result<ImportReport> Store::Impl::import_points(const signal::MetricBatch& batch, std::chrono::milliseconds timeout) {
  Result<ImportReport> report = ImportReport();
  const base::TickTime deadline = clock_.tick() + timeout;
  writer_->between_segments([&] {
    report = importer_->run(batch, oldest_import_s(), deadline);
    if (report) imported_ += report->stored;
    // Copies of points reach back some hours.
    return !report || (report->stored > 0 && newest_s(batch) > base::unix_seconds(clock_.wall()) - 86'400);
  });
  return report;
}

Status Store::Impl::roll_up() {
  if (roller_ == nullptr) return Error(ErrorCode::kUnimplemented, "this store rolls nothing up");
  Status open = gate();
  return open ? roller_->run_once() : open;
}

Status Store::Impl::gate() const {
  if (supervisor_ == nullptr || supervisor_->ready()) return base::ok();
  return Error(ErrorCode::kUnavailable, "the store is not ready: " + supervisor_->trouble());
}

// What the disk said shows in health.
Status Store::Impl::appended(Status status) {
  refusing_ = !status && (status.error().code() == ErrorCode::kIo || status.error().code() == ErrorCode::kNoSpace);
  if (status) ++batches_;
  return status;
}

Status Store::Impl::append(const signal::MetricBatch& batch) {
  Status done = appended(journal_->append(batch));
  if (done) points_ += batch.points.size() + batch.sketches.size();
  return done;
}

Status Store::Impl::append(const signal::SpanBatch& batch) {
  Status done = appended(journal_->append(batch));
  if (!done) return done;
  spans_ += batch.spans.size();
  evaluations_ += batch.evaluations.size();
  return done;
}

Status Store::Impl::append(const signal::EventBatch& batch) {
  Status done = appended(journal_->append(batch));
  if (done) events_ += batch.events.size() + batch.checks.size();
  return done;
}

Ticket Store::Impl::rotate() {
  const Result<SegmentId> newest = journal_->rotate();
  writer_->wake();
  return {newest ? newest->sequence : 0};
}

Status Store::Impl::wait_ready(base::TickTime deadline) {
  if (supervisor_ == nullptr) return base::ok();
  Status ready = supervisor_->wait_ready(deadline);
  if (ready && !config_.restore_from.empty()) {
    std::error_code ignored;  // it takes space, nothing else
    fs::remove_all(config_.data_dir + "/clickhouse/backups/" + kRestoredBackup, ignored);
  }
  return ready;
}

Status Store::Impl::recent_spans(int64_t since_ns, size_t limit, const std::function<void(const SpanKey&)>& visit) {
  size_t left = limit;
  std::vector<SegmentId> waiting = journal_->closed();
  std::reverse(waiting.begin(), waiting.end());
  for (const SegmentId id : waiting) {
    if (left == 0) return base::ok();
    const Result<SegmentContents> contents = journal_->read(id);
    if (!contents) continue;  // stored meanwhile, or damaged: the writer deals with it
    for (const signal::SpanBatch& batch : contents->spans) {
      for (auto span = batch.spans.rbegin(); span != batch.spans.rend() && left > 0; ++span) {
        if (span->start_ns < since_ns) continue;
        visit({span->trace_id_high, span->trace_id_low, span->span_id, span->start_ns, span->source,
               span->llm != signal::kNoLlm});
        --left;
      }
    }
  }
  const Result<Rows> rows = gated_->select(
      "SELECT trace_id_high, trace_id_low, span_id, start, source, is_llm FROM spans "
      "WHERE start >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') ORDER BY start DESC LIMIT {limit:UInt64}",
      {.parameters = {{"since", std::to_string(since_ns)}, {"limit", std::to_string(left)}}});
  if (!rows) return rows.error();
  for (size_t i = 0; i < rows->row_count(); ++i) {
    visit({rows->column(0).u64(i), rows->column(1).u64(i), rows->column(2).u64(i), rows->column(3).i64(i),
           static_cast<signal::SpanSource>(rows->column(4).u64(i)), rows->column(5).u64(i) != 0});
  }
  return base::ok();
}

void Store::Impl::waiting_spans(const std::function<void(const signal::SpanBatch&)>& visit) {
  for (const SegmentId id : journal_->closed()) {
    const Result<SegmentContents> contents = journal_->read(id);
    if (!contents) continue;  // stored meanwhile, or damaged: the writer deals with it
    for (const signal::SpanBatch& batch : contents->spans) visit(batch);
  }
}

Result<EraseReport> Store::Impl::erase(EraseKey key, std::string_view id, std::chrono::milliseconds timeout) {
  // It would be everything that nobody is named for.
  if (id.empty()) return Error(ErrorCode::kInvalidArgument, "erasing: the id is empty");
  const base::TickTime deadline = clock_.tick() + timeout;
  if (Status stored = writer_->wait_done(rotate().sequence, deadline); !stored) {
    return std::move(stored).error().within("erasing: storing what came before");
  }
  Result<EraseReport> report = EraseReport();
  writer_->exclusively([&] { report = Eraser(*gated_, key, id, clock_, deadline).run(); });
  if (report) report->quarantine_files = quarantine_files();
  return report;
}

uint64_t Store::Impl::quarantine_files() const {
  std::error_code error;
  uint64_t count = 0;
  for (const auto& entry : fs::directory_iterator(config_.data_dir + "/journal/quarantine", error)) {
    count += entry.path().extension() == ".seg" ? 1 : 0;
  }
  return count;
}

StoreStats Store::Impl::stats() const {
  StoreStats stats;
  const WriterStats writer = writer_->stats();
  stats.journal = journal_->stats();
  stats.batches_appended = batches_;
  stats.points_appended = points_;
  stats.spans_appended = spans_;
  stats.evaluations_appended = evaluations_;
  stats.points_stored = writer.points_stored;
  stats.points_derived = writer.points_derived;
  stats.points_undefined = writer.points_undefined;
  stats.spans_stored = writer.spans_stored;
  stats.evaluations_stored = writer.evaluations_stored;
  stats.events_appended = events_;
  stats.events_stored = writer.events_stored;
  stats.checks_stored = writer.checks_stored;
  stats.span_times_clamped = stats.journal.span_times_clamped + writer.span_times_clamped;
  stats.segments_stored = writer.segments_stored;
  stats.segments_quarantined = writer.segments_quarantined;
  stats.quarantine_files = quarantine_files();
  stats.quarantine_last_reason = writer.quarantine_last_reason;
  stats.insert_retries = writer.insert_retries;
  stats.times_clamped = writer.times_clamped;
  stats.lag_ms = writer_->lag_ms();
  stats.points_imported = imported_;
  if (roller_ != nullptr) {
    const RollerStats rolled = roller_->stats();
    stats.rolled_until_s = rolled.until_s;
    stats.hours_rolled = rolled.hours;
    stats.hours_late = rolled.late_hours;
    stats.days_until_s = rolled.days_until_s;
    stats.days_rolled = rolled.days;
    stats.rollup_trouble = rolled.trouble;
  }
  if (supervisor_ != nullptr) {
    stats.engine_restarts = supervisor_->restarts();
    stats.engine_process = supervisor_->child_id();
  }
  return stats;
}

StoreHealth Store::Impl::health() const {
  StoreHealth health;
  const StoreStats stats = this->stats();
  const WriterStats writer = writer_->stats();
  health.engine_up = supervisor_ == nullptr || supervisor_->ready();
  health.engine_version = supervisor_ == nullptr ? "" : supervisor_->engine_version();
  // The disk: what the last append saw. The limit: from 95 % on, since the next batch may not fit.
  const bool full = stats.journal.bytes / 19 > stats.journal.bytes_max / 20;
  health.journal_accepts = !refusing_ && !full;
  const auto say = [&](HealthState state, const std::string& text) {
    health.state = std::max(health.state, state);
    health.reason += (health.reason.empty() ? "" : "; ") + text;
  };
  if (!health.journal_accepts) {
    say(HealthState::kFailing, stats.journal.last_error.empty()
                                   ? "the journal is full (" + std::to_string(stats.journal.bytes) + " of " +
                                         std::to_string(stats.journal.bytes_max) + " bytes): data is refused"
                                   : "the journal cannot be written, data is refused: " + stats.journal.last_error);
  }
  if (!health.engine_up) {
    say(HealthState::kDegraded, "the engine is not ready, data waits in the journal: " + supervisor_->trouble());
  } else if (!writer.trouble.empty()) {
    say(HealthState::kDegraded, "the engine does not take data, it waits in the journal: " + writer.trouble);
  }
  if (health.engine_up && !stats.rollup_trouble.empty()) {
    say(HealthState::kDegraded, "hours are not rolled up, points answer for them: " + stats.rollup_trouble);
  }
  if (stats.quarantine_files > 0) {
    say(HealthState::kDegraded,
        std::to_string(stats.quarantine_files) + " segments were set aside in " + config_.data_dir +
            "/journal/quarantine, reasons beside them" +
            (stats.quarantine_last_reason.empty() ? "" : "; the last: " + stats.quarantine_last_reason));
  }
  return health;
}

Result<std::unique_ptr<Store>> Store::open_with(StoreConfig config, base::Clock clock, std::shared_ptr<Engine> engine,
                                                std::shared_ptr<JournalFiles> files) {
  auto impl = std::make_unique<Impl>(std::move(config), std::move(clock));
  if (Status started = impl->start(std::move(engine), std::move(files)); !started) return started.error();
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

Result<std::unique_ptr<Store>> Store::open(StoreConfig config, base::Clock clock) {
  return open_with(std::move(config), std::move(clock), nullptr);
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;
Status Store::append(const signal::MetricBatch& batch) { return impl_->append(batch); }
Status Store::append(const signal::SpanBatch& batch) { return impl_->append(batch); }
Status Store::append(const signal::EventBatch& batch) { return impl_->append(batch); }
void Store::waiting_spans(const std::function<void(const signal::SpanBatch&)>& visit) { impl_->waiting_spans(visit); }

Status Store::recent_spans(int64_t since_ns, size_t limit, const std::function<void(const SpanKey&)>& visit) {
  return impl_->recent_spans(since_ns, limit, visit);
}
Result<EraseReport> Store::erase_session(std::string_view id, std::chrono::milliseconds timeout) {
  return impl_->erase(EraseKey::kSession, id, timeout);
}
Result<EraseReport> Store::erase_user(std::string_view id, std::chrono::milliseconds timeout) {
  return impl_->erase(EraseKey::kUser, id, timeout);
}
Status Store::backup(const std::string& directory, std::chrono::milliseconds timeout) {
  return impl_->backup(directory, timeout);
}
Ticket Store::rotate() { return impl_->rotate(); }
Status Store::wait_stored(Ticket ticket, base::TickTime deadline) {
  return impl_->writer().wait_done(ticket.sequence, deadline);
}
Status Store::wait_ready(base::TickTime deadline) { return impl_->wait_ready(deadline); }
Status Store::roll_up() { return impl_->roll_up(); }
Result<ImportReport> Store::import_points(const signal::MetricBatch& batch, std::chrono::milliseconds timeout) {
  return impl_->import_points(batch, timeout);
}
int64_t Store::oldest_import_s() const { return impl_->oldest_import_s(); }
Engine& Store::engine() { return impl_->engine(); }
StoreStats Store::stats() const { return impl_->stats(); }
StoreHealth Store::health() const { return impl_->health(); }

}  // namespace godseye::store
