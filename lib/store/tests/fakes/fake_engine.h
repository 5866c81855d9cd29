#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <godseye/base/mutex.h>
#include <godseye/store/engine.h>

// An engine that keeps blocks by token and fails as told.
namespace godseye::store::testing {

class FakeEngine final : public Engine {
 public:
  // Answers the writer's one question: are there rows of this segment and day in this table?
  base::Result<Rows> select(std::string_view sql, const QueryOptions& options) override {
    const base::MutexLock lock(mutex_);
    if (down_) return base::Error(base::ErrorCode::kUnavailable, "engine down");
    std::string day;
    for (const auto& [name, value] : options.parameters) {
      if (name == "day") day = value;
    }
    const bool there = std::any_of(blocks_.begin(), blocks_.end(), [&](const InsertBlock& block) {
      return sql.find(" FROM " + block.table + " ") != std::string_view::npos &&
             block.token.find("/" + block.table + "/" + day) != std::string::npos;
    });
    return Rows({Column("there", "UInt8", std::vector<uint64_t>{there ? 1u : 0u})});
  }
  base::Status execute(std::string_view, const QueryOptions&) override { return base::ok(); }
  base::Status insert(const InsertBlock& block, std::chrono::milliseconds) override {
    const base::MutexLock lock(mutex_);
    ++attempts_;
    if (down_) return base::Error(base::ErrorCode::kUnavailable, "engine down");
    if (full_) return base::Error(base::ErrorCode::kNoSpace, "No space left on device");
    if (block.table == refused_table_) return base::Error(base::ErrorCode::kInvalidArgument, "Code: 6. cannot parse");
    const bool is_new = block.token.empty() || tokens_.insert(block.token).second;
    if (block.table == killed_at_table_) {
      killed_at_table_.clear();
      return base::Error(base::ErrorCode::kUnavailable, "engine killed");
    }
    if (is_new) blocks_.push_back(block);
    return base::ok();
  }
  // The next insert into `table` writes its token down and no rows: a kill between the two.
  void kill_after_token(const std::string& table) {
    const base::MutexLock lock(mutex_);
    killed_at_table_ = table;
  }
  void set_down(bool down) {
    const base::MutexLock lock(mutex_);
    down_ = down;
  }
  void set_full(bool full) {
    const base::MutexLock lock(mutex_);
    full_ = full;
  }
  void refuse(const std::string& table) {
    const base::MutexLock lock(mutex_);
    refused_table_ = table;
  }
  std::vector<InsertBlock> blocks() const {
    const base::MutexLock lock(mutex_);
    return blocks_;
  }
  uint64_t attempts() const {
    const base::MutexLock lock(mutex_);
    return attempts_;
  }

 private:
  mutable base::Mutex mutex_;
  bool down_ GE_GUARDED_BY(mutex_) = false;
  bool full_ GE_GUARDED_BY(mutex_) = false;
  std::string refused_table_ GE_GUARDED_BY(mutex_);
  std::string killed_at_table_ GE_GUARDED_BY(mutex_);
  uint64_t attempts_ GE_GUARDED_BY(mutex_) = 0;
  std::set<std::string> tokens_ GE_GUARDED_BY(mutex_);
  std::vector<InsertBlock> blocks_ GE_GUARDED_BY(mutex_);
};

}  // namespace godseye::store::testing
