#include "json.h"
#include "json_writer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <godseye/genai/error.h>

namespace godseye::genai {
namespace {

struct Kind {
  int status;
  std::string_view word;
};

constexpr std::array<Kind, 9> kOpenAi{{{400, "invalid_request_error"},
                                       {401, "authentication_error"},
                                       {403, "permission_error"},
                                       {404, "not_found_error"},
                                       {409, "conflict_error"},
                                       {413, "invalid_request_error"},
                                       {422, "invalid_request_error"},
                                       {429, "rate_limit_error"},
                                       {500, "server_error"}}};
constexpr std::array<Kind, 12> kGoogle{{{400, "INVALID_ARGUMENT"},
                                        {401, "UNAUTHENTICATED"},
                                        {403, "PERMISSION_DENIED"},
                                        {404, "NOT_FOUND"},
                                        {409, "ABORTED"},
                                        {413, "INVALID_ARGUMENT"},
                                        {429, "RESOURCE_EXHAUSTED"},
                                        {499, "CANCELLED"},
                                        {500, "INTERNAL"},
                                        {501, "UNIMPLEMENTED"},
                                        {503, "UNAVAILABLE"},
                                        {504, "DEADLINE_EXCEEDED"}}};
constexpr std::array<Kind, 10> kAnthropic{{{400, "invalid_request_error"},
                                           {401, "authentication_error"},
                                           {402, "billing_error"},
                                           {403, "permission_error"},
                                           {404, "not_found_error"},
                                           {413, "request_too_large"},
                                           {429, "rate_limit_error"},
                                           {500, "api_error"},
                                           {504, "timeout_error"},
                                           {529, "overloaded_error"}}};

template <size_t N>
std::string_view word_of(const std::array<Kind, N>& kinds, int status) {
  for (const Kind& kind : kinds) {
    if (kind.status == status) return kind.word;
  }
  for (const Kind& kind : kinds) {
    if (kind.status == (status >= 500 ? 500 : 400)) return kind.word;
  }
  return "error";
}

std::string_view kind_of(Family family, const ApiError& error) {
  return error.kind.empty() ? error_kind(family, error.status) : std::string_view(error.kind);
}

// For clients that show nothing but the message.
std::string message_with_code(const ApiError& error, bool reference) {
  std::string out;
  if (!error.code.empty() && error.message.find(error.code) == std::string::npos) out = error.code + ": ";
  out += error.message;
  if (reference && !error.reference.empty()) out += " (reference " + error.reference + ")";
  return out;
}

void openai_object(JsonWriter& w, const ApiError& error) {
  w.open('{').field("message", error.message).field("type", kind_of(Family::kOpenAi, error));
  w.key("param");
  error.param.empty() ? w.null() : w.value(error.param);
  w.key("code");
  error.code.empty() ? w.null() : w.value(error.code);
  w.maybe("reference", error.reference).close('}');
}

void gemini_object(JsonWriter& w, const ApiError& error) {
  w.open('{').field("code", error.status).field("message", error.message);
  w.field("status", kind_of(Family::kGemini, error));
  if (!error.code.empty() || !error.reference.empty() || error.retry_after) {
    w.array("details");
    if (!error.code.empty() || !error.reference.empty()) {
      w.open('{').field("@type", "type.googleapis.com/google.rpc.ErrorInfo").field("reason", error.code);
      w.field("domain", error.code == kCodeBlocked ? "godseye" : "googleapis.com").object("metadata");
      w.maybe("reference", error.reference).maybe("param", error.param).close('}').close('}');
    }
    if (error.retry_after) {
      w.open('{').field("@type", "type.googleapis.com/google.rpc.RetryInfo");
      w.field("retryDelay", json_number(static_cast<double>(error.retry_after->count()) / 1000) + "s").close('}');
    }
    w.close(']');
  }
  w.close('}');
}

void anthropic_object(JsonWriter& w, const ApiError& error) {
  w.open('{').field("type", kind_of(Family::kAnthropic, error)).field("message", message_with_code(error, false));
  w.maybe("code", error.code).close('}');
}

std::string cut(std::string text) {
  if (text.size() <= kErrorMessageBytesMax) return text;
  size_t end = kErrorMessageBytesMax;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text;
}

// "12s", "0.5s"
std::optional<std::chrono::milliseconds> seconds_text(std::string_view text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool unit = end == text.data() + text.size() || std::string_view(end) == "s" || *end == 's';
  if (code != std::errc() || !unit || !(value >= 0) || value > 1e9) return {};
  return std::chrono::milliseconds(static_cast<int64_t>(value * 1000));
}

void read_gemini_details(Json details, ApiError& error) {
  for (const Json detail : details.items()) {
    const std::string type = detail["@type"].str();
    if (type.ends_with("google.rpc.ErrorInfo")) {
      error.code = detail["reason"].str();
      error.reference = detail["metadata"]["reference"].str();
    } else if (type.ends_with("google.rpc.RetryInfo")) {
      error.retry_after = seconds_text(detail.either("retryDelay").str());
    }
  }
}

Json first_of(Json list) {
  for (const Json item : list.items()) return item;
  return {};
}

}  // namespace

std::string_view error_kind(Family family, int status) {
  switch (family) {
    case Family::kGemini:
      return word_of(kGoogle, status);
    case Family::kAnthropic:
      // What a proxy answers for an absent provider is for its clients an overload.
      return status == 503 ? "overloaded_error" : word_of(kAnthropic, status);
    default:
      return word_of(kOpenAi, status);
  }
}

std::string error_body(Dialect dialect, const ApiError& error) {
  std::string out;
  JsonWriter w(out);
  switch (family_of(dialect)) {
    case Family::kGemini:
      w.open('{').key("error");
      gemini_object(w, error);
      break;
    case Family::kAnthropic:
      w.open('{').field("type", "error").key("error");
      anthropic_object(w, error);
      w.key("request_id");
      error.reference.empty() ? w.null() : w.value(error.reference);
      break;
    case Family::kOllama:
      w.open('{').field("error", message_with_code(error, true));
      break;
    default:
      w.open('{').key("error");
      openai_object(w, error);
  }
  w.close('}');
  return out;
}

std::string error_event(Dialect dialect, Framing framing, const ApiError& error, bool first) {
  if (framing == Framing::kWhole) return error_body(dialect, error);
  if (framing == Framing::kJsonArray) return (first ? "[" : ",\r\n") + error_body(dialect, error) + "\n]";
  if (framing == Framing::kNdjson) return error_body(dialect, error) + "\n";
  std::string event;
  std::string body = error_body(dialect, error);
  if (dialect == Dialect::kAnthropic) event = "event: error\n";
  if (dialect == Dialect::kOpenAiResponses) {
    // Its events are flat; the clients raise on the name of the event and show `error` of the data.
    body.clear();
    JsonWriter w(body);
    w.open('{').field("type", "error").field("sequence_number", 0).field("code", error.code);
    w.field("message", error.message).key("param");
    error.param.empty() ? w.null() : w.value(error.param);
    w.key("error");
    openai_object(w, error);
    w.close('}');
    event = "event: error\n";
  }
  return event + "data: " + body + "\n\n";
}

ApiError read_error(Family family, int status, std::string_view body) {
  ApiError error{.status = status};
  JsonDocument document;
  Json root;
  if (document.parse(body)) root = document.root();
  if (root.is(JsonKind::kArray)) root = first_of(root);  // Gemini's array stream wraps it
  Json inner = root["error"];
  if (!inner && root["type"].equals("error")) inner = root;  // a flat event of OpenAI's responses
  if (inner.is_string()) {
    error.message = inner.str();
  } else if (inner.is_object()) {
    error.message = inner["message"].str();
    error.param = inner["param"].str();
    error.reference = inner["reference"].str();
    if (family == Family::kGemini) {
      error.kind = inner["status"].str();
      read_gemini_details(inner["details"], error);
      if (const auto code = inner["code"].integer(); code && *code >= 400 && *code < 600) {
        error.status = static_cast<int>(*code);
      }
    } else {
      error.kind = inner["type"].str();
      error.code =
          inner["code"].is_string() ? inner["code"].str() : std::string(inner["code"] ? inner["code"].raw() : "");
    }
    if (family == Family::kAnthropic) {
      error.reference = root["request_id"].str();
      if (error.kind == "overloaded_error") error.status = 529;
    }
  } else if (root) {
    error.message = root["message"].is_string() ? root["message"].str() : std::string(root.raw());
  } else {
    // A page of some proxy, perhaps not even text.
    for (const char c : body.substr(0, kErrorMessageBytesMax)) {
      error.message += static_cast<uint8_t>(c) >= 0x20 && static_cast<uint8_t>(c) < 0x7F ? c : ' ';
    }
  }
  if (error.kind.empty()) error.kind = error_kind(family, error.status);
  error.message = cut(std::move(error.message));
  error.kind = cut(std::move(error.kind));
  error.code = cut(std::move(error.code));
  error.param = cut(std::move(error.param));
  error.reference = cut(std::move(error.reference));
  return error;
}

}  // namespace godseye::genai
