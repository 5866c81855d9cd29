#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// The outbox: each row is one message owed to one channel for one transition, written in the transaction of the
// transition. It is pending until it was taken (delivered) or given up (failed). (transition, kind, channel, target) is
// unique, so a transition is never owed twice; a message may be sent twice only when the process died between the
// answer and its record. Each attempt leaves a row of its own. Webhooks are rendered when the row is written (`url`,
// headers, `body`), other kinds when they are sent, from `notification`.
namespace godseye::registry {

enum class DeliveryState : uint8_t { kPending = 0, kDelivered = 1, kFailed = 2 };  // stored

struct DeliveryRow {
  int64_t id = 0;
  int64_t transition_id = 0;     // 0: a test call
  std::string event_id;          // `$ID`, the same in every attempt
  std::string kind = "webhook";  // of the channel
  std::string channel;           // its name
  std::string target;            // of mail: one address instead of the channel's own; else empty
  std::string thread;            // rows of one channel with the same thread are sent in order; empty: no order
  std::string notification;      // what happened, as lib/notify encodes it
  std::string url;
  std::string headers_json = "{}";  // object of strings
  std::string content_type;
  std::string body;
  std::string incident_id;  // whose timeline hears of a failure; may be empty
  DeliveryState state = DeliveryState::kPending;
  int attempts = 0;             // made and recorded
  int64_t next_attempt_ms = 0;  // Unix milliseconds
  int64_t created_s = 0;        // Unix
  int64_t done_s = 0;           // delivered or failed; 0 while pending
  int last_status = 0;          // HTTP; 0: no answer
  std::string last_error;
};

// Beyond this many pending ones, `add_delivery` gives kTooLarge: the caller notes it and goes on.
inline constexpr size_t kDeliveriesPendingMax = 20'000;

// One attempt of one delivery.
struct AttemptRow {
  int64_t delivery_id = 0;
  int64_t time_ms = 0;  // Unix, when it began
  int64_t duration_ms = 0;
  int status = 0;        // HTTP or SMTP; 0: no answer
  std::string error;     // empty: taken
  std::string answer;    // its beginning, secrets masked
  int64_t together = 1;  // deliveries in the same message: more than 1 in a digest
};

// Sets `row.id`. kAlreadyExists for a second (transition, kind, channel, target).
base::Status add_delivery(WriteSession& session, DeliveryRow& row);
// Channels with a delivery due at `now_ms`, the longest due first.
struct OwedChannel {
  std::string kind;
  std::string channel;
};
base::Result<std::vector<OwedChannel>> owed_channels(ReadSession& session, int64_t now_ms);
// Those of one channel due at `now_ms`, the longest due first. One whose thread has an earlier one pending is left out.
base::Result<std::vector<DeliveryRow>> due_deliveries(ReadSession& session, const OwedChannel& channel, int64_t now_ms,
                                                      size_t count_max);
// When the next pending one after `after_ms` is due (Unix milliseconds); nothing when there is none.
base::Result<std::optional<int64_t>> next_delivery_ms(ReadSession& session, int64_t after_ms = INT64_MIN);
// Writes state, attempts, next_attempt_ms, done_s, last_status and last_error.
base::Status record_attempt(WriteSession& session, const DeliveryRow& row);
base::Status add_attempt(WriteSession& session, const AttemptRow& row);
base::Result<std::vector<AttemptRow>> list_attempts(ReadSession& session, int64_t delivery_id);  // oldest first

struct DeliveryFilter {
  std::string kind;         // empty: all
  std::string channel;      // empty: all
  int state = -1;           // of DeliveryState; -1: all
  std::string incident_id;  // empty: all
  int64_t before_id = 0;    // 0: from the newest
  size_t count_max = 100;
};
// Newest first. Bodies, headers and notifications are included.
base::Result<std::vector<DeliveryRow>> list_deliveries(ReadSession& session, const DeliveryFilter& filter);
base::Result<std::optional<DeliveryRow>> find_delivery(ReadSession& session, int64_t id);
// Owes a finished one once more, with all its attempts before it and the same event id; a pending one becomes due now.
// kNotFound.
base::Status resend_delivery(WriteSession& session, int64_t id, int64_t now_ms);
// Pending ones made before `before_s` have failed, for `reason`. Returns how many.
base::Result<size_t> expire_deliveries(WriteSession& session, int64_t before_s, int64_t now_s, std::string_view reason);
// Forgets finished ones older than `before_s` and their attempts, at most `count_max` of them a call.
base::Status prune_deliveries(WriteSession& session, int64_t before_s, size_t count_max);

}  // namespace godseye::registry
