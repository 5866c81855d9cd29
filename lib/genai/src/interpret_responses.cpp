#include "interpret.h"

#include <set>

// OpenAI responses: named events around items, or one object with all items.
namespace godseye::genai {
namespace {

class Responses : public Interpreter {
 public:
  void event(Json root, std::string_view word) override {
    if (word == "[DONE]") return;
    std::forward_list<std::string> own;
    const std::string_view type = root["type"].text(own);
    const std::optional<int64_t> place = root["output_index"].integer();
    const uint64_t item = place && *place >= 0 ? static_cast<uint64_t>(*place) : 0;
    if (type == "error" || (type.empty() && root["error"])) {
      failed(read_error(Family::kOpenAi, 500, root.raw()));
    } else if (type == "response.output_text.delta") {
      told_.insert(item);
      text(DeltaKind::kText, 0, root["delta"]);
    } else if (type == "response.refusal.delta") {
      told_.insert(item);
      text(DeltaKind::kRefusal, 0, root["delta"]);
    } else if (type == "response.reasoning_summary_text.delta" || type == "response.reasoning_text.delta") {
      told_.insert(item);
      text(DeltaKind::kReasoning, 0, root["delta"]);
    } else if (type == "response.function_call_arguments.delta") {
      told_.insert(item);
      arguments(item, root["delta"]);
    } else if (type == "response.output_item.added") {
      added(root["item"], item);
    } else if (type == "response.output_item.done") {
      done(root["item"], item);
    } else if (root["response"].is_object()) {
      state(root["response"], type);
    }
  }

  void whole(Json root) override {
    start(root["id"], root["model"], root["created_at"].integer().value_or(0));
    uint64_t place = 0;
    for (const Json item : root["output"].items()) {
      added(item, place);
      done(item, place++);
    }
    close(root);
  }

 private:
  // A text that came in deltas is not said again by the item.
  void done(Json item, uint64_t place) {
    const bool told = told_.contains(place);
    if (item["type"].equals("function_call")) {
      if (!told) arguments(place, item["arguments"]);
      return;
    }
    if (item["type"].equals("reasoning")) {
      if (!told) {
        for (const Json part : item["summary"].items()) text(DeltaKind::kReasoning, 0, part["text"]);
        for (const Json part : item["content"].items()) text(DeltaKind::kReasoning, 0, part["text"]);
      }
      if (item["encrypted_content"].is_string()) {
        Delta& delta = add(DeltaKind::kReasoning);
        delta.signature = view(item["encrypted_content"]);
        delta.id = view(item["id"]);
      }
      return;
    }
    if (!item["type"].equals("message")) return add_dropped(dropped, "output." + item["type"].str().substr(0, 64));
    if (told) return;
    for (const Json part : item["content"].items()) {
      text(DeltaKind::kText, 0, part["text"]);
      text(DeltaKind::kRefusal, 0, part["refusal"]);
    }
  }

  void added(Json item, uint64_t place) {
    if (!item["type"].equals("function_call")) return;
    bool fresh = false;
    const uint32_t call = call_number(0, place, fresh);
    if (!too_much && fresh) call_start(0, call, item["call_id"], item["name"]);
  }

  void arguments(uint64_t place, Json piece) {
    bool fresh = false;
    const uint32_t call = call_number(0, place, fresh);
    if (too_much) return;
    if (fresh) call_start(0, call, {}, {});
    call_piece(0, call, piece);
  }

  // response.created, .in_progress, .queued; and the terminal ones.
  void state(Json response, std::string_view type) {
    start(response["id"], response["model"], response["created_at"].integer().value_or(0));
    if (type == "response.completed" || type == "response.incomplete" || type == "response.failed") {
      close(response);
      if (!ended) end();
    }
  }

  void close(Json response) {
    if (const Json counters = response["usage"]; counters.is_object()) {
      take_openai_usage(counters, usage);
      usage_now(usage);
    }
    if (response["status"].equals("failed") || response["error"]) {
      return failed(read_error(Family::kOpenAi, 500, response.raw()));
    }
    FinishReason reason = calls_of(0) > 0 ? FinishReason::kToolCalls : FinishReason::kStop;
    if (response["status"].equals("incomplete")) {
      reason = response["incomplete_details"]["reason"].equals("content_filter") ? FinishReason::kContentFilter
                                                                                 : FinishReason::kLength;
    }
    if (response["status"].equals("cancelled")) reason = FinishReason::kOther;
    if (response["status"].equals("queued") || response["status"].equals("in_progress")) return;  // in the background
    finish_choice(0, reason);
  }

  std::set<uint64_t> told_;
};

}  // namespace

std::unique_ptr<Interpreter> responses_interpreter() { return std::make_unique<Responses>(); }

}  // namespace godseye::genai
