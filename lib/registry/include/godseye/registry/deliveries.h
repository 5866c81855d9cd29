#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// The outbox: each row is one webhook call owed for one transition, written in the transaction of the transition. It is
// pending until it was answered 2xx (delivered) or given up (failed). (transition, webhook) is unique, so a transition
// is never owed twice; a call may be made twice only when the process died between the answer and its record.
namespace godseye::registry {

enum class DeliveryState : uint8_t { kPending = 0, kDelivered = 1, kFailed = 2 };  // stored

struct DeliveryRow {
  int64_t id = 0;
  int64_t transition_id = 0;  // 0: a test call
  std::string event_id;       // `$ID`, the same in every attempt
  std::string webhook;
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

// Sets `row.id`. kAlreadyExists for a second (transition, webhook).
base::Status add_delivery(WriteSession& session, DeliveryRow& row);
// Pending ones due at `now_ms`, the longest due first.
base::Result<std::vector<DeliveryRow>> due_deliveries(ReadSession& session, int64_t now_ms, size_t count_max);
// When the next pending one is due (Unix milliseconds); nothing when none is pending.
base::Result<std::optional<int64_t>> next_delivery_ms(ReadSession& session);
// Writes state, attempts, next_attempt_ms, done_s, last_status and last_error.
base::Status record_attempt(WriteSession& session, const DeliveryRow& row);
// Newest first. `webhook` empty: all. Bodies and headers are included.
base::Result<std::vector<DeliveryRow>> list_deliveries(ReadSession& session, std::string_view webhook,
                                                       size_t count_max);
// Forgets finished ones older than `before_s`, at most `count_max` of them a call.
base::Status prune_deliveries(WriteSession& session, int64_t before_s, size_t count_max);

}  // namespace godseye::registry
