#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>

// What the pages see of the gateway: calls, providers and the search over calls. Plain values, filled by whoever runs a
// gateway (app/), so that this library need not know one. −1 in a number means that nobody said; texts of calls are not
// here but in their spans (`trace_id`, `span_id`), masked as the application asked.
namespace godseye::api {

enum class GatewayVerdict : uint8_t {
  kObserve,   // passed as it came
  kRedacted,  // passed after personal data was taken out
  kRefused,   // this message was refused
  kBlocked,   // its session, user, address or key was blocked before
  kShadow,    // passed, would have been refused or blocked
};

// "observe", "redacted", "refused", "blocked", "shadow".
std::string_view verdict_name(GatewayVerdict verdict);

struct GatewayCall {
  uint64_t sequence = 0;  // grows with each call of this process; the cursor of lists
  base::WallTime time{};  // when it came in
  std::string call_id{};  // x-godseye-call-id
  std::string service{};
  std::string session_id{};
  std::string user_id{};
  std::string address{};  // of the client
  std::string route{};
  std::string provider{};
  std::string model{};     // as answered, else as asked
  std::string trace_id{};  // 32 hexadecimal digits, or empty
  std::string span_id{};   // 16 hexadecimal digits, or empty
  std::vector<std::string> reasons{};
  std::string sample{};  // of the text that a rule hit, masked
  std::string error{};   // of the provider or the gateway, one line without secrets
  GatewayVerdict verdict = GatewayVerdict::kObserve;
  bool streamed = false;
  bool guard_failed = false;  // a guard failed or took too long; the route's fail mode decided
  int status = 0;             // answered to the client; 0: it left before
  int64_t pii_count = -1;
  int64_t input_tokens = -1;
  int64_t output_tokens = -1;
  double injection = -1;  // 0 to 1
  double quality = -1;    // 0 to 1
  double cost_usd = -1;
  double duration_ms = -1;
  double ttft_ms = -1;  // to the first token
};

// One limit of a provider as its last answer stated it.
struct GatewayQuota {
  std::string name{};  // "requests", "tokens"
  int64_t limit = -1;
  int64_t remaining = -1;
  std::optional<base::WallTime> resets{};
};

// A provider key by its name; the key itself never leaves the gateway.
struct GatewayKey {
  std::string id{};
  std::string source{};  // "environment", "registry", "client"
  std::optional<base::WallTime> expires{};
};

// Counts and latencies are those of the last `window_s` seconds.
struct GatewayProvider {
  std::string name{};
  std::string family{};  // "openai", "gemini", "anthropic", "ollama"
  std::string origin{};  // http://host:port, without credentials
  std::string state{};   // "up", "failing", "down", "unknown"
  std::string reason{};  // of a state that is not "up"
  int64_t window_s = 300;
  uint64_t requests = 0;
  uint64_t errors = 0;  // everything but 2xx and 429, no answer included
  uint64_t rate_limited = 0;
  uint64_t timeouts = 0;  // part of `errors`
  double latency_ms_p50 = -1;
  double latency_ms_p95 = -1;
  double ttft_ms_p50 = -1;
  double ttft_ms_p95 = -1;
  std::string last_error{};  // one line without secrets
  std::optional<base::WallTime> last_ok{};
  std::optional<base::WallTime> last_failed{};
  std::optional<base::WallTime> retry_after{};  // the provider asked for silence until then
  std::vector<GatewayQuota> quotas{};
  std::vector<GatewayKey> keys{};
  std::vector<std::string> models{};  // seen or configured, at most kGatewayModelsShownMax
};

inline constexpr size_t kGatewayModelsShownMax = 100;
inline constexpr size_t kCallQueryBytesMax = 2000;
inline constexpr size_t kCallQueryWordsMax = 32;

// `verdict:refused session:s-77 -model:gpt* status:4xx injection:>0.4 "two words"`: all must hold; `-` negates; a value
// may end in `*`; case does not matter. Keys: verdict, session, user, address, service, route, provider, model, status
// (a number or 4xx), reason, call, trace; injection, quality, cost, duration, tokens, pii take >n, <n, >=n, <=n or n.
// A bare word is looked for inside the texts of the call. `verdict:flagged` is everything but observe.
class CallFilter {
 public:
  // kInvalidArgument names the word that is wrong.
  static base::Result<CallFilter> parse(std::string_view query);
  bool matches(const GatewayCall& call) const;
  bool empty() const { return words_.empty(); }

 private:
  enum class Kind : uint8_t { kBare, kText, kStatus, kNumber };
  enum class Compare : uint8_t { kEqual, kAbove, kBelow, kAtLeast, kAtMost };
  struct Word {
    Kind kind = Kind::kBare;
    Compare compare = Compare::kEqual;
    bool negated = false;
    bool prefix = false;
    std::string key{};
    std::string text{};  // lower case
    double number = 0;   // of a status: its class for 4xx
  };
  static base::Result<Word> read(std::string_view key, std::string_view value);
  static bool matches(const Word& word, const GatewayCall& call);

  std::vector<Word> words_{};
};

}  // namespace godseye::api
