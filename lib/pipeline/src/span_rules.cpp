#include "span_rules.h"

#include <charconv>
#include <cmath>
#include <string>

#include <godseye/base/hash.h>
#include <godseye/signal/normalize.h>

namespace godseye::pipeline {

using signal::NumberAttribute;
using signal::Range;
using signal::Span;
using signal::SpanBatch;
using signal::SpanSource;
using signal::Text;
using signal::TextAttribute;

namespace {

// Datadog's limits.
constexpr size_t kServiceBytesMax = 100;
constexpr size_t kNameBytesMax = 100;
constexpr size_t kResourceBytesMax = 5000;
constexpr size_t kTypeBytesMax = 100;
constexpr size_t kKeyBytesMax = 200;
constexpr size_t kValueCharsMax = 25'000;
constexpr std::string_view kEllipsis = "...";

enum class Key : uint8_t {
  kOther,
  kEnv,
  kVersion,
  kHost,
  kSession,
  kUser,
  kErrorType,
  kErrorMessage,
  kErrorStack,
  kStatusCode,
  kKind,
  kConversion,
  kLlm,
  kLlmobs,
  kAnalytics,
  kText
};

// Tags of interest; one switch on the size, so that the usual tag costs one comparison at most.
Key key_of(std::string_view k) {
  switch (k.size()) {
    case 3:
      return k == "env" ? Key::kEnv : Key::kOther;
    case 4:
      return k == "host" ? Key::kHost : Key::kOther;
    case 6:
      return k == "usr.id" ? Key::kUser : Key::kOther;
    case 7:
      if (k == "version") return Key::kVersion;
      return k == "user_id" || k == "user.id" ? Key::kUser : Key::kOther;
    case 9:
      if (k == "span.kind") return Key::kKind;
      return k == "error.msg" ? Key::kErrorMessage : Key::kOther;
    case 10:
      if (k == "error.type") return Key::kErrorType;
      return k == "session_id" || k == "session.id" ? Key::kSession : Key::kOther;
    case 11:
      return k == "error.stack" ? Key::kErrorStack : Key::kOther;
    case 12:
      return k == "_dd.hostname" ? Key::kHost : Key::kOther;
    case 13:
      return k == "error.message" ? Key::kErrorMessage : Key::kOther;
    case 14:
      return k == "usr.session.id" ? Key::kSession : Key::kOther;
    case 15:
      return k == "baggage.user.id" ? Key::kUser : Key::kOther;
    case 16:
      return k == "http.status_code" ? Key::kStatusCode : Key::kOther;
    case 18:
      if (k == "baggage.session.id") return Key::kSession;
      return k == "godseye.conversion" ? Key::kConversion : Key::kOther;
    default:
      return Key::kOther;
  }
}

Key prefix_of(std::string_view k) {
  if (k.empty()) return Key::kOther;
  switch (k.front()) {
    case 'l':
      if (k.starts_with("llm.")) return Key::kLlm;
      break;
    case 'g':
      if (k.starts_with("gen_ai.")) return Key::kLlm;
      break;
    case '_':
      return k.starts_with("_dd.llmobs.") || k.starts_with("_ml_obs.") ? Key::kLlmobs : Key::kOther;
    case 'p':
      return k.starts_with("product_analytics.") ? Key::kAnalytics : Key::kOther;
    default:
      break;
  }
  return holds_text(k) ? Key::kText : Key::kOther;
}

size_t characters(std::string_view text) {
  size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

// The first `count` characters.
std::string_view character_prefix(std::string_view text, size_t count) {
  size_t at = 0;
  for (; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && count-- == 0) break;
  }
  return text.substr(0, at);
}

void cut_value(SpanBatch& batch, Text& value, uint64_t& cut) {
  if (value.size <= kValueCharsMax || characters(batch.view(value)) <= kValueCharsMax) return;
  std::string shorter(character_prefix(batch.view(value), kValueCharsMax - kEllipsis.size()));
  value = put(batch, shorter.append(kEllipsis));
  ++cut;
}

void cut_text(const SpanBatch& batch, Text& text, size_t bytes_max, uint64_t& cut) {
  if (text.size <= bytes_max) return;
  text.size = static_cast<uint32_t>(utf8_prefix(batch.view(text), bytes_max).size());
  ++cut;
}

bool status_code_valid(std::string_view text) {
  int code = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), code);
  return failure == std::errc() && end == text.data() + text.size() && code >= 100 && code <= 599;
}

// A tag value that is normal already, as nearly all are.
bool plain_value(std::string_view text, size_t bytes_max) {
  if (text.empty() || text.size() > bytes_max) return false;
  for (const char c : text) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '/' || c == ':';
    if (!fine && c != '_') return false;
  }
  const char last = text.back();
  return last != '_' && last != ':' && text.find("__") == std::string_view::npos;
}

