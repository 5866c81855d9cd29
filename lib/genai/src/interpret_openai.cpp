#include "interpret.h"

// OpenAI chat completions and the older completions; also what compatible servers add (reasoning_content).
namespace godseye::genai {
namespace {

class OpenAiChat : public Interpreter {
 public:
  explicit OpenAiChat(bool completions) : completions_(completions) {}

  void event(Json root, std::string_view word) override {
    if (word == "[DONE]") return end();
    if (root["error"]) return failed(read_error(Family::kOpenAi, 500, root.raw()));
    read(root, "delta");
  }
  void whole(Json root) override { read(root, "message"); }
  // Some compatible servers close without [DONE]; a reason for the end is an end.
  bool open_ended() const override { return !ended && finish == FinishReason::kNone; }

 private:
  void read(Json root, std::string_view holder) {
    start(root["id"], root["model"], root["created"].integer().value_or(0));
    const Json choices = root["choices"];
    size_t seen = 0;
    for (const Json choice : choices.items()) {
      ++seen;
      const uint32_t index = choice_of(choice["index"]);
      if (completions_) {
        text(DeltaKind::kText, index, choice["text"]);
      } else {
        message(choice[holder], index);
      }
      if (const Json reason = choice["finish_reason"]; reason.is_string()) {
        finish_choice(index, openai_finish(view(reason)));
      }
    }
    if (const Json counters = root["usage"]; counters.is_object()) {
      take_openai_usage(counters, usage);
      usage_now(usage, seen == 0);
    }
  }

  void message(Json message, uint32_t choice) {
    for (const std::string_view name : {"reasoning_content", "reasoning"}) {
      if (const Json thought = message[name]; thought.is_string()) {
        text(DeltaKind::kReasoning, choice, thought);
        break;
      }
    }
    content(message["content"], choice);
    text(DeltaKind::kRefusal, choice, message["refusal"]);
    uint64_t position = 0;
    for (const Json call : message["tool_calls"].items()) tool_call(call, choice, position++);
    if (const Json old = message["function_call"]; old.is_object()) function(old, {}, {}, choice, 0);
    if (message["audio"]) add_dropped(dropped, "message.audio");
  }

  void content(Json content, uint32_t choice) {
    if (content.is_string()) return text(DeltaKind::kText, choice, content);
    for (const Json part : content.items()) {
      text(DeltaKind::kText, choice, part["text"]);
      text(DeltaKind::kRefusal, choice, part["refusal"]);
    }
  }

  void tool_call(Json call, uint32_t choice, uint64_t position) {
    const std::optional<int64_t> index = call["index"].integer();
    const uint64_t key = index && *index >= 0 && *index < (int64_t{1} << 32) ? static_cast<uint64_t>(*index) : position;
    const Json inner = call["function"].is_object() ? call["function"] : call["custom"];
    function(inner, call["id"], call["extra_content"]["google"]["thought_signature"], choice, key);
  }

  void function(Json inner, Json call_id, Json signature, uint32_t choice, uint64_t key) {
    bool fresh = false;
    const uint32_t call = call_number(choice, key, fresh);
    if (too_much) return;
    if (fresh) call_start(choice, call, call_id, inner["name"]).signature = view(signature);
    call_piece(choice, call, inner["arguments"]);
    call_piece(choice, call, inner["input"]);
  }

  bool completions_;
};

}  // namespace

std::unique_ptr<Interpreter> openai_chat_interpreter(bool completions) {
  return std::make_unique<OpenAiChat>(completions);
}

}  // namespace godseye::genai
