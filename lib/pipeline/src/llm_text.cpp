#include "llm_text.h"

#include "span_rules.h"

#include <algorithm>

#include <godseye/guard/pii_memory.h>
#include <godseye/guard/toxicity.h>

#include <boost/json.hpp>

namespace godseye::pipeline {

using signal::kNoScore;
using signal::LlmKind;
using signal::LlmSpan;
using signal::SpanBatch;
using signal::Text;

namespace {

namespace json = boost::json;

constexpr size_t kReasonsMax = 12;

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

// Nothing when `text` is not JSON.
bool parse(std::string_view text, json::value& into) {
  boost::system::error_code failure;
  json::parse_options options;
  options.max_depth = 128;
  into = json::parse(text, failure, into.storage(), options);
  return !failure;
}

void append_line(std::string& to, std::string_view text) {
  if (text.empty() || to.size() >= kScoreBytesMax) return;
  if (!to.empty()) to += '\n';
  to.append(utf8_prefix(text, kScoreBytesMax - to.size()));
}

// A text, or the texts of an array of parts.
std::string content_of(const json::object& message, std::string_view key) {
  std::string out;
  const json::value* content = message.if_contains(key);
  if (content == nullptr) return out;
  if (content->is_string()) return std::string(view(content->as_string()));
  if (!content->is_array()) return out;
  for (const json::value& part : content->as_array()) {
    if (part.is_string()) append_line(out, view(part.as_string()));
    if (!part.is_object()) continue;
    for (const std::string_view name : {"text", "content", "result"}) {
      const json::value* text = part.as_object().if_contains(name);
      if (text != nullptr && text->is_string()) append_line(out, view(text->as_string()));
    }
  }
  return out;
}

std::string role_of(const json::object& message) {
  const json::value* role = message.if_contains("role");
  return role != nullptr && role->is_string() ? std::string(view(role->as_string())) : std::string();
}

bool is_answer(std::string_view role) { return role == "assistant" || role == "model" || role == "ai"; }
bool is_tool(std::string_view role) { return role == "tool" || role == "function"; }
bool is_user(std::string_view role) { return role == "user" || role == "human" || role.empty(); }

class InputReader {
 public:
  explicit InputReader(LlmTexts& texts) : texts_(texts) {}

  void add(guard::Source source, std::string text) {
    if (text.empty()) return;
    if (source != guard::Source::kUser) append_line(texts_.context, text);
    if (source == guard::Source::kUser) texts_.question = std::string(utf8_prefix(text, kScoreBytesMax));
    const size_t room = kScoreBytesMax - std::min(kScoreBytesMax, bytes_);
    if (room == 0) return;
    if (text.size() > room) text.resize(utf8_prefix(text, room).size());
    bytes_ += text.size();
    texts_.news.push_back({source, std::move(text)});
  }

  void messages(const json::array& messages) {
    size_t first_new = 0;
    for (size_t i = 0; i < messages.size(); ++i) {
      if (messages[i].is_object() && is_answer(role_of(messages[i].as_object()))) first_new = i + 1;
    }
    // A span that is logged with its answer at the end: all of it is history, and what came before the answer is new.
    if (first_new == messages.size()) first_new = before_last_answer(messages);
    for (size_t i = 0; i < messages.size(); ++i) {
      if (!messages[i].is_object()) continue;
      const json::object& message = messages[i].as_object();
      const std::string role = role_of(message);
      if (is_answer(role)) continue;
      std::string text = content_of(message, "content");
      if (text.empty()) text = content_of(message, "tool_results");
      if (i < first_new) {
        if (is_tool(role)) append_line(texts_.context, text);
        continue;
      }
      if (is_tool(role)) {
        add(guard::Source::kTool, std::move(text));
        texts_.user_turn = false;
      } else if (is_user(role)) {
        add(guard::Source::kUser, std::move(text));
        texts_.user_turn = true;
      }
    }
  }

  void documents(const json::array& documents) {
    for (const json::value& document : documents) {
      if (document.is_object()) add(guard::Source::kDocument, content_of(document.as_object(), "text"));
    }
  }

 private:
  static size_t before_last_answer(const json::array& messages) {
    size_t first = 0;
    for (size_t i = 0; i + 1 < messages.size(); ++i) {
      if (messages[i].is_object() && is_answer(role_of(messages[i].as_object()))) first = i + 1;
    }
    return first;
  }

