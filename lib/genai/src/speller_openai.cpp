#include "interpret.h"
#include "speller.h"

#include <set>

// chat.completion.chunk and text_completion events.
namespace godseye::genai {
namespace {

class OpenAiChat : public Speller {
 public:
  OpenAiChat(StreamHead stream_head, bool completions) : Speller(std::move(stream_head)), completions_(completions) {}

  void write(const Delta& delta, std::string& out) override {
    if (!completions_ && opened_.insert(delta.choice).second) {
      frame(delta.choice, {}, out, [](JsonWriter& w) { w.field("role", "assistant").field("content", ""); });
    }
    switch (delta.kind) {
      case DeltaKind::kText:
        return content(delta, "content", out);
      case DeltaKind::kReasoning:
        if (!delta.text.empty()) content(delta, "reasoning_content", out);
        return;
      case DeltaKind::kRefusal:
        return content(delta, "refusal", out);
      case DeltaKind::kToolCall:
        return call(delta, out);
      case DeltaKind::kFinish:
        return end(delta.choice, delta.finish, out);
      default:
        add_dropped(dropped, "media");
    }
  }

  void finish(std::string& out) override {
    if (opened_.empty()) opened_.insert(0);
    for (const uint32_t choice : opened_) {
      if (!finished_.contains(choice)) end(choice, FinishReason::kStop, out);
    }
    if (head.include_usage && usage.known()) {
      out += "data: ";
      JsonWriter w(out);
      begin(w);
      w.array("choices").close(']').key("usage");
      write_chat_usage(w, usage);
      w.close('}');
      out += "\n\n";
    }
    out += "data: [DONE]\n\n";
  }

 private:
  void begin(JsonWriter& w) {
    w.open('{').field("id", head.id.empty() ? "chatcmpl-0" : std::string_view(head.id));
    w.field("object", completions_ ? "text_completion" : "chat.completion.chunk").field("created", head.created_s);
    w.field("model", head.model);
  }

  // One chunk with one choice; `fill` writes the members of its delta.
  template <typename Fill>
  void frame(uint32_t choice, std::string_view reason, std::string& out, Fill&& fill) {
    out += "data: ";
    JsonWriter w(out);
    begin(w);
    w.array("choices").open('{').field("index", choice);
    if (completions_) {
      fill(w);
    } else {
      w.object("delta");
      fill(w);
      w.close('}');
    }
    w.key("logprobs").null().key("finish_reason");
    reason.empty() ? w.null() : w.value(reason);
    w.close('}').close(']');
    if (head.include_usage) w.key("usage").null();
    w.close('}');
    out += "\n\n";
  }

  void content(const Delta& delta, std::string_view name, std::string& out) {
    if (completions_) {
      if (delta.kind == DeltaKind::kReasoning) return add_dropped(dropped, "reasoning");
      name = "text";
    }
    frame(delta.choice, {}, out, [&](JsonWriter& w) { w.field(name, delta.text); });
  }

  void call(const Delta& delta, std::string& out) {
    if (completions_) return add_dropped(dropped, "tool_calls");
    const bool first = calls_.insert({delta.choice, delta.call}).second;
    if (!first && delta.text.empty()) return;
    frame(delta.choice, {}, out, [&](JsonWriter& w) {
      w.array("tool_calls").open('{').field("index", delta.call);
      if (first) w.field("id", id_or(delta.id, "call_", head.id, delta.choice, delta.call)).field("type", "function");
      w.object("function");
      if (first) w.field("name", delta.name);
      w.field("arguments", delta.text).close('}');
      if (!delta.signature.empty()) {
        w.object("extra_content").object("google").field("thought_signature", delta.signature).close('}').close('}');
      }
      w.close('}').close(']');
    });
  }

  void end(uint32_t choice, FinishReason reason, std::string& out) {
    if (!finished_.insert(choice).second) return;
    frame(choice, openai_finish_word(reason), out, [&](JsonWriter& w) {
      if (completions_) w.field("text", "");
    });
  }

  bool completions_;
  std::set<uint32_t> opened_, finished_;
  std::set<std::pair<uint32_t, uint32_t>> calls_;
};

}  // namespace

std::unique_ptr<Speller> openai_chat_speller(StreamHead head, bool completions) {
  return std::make_unique<OpenAiChat>(std::move(head), completions);
}

}  // namespace godseye::genai
