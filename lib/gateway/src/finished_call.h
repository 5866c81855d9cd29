#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/gateway/identity.h>
#include <godseye/gateway/settings.h>
#include <godseye/gateway/verdict.h>
#include <godseye/genai/chat.h>
#include <godseye/genai/requests.h>
#include <godseye/genai/route.h>
#include <godseye/genai/usage.h>

namespace godseye::gateway {

// A text of the prompt, in FinishedCall::texts.
struct PromptText {
  genai::Origin origin = genai::Origin::kUser;
  bool is_new = false;  // after the last answer: scored with this call
  uint32_t message = 0;
  uint32_t offset = 0;
  uint32_t size = 0;
};

// Texts of one message that one role said (or one document), as the span shows them: joined by line ends.
struct PromptMessage {
  std::string_view role;  // "system", "user", …; empty: a document
  bool is_new = false;
  std::string_view content;  // into FinishedCall::texts, or `joined`
  std::string joined;
};

struct AnsweredToolCall {
  std::string id;
  std::string name;
  std::string arguments;  // JSON as it came, maybe cut
};

// What of the work behind a call was left out because there was too much of it.
enum class Shed : uint8_t {
  kNothing,
  kScores,  // the answer is not scored, personal data is not counted
  kTexts,   // neither scored nor stored: the span has tokens, money and everything else
};

// What a call was, gathered on its way; goes to the recorder when it is over. Plain data.
struct FinishedCall {
  base::WallTime start{};
  std::chrono::nanoseconds duration{0};
  std::chrono::nanoseconds ttft{-1};  // to the first text of the answer; below 0: none came
  std::string call_id;
  std::string address;
  std::string path;
  Identity identity;
  TraceContext trace;
  uint64_t span_id = 0;
  std::string key_id;  // of the caller's virtual key

  genai::Operation operation = genai::Operation::kOther;
  genai::Dialect dialect = genai::Dialect::kUnknown;   // of the client
  genai::Dialect upstream = genai::Dialect::kUnknown;  // of the provider; kUnknown: none was called
  bool streamed = false;
  bool translated = false;
  std::string provider;
  std::string provider_family;
  std::string route;
  std::string model_asked;
  std::string model_answered;

  std::string texts;
  std::vector<PromptText> prompt;
  uint32_t images = 0;
  double injection = -1;
  int64_t pii_prompt = -1;  // of the new texts, when a guard counted them; the span thread counts otherwise
  int64_t pii_answer = -1;

  std::string answer;      // visible text, at most observed_bytes_max
  size_t answer_text = 0;  // bytes of all text that came, tool arguments and reasoning included
  std::vector<AnsweredToolCall> tool_calls;
  std::string finish_reason;
  genai::Usage usage;
  bool usage_estimated = false;

  int status = 0;  // answered to the client; 0: it left before
  std::string error_type;
  std::string error;  // one line, secrets masked
  Verdict verdict;
  std::string sample;  // of the text that a rule hit, not yet masked
  std::vector<std::string> metric_lines;
  // What the call went by; the route points into the settings.
  std::shared_ptr<const GatewaySettings> settings;
  const RouteSettings* guards = nullptr;
  bool shadow = false;
  Shed shed = Shed::kNothing;
  // Set when every text that the span will show was searched and held no personal data: nobody needs to look again.
  bool no_personal_data = false;

  // Memory that the texts take.
  size_t text_bytes() const;
  std::string_view text(const PromptText& part) const { return {texts.data() + part.offset, part.size}; }
};

// The prompt as the span shows it; `call` must stay where it is.
std::vector<PromptMessage> messages_of(const FinishedCall& call);
// Frees prompt, answer and tool arguments. Usage that nobody reported must be estimated before.
void drop_texts(FinishedCall& call);

}  // namespace godseye::gateway
