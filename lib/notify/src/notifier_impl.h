#pragma once

#include "channel_gate.h"
#include "send.h"

#include <deque>
#include <random>
#include <set>
#include <thread>

#include <godseye/base/mutex.h>
#include <godseye/notify/notification.h>
#include <godseye/notify/notifier.h>
#include <godseye/registry/deliveries.h>

// The inside of `Notifier`: notifier.cpp is its loops, channel_test_message.cpp the test button.
namespace godseye::notify {

using base::Status;
using registry::ChannelRow;
using registry::DeliveryRow;
using registry::DeliveryState;
using std::chrono::milliseconds;

inline std::string key_of(const std::string& kind, const std::string& channel) { return kind + " " + channel; }
inline std::string key_of(const DeliveryRow& row) { return key_of(row.kind, row.channel); }

// One message: a delivery, or the deliveries of a digest.
using Job = std::vector<DeliveryRow>;

struct Owed {
  registry::OwedChannel channel;
  std::optional<ChannelRow> row;  // none: deleted
  std::vector<DeliveryRow> due;
};

struct Outcome {
  SendResult result;
  int64_t began_ms = 0;
  int64_t ended_ms = 0;
};

struct Notifier::Impl {
  registry::Registry& registry;
  std::shared_ptr<const registry::KeyVault> vault;
  std::unique_ptr<Transport> transport;
  base::Clock clock;
  NotifierConfig config;

  mutable base::Mutex mutex;
  base::ConditionVariable changed;     // for the dispatcher: something finished, or `wake`
  base::ConditionVariable work_ready;  // for the senders
  bool stopping GE_GUARDED_BY(mutex) = false;
  bool woken GE_GUARDED_BY(mutex) = false;
  std::deque<Job> queue GE_GUARDED_BY(mutex);
  std::set<int64_t> in_flight GE_GUARDED_BY(mutex);  // queued, being sent, or waiting to be recorded
  // Recorded since the dispatcher last began to read: what it read may still say that these are due.
  std::set<int64_t> recorded GE_GUARDED_BY(mutex);
  size_t jobs GE_GUARDED_BY(mutex) = 0;
  std::map<std::string, size_t> jobs_of GE_GUARDED_BY(mutex);  // by channel
  std::map<std::string, ChannelGate> gates GE_GUARDED_BY(mutex);
  std::map<std::string, std::string> last_errors GE_GUARDED_BY(mutex);
  std::vector<std::pair<Job, Outcome>> unrecorded GE_GUARDED_BY(mutex);
  std::mt19937_64 random GE_GUARDED_BY(mutex);
  NotifierStats counters GE_GUARDED_BY(mutex);
  int tests_running GE_GUARDED_BY(mutex) = 0;

  std::thread dispatcher;
  std::vector<std::thread> senders;
  int64_t pruned_ms = 0;  // the dispatcher's

  int64_t now_ms() const { return base::unix_millis(clock.wall()); }
  void dispatch_loop();
  milliseconds dispatch_once();
  Status read_owed(int64_t now, std::vector<Owed>& owed, std::optional<int64_t>& next);
  int64_t hand_out(Owed& owed, int64_t now) GE_REQUIRES(mutex);
  void enqueue(Job job, int64_t now) GE_REQUIRES(mutex);
  void send_loop();
  // The message is sent, or why it cannot be.
  Outcome send(const Job& job);
  Outcome send_through(const ChannelRow& channel, std::span<const DeliveryRow> rows);
  base::Result<std::optional<ChannelRow>> channel_of(const DeliveryRow& row);
  // False when the message was cut short by stopping: then it did not happen.
  bool judge(Job& job, const Outcome& outcome);
  void plan_retry(DeliveryRow& row, int64_t now, double unit, const SendResult& result);
  Status record(const Job& job, const Outcome& outcome);
  void record_or_keep(Job job, Outcome outcome);
  void retry_records();
  void release(const Job& job) GE_REQUIRES(mutex);
  void prune(int64_t now);
  base::Result<TestResult> test(int64_t channel_id);
  Status render_test(const ChannelRow& channel, const Notification& notification, DeliveryRow& row);
};

}  // namespace godseye::notify
