#pragma once

#include "engine_library.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/mutex.h>

// `EnginePool` holds the open connections and hands each statement one of its own. Connections for writing are apart
// from those for reading, so that slow questions never keep the journal's blocks out.
//
// Limits: `readers` + `writers` statements run at once, `waiting_max` more wait for at most their deadline; one more is
// refused at once. Threads: every function from any thread.
namespace godseye::engine {

// One connection and what it is set to, so that settings travel only when they change.
class EngineSession {
 public:
  using Settings = std::map<std::string, std::string, std::less<>>;

  EngineSession(std::unique_ptr<EngineConnection> connection, Settings base)
      : connection_(std::move(connection)), base_(std::move(base)) {}

  // Runs `sql` under the base settings overlaid by `settings`, in `database` (empty: default).
  bool run(std::string_view sql, std::string_view format, const Parameters& parameters, std::string_view database,
           const Settings& settings, Answer& answer, EngineFailure& failure);

 private:
  bool apply(std::string_view database, const Settings& settings, EngineFailure& failure);
  bool plain(const std::string& sql, EngineFailure& failure);

  std::unique_ptr<EngineConnection> connection_;
  const Settings base_;
  Settings current_;  // what differs from the engine's defaults
  std::string database_ = "default";
};

class EnginePool {
 public:
  enum class Kind : uint8_t { kRead, kWrite };

  class Lease {
   public:
    Lease() = default;
    Lease(EnginePool* pool, Kind kind, EngineSession* session) : pool_(pool), kind_(kind), session_(session) {}
    Lease(Lease&& other) noexcept { *this = std::move(other); }
    Lease& operator=(Lease&& other) noexcept {
      std::swap(pool_, other.pool_);
      std::swap(kind_, other.kind_);
      std::swap(session_, other.session_);
      return *this;
    }
    ~Lease() {
      if (session_ != nullptr) pool_->give_back(kind_, session_);
    }
    explicit operator bool() const { return session_ != nullptr; }
    EngineSession* operator->() const { return session_; }

   private:
    EnginePool* pool_ = nullptr;
    Kind kind_ = Kind::kRead;
    EngineSession* session_ = nullptr;
  };

  EnginePool(std::vector<std::unique_ptr<EngineSession>> readers, std::vector<std::unique_ptr<EngineSession>> writers,
             size_t waiting_max);

  // Empty when the pool is busy and `waiting_max` others wait, or when `deadline` passes.
  Lease lease(Kind kind, std::chrono::steady_clock::time_point deadline) GE_EXCLUDES(mutex_);
  // Statements ever leased, and those running now.
  uint64_t leased() const GE_EXCLUDES(mutex_);
  size_t running() const GE_EXCLUDES(mutex_);

 private:
  void give_back(Kind kind, EngineSession* session) GE_EXCLUDES(mutex_);

  const size_t waiting_max_;
  std::vector<std::unique_ptr<EngineSession>> sessions_;
  mutable base::Mutex mutex_;
  base::ConditionVariable returned_;
  std::vector<EngineSession*> idle_[2] GE_GUARDED_BY(mutex_);
  size_t waiting_ GE_GUARDED_BY(mutex_) = 0;
  size_t running_ GE_GUARDED_BY(mutex_) = 0;
  uint64_t leased_ GE_GUARDED_BY(mutex_) = 0;
};

}  // namespace godseye::engine
