#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// What people set about gateways, as one JSON document with a version (`gateway` knows what it means), and their
// feedback on what gateways decided.
namespace godseye::registry {

struct GatewaySettingsRow {
  std::string document;    // "" when nothing was ever put: the defaults
  int64_t version = 0;     // +1 at each put
  int64_t modified_s = 0;  // Unix
};
base::Result<GatewaySettingsRow> gateway_settings(ReadSession& session);
// `if_version` ≥ 0: kAlreadyExists when the stored version is another (somebody else was faster).
base::Result<GatewaySettingsRow> put_gateway_settings(WriteSession& session, std::string_view document,
                                                      int64_t if_version, int64_t now_s);

// A person's word on a decision: kept for calibration, and for as long as `exempt_until_s` its session is exempt.
struct FeedbackRow {
  int64_t id = 0;
  int64_t time_s = 0;   // Unix
  std::string verdict;  // "false_positive", "true_positive"
  std::string call_id;
  std::string session;
  std::string user;
  std::string author;
  std::string note;
  std::string text;  // of the message, masked; may be empty
  double score = -1;
  int64_t exempt_until_s = 0;  // 0: exempts nobody
};
inline constexpr size_t kFeedbackMax = 100'000;  // beyond it kTooLarge: export and delete

base::Status add_feedback(WriteSession& session, FeedbackRow& row);
// Newest first.
base::Result<std::vector<FeedbackRow>> list_feedback(ReadSession& session, int64_t before_id, size_t count_max);
// Those that exempt a session at `now_s`, the longest first.
base::Result<std::vector<FeedbackRow>> list_exemptions(ReadSession& session, int64_t now_s, size_t count_max);
base::Status delete_feedback(WriteSession& session, int64_t id);

}  // namespace godseye::registry
