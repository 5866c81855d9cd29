#include "interpret.h"
#include "speller.h"
#include "write_answer.h"

// OpenAI responses: items with their own life inside the response, every event numbered, the whole response repeated at
// the end.
namespace godseye::genai {
namespace {

class Responses : public Speller {
 public:
  explicit Responses(StreamHead stream_head) : Speller(std::move(stream_head)) { answer_.choices.resize(1); }

  void write(const Delta& delta, std::string& out) override {
    if (delta.choice > 0) return add_dropped(dropped, "choices");
    start(out);
    if (delta.kind == DeltaKind::kFinish) {
      answer_.choices[0].finish = delta.finish;
      return;
    }
    if (delta.kind == DeltaKind::kMedia) return add_dropped(dropped, "media");
    if (delta.kind == DeltaKind::kToolCall) return call(delta, out);
    const PartKind kind = delta.kind == DeltaKind::kText      ? PartKind::kText
                          : delta.kind == DeltaKind::kRefusal ? PartKind::kRefusal
                                                              : PartKind::kReasoning;
    if (kind == PartKind::kReasoning && delta.text.empty() && (parts().empty() || open_ != kind)) return;
    if (open_ != kind) open(kind, out);
    Part& part = parts()[item_];
    part.text += delta.text;
    if (kind == PartKind::kReasoning) part.signature += delta.signature;
    if (delta.text.empty()) return;
    JsonWriter w = event(kind == PartKind::kText      ? "response.output_text.delta"
                         : kind == PartKind::kRefusal ? "response.refusal.delta"
                                                      : "response.reasoning_summary_text.delta",
                         out);
    place(w, item_);
    w.field(kind == PartKind::kReasoning ? "summary_index" : "content_index", 0).field("delta", delta.text);
    if (kind == PartKind::kText) w.array("logprobs").close(']');
    end(w, out);
  }

  void finish(std::string& out) override {
    start(out);
    close_all(out);
    answer_.usage = usage;
    FinishReason& reason = answer_.choices[0].finish;
    if (reason == FinishReason::kNone) reason = FinishReason::kStop;
    const bool incomplete = reason == FinishReason::kLength || reason == FinishReason::kContentFilter;
    JsonWriter w = event(incomplete ? "response.incomplete" : "response.completed", out);
    fill();
    w.key("response");
    write_responses_object(w, answer_, incomplete ? "incomplete" : "completed");
    end(w, out);
  }

  bool wrote() const override { return started_; }

 private:
  std::vector<Part>& parts() { return answer_.choices[0].parts; }

  JsonWriter event(std::string_view type, std::string& out) {
    out += "event: ";
    out += type;
    out += "\ndata: ";
    JsonWriter w(out);
    w.open('{').field("type", type).field("sequence_number", sequence_++);
    return w;
  }
  static void end(JsonWriter& w, std::string& out) {
    w.close('}');
    out += "\n\n";
  }
  void place(JsonWriter& w, size_t item) {
    w.field("item_id", responses_item_id(answer_, item)).field("output_index", static_cast<int64_t>(item));
  }
  void fill() {
    answer_.id = head.id.empty() ? "resp_0" : head.id;
    answer_.model = head.model;
    answer_.created_s = head.created_s;
  }

  void start(std::string& out) {
    if (started_) return;
    started_ = true;
    fill();
    for (const std::string_view type : {"response.created", "response.in_progress"}) {
      JsonWriter w = event(type, out);
      w.key("response");
      write_responses_object(w, answer_, "in_progress");
      end(w, out);
    }
  }

  void item_event(std::string_view type, size_t item, std::string_view status, std::string& out) {
    JsonWriter w = event(type, out);
    w.field("output_index", static_cast<int64_t>(item)).key("item");
    write_responses_item(w, answer_, item, status);
    end(w, out);
  }

  // content_part or reasoning_summary_part, .added or .done.
  void part_event(std::string_view type, bool done, std::string& out) {
    const Part& part = parts()[item_];
    JsonWriter w = event(type, out);
    place(w, item_);
    const bool thought = part.kind == PartKind::kReasoning;
    w.field(thought ? "summary_index" : "content_index", 0).key("part");
    write_responses_part(w, part, done ? std::string_view(part.text) : std::string_view());
    end(w, out);
  }

  void open(PartKind kind, std::string& out) {
    close_all(out);
    open_ = kind;
    item_ = parts().size();
    parts().push_back({.kind = kind});
    item_event("response.output_item.added", item_, "in_progress", out);
    part_event(kind == PartKind::kReasoning ? "response.reasoning_summary_part.added" : "response.content_part.added",
               false, out);
  }

  void call(const Delta& delta, std::string& out) {
    auto found = calls_.find(delta.call);
    if (found == calls_.end()) {
      if (open_) close_all(out);
      found = calls_.emplace(delta.call, parts().size()).first;
      parts().push_back({.kind = PartKind::kToolCall,
                         .id = id_or(delta.id, "call_", head.id, 0, delta.call),
                         .name = std::string(delta.name)});
      item_event("response.output_item.added", found->second, "in_progress", out);
    }
    if (delta.text.empty()) return;
    Part& part = parts()[found->second];
    if (part.text.size() + delta.text.size() > kStreamArgumentBytesMax) return;
    part.text += delta.text;
    JsonWriter w = event("response.function_call_arguments.delta", out);
    place(w, found->second);
    w.field("delta", delta.text);
    end(w, out);
  }

  void close_all(std::string& out) {
    if (open_) close_open(out);
    for (const auto& [number, item] : calls_) {
      if (number < closed_calls_) continue;
      const Part& part = parts()[item];
      JsonWriter w = event("response.function_call_arguments.done", out);
      place(w, item);
      w.field("name", part.name).field("arguments", part.text);
      end(w, out);
      item_event("response.output_item.done", item, "completed", out);
    }
    if (!calls_.empty()) closed_calls_ = calls_.rbegin()->first + 1;
  }

  void close_open(std::string& out) {
    const Part& part = parts()[item_];
    const bool thought = part.kind == PartKind::kReasoning;
    JsonWriter w = event(thought                           ? "response.reasoning_summary_text.done"
                         : part.kind == PartKind::kRefusal ? "response.refusal.done"
                                                           : "response.output_text.done",
                         out);
    place(w, item_);
    w.field(thought ? "summary_index" : "content_index", 0);
    w.field(part.kind == PartKind::kRefusal ? "refusal" : "text", part.text);
    if (part.kind == PartKind::kText) w.array("logprobs").close(']');
    end(w, out);
    part_event(thought ? "response.reasoning_summary_part.done" : "response.content_part.done", true, out);
    item_event("response.output_item.done", item_, "completed", out);
    open_.reset();
  }

  ChatAnswer answer_;
  bool started_ = false;
  int64_t sequence_ = 0;
  std::optional<PartKind> open_;
  size_t item_ = 0;
  std::map<uint32_t, size_t> calls_;  // number of the call → item
  uint32_t closed_calls_ = 0;
};

}  // namespace

std::unique_ptr<Speller> responses_speller(StreamHead head) { return std::make_unique<Responses>(std::move(head)); }

}  // namespace godseye::genai
