#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <godseye/base/clock.h>

#include <vcommerce/orders/sqlite.h>

// Mails that were accepted, on disk: a key is one mail. It waits, is tried, and ends as sent or failed; the texts of
// what ended are dropped at once, the keys after a week. Threads: any.
namespace vcommerce::email {

// Stored as numbers: never renumber.
enum class MailState : uint8_t { kQueued = 1, kSent = 2, kFailed = 3 };

struct QueuedMail {
  std::string key;
  MailState state = MailState::kQueued;
  int64_t attempts = 0;
  std::string last_error;
  std::string to;
  std::string message;  // of those that wait
};

struct QueueLimits {
  int64_t waiting_max = 10'000;
  std::chrono::seconds retry_min{5};
  std::chrono::seconds retry_max{3600};
  std::chrono::hours given_up{48};
  std::chrono::hours remembered{7 * 24};
};

class MailQueue {
 public:
  static base::Result<std::unique_ptr<MailQueue>> open(const std::string& path, QueueLimits limits, base::Clock clock);

  // A key that is known answers what is known of it, when `fingerprint` is the same; else kAlreadyExists. kQueueFull.
  base::Result<QueuedMail> add(const std::string& key, const std::string& fingerprint, const std::string& to,
                               const std::string& message);
  // kNotFound.
  base::Result<QueuedMail> find(const std::string& key);
  // Those whose time has come, the longest waiting first.
  base::Result<std::vector<QueuedMail>> due(int64_t count_max);
  base::Status sent(const std::string& key);
  // Tried again after 5 s, doubling to an hour, unless `for_good` or given up. True: it ended as failed.
  base::Result<bool> failed(const std::string& key, const std::string& error, bool for_good);
  base::Result<int64_t> waiting();

 private:
  MailQueue(std::unique_ptr<Database> database, QueueLimits limits, base::Clock clock)
      : database_(std::move(database)), limits_(limits), clock_(std::move(clock)) {}
  base::Result<QueuedMail> find_locked(const std::string& key, std::string* fingerprint);
  base::Result<int64_t> waiting_locked();
  base::Status forget_old_locked(int64_t now);
  int64_t now_ms() const { return base::unix_millis(clock_.wall()); }

  std::unique_ptr<Database> database_;
  QueueLimits limits_;
  base::Clock clock_;
  int64_t next_clean_ms_ = 0;
};

}  // namespace vcommerce::email
