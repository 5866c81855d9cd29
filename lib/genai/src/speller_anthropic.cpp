#include "interpret.h"
#include "speller.h"

// Anthropic's blocks: one text or thinking block is open at a time; blocks of parallel calls stay open beside each
// other.
namespace godseye::genai {
namespace {

class Anthropic : public Speller {
 public:
  using Speller::Speller;

  void write(const Delta& delta, std::string& out) override {
    if (delta.choice > 0) return add_dropped(dropped, "choices");
    start(out);
    switch (delta.kind) {
      case DeltaKind::kText:
      case DeltaKind::kRefusal:
        open(Block::kText, delta.opens, out);
        piece("text_delta", "text", delta.text, out);
        break;
      case DeltaKind::kReasoning:
        thinking(delta, out);
        break;
      case DeltaKind::kToolCall:
        call(delta, out);
        break;
      case DeltaKind::kFinish:
        reason_ = delta.finish;
        stop_sequence_ = delta.stop_sequence;
        break;
      default:
        add_dropped(dropped, "media");
    }
  }

  void finish(std::string& out) override {
    start(out);
    close_all(out);
    JsonWriter w = event("message_delta", out);
    w.object("delta").field("stop_reason", stop_sequence_.empty() ? anthropic_finish_word(reason_) : "stop_sequence");
    w.key("stop_sequence");
    stop_sequence_.empty() ? w.null() : w.value(stop_sequence_);
    w.close('}').key("usage");
    write_anthropic_usage(w, usage);
    w.close('}');
    out += "\n\n";
    event("message_stop", out).close('}');
    out += "\n\n";
  }

  bool wrote() const override { return started_; }

 private:
  enum class Block : uint8_t { kNone, kText, kThinking };

  static JsonWriter event(std::string_view type, std::string& out) {
    out += "event: ";
    out += type;
    out += "\ndata: ";
    JsonWriter w(out);
    w.open('{').field("type", type);
    return w;
  }

  void start(std::string& out) {
    if (started_) return;
    started_ = true;
    JsonWriter w = event("message_start", out);
    w.object("message").field("id", head.id.empty() ? "msg_0" : std::string_view(head.id)).field("type", "message");
    w.field("role", "assistant").field("model", head.model).array("content").close(']').key("stop_reason").null();
    w.key("stop_sequence").null().key("usage");
    Usage first = usage;
    first.output = 0;  // counted by message_delta
    first.reasoning = kNoTokens;
    write_anthropic_usage(w, first);
    w.close('}').close('}');
    out += "\n\n";
  }

  void begin_block(std::string& out, uint32_t index, void (*fill)(JsonWriter&, const Anthropic&, const Delta*),
                   const Delta* delta) {
    JsonWriter w = event("content_block_start", out);
    w.field("index", index).object("content_block");
    fill(w, *this, delta);
    w.close('}').close('}');
    out += "\n\n";
  }

  void open(Block kind, bool fresh, std::string& out) {
    if (open_ == kind && !fresh) return;
    close_all(out);
    open_ = kind;
    index_ = next_++;
    begin_block(
        out, index_,
        kind == Block::kText
            ? +[](JsonWriter& w, const Anthropic&, const Delta*) { w.field("type", "text").field("text", ""); }
            : +[](JsonWriter& w, const Anthropic&,
                  const Delta*) { w.field("type", "thinking").field("thinking", "").field("signature", ""); },
        nullptr);
  }

  void piece(std::string_view type, std::string_view name, std::string_view text, std::string& out) {
    piece_of(index_, type, name, text, out);
  }
  static void piece_of(uint32_t index, std::string_view type, std::string_view name, std::string_view text,
                       std::string& out) {
    JsonWriter w = event("content_block_delta", out);
    w.field("index", index).object("delta").field("type", type).field(name, text).close('}').close('}');
    out += "\n\n";
  }

  void thinking(const Delta& delta, std::string& out) {
    if (delta.redacted) {
      close_all(out);
      const uint32_t index = next_++;
      begin_block(
          out, index,
          [](JsonWriter& w, const Anthropic&, const Delta* d) {
            w.field("type", "redacted_thinking").field("data", d->signature);
          },
          &delta);
      return stop(index, out);
    }
    if (!delta.text.empty()) {
      open(Block::kThinking, delta.opens, out);
      piece("thinking_delta", "thinking", delta.text, out);
    }
    // A signature signs the thinking before it; other providers' signatures alone mean nothing here.
    if (!delta.signature.empty() && open_ == Block::kThinking) {
      piece("signature_delta", "signature", delta.signature, out);
    }
  }

  void call(const Delta& delta, std::string& out) {
    auto found = calls_.find(delta.call);
    if (found == calls_.end()) {
      if (open_ != Block::kNone) close_all(out);
      found = calls_.emplace(delta.call, next_++).first;
      begin_block(
          out, found->second,
          [](JsonWriter& w, const Anthropic& self, const Delta* d) {
            w.field("type", "tool_use").field("id", id_or(d->id, "toolu_", self.head.id, 0, d->call));
            w.field("name", d->name).object("input").close('}');
          },
          &delta);
      if (reason_ == FinishReason::kNone) reason_ = FinishReason::kToolCalls;
    }
    if (!delta.text.empty()) piece_of(found->second, "input_json_delta", "partial_json", delta.text, out);
  }

  static void stop(uint32_t index, std::string& out) {
    event("content_block_stop", out).field("index", index).close('}');
    out += "\n\n";
  }
  void close_all(std::string& out) {
    if (open_ != Block::kNone) stop(index_, out);
    open_ = Block::kNone;
    for (const auto& [call, index] : calls_) {
      if (closed_calls_ <= call) stop(index, out);
    }
    if (!calls_.empty()) closed_calls_ = calls_.rbegin()->first + 1;
  }

  bool started_ = false;
  Block open_ = Block::kNone;
  uint32_t index_ = 0;
  uint32_t next_ = 0;
  std::map<uint32_t, uint32_t> calls_;  // number of the call → block
  uint32_t closed_calls_ = 0;
  FinishReason reason_ = FinishReason::kNone;
  std::string stop_sequence_;
};

}  // namespace

std::unique_ptr<Speller> anthropic_speller(StreamHead head) { return std::make_unique<Anthropic>(std::move(head)); }

}  // namespace godseye::genai
