#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/genai/route.h>

// Errors in each family's own shape, so that its client libraries raise their own API error with status, code and
// message; and what providers say about limits in headers. Pure, any thread.
namespace godseye::genai {

inline constexpr std::string_view kCodeBlocked = "godseye_blocked";

struct ApiError {
  int status = 500;     // HTTP
  std::string kind;     // the family's own word: "invalid_request_error", "RESOURCE_EXHAUSTED"; empty: from the status
  std::string code;     // machine-readable detail: "godseye_blocked", "model_not_found", "API_KEY_INVALID"
  std::string message;  // for a person
  std::string param;    // the field at fault, if said
  std::string reference;                                 // support reference, e.g. the call id; empty: none
  std::optional<std::chrono::milliseconds> retry_after;  // from the body (Gemini's RetryInfo)
};

// The error object of `dialect`'s family as JSON. The reference is a field of its own where the family has room for it
// (OpenAI: error.reference; Gemini: details ErrorInfo.metadata; Anthropic: request_id; Ollama: appended to the text),
// the code likewise (Anthropic, Ollama: also in front of the message, since their clients show nothing else).
std::string error_body(Dialect dialect, const ApiError& error);
// The same in the middle of a stream that has begun: one frame that makes the client raise. With kJsonArray it
// continues or opens (`first`: nothing was written yet) the array and closes it.
std::string error_event(Dialect dialect, Framing framing, const ApiError& error, bool first = false);

// Reads any family's error body; what is not one becomes a message (cut to kErrorMessageBytesMax).
ApiError read_error(Family family, int status, std::string_view body);
inline constexpr size_t kErrorMessageBytesMax = 4096;

// "invalid_request_error", "RESOURCE_EXHAUSTED", "rate_limit_error", …: the family's word for a status.
std::string_view error_kind(Family family, int status);

struct Quota {
  std::optional<int64_t> limit;
  std::optional<int64_t> remaining;
  std::optional<std::chrono::milliseconds> reset;  // from now
  bool known() const { return limit || remaining || reset; }
};

struct RateLimits {
  Quota requests, tokens, input_tokens, output_tokens;
  std::optional<std::chrono::milliseconds> retry_after;
  bool known() const {
    return requests.known() || tokens.known() || input_tokens.known() || output_tokens.known() ||
           retry_after.has_value();
  }
};

// `header` gives the value for a lower-case name, empty if absent. `now` turns points in time (Anthropic's resets, an
// HTTP date) into durations. Values that make no sense are ignored.
RateLimits read_rate_limits(const std::function<std::string_view(std::string_view)>& header,
                            std::chrono::sys_seconds now);
// The headers with which `family` says the same (names in lower case); empty for families without such headers, but
// retry-after.
std::vector<std::pair<std::string, std::string>> rate_limit_headers(Family family, const RateLimits& limits,
                                                                    std::chrono::sys_seconds now);

}  // namespace godseye::genai
