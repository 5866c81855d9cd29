#include "interpret.h"
#include "speller.h"
#include "usage.h"
#include "write_answer.h"

namespace godseye::genai {

std::string responses_item_id(const ChatAnswer& answer, size_t item) {
  const Part& part = answer.choices[0].parts[item];
  if (part.kind == PartKind::kReasoning && !part.id.empty()) return part.id;
  const std::string_view prefix = part.kind == PartKind::kToolCall    ? "fc_"
                                  : part.kind == PartKind::kReasoning ? "rs_"
                                                                      : "msg_";
  return id_or({}, prefix, answer.id, 0, static_cast<uint32_t>(item));
}

void write_responses_part(JsonWriter& w, const Part& part, std::string_view text) {
  w.open('{');
  if (part.kind == PartKind::kRefusal) {
    w.field("type", "refusal").field("refusal", text);
  } else if (part.kind == PartKind::kReasoning) {
    w.field("type", "summary_text").field("text", text);
  } else {
    w.field("type", "output_text").field("text", text).array("annotations").close(']').array("logprobs").close(']');
  }
  w.close('}');
}

void write_responses_item(JsonWriter& w, const ChatAnswer& answer, size_t item, std::string_view status) {
  const Part& part = answer.choices[0].parts[item];
  const bool begun = status != "in_progress";
  w.open('{').field("id", responses_item_id(answer, item));
  if (part.kind == PartKind::kToolCall) {
    w.field("type", "function_call").field("status", status);
    w.field("call_id", id_or(part.id, "call_", answer.id, 0, static_cast<uint32_t>(item))).field("name", part.name);
    w.field("arguments", begun ? std::string_view(part.text) : std::string_view());
  } else if (part.kind == PartKind::kReasoning) {
    w.field("type", "reasoning").array("summary");
    if (begun && !part.text.empty()) write_responses_part(w, part, part.text);
    w.close(']');
    if (begun && !part.signature.empty()) w.field("encrypted_content", part.signature);
  } else {
    w.field("type", "message").field("status", status).field("role", "assistant").array("content");
    if (begun) write_responses_part(w, part, part.text);
    w.close(']');
  }
  w.close('}');
}

void write_responses_object(JsonWriter& w, const ChatAnswer& answer, std::string_view status) {
  const bool begun = status != "in_progress";
  w.open('{').field("id", answer.id.empty() ? "resp_0" : std::string_view(answer.id)).field("object", "response");
  w.field("created_at", answer.created_s).field("status", status).field("model", answer.model);
  w.key("error").null().key("incomplete_details");
  if (status == "incomplete") {
    const bool filtered = answer.choices[0].finish == FinishReason::kContentFilter;
    w.open('{').field("reason", filtered ? "content_filter" : "max_output_tokens").close('}');
  } else {
    w.null();
  }
  w.key("instructions").null().key("metadata").open('{').close('}').field("parallel_tool_calls", true);
  w.field("tool_choice", "auto").array("tools").close(']').key("temperature").null().key("top_p").null();
  w.array("output");
  if (begun && !answer.choices.empty()) {
    for (size_t i = 0; i < answer.choices[0].parts.size(); ++i) {
      const PartKind kind = answer.choices[0].parts[i].kind;
      if (kind != PartKind::kMedia && kind != PartKind::kToolResult) write_responses_item(w, answer, i, "completed");
    }
  }
  w.close(']').key("usage");
  if (begun && answer.usage.known()) {
    write_responses_usage(w, answer.usage);
  } else {
    w.null();
  }
  w.close('}');
}

}  // namespace godseye::genai
