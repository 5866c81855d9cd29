#include "supervisor.h"

#include <algorithm>

#include <godseye/base/log.h>

namespace godseye::store {

using base::Error;
using base::ErrorCode;
using base::Status;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {
constexpr milliseconds kPollInterval{20};
constexpr milliseconds kStopGrace{5'000};
constexpr milliseconds kRestoreTimeout{3'600'000};
constexpr milliseconds kProvenAfter{30'000};  // a child that lived this long earns a quick restart again
}  // namespace

Supervisor::Supervisor(SupervisorConfig config, std::shared_ptr<Engine> engine, std::function<bool(milliseconds)> ping)
    : config_(std::move(config)), engine_(std::move(engine)), ping_(std::move(ping)), thread_([this] { run(); }) {}

Supervisor::~Supervisor() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool Supervisor::pause(milliseconds duration) {
  const auto until = steady_clock::now() + duration;
  const base::MutexLock lock(mutex_);
  while (!stopping_ && !doubted_) {
    if (!changed_.wait_until(mutex_, until)) break;
  }
  return !stopping_;
}

void Supervisor::run() {
  milliseconds backoff = config_.backoff_min;
  bool running = true;
  while (running) {
    const auto begin = steady_clock::now();
    if (start_child() && wait_answer() && prepare()) watch();
    if (child_ != nullptr) child_->stop(kStopGrace);
    child_.reset();
    if (steady_clock::now() - begin > kProvenAfter) backoff = config_.backoff_min;
    running = pause(backoff);
    backoff = std::min(backoff * 2, config_.backoff_max);
  }
}

void Supervisor::lose(std::string trouble) {
  bool stopping = false;
  {
    const base::MutexLock lock(mutex_);
    ready_ = false;
    stopping = stopping_;
    trouble_ = trouble;
  }
  if (!stopping) spdlog::warn("engine: {}", trouble);
}

bool Supervisor::start_child() {
  {
    const base::MutexLock lock(mutex_);
    if (stopping_) return false;
    doubted_ = false;
    ++starts_;
  }
  if (config_.child.empty()) return true;
  base::Result<ChildProcess> child = ChildProcess::spawn(config_.child);
  if (!child) {
    lose(child.error().message());
    return false;
  }
  child_ = std::make_unique<ChildProcess>(*std::move(child));
  const base::MutexLock lock(mutex_);
  child_id_ = child_->id();
  return true;
}

bool Supervisor::wait_answer() {
  const auto deadline = steady_clock::now() + config_.start_timeout;
  while (!ping_(milliseconds(1000))) {
    if (child_ != nullptr && child_->ended(milliseconds(0))) {
      lose("godseye-store ended with " + child_->ending());
      return false;
    }
    if (steady_clock::now() > deadline) {
      lose("the engine does not answer");
      return false;
    }
    if (!pause(kPollInterval)) return false;
  }
  return true;
}

Status Supervisor::restore() {
  if (config_.restore_backup.empty()) return base::ok();
  const base::Result<Rows> there =
      engine_->select("SELECT count() FROM system.databases WHERE name = {name:String}",
                      {.parameters = {{"name", config_.database}}, .settings = {{"database", "default"}}});
  if (!there) return there.error();
  if (there->row_count() == 1 && there->column(0).u64(0) > 0) return base::ok();
  Status restored = engine_->execute("RESTORE DATABASE `" + config_.database + "` FROM File({name:String})",
                                     {.parameters = {{"name", config_.restore_backup}},
                                      .settings = {{"database", "default"}},
                                      .timeout = kRestoreTimeout});
  // Asking again would not make the backup better.
  if (!restored) return Error(ErrorCode::kInvalidArgument, "restoring the tables: " + restored.error().message());
  return restored;
}

bool Supervisor::prepare() {
  Status migrated = restore();
  if (migrated) migrated = migrate(*engine_, config_.database, config_.retention);
  if (!migrated) {
    const bool unusable = migrated.error().code() == ErrorCode::kInvalidArgument;
    lose(migrated.error().message());
    const base::MutexLock lock(mutex_);
    unusable_ = unusable;
    changed_.notify_all();
    return false;
  }
  const base::Result<Rows> version = engine_->select("SELECT version()");
  const base::MutexLock lock(mutex_);
  if (version && version->row_count() == 1) version_ = version->column(0).text(0);
  ready_ = true;
  unusable_ = false;
  trouble_.clear();
  changed_.notify_all();
  return true;
}

void Supervisor::watch() {
  int failed = 0;
  auto next_check = steady_clock::now() + config_.check_interval;
  while (failed < kChecksFailedMax) {
    if (child_ != nullptr && child_->ended(milliseconds(0))) {
      return lose("godseye-store ended with " + child_->ending());
    }
    {
      const base::MutexLock lock(mutex_);
      if (stopping_) return;
      if (doubted_) {
        ready_ = false;
        doubted_ = false;
      }
    }
    if (failed == 0 && !ready() && !prepare()) return;
    if (failed > 0 || steady_clock::now() >= next_check) {
      QueryOptions options;
      options.timeout = config_.check_timeout;
      const base::Result<Rows> answer = engine_->select("SELECT 1", options);
      // Busy is alive.
      failed = answer || answer.error().code() == ErrorCode::kQueueFull ? 0 : failed + 1;
      if (failed > 0) lose("no answer: " + answer.error().message());
      next_check = steady_clock::now() + config_.check_interval;
    }
    if (child_ != nullptr) {
      if (child_->ended(milliseconds(100))) continue;
    } else if (!pause(milliseconds(100))) {
      return;
    }
  }
  // It does not answer questions: it would not answer a polite request to end either.
  if (child_ != nullptr) child_->kill();
}

bool Supervisor::ready() const {
  const base::MutexLock lock(mutex_);
  return ready_;
}

Status Supervisor::wait_ready(base::TickTime deadline) {
  const base::MutexLock lock(mutex_);
  while (!ready_) {
    if (stopping_) return Error(ErrorCode::kCancelled, "shutting down");
    if (unusable_) return Error(ErrorCode::kInvalidArgument, trouble_);
    if (!changed_.wait_until(mutex_, deadline) && !ready_) return Error(ErrorCode::kTimeout, trouble_);
  }
  return base::ok();
}

void Supervisor::doubt() {
  {
    const base::MutexLock lock(mutex_);
    doubted_ = true;
  }
  changed_.notify_all();
}

uint64_t Supervisor::restarts() const {
  const base::MutexLock lock(mutex_);
  return starts_ > 0 ? starts_ - 1 : 0;
}

std::string Supervisor::engine_version() const {
  const base::MutexLock lock(mutex_);
  return version_;
}

std::string Supervisor::trouble() const {
  const base::MutexLock lock(mutex_);
  return trouble_;
}

pid_t Supervisor::child_id() const {
  const base::MutexLock lock(mutex_);
  return child_id_;
}

}  // namespace godseye::store
