#pragma once

#include "mail_queue.h"

#include <chrono>
#include <string>
#include <string_view>

#include <godseye/base/mutex.h>

// Takes mails that are due out of the queue and gives them to whoever sends. A mail that was sent and whose process
// died before that was written down is sent again, with the same Message-ID: at least once.
namespace vcommerce::email {

// Hands over one message. kInvalidArgument: refused for good (5xx); everything else may work later. Blocking, with a
// deadline of its own.
class Sender {
 public:
  virtual ~Sender() = default;
  virtual base::Status send(const std::string& from, const std::string& to, const std::string& message) = 0;
};

// Told of each attempt, for metrics and logs. `kind`: "temporary", "permanent", "given_up".
class CourierObserver {
 public:
  virtual ~CourierObserver() = default;
  virtual void sent(const QueuedMail& mail) = 0;
  virtual void failed(const QueuedMail& mail, std::string_view kind, const std::string& error) = 0;
};

class Courier {
 public:
  static constexpr int64_t kAtOnce = 20;

  Courier(MailQueue& queue, Sender& sender, CourierObserver& observer, std::string from)
      : queue_(queue), sender_(sender), observer_(observer), from_(std::move(from)) {}

  // Tries up to kAtOnce mails that are due; how many. One thread at a time. `stopped` is asked before each.
  template <typename Stopped>
  base::Result<int> run_once(Stopped stopped) {
    base::Result<std::vector<QueuedMail>> due = queue_.due(kAtOnce);
    if (!due) return std::move(due).error();
    int tried = 0;
    for (const QueuedMail& mail : *due) {
      if (stopped()) break;
      if (base::Status done = deliver(mail); !done) return std::move(done).error();
      ++tried;
    }
    return tried;
  }

 private:
  base::Status deliver(const QueuedMail& mail);

  MailQueue& queue_;
  Sender& sender_;
  CourierObserver& observer_;
  std::string from_;
};

}  // namespace vcommerce::email
