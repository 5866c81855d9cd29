#include "interpret.h"

// Ollama chat and generate: every line is an answer object whose text is a delta; the last has done:true.
namespace godseye::genai {
namespace {

class Ollama : public Interpreter {
 public:
  void event(Json root, std::string_view) override {
    if (root["error"]) return failed(read_error(Family::kOllama, 500, root.raw()));
    read(root);
  }
  void whole(Json root) override { read(root); }

 private:
  void read(Json root) {
    start({}, root["model"], unix_time(root["created_at"].str()));
    const Json message = root["message"];
    text(DeltaKind::kReasoning, 0, message.is_object() ? message["thinking"] : root["thinking"]);
    text(DeltaKind::kText, 0, message.is_object() ? message["content"] : root["response"]);
    for (const Json call : message["tool_calls"].items()) {
      const Json function = call["function"];
      call_whole(0, call["id"], function["name"], function["arguments"]);
    }
    if (!root["done"].boolean().value_or(false)) return;
    const Json word = root["done_reason"];
    FinishReason reason = word.equals("length") ? FinishReason::kLength : FinishReason::kStop;
    if (reason == FinishReason::kStop && calls_of(0) > 0) reason = FinishReason::kToolCalls;
    finish_choice(0, reason);
    take_ollama_usage(root, usage);
    EngineTimes times;
    times.total_ns = root["total_duration"].integer().value_or(0);
    times.load_ns = root["load_duration"].integer().value_or(0);
    times.prompt_ns = root["prompt_eval_duration"].integer().value_or(0);
    times.answer_ns = root["eval_duration"].integer().value_or(0);
    if (usage.known()) {
      usage_now(usage);
    }
    ended = true;
    add(DeltaKind::kEnd).times = times;
  }
};

}  // namespace

std::unique_ptr<Interpreter> ollama_interpreter() { return std::make_unique<Ollama>(); }

}  // namespace godseye::genai