// As a tag's value: it may begin with a digit, which a whole tag may not, hence the key in front.
void normalize_value(SpanBatch& batch, Text& text, size_t bytes_max, uint64_t& cut) {
  if (text.empty() || plain_value(batch.view(text), bytes_max)) return;
  thread_local std::string tag;
  thread_local std::string buffer;
  tag.assign("a:").append(batch.view(text));
  const std::string_view normal = signal::normalize_tag(tag, buffer);
  const std::string_view value = normal.size() > 2 ? utf8_prefix(normal.substr(2), bytes_max) : std::string_view();
  cut += text.size > bytes_max;
  text = put(batch, value);
}

// Numbers, addresses and what stands in quotes change from one occurrence to the next.
void append_without_variables(std::string& out, std::string_view text) {
  char quote = 0;
  bool digits = false;
  for (const char c : text) {
    if (quote != 0) {
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '"' || c == '\'') {
      quote = c;
      out += '"';
      continue;
    }
    const bool digit =
        (c >= '0' && c <= '9') || (digits && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == 'x'));
    if (digit && !digits) out += '0';
    digits = digit;
    if (!digit) out += c;
  }
}

// A line of a stack in Python, JavaScript, Java, Go, Ruby, .NET; not the line that repeats the message.
bool frame_line(std::string_view line) {
  return !line.empty() &&
         (line.front() == ' ' || line.front() == '\t' || line.starts_with("at ") || line.starts_with("File ") ||
          line.find(".go:") != std::string_view::npos || line.find(".rb:") != std::string_view::npos);
}

constexpr size_t kFramesMax = 32;
constexpr size_t kMessageBytesMax = 1000;

size_t append_frames(std::string& out, std::string_view stack) {
  size_t frames = 0;
  while (!stack.empty() && frames < kFramesMax) {
    const size_t end = std::min(stack.find('\n'), stack.size());
    const std::string_view line = stack.substr(0, end);
    stack.remove_prefix(std::min(end + 1, stack.size()));
    if (!frame_line(line)) continue;
    // Not without what is in quotes: Python has the file's name there.
    bool digits = false;
    for (const char c : line) {
      const bool digit = c >= '0' && c <= '9';
      if (digit && !digits) out += '0';
      if (!digit) out += c;
      digits = digit;
    }
    out += '\n';
    ++frames;
  }
  return frames;
}

template <typename Attribute>
Attribute& append_attribute(std::vector<Attribute>& all, Range& range) {
  if (range.size() == 0) range.begin = range.end = static_cast<uint32_t>(all.size());
  if (range.end != all.size()) {
    const uint32_t begin = static_cast<uint32_t>(all.size());
    all.reserve(all.size() + range.size() + 1);
    for (uint32_t i = range.begin; i < range.end; ++i) all.push_back(all[i]);
    range = {begin, static_cast<uint32_t>(all.size())};
  }
  ++range.end;
  return all.emplace_back();
}

}  // namespace

bool holds_text(std::string_view key) {
  if (key.empty()) return false;
  const auto begins = [&](std::initializer_list<std::string_view> prefixes) {
    for (const std::string_view prefix : prefixes) {
      if (key.starts_with(prefix)) return true;
    }
    return false;
  };
  switch (key.front()) {
    case 'o':
      return begins({"openai.request.messages", "openai.request.prompt", "openai.response.choices"});
    case 'l':
      return begins({"langchain.request.", "langchain.response.", "llm.prompt", "llm.input", "llm.output",
                     "llm.response.content"});
    case 'a':
      return begins({"anthropic.request.", "anthropic.response."});
    case 'g':
      return begins({"gen_ai.input.", "gen_ai.output.", "gen_ai.prompt", "gen_ai.completion",
                     "gen_ai.system_instructions", "google_genai.request.", "google_genai.response."});
    case 'v':
      return begins({"vertexai.request.", "vertexai.response."});
    case 'b':
      return begins({"bedrock.request.prompt", "bedrock.response.choices"});
    default:
      return false;
  }
}

std::string_view utf8_prefix(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t at = bytes_max;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return text.substr(0, at);
}

Text put(SpanBatch& batch, std::string_view text) {
  if (batch.text.size() + text.size() > signal::kSpanBatchTextMax) return {};
  return batch.add(text);
}

void add_number(SpanBatch& batch, Span& span, std::string_view key, double value) {
  const Text text = put(batch, key);
  NumberAttribute& attribute = append_attribute(batch.metrics, span.metrics);
  attribute = {text, value};
}

void add_text(SpanBatch& batch, Span& span, std::string_view key, std::string_view value) {
  const Text key_text = put(batch, key);
  const Text value_text = put(batch, value);
  append_attribute(batch.meta, span.meta) = {key_text, value_text};
}

