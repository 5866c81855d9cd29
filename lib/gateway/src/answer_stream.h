#pragma once

#include "answer_text.h"
#include "finished_call.h"
#include "sse_joiner.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/gateway/settings.h>
#include <godseye/genai/stream.h>

// `AnswerStream` stands between a provider's stream and the client's: it reads what goes by (text, tool calls, usage,
// errors), holds bytes back where a guard of the route must see more, takes personal data out, leaves out the usage
// that only we asked for, and translates. Without any of these the bytes it returns are those that it was given. Of one
// stream, on one loop. What was read is written into the FinishedCall.
namespace godseye::gateway {

struct AnswerStreamOptions {
  genai::Dialect upstream = genai::Dialect::kUnknown;
  genai::Framing upstream_framing = genai::Framing::kSse;
  genai::Dialect client = genai::Dialect::kUnknown;  // another one: translated
  genai::Framing client_framing = genai::Framing::kSse;
  bool translate = false;
  bool hide_usage = false;  // leave out frames that hold nothing but usage
  bool client_wants_usage = true;
  const RouteSettings* route = nullptr;
  bool shadow = false;  // nothing is enforced
  std::string call_id;
  int64_t now_s = 0;
  size_t observed_bytes_max = 0;
};

class AnswerStream {
 public:
  AnswerStream(AnswerStreamOptions options, FinishedCall& call);
  ~AnswerStream();

  // What may go to the client now; valid until the next call. `first_text` is set when text of the answer came for the
  // first time. kCorrupt: the stream cannot be translated.
  base::Result<std::string_view> feed(std::string_view bytes, bool& first_text);
  // The provider closed. The rest for the client; an error when the answer was cut off in the middle.
  base::Result<std::string_view> finish();
  // A guard stopped the answer: what feed or finish returned ends with an error frame, nothing comes after.
  bool stopped() const { return stopped_; }
  // The provider said itself that it failed.
  bool failed() const { return failed_; }

 private:
  struct Held {
    uint64_t frame_begin = 0;
    uint64_t value_begin = 0;
    uint64_t value_end = 0;
    uint32_t stream = 0;  // key in texts_
    bool decided = false;
    bool is_json = false;  // arguments as an object, not as a string
    bool same = false;     // nothing was taken out
    std::string text;
  };
  // Arguments of one tool call: whole before anything of them can be judged.
  struct Arguments {
    uint32_t choice = 0;
    std::string text;
    bool closed = false;
  };
  void observe(const genai::Delta& delta, bool& first_text);
  void hold(const std::vector<genai::Delta>& deltas, std::string_view bytes);
  void hold_arguments(const genai::Delta& delta);
  void decide(bool last);
  void decide_arguments(bool last);
  bool stop_if_judged(bool last);
  void emit(bool last, std::string& out);
  base::Status translate(std::string_view approved);
  void fill_usage();
  std::string_view give(bool last);

  const AnswerStreamOptions options_;
  FinishedCall& call_;
  genai::AnswerReader reader_;
  std::vector<genai::Delta> deltas_;
  bool holds_ = false;  // bytes wait for a decision
  bool guards_text_ = false;
  bool judges_ = false;
  bool stopped_ = false;
  bool failed_ = false;
  bool wrote_ = false;
  // Bytes not given yet, and where in the stream they begin.
  std::string raw_;
  uint64_t raw_begin_ = 0;
  uint64_t frames_end_ = 0;  // end of the last whole frame
  std::vector<Held> held_;   // by place
  std::map<uint32_t, HeldText> texts_;
  std::map<uint32_t, Arguments> arguments_;
  std::optional<SseJoiner> joiner_;  // places of texts must be known
  std::string joined_;
  std::vector<std::pair<uint64_t, uint64_t>> cuts_;
  std::string system_prompt_;
  size_t judged_ = 0;                            // bytes of the answer that were judged
  std::unique_ptr<genai::AnswerReader> second_;  // reads approved bytes when holding and translating
  std::unique_ptr<genai::AnswerWriter> writer_;
  std::string out_;
};

}  // namespace godseye::gateway
