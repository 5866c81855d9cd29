#include "engine_pool.h"

#include "insert_statement.h"

namespace godseye::engine {

bool EngineSession::plain(const std::string& sql, EngineFailure& failure) {
  Answer ignored;
  return connection_->query(sql, "Null", {}, ignored, failure);
}

bool EngineSession::apply(std::string_view database, const Settings& settings, EngineFailure& failure) {
  if (database.empty()) database = "default";
  if (database != database_) {
    if (!plain("USE `" + std::string(database) + "`", failure)) return false;
    database_ = database;
  }
  Settings wanted = settings;
  wanted.insert(base_.begin(), base_.end());
  std::string change;
  const auto assign = [&](const std::string& name, const std::string& value) {
    change += (change.empty() ? "SET " : ", ") + name + " = " + value;
  };
  for (const auto& [name, value] : current_) {
    if (!wanted.contains(name)) assign(name, "DEFAULT");
  }
  for (const auto& [name, value] : wanted) {
    const auto found = current_.find(name);
    if (found == current_.end() || found->second != value) assign(name, sql_quoted(value));
  }
  if (change.empty()) return true;
  if (!plain(change, failure)) return false;
  current_ = std::move(wanted);
  return true;
}

bool EngineSession::run(std::string_view sql, std::string_view format, const Parameters& parameters,
                        std::string_view database, const Settings& settings, Answer& answer, EngineFailure& failure) {
  return apply(database, settings, failure) && connection_->query(sql, format, parameters, answer, failure);
}

EnginePool::EnginePool(std::vector<std::unique_ptr<EngineSession>> readers,
                       std::vector<std::unique_ptr<EngineSession>> writers, size_t waiting_max)
    : waiting_max_(waiting_max) {
  const base::MutexLock lock(mutex_);
  for (auto& session : readers) {
    idle_[0].push_back(session.get());
    sessions_.push_back(std::move(session));
  }
  for (auto& session : writers) {
    idle_[1].push_back(session.get());
    sessions_.push_back(std::move(session));
  }
}

EnginePool::Lease EnginePool::lease(Kind kind, std::chrono::steady_clock::time_point deadline) {
  const base::MutexLock lock(mutex_);
  auto& idle = idle_[static_cast<size_t>(kind)];
  if (idle.empty() && waiting_ >= waiting_max_) return {};
  ++waiting_;
  while (idle.empty()) {
    if (!returned_.wait_until(mutex_, deadline) && idle.empty()) break;
  }
  --waiting_;
  if (idle.empty()) return {};
  EngineSession* session = idle.back();
  idle.pop_back();
  ++running_;
  ++leased_;
  return {this, kind, session};
}

void EnginePool::give_back(Kind kind, EngineSession* session) {
  {
    const base::MutexLock lock(mutex_);
    idle_[static_cast<size_t>(kind)].push_back(session);
    --running_;
  }
  returned_.notify_all();
}

uint64_t EnginePool::leased() const {
  const base::MutexLock lock(mutex_);
  return leased_;
}

size_t EnginePool::running() const {
  const base::MutexLock lock(mutex_);
  return running_;
}

}  // namespace godseye::engine
