#include "interpret.h"
#include "speller.h"

// Ollama: a line per delta, done:true with counters at the end.
namespace godseye::genai {
namespace {

class Ollama : public Speller {
 public:
  Ollama(StreamHead stream_head, bool generate) : Speller(std::move(stream_head)), generate_(generate) {}

  void write(const Delta& delta, std::string& out) override {
    if (delta.choice > 0) return add_dropped(dropped, "choices");
    switch (delta.kind) {
      case DeltaKind::kText:
      case DeltaKind::kRefusal:
        line(delta.text, {}, out);
        break;
      case DeltaKind::kReasoning:
        if (!delta.text.empty()) line({}, delta.text, out);
        break;
      case DeltaKind::kToolCall:
        calls_.add(delta);
        break;
      case DeltaKind::kFinish:
        calls(out);
        reason_ = delta.finish;
        break;
      default:
        add_dropped(dropped, "media");
    }
  }

  void finish(std::string& out) override {
    calls(out);
    JsonWriter w = begin(out);
    text(w, {}, {});
    w.field("done", true).field("done_reason", ollama_finish_word(reason_)).field("total_duration", times.total_ns);
    w.field("load_duration", times.load_ns);
    if (usage.input >= 0) w.field("prompt_eval_count", usage.input);
    w.field("prompt_eval_duration", times.prompt_ns);
    if (usage.output >= 0) w.field("eval_count", usage.output);
    w.field("eval_duration", times.answer_ns).close('}');
    out += '\n';
  }

 private:
  JsonWriter begin(std::string& out) {
    JsonWriter w(out);
    w.open('{').field("model", head.model).field("created_at", rfc3339(head.created_s));
    return w;
  }

  void text(JsonWriter& w, std::string_view content, std::string_view thinking) {
    if (generate_) {
      w.field("response", content).maybe("thinking", thinking);
      return;
    }
    w.object("message").field("role", "assistant").field("content", content).maybe("thinking", thinking).close('}');
  }

  void line(std::string_view content, std::string_view thinking, std::string& out) {
    JsonWriter w = begin(out);
    text(w, content, thinking);
    w.field("done", false).close('}');
    out += '\n';
  }

  void calls(std::string& out) {
    const std::vector<WholeCalls::Call> calls = calls_.take(0);
    if (calls.empty()) return;
    if (generate_) return add_dropped(dropped, "tool_calls");
    JsonWriter w = begin(out);
    w.object("message").field("role", "assistant").field("content", "").array("tool_calls");
    for (const WholeCalls::Call& call : calls) {
      w.open('{').maybe("id", call.id).object("function").field("name", call.name);
      w.raw_field("arguments", object_of(call.arguments)).close('}').close('}');
    }
    w.close(']').close('}').field("done", false).close('}');
    out += '\n';
  }

  bool generate_;
  WholeCalls calls_;
  FinishReason reason_ = FinishReason::kStop;
};

}  // namespace

std::unique_ptr<Speller> ollama_speller(StreamHead head, bool generate) {
  return std::make_unique<Ollama>(std::move(head), generate);
}

}  // namespace godseye::genai