  LlmTexts& texts_;
  size_t bytes_ = 0;
};

void read_input(const json::value& input, LlmTexts& texts) {
  InputReader reader(texts);
  if (input.is_string()) {
    reader.add(guard::Source::kUser, std::string(view(input.as_string())));
    texts.user_turn = true;
    return;
  }
  if (!input.is_object()) return;
  const json::object& object = input.as_object();
  if (const json::value* documents = object.if_contains("documents"); documents != nullptr && documents->is_array()) {
    reader.documents(documents->as_array());
  }
  const json::value* messages = object.if_contains("messages");
  if (messages != nullptr && messages->is_array() && !messages->as_array().empty()) {
    reader.messages(messages->as_array());
  } else if (const json::value* value = object.if_contains("value"); value != nullptr && value->is_string()) {
    reader.add(guard::Source::kUser, std::string(view(value->as_string())));
    texts.user_turn = true;
  }
}

std::string read_output(const json::value& output) {
  if (output.is_string()) return std::string(view(output.as_string()));
  std::string out;
  if (!output.is_object()) return out;
  const json::object& object = output.as_object();
  if (const json::value* messages = object.if_contains("messages"); messages != nullptr && messages->is_array()) {
    for (const json::value& message : messages->as_array()) {
      if (message.is_object()) append_line(out, content_of(message.as_object(), "content"));
    }
  }
  if (const json::value* value = object.if_contains("value"); value != nullptr && value->is_string() && out.empty()) {
    out = view(value->as_string());
  }
  return out;
}

// The documents that a retrieval brought, the answer of a tool: they go to a model next.
void read_brought(const json::value& output, LlmKind kind, LlmTexts& texts) {
  InputReader reader(texts);
  if (kind == LlmKind::kTool) {
    reader.add(guard::Source::kTool, read_output(output));
  } else if (output.is_object()) {
    const json::value* documents = output.as_object().if_contains("documents");
    if (documents != nullptr && documents->is_array()) reader.documents(documents->as_array());
  }
}

// Replaces personal data in every string below `value`, but for the words of the protocol.
bool mask(json::value& value) {
  if (value.is_string()) {
    const std::string_view text = view(value.as_string());
    const std::vector<guard::PiiEntity> found = guard::PiiMemory::shared().find(text);
    if (found.empty()) return false;
    value = json::string(guard::redact(text, found), value.storage());
    return true;
  }
  bool changed = false;
  if (value.is_array()) {
    for (json::value& item : value.as_array()) changed = mask(item) || changed;
  } else if (value.is_object()) {
    for (auto& field : value.as_object()) {
      const std::string_view key = field.key();
      if (key == "role" || key == "id" || key == "tool_id" || key == "type" || key == "mime_type" ||
          key == "audio_parts" || key == "image_parts") {
        continue;
      }
      changed = mask(field.value()) || changed;
    }
  }
  return changed;
}

void mask_plain(SpanBatch& batch, Text& text, bool& changed) {
  if (text.empty()) return;
  const std::string_view before = batch.view(text);
  const std::vector<guard::PiiEntity> found = guard::PiiMemory::shared().find(before);
  if (found.empty()) return;
  text = put(batch, guard::redact(before, found));
  changed = true;
}

void mask_json(SpanBatch& batch, Text& text, MaskResult& result) {
  if (text.empty()) return;
  json::monotonic_resource memory;
  json::value value(&memory);
  if (!parse(batch.view(text), value)) {
    result.readable = false;
    mask_plain(batch, text, result.changed);
    return;
  }
  if (!mask(value)) return;
  text = put(batch, json::serialize(value));
  result.changed = true;
}

}  // namespace

LlmTexts read_texts(const SpanBatch& batch, const LlmSpan& llm) {
  LlmTexts texts;
  json::monotonic_resource memory;
  json::value input(&memory);
  json::value output(&memory);
  if (!llm.input.empty() && !parse(batch.view(llm.input), input)) {
    texts.readable = false;
    input = json::string(batch.view(llm.input), &memory);
  }
  if (!llm.output.empty() && !parse(batch.view(llm.output), output)) {
    texts.readable = false;
    output = json::string(batch.view(llm.output), &memory);
  }
  switch (llm.kind) {
    case LlmKind::kLlm:
    case LlmKind::kUnknown:
      read_input(input, texts);
      texts.answer = read_output(output);
      break;
    case LlmKind::kRetrieval:
    case LlmKind::kTool:
      read_brought(output, llm.kind, texts);
      break;
    default:
      break;  // what an agent or a workflow says is said again by the calls below it
  }
  return texts;
}

size_t score_texts(SpanBatch& batch, LlmSpan& llm, const LlmTexts& texts, bool failed, const AnswerPast& past,
                   const PieceScorer& scorer) {
  llm.scored_by = signal::ScoredBy::kPipeline;
  if (llm.injection_score == kNoScore && !texts.news.empty()) {
    guard::InjectScore worst;
    for (const Piece& piece : texts.news) {
      guard::InjectScore score = scorer(piece);
      if (score.score > worst.score) worst = std::move(score);
    }
    llm.injection_score = worst.score;
    json::array reasons;
    for (size_t i = 0; i < std::min(worst.reasons.size(), kReasonsMax); ++i) reasons.emplace_back(worst.reasons[i]);
    if (!reasons.empty()) llm.reasons = put(batch, json::serialize(reasons));
  }
  if (llm.pii_count < 0) {
    size_t count = guard::PiiMemory::shared().find(texts.answer).size();
    for (const Piece& piece : texts.news) count += guard::PiiMemory::shared().find(piece.text).size();
    llm.pii_count = static_cast<int32_t>(count);
  }
  if (texts.answer.empty()) return 0;
  const guard::QualityScore quality = guard::score_quality({.question = texts.question,
                                                            .context = texts.context,
                                                            .answer = texts.answer,
                                                            .finish_reason = batch.view(llm.finish_reason),
                                                            .history = past.lengths,
                                                            .engagement = past.engagement});
  if (llm.toxicity_score == kNoScore) llm.toxicity_score = quality.toxicity;
  // An answer cut off by an error says nothing about how good the model's answers are.
  if (llm.quality_score == kNoScore && !failed) llm.quality_score = quality.score;
  if (llm.ungrounded == kNoScore && quality.part(guard::QualityPart::kGrounding).measured) {
    llm.ungrounded = quality.ungrounded ? 1 : 0;
    if (llm.similarity_score == kNoScore) llm.similarity_score = quality.similarity;
  }
  return quality.answer_words;
}

MaskResult apply_policy(SpanBatch& batch, LlmSpan& llm, StoreText mode) {
  MaskResult result;
  if (mode == StoreText::kRaw) return result;
  Text* const documents[] = {&llm.prompt, &llm.input, &llm.output, &llm.expected_output, &llm.metadata};
  Text* const plain[] = {&llm.error_message, &llm.error_stack};
  if (mode == StoreText::kNone) {
    for (Text* text : documents) result.changed = result.changed || !text->empty(), *text = {};
    for (Text* text : plain) result.changed = result.changed || !text->empty(), *text = {};
    return result;
  }
  for (Text* text : documents) {
    if (llm.no_personal_data && (text == &llm.input || text == &llm.output)) continue;
    mask_json(batch, *text, result);
  }
  for (Text* text : plain) mask_plain(batch, *text, result.changed);
  return result;
}

bool apply_policy(SpanBatch& batch, signal::Span& span, StoreText mode) {
  if (mode == StoreText::kRaw) return false;
  bool changed = false;
  for (uint32_t i = span.meta.begin; i < span.meta.end; ++i) {
    if (!holds_text(batch.view(batch.meta[i].key))) continue;
    Text value = batch.meta[i].value;
    if (mode == StoreText::kNone) {
      changed = changed || !value.empty();
      value = {};
    } else {
      mask_plain(batch, value, changed);
    }
    batch.meta[i].value = value;
  }
  // OpenTelemetry's way to write prompts: events such as gen_ai.user.message.
  for (uint32_t i = span.events.begin; i < span.events.end; ++i) {
    if (!batch.view(batch.events[i].name).starts_with("gen_ai.")) continue;
    MaskResult masked;
    if (mode == StoreText::kNone) {
      masked.changed = !batch.events[i].attributes.empty();
      batch.events[i].attributes = {};
    } else {
      mask_json(batch, batch.events[i].attributes, masked);
    }
    changed = changed || masked.changed;
  }
  return changed;
}

bool apply_policy(SpanBatch& batch, signal::LlmEvaluation& evaluation, StoreText mode) {
  bool changed = false;
  if (mode == StoreText::kRaw) return changed;
  const bool free_text = batch.view(evaluation.metric_type) == "text" || batch.view(evaluation.metric_type) == "json";
  if (mode == StoreText::kNone) {
    changed = !evaluation.reasoning.empty();
    evaluation.reasoning = {};
    if (free_text) evaluation.value = {};
    return changed;
  }
  mask_plain(batch, evaluation.reasoning, changed);
  if (free_text) mask_plain(batch, evaluation.value, changed);
  return changed;
}

}  // namespace godseye::pipeline
