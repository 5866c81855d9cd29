#include "otlp_spans.h"

#include <godseye/base/json_text.h>

// LLM spans by OpenTelemetry's conventions for generative AI.
namespace godseye::sdk {
namespace {

using base::append_json_string;
using protobuf::Writer;

constexpr uint32_t kAttributes = 9;  // of Span

std::string_view operation_of(LlmKind kind) {
  switch (kind) {
    case LlmKind::kLlm:
      return "chat";
    case LlmKind::kWorkflow:
      return "invoke_workflow";
    case LlmKind::kAgent:
      return "invoke_agent";
    case LlmKind::kTool:
      return "execute_tool";
    case LlmKind::kEmbedding:
      return "embeddings";
    case LlmKind::kRetrieval:
      return "retrieval";
    case LlmKind::kTask:
      break;
  }
  return "task";  // the conventions have none
}

std::string_view provider_of(std::string_view provider) {
  if (provider == "google" || provider == "gemini") return "gcp.gemini";
  if (provider == "vertexai" || provider == "vertex_ai") return "gcp.vertex_ai";
  if (provider == "azure" || provider == "azure_openai") return "azure.ai.openai";
  if (provider == "bedrock") return "aws.bedrock";
  return provider;
}

void append_message(std::string_view role, std::string_view content, std::string_view finish_reason, std::string& out) {
  out += out.empty() ? R"([{"role":)" : R"(,{"role":)";
  append_json_string(role, out);
  out += R"(,"parts":[{"type":"text","content":)";
  append_json_string(content, out);
  out += "}]";
  if (!finish_reason.empty()) {
    out += R"(,"finish_reason":)";
    append_json_string(finish_reason, out);
  }
  out += '}';
}

std::string input_json(const LlmData& llm) {
  std::string out;
  for (const LlmMessage& message : llm.input_messages) append_message(message.role, message.content, {}, out);
  if (out.empty() && llm.kind == LlmKind::kEmbedding) {
    for (const LlmDocument& document : llm.documents) append_message("user", document.text, {}, out);
  }
  if (out.empty() && !llm.input_value.empty()) append_message("user", llm.input_value, {}, out);
  return out.empty() ? out : out + ']';
}

std::string output_json(const LlmData& llm) {
  // The conventions ask for a reason with every output.
  const std::string_view reason = llm.finish_reason.empty() ? std::string_view("stop") : llm.finish_reason;
  std::string out;
  for (const LlmMessage& message : llm.output_messages) append_message(message.role, message.content, reason, out);
  if (out.empty() && !llm.output_value.empty()) append_message("assistant", llm.output_value, reason, out);
  return out.empty() ? out : out + ']';
}

std::string documents_json(const std::vector<LlmDocument>& documents) {
  std::string out;
  for (const LlmDocument& document : documents) {
    out += out.empty() ? R"([{"id":)" : R"(,{"id":)";
    append_json_string(document.id, out);
    out += ",\"score\":" + std::to_string(document.score) + R"(,"content":)";
    append_json_string(document.text, out);
    if (!document.name.empty()) {
      out += R"(,"name":)";
      append_json_string(document.name, out);
    }
    out += '}';
  }
  return out.empty() ? out : out + ']';
}

std::string metadata_json(const LlmData& llm) {
  std::string out;
  for (const auto& [key, value] : llm.metadata) {
    out += out.empty() ? '{' : ',';
    append_json_string(key, out);
    out += ':';
    append_json_string(value, out);
  }
  return out.empty() ? out : out + '}';
}

void add_content(Writer& span, const SpanData& data) {
  const LlmData& llm = *data.llm;
  const auto text = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) text_attribute(span, kAttributes, key, value);
  };
  if (llm.kind == LlmKind::kTool) {
    text("gen_ai.tool.name", data.resource);
    text("gen_ai.tool.call.arguments", llm.input_value);
    text("gen_ai.tool.call.result", llm.output_value);
  } else if (llm.kind == LlmKind::kRetrieval) {
    text("gen_ai.retrieval.query.text", llm.input_value);
    text("gen_ai.retrieval.documents", documents_json(llm.documents));
  } else {
    text("gen_ai.input.messages", input_json(llm));
    text("gen_ai.output.messages", output_json(llm));
  }
  if (llm.kind == LlmKind::kAgent) text("gen_ai.agent.name", data.resource);
  if (llm.kind == LlmKind::kWorkflow) text("gen_ai.workflow.name", data.resource);
}

}  // namespace

std::string gen_ai_name(const SpanData& data) {
  const LlmKind kind = data.llm->kind;
  const bool model = kind == LlmKind::kLlm || kind == LlmKind::kEmbedding;
  const std::string& what = model && !data.llm->model_name.empty() ? data.llm->model_name : data.resource;
  return std::string(operation_of(kind)) + " " + what;
}

void add_gen_ai(Writer& span, const SpanData& data) {
  const LlmData& llm = *data.llm;
  const auto text = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) text_attribute(span, kAttributes, key, value);
  };
  const auto count = [&](std::string_view key, int64_t value) {
    if (value >= 0) number_attribute(span, kAttributes, key, static_cast<double>(value));
  };
  text("gen_ai.operation.name", operation_of(llm.kind));
  text("gen_ai.provider.name", provider_of(llm.model_provider));
  text("gen_ai.request.model", llm.model_name);
  text("gen_ai.response.model", llm.response_model);
  text("gen_ai.prompt.name", llm.prompt_id);
  text("gen_ai.conversation.id", data.session_id);
  count("gen_ai.usage.input_tokens", llm.input_tokens);
  count("gen_ai.usage.output_tokens", llm.output_tokens);
  count("gen_ai.usage.cache_read.input_tokens", llm.cache_read_tokens);
  count("gen_ai.usage.reasoning.output_tokens", llm.reasoning_tokens);
  if (llm.time_to_first_token_s >= 0) {
    real_attribute(span, kAttributes, "gen_ai.response.time_to_first_chunk", llm.time_to_first_token_s);
  }
  if (!llm.finish_reason.empty()) {
    list_attribute(span, kAttributes, "gen_ai.response.finish_reasons", std::span(&llm.finish_reason, 1));
  }
  add_content(span, data);
  text("metadata", metadata_json(llm));
  text("godseye.call_id", llm.call_id);
}

}  // namespace godseye::sdk
