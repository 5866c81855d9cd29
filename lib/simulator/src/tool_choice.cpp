#include "tool_choice.h"

#include "json.h"
#include "schema_fill.h"
#include "text.h"

#include <algorithm>
#include <functional>

namespace godseye::simulator {

namespace {

using genai::Part;
using genai::PartKind;
using genai::Tool;
using genai::ToolChoice;

constexpr double kScoreMin = 1.0;

// "getCurrentWeather" reads like "get current weather".
std::string spaced(std::string_view name) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    const bool upper = name[i] >= 'A' && name[i] <= 'Z';
    if (upper && i > 0 && !(name[i - 1] >= 'A' && name[i - 1] <= 'Z')) out += ' ';
    out += name[i];
  }
  return out;
}

// What every description of a tool says.
bool is_empty(std::string_view stem) {
  static constexpr std::string_view kEmpty[] = {"current", "return", "user",   "tool",   "function", "information",
                                                "info",    "call",   "given",  "valu",   "list",     "string",
                                                "nam",     "data",   "result", "provid", "you"};
  return std::any_of(std::begin(kEmpty), std::end(kEmpty), [stem](std::string_view word) { return word == stem; });
}

struct Score {
  double value = 0;
  std::vector<std::string> words;  // of the question that the tool's name explains
};

Score score(const Tool& tool, const std::vector<std::string>& question) {
  const auto name = topic_words(spaced(tool.name));
  const auto description = topic_words(std::string_view(tool.description).substr(0, 2000));
  const auto parameters = topic_words(std::string_view(tool.parameters).substr(0, 4000));
  const auto has = [](const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  Score score;
  for (const std::string& word : question) {
    if (is_empty(word)) continue;
    if (has(name, word)) {
      score.value += 2;
      score.words.push_back(word);
    } else if (has(description, word)) {
      score.value += 1;
    } else if (has(parameters, word)) {
      score.value += 0.4;
    }
  }
  return score;
}

std::string arguments_of(const Tool& tool, const Context& context, size_t place, base::Random& random) {
  const auto schema = parse_json(tool.parameters.empty() ? "{}" : std::string_view(tool.parameters));
  if (!schema || !schema->is_object()) return "{}";
  const FillSource source{.question = context.question, .answer = {}, .products = {}, .place = place};
  json::value filled = SchemaFiller(*schema, source, random).fill();
  return filled.is_object() ? json::serialize(filled) : "{}";
}

Part call_of(const Tool& tool, const Context& context, size_t place, base::Random& random) {
  Part part;
  part.kind = PartKind::kToolCall;
  part.name = tool.name;
  part.text = arguments_of(tool, context, place, random);
  static constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  part.id = "call_sim";
  for (int i = 0; i < 16; ++i) part.id += kDigits[random.below(36)];
  return part;
}

bool takes_place(const Tool& tool) {
  for (const std::string_view word : {"city", "location", "place", "destination", "town"}) {
    if (tool.parameters.find(word) != std::string::npos) return true;
  }
  return false;
}

bool contains(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

std::vector<Part> choose_tools(const genai::ChatRequest& request, const Context& context, base::Random& random) {
  std::vector<Part> calls;
  if (request.tools.empty() || request.tool_choice == ToolChoice::kNone) return calls;
  const bool named = request.tool_choice == ToolChoice::kNamed;
  const bool must = named || request.tool_choice == ToolChoice::kRequired;
  const auto question = topic_words(context.question);
  struct Candidate {
    const Tool* tool;
    Score score;
  };
  std::vector<Candidate> candidates;
  for (const Tool& tool : request.tools) {
    if (!request.tool_names.empty() && !contains(request.tool_names, tool.name)) continue;
    const bool used =
        std::find(context.tools_used.begin(), context.tools_used.end(), tool.name) != context.tools_used.end();
    if (used && !must) continue;
    candidates.push_back({&tool, score(tool, question)});
  }
  // Among equals the one that is offered first.
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.score.value != b.score.value ? a.score.value > b.score.value : std::less<>()(a.tool, b.tool);
  });
  // Results without a name (some protocols) answer as well as named ones.
  const bool answered = !context.tools_used.empty();
  const double least = must ? 0 : answered ? 2 : kScoreMin;
  if (candidates.empty() || candidates.front().score.value < least) return calls;
  const bool parallel = request.parallel_tools.value_or(true) && !named;
  const Tool& best = *candidates.front().tool;
  const size_t places = parallel && takes_place(best) ? std::max<size_t>(places_in(context.question).size(), 1) : 1;
  std::vector<std::string> explained = candidates.front().score.words;
  bool others = false;
  for (size_t i = 1; parallel && i < candidates.size() && calls.size() + 1 < kToolCallsMax; ++i) {
    const auto& words = candidates[i].score.words;
    if (words.empty() ||
        std::any_of(words.begin(), words.end(), [&](const std::string& w) { return contains(explained, w); }))
      continue;
    explained.insert(explained.end(), words.begin(), words.end());
    calls.push_back(call_of(*candidates[i].tool, context, places > 1 ? 1 : 0, random));
    others = true;
  }
  // "the weather in Paris and Berlin" is two calls; "the weather in Paris and the time in Berlin" one each.
  std::vector<Part> first;
  for (size_t place = 0; place < (others ? 1 : std::min(places, kToolCallsMax)); ++place) {
    first.push_back(call_of(best, context, place, random));
  }
  calls.insert(calls.begin(), std::make_move_iterator(first.begin()), std::make_move_iterator(first.end()));
  return calls;
}

}  // namespace godseye::simulator
