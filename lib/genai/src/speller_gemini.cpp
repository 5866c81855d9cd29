#include "interpret.h"
#include "speller.h"

#include <set>

// Gemini: each frame a whole answer object. The last one has finish reasons and usage, so these wait for the end.
namespace godseye::genai {
namespace {

class Gemini : public Speller {
 public:
  Gemini(StreamHead stream_head, Framing framing)
      : Speller(std::move(stream_head)), array_(framing == Framing::kJsonArray) {}

  void write(const Delta& delta, std::string& out) override {
    switch (delta.kind) {
      case DeltaKind::kText:
      case DeltaKind::kRefusal:
        part(delta, out, [&](JsonWriter& w) { w.field("text", delta.text); });
        break;
      case DeltaKind::kReasoning:
        if (delta.redacted) return add_dropped(dropped, "redacted_thinking");
        part(delta, out, [&](JsonWriter& w) {
          w.field("text", delta.text);
          if (!delta.text.empty()) w.field("thought", true);
          w.maybe("thoughtSignature", delta.signature);
        });
        break;
      case DeltaKind::kMedia:
        part(delta, out, [&](JsonWriter& w) {
          w.object("inlineData").field("mimeType", delta.media_type).field("data", delta.text).close('}');
        });
        break;
      case DeltaKind::kToolCall:
        calls_.add(delta);
        break;
      case DeltaKind::kFinish:
        calls(delta.choice, out);
        reasons_[delta.choice] = delta.finish;
        break;
      default:
        break;
    }
  }

  void finish(std::string& out) override {
    for (const uint32_t choice : calls_.choices()) calls(choice, out);
    if (reasons_.empty()) reasons_[0] = FinishReason::kStop;
    for (const uint32_t choice : seen_) reasons_.try_emplace(choice, FinishReason::kStop);
    JsonWriter w = begin(out);
    w.array("candidates");
    for (const auto& [choice, reason] : reasons_) {
      w.open('{').object("content").field("role", "model").array("parts").open('{').field("text", "").close('}');
      w.close(']').close('}').field("finishReason", gemini_finish_word(reason)).field("index", choice).close('}');
    }
    w.close(']');
    end(w, out);
    if (array_) out += "]";
  }

  bool wrote() const override { return wrote_; }

 private:
  JsonWriter begin(std::string& out) {
    if (array_)
      out += wrote_ ? ",\r\n" : "[";
    else
      out += "data: ";
    wrote_ = true;
    JsonWriter w(out);
    w.open('{');
    return w;
  }
  void end(JsonWriter& w, std::string& out) {
    if (usage.known()) {
      w.key("usageMetadata");
      write_gemini_usage(w, usage);
    }
    w.field("modelVersion", head.model).maybe("responseId", head.id).close('}');
    out += array_ ? "" : "\r\n\r\n";
  }

  template <typename Fill>
  void part(const Delta& delta, std::string& out, Fill&& fill) {
    part_of(delta.choice, out, std::forward<Fill>(fill));
  }
  template <typename Fill>
  void part_of(uint32_t choice, std::string& out, Fill&& fill) {
    seen_.insert(choice);
    JsonWriter w = begin(out);
    w.array("candidates").open('{').object("content").field("role", "model").array("parts").open('{');
    fill(w);
    w.close('}').close(']').close('}').field("index", choice).close('}').close(']');
    end(w, out);
  }

  void calls(uint32_t choice, std::string& out) {
    for (const WholeCalls::Call& call : calls_.take(choice)) {
      part_of(choice, out, [&](JsonWriter& w) {
        w.object("functionCall").maybe("id", call.id).field("name", call.name);
        w.raw_field("args", object_of(call.arguments)).close('}').maybe("thoughtSignature", call.signature);
      });
    }
  }

  bool array_;
  bool wrote_ = false;
  WholeCalls calls_;
  std::set<uint32_t> seen_;
  std::map<uint32_t, FinishReason> reasons_;
};

}  // namespace

std::unique_ptr<Speller> gemini_speller(StreamHead head, Framing framing) {
  return std::make_unique<Gemini>(std::move(head), framing);
}

}  // namespace godseye::genai
