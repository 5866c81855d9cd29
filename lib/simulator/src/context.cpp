#include "context.h"

#include "json.h"
#include "text.h"

#include <algorithm>
#include <array>

namespace godseye::simulator {

namespace {

using genai::Message;
using genai::Part;
using genai::PartKind;
using genai::Role;

// A user message longer than this is read as documents with a question at its end.
constexpr size_t kQuestionBytesMax = 600;

std::string text_of_message(const Message& message) {
  std::string text;
  for (const Part& part : message.parts) {
    if (part.kind != PartKind::kText) continue;
    if (!text.empty()) text += "\n";
    text += part.text;
  }
  return text;
}

// Sentences of a system prompt that tell the model what to do: they are obeyed or not, never repeated as facts.
bool is_instruction(std::string_view sentence) {
  static constexpr std::array<std::string_view, 19> kStarts = {
      "you are", "you must", "you should", "your ", "answer ", "do not", "don't", "never", "always",    "use ",
      "if ",     "only ",    "respond",    "reply", "be ",     "keep ",  "act ",  "when ", "recommend "};
  const std::string folded = lower(sentence.substr(0, 16));
  return std::any_of(kStarts.begin(), kStarts.end(),
                     [&](std::string_view start) { return folded.starts_with(start); }) ||
         sentence.ends_with(':');
}

void flatten(const json::value& value, const std::string& name, std::vector<std::string>& into) {
  if (into.size() >= 64) return;
  if (const json::object* object = value.if_object()) {
    for (const auto& [key, member] : *object) {
      std::string inner(key);
      std::replace(inner.begin(), inner.end(), '_', ' ');
      flatten(member, inner, into);
    }
    return;
  }
  if (const json::array* list = value.if_array()) {
    for (const json::value& item : *list) flatten(item, name, into);
    return;
  }
  const std::string prefix = name.empty() ? "" : name + " is ";
  if (const json::string* text = value.if_string()) {
    into.push_back(prefix + std::string(*text));
  } else if (const auto number = as_number(value)) {
    into.push_back(prefix + number_text(*number));
  } else if (const bool* flag = value.if_bool()) {
    into.push_back(prefix + (*flag ? "true" : "false"));
  }
}

void add_facts(std::string_view text, FactSource source, Context& context) {
  const std::string_view bare = trim(text);
  if (bare.starts_with('{') || bare.starts_with('[')) {
    if (const auto value = parse_json(bare)) {
      std::vector<std::string> found;
      flatten(*value, "", found);
      for (std::string& fact : found) context.facts.push_back({std::move(fact), source});
      return;
    }
  }
  for (const std::string_view sentence : sentences(text)) {
    if (context.facts.size() >= kSentencesMax) return;
    // JSON between sentences is read as products, not as prose.
    if (sentence.starts_with('{') || sentence.starts_with('[')) continue;
    if (source == FactSource::kSystem && is_instruction(sentence)) continue;
    context.facts.push_back({std::string(sentence), source});
  }
}

// A long message, or one with a marked question: documents first, then what is asked.
void split_question(std::string_view text, Context& context) {
  const std::string folded = lower(text);
  for (const std::string_view mark : {"question:", "query:", "user:"}) {
    const size_t at = folded.rfind(mark);
    if (at == std::string::npos) continue;
    const std::string_view rest = trim(text.substr(at + mark.size()));
    const size_t end = std::min(rest.find("\n\n"), rest.size());
    context.question = trim(rest.substr(0, end));
    // Around the question, whichever side the documents are on.
    add_facts(text.substr(0, at), FactSource::kDocument, context);
    add_facts(rest.substr(end), FactSource::kDocument, context);
    return;
  }
  if (text.size() <= kQuestionBytesMax) {
    context.question = trim(text);
    return;
  }
  const auto parts = sentences(text);
  const auto asked = std::find_if(parts.rbegin(), parts.rend(), [](std::string_view s) { return s.ends_with('?'); });
  const std::string_view question = asked != parts.rend() ? *asked : parts.empty() ? text.substr(0, 0) : parts.back();
  context.question = question;
  for (const std::string_view sentence : parts) {
    if (sentence.data() != question.data()) context.facts.push_back({std::string(sentence), FactSource::kDocument});
  }
}

// Some protocols name a result by the id of its call alone.
std::string_view tool_of(const genai::ChatRequest& request, const Part& result) {
  if (!result.name.empty() || result.id.empty()) return result.name;
  for (const Message& message : request.messages) {
    for (const Part& part : message.parts) {
      if (part.kind == PartKind::kToolCall && part.id == result.id) return part.name;
    }
  }
  return {};
}

}  // namespace

Context read_context(const genai::ChatRequest& request) {
  Context context;
  const auto& messages = request.messages;
  size_t last_user = messages.size();
  for (size_t i = messages.size(); i-- > 0 && last_user == messages.size();) {
    const auto& parts = messages[i].parts;
    const bool only_results = !parts.empty() && std::all_of(parts.begin(), parts.end(), [](const Part& part) {
      return part.kind == PartKind::kToolResult;
    });
    if (messages[i].role == Role::kUser && !only_results) last_user = i;
  }
  for (size_t i = 0; i < messages.size(); ++i) {
    const Message& message = messages[i];
    const std::string text = text_of_message(message);
    const bool system = message.role == Role::kSystem || message.role == Role::kDeveloper;
    if (system) {
      context.system += (context.system.empty() ? "" : "\n") + text;
      add_facts(text, FactSource::kSystem, context);
    } else if (i == last_user) {
      split_question(text, context);
      context.media = static_cast<size_t>(std::count_if(
          message.parts.begin(), message.parts.end(), [](const Part& part) { return part.kind == PartKind::kMedia; }));
    } else if (message.role == Role::kUser) {
      add_facts(text, text.size() > kQuestionBytesMax ? FactSource::kDocument : FactSource::kSaid, context);
    }
    if (message.role != Role::kAssistant) find_products(text, context.products);
    for (const Part& part : message.parts) {
      if (part.kind != PartKind::kToolResult) continue;
      const bool answers = last_user == messages.size() || i > last_user;
      if (answers) context.tools_used.push_back(tool_of(request, part));
      add_facts(part.text, FactSource::kTool, context);
      std::vector<SeenProduct> found;
      find_products(part.text, found);
      for (SeenProduct& product : found) {
        if (context.products.size() >= kSeenProductsMax) break;
        product.from_tool = answers;
        context.products.push_back(std::move(product));
      }
    }
  }
  return context;
}

}  // namespace godseye::simulator
