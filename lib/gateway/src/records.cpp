#include <algorithm>

#include <godseye/gateway/records.h>

namespace godseye::gateway {

std::shared_ptr<const CallRecord> CallLog::add(CallRecord record) {
  auto shared = std::make_shared<CallRecord>(std::move(record));
  std::shared_ptr<const CallRecord> oldest;  // freed after the lock
  base::MutexLock lock(mutex_);
  shared->sequence = next_++;
  calls_.push_back(shared);
  if (calls_.size() > calls_max_) {
    oldest = std::move(calls_.front());
    calls_.pop_front();
  }
  return shared;
}

std::vector<std::shared_ptr<const CallRecord>> CallLog::page(
    uint64_t before, size_t limit, const std::function<bool(const CallRecord&)>& wanted) const {
  // The search runs outside the lock: `wanted` may take its time.
  std::vector<std::shared_ptr<const CallRecord>> all;
  {
    base::MutexLock lock(mutex_);
    const auto end =
        std::partition_point(calls_.begin(), calls_.end(), [&](const auto& call) { return call->sequence < before; });
    all.assign(std::make_reverse_iterator(end), calls_.rend());
  }
  std::vector<std::shared_ptr<const CallRecord>> found;
  for (auto& call : all) {
    if (found.size() == limit) break;
    if (!wanted || wanted(*call)) found.push_back(std::move(call));
  }
  return found;
}

std::shared_ptr<const CallRecord> CallLog::find(std::string_view call_id) const {
  base::MutexLock lock(mutex_);
  const auto found =
      std::find_if(calls_.rbegin(), calls_.rend(), [&](const auto& call) { return call->call_id == call_id; });
  return found == calls_.rend() ? nullptr : *found;
}

}  // namespace godseye::gateway
