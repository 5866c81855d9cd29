#include "mail_queue.h"

#include <algorithm>

namespace vcommerce::email {

using base::Error;
using base::ErrorCode;

namespace {

constexpr int64_t kCleanIntervalMs = 60'000;

constexpr char kSchema[] = R"(
CREATE TABLE IF NOT EXISTS mail(
  key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, state INTEGER NOT NULL, attempts INTEGER NOT NULL,
  last_error TEXT NOT NULL, address TEXT NOT NULL, message TEXT NOT NULL, added_ms INTEGER NOT NULL,
  due_ms INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS mail_due ON mail(due_ms) WHERE state = 1;
CREATE INDEX IF NOT EXISTS mail_added ON mail(added_ms);
)";

}  // namespace

base::Result<std::unique_ptr<MailQueue>> MailQueue::open(const std::string& path, QueueLimits limits,
                                                         base::Clock clock) {
  // A mail that a loss of power takes was told to nobody but checkout; one whose end it takes is sent twice.
  base::Result<std::unique_ptr<Database>> database = Database::open(path, kSchema, Sync::kProcess);
  if (!database) return std::move(database).error();
  return std::unique_ptr<MailQueue>(new MailQueue(*std::move(database), limits, std::move(clock)));
}

base::Result<QueuedMail> MailQueue::find_locked(const std::string& key, std::string* fingerprint) {
  Statement select(*database_, "SELECT state, attempts, last_error, address, fingerprint FROM mail WHERE key = ?");
  select.bind(key);
  if (!select.step()) {
    if (!select.status()) return select.status().error();
    return Error(ErrorCode::kNotFound, "key: no mail has it");
  }
  if (fingerprint != nullptr) *fingerprint = select.text(4);
  return QueuedMail{key, static_cast<MailState>(select.integer(0)), select.integer(1), select.text(2), select.text(3),
                    {}};
}

base::Result<QueuedMail> MailQueue::find(const std::string& key) {
  base::MutexLock lock(database_->mutex());
  return find_locked(key, nullptr);
}

base::Result<int64_t> MailQueue::waiting_locked() {
  Statement select(*database_, "SELECT count(*) FROM mail WHERE state = 1");
  const int64_t count = select.step() ? select.integer(0) : 0;
  if (!select.status()) return select.status().error();
  return count;
}

base::Result<int64_t> MailQueue::waiting() {
  base::MutexLock lock(database_->mutex());
  return waiting_locked();
}

base::Result<QueuedMail> MailQueue::add(const std::string& key, const std::string& fingerprint, const std::string& to,
                                        const std::string& message) {
  base::MutexLock lock(database_->mutex());
  std::string known_fingerprint;
  base::Result<QueuedMail> known = find_locked(key, &known_fingerprint);
  if (known && known_fingerprint != fingerprint) {
    return Error(ErrorCode::kAlreadyExists, "key: was used for another mail");
  }
  if (known || known.error().code() != ErrorCode::kNotFound) return known;
  base::Result<int64_t> count = waiting_locked();
  if (!count) return std::move(count).error();
  if (*count >= limits_.waiting_max) {
    return Error(ErrorCode::kQueueFull, std::to_string(limits_.waiting_max) + " mails wait already");
  }
  const int64_t now = now_ms();
  if (base::Status cleaned = forget_old_locked(now); !cleaned) return std::move(cleaned).error();
  Statement insert(*database_, "INSERT INTO mail VALUES(?, ?, 1, 0, '', ?, ?, ?, ?)");
  insert.bind(key).bind(fingerprint).bind(to).bind(message).bind(now).bind(now);
  if (base::Status written = insert.run(); !written) return std::move(written).error();
  return QueuedMail{.key = key, .to = to};
}

base::Status MailQueue::forget_old_locked(int64_t now) {
  if (now < next_clean_ms_) return base::ok();
  next_clean_ms_ = now + kCleanIntervalMs;
  return Statement(*database_, "DELETE FROM mail WHERE added_ms < ? AND state <> 1")
      .bind(base::unix_millis(clock_.wall() - limits_.remembered))
      .run();
}

base::Result<std::vector<QueuedMail>> MailQueue::due(int64_t count_max) {
  base::MutexLock lock(database_->mutex());
  Statement select(*database_,
                   "SELECT key, attempts, last_error, address, message FROM mail WHERE state = 1 AND due_ms <= ? "
                   "ORDER BY due_ms, key LIMIT ?");
  select.bind(now_ms()).bind(count_max);
  std::vector<QueuedMail> mails;
  while (select.step()) {
    mails.push_back(
        {select.text(0), MailState::kQueued, select.integer(1), select.text(2), select.text(3), select.text(4)});
  }
  if (!select.status()) return select.status().error();
  return mails;
}

base::Status MailQueue::sent(const std::string& key) {
  base::MutexLock lock(database_->mutex());
  return Statement(*database_,
                   "UPDATE mail SET state = 2, attempts = attempts + 1, message = '', last_error = '' WHERE key = ?")
      .bind(key)
      .run();
}

base::Result<bool> MailQueue::failed(const std::string& key, const std::string& error, bool for_good) {
  base::MutexLock lock(database_->mutex());
  Statement select(*database_, "SELECT attempts, added_ms FROM mail WHERE key = ? AND state = 1");
  select.bind(key);
  if (!select.step()) return Error(ErrorCode::kNotFound, "key: no mail waits with it");
  const int64_t attempts = select.integer(0) + 1;
  const bool too_old = select.integer(1) < base::unix_millis(clock_.wall() - limits_.given_up);
  const bool ended = for_good || too_old;
  // 5 s, 10 s, … : the shift stays far below the width of the number.
  const int64_t pause_s =
      std::min<int64_t>(limits_.retry_max.count(), limits_.retry_min.count() << std::min<int64_t>(attempts - 1, 20));
  Statement update(*database_, ended ? "UPDATE mail SET state = 3, attempts = ?, last_error = ?, due_ms = ?, message = "
                                       "'' WHERE key = ?"
                                     : "UPDATE mail SET attempts = ?, last_error = ?, due_ms = ? WHERE key = ?");
  update.bind(attempts).bind(std::string_view(error).substr(0, 300)).bind(now_ms() + pause_s * 1000).bind(key);
  if (base::Status written = update.run(); !written) return std::move(written).error();
  return ended;
}

}  // namespace vcommerce::email