TagFacts read_tags(SpanBatch& batch, Span& span, uint64_t& cut) {
  TagFacts facts;
  const auto fill = [](Text& into, Text value) {
    if (into.empty()) into = value;
  };
  for (uint32_t i = span.meta.begin; i < span.meta.end; ++i) {
    TextAttribute& tag = batch.meta[i];
    cut_text(batch, tag.key, kKeyBytesMax, cut);
    cut_value(batch, tag.value, cut);
    const std::string_view key = batch.view(tag.key);
    Key known = key_of(key);
    if (known == Key::kOther) known = prefix_of(key);
    switch (known) {
      case Key::kOther:
        break;
      case Key::kEnv:
        fill(span.env, tag.value);
        break;
      case Key::kVersion:
        fill(span.version, tag.value);
        break;
      case Key::kHost:
        fill(span.host, tag.value);
        break;
      case Key::kSession:
        fill(span.session_id, tag.value);
        break;
      case Key::kUser:
        fill(span.user_id, tag.value);
        break;
      case Key::kErrorType:
        facts.error_type = tag.value;
        break;
      case Key::kErrorMessage:
        fill(facts.error_message, tag.value);
        break;
      case Key::kErrorStack:
        facts.error_stack = tag.value;
        break;
      case Key::kKind: {
        const std::string_view kind = batch.view(tag.value);
        facts.server_side = kind == "server" || kind == "consumer";
        break;
      }
      case Key::kConversion:
        facts.conversion = tag.value;
        break;
      case Key::kLlm:
        facts.llm_tags = true;
        facts.holds_text = facts.holds_text || holds_text(key);
        break;
      case Key::kText:
        facts.holds_text = true;
        break;
      case Key::kLlmobs:
        facts.llmobs_elsewhere = true;
        break;
      case Key::kAnalytics:
        facts.analytics = true;
        break;
      case Key::kStatusCode:
        if (status_code_valid(batch.view(tag.value))) break;
        tag = batch.meta[--span.meta.end];
        --i;
        ++cut;
        break;
    }
  }
  for (uint32_t i = span.metrics.begin; i < span.metrics.end; ++i) {
    NumberAttribute& tag = batch.metrics[i];
    cut_text(batch, tag.key, kKeyBytesMax, cut);
    const std::string_view key = batch.view(tag.key);
    if (key.starts_with("llm.") || key.starts_with("gen_ai.")) facts.llm_tags = true;
    if (key.starts_with("product_analytics.")) facts.analytics = true;
    if (key.size() < 10 || key[0] != '_') continue;
    if (key == "_dd.top_level" || key == "_top_level") facts.top_level = tag.value == 1;
    if (key == "_dd.measured") facts.measured = tag.value == 1;
    if (key == "_dd.partial_version") facts.partial = tag.value >= 0;
    if (key.starts_with("_dd.llmobs.")) facts.llmobs_elsewhere = true;
  }
  return facts;
}

void normalize_names(SpanBatch& batch, Span& span, std::string_view client, uint64_t& cut) {
  normalize_value(batch, span.service, kServiceBytesMax, cut);
  if (span.service.empty()) {
    thread_local std::string name;
    name = "unnamed-service";
    if (!client.empty()) name.assign("unnamed-").append(client.substr(0, 50)).append("-service");
    span.service = put(batch, name);
    normalize_value(batch, span.service, kServiceBytesMax, cut);
  }
  if (span.source != SpanSource::kLlmObs && !span.name.empty()) {
    thread_local std::string buffer;
    const std::string_view given = batch.view(span.name);
    const std::string_view normal = utf8_prefix(signal::normalize_metric_name(given, buffer), kNameBytesMax);
    cut += given.size() > kNameBytesMax;
    if (normal.data() == given.data()) {
      span.name.size = static_cast<uint32_t>(normal.size());
    } else {
      span.name = put(batch, normal);
    }
  }
  if (span.name.empty()) span.name = put(batch, "unnamed_operation");
  if (span.resource.empty()) span.resource = span.name;
  cut_text(batch, span.resource, kResourceBytesMax, cut);
  cut_text(batch, span.type, kTypeBytesMax, cut);
  normalize_value(batch, span.env, kKeyBytesMax, cut);
}

uint64_t error_fingerprint(const SpanBatch& batch, const Span& span, const TagFacts& facts) {
  Text type = facts.error_type;
  Text message = facts.error_message;
  Text stack = facts.error_stack;
  if (span.llm != signal::kNoLlm) {
    const signal::LlmSpan& llm = batch.llm[span.llm];
    if (type.empty()) type = llm.error_type;
    if (message.empty()) message = llm.error_message;
    if (stack.empty()) stack = llm.error_stack;
  }
  thread_local std::string text;
  text.assign(batch.view(span.service)).append(1, '\0').append(batch.view(type)).append(1, '\0');
  if (append_frames(text, batch.view(stack)) == 0) {
    append_without_variables(text, utf8_prefix(batch.view(message), kMessageBytesMax));
    // Nothing is said about the error: it is one of this operation.
    if (type.empty() && message.empty()) {
      text.append(batch.view(span.name)).append(1, '\0').append(batch.view(span.resource));
      text.append(batch.meta_value(span, "http.status_code"));
    }
  }
  const uint64_t hash = base::hash64(text);
  return hash == 0 ? 1 : hash;
}

}  // namespace godseye::pipeline
