#include "context.h"
#include "defects.h"
#include "prose.h"
#include "schema_fill.h"
#include "text.h"
#include "tool_choice.h"

#include <algorithm>
#include <cmath>

#include <godseye/base/hash.h>
#include <godseye/guard/tokens.h>
#include <godseye/simulator/answer.h>

namespace godseye::simulator {

namespace {

using genai::Choice;
using genai::FinishReason;
using genai::OutputKind;
using genai::Part;
using genai::PartKind;

Part text_part(PartKind kind, std::string text) {
  Part part;
  part.kind = kind;
  part.text = std::move(text);
  return part;
}

bool wants_json(const genai::ChatRequest& request) {
  return request.output.kind == OutputKind::kJson || request.output.kind == OutputKind::kJsonSchema;
}

std::string json_answer(const genai::ChatRequest& request, const Context& context, const Prose& prose,
                        base::Random& random) {
  const auto schema = parse_json(request.output.schema);
  if (!schema || !schema->is_object()) {
    json::object plain{{"answer", prose.text}};
    json::array products;
    for (const SeenProduct& product : prose.products) {
      json::object one{{"id", product.id}, {"name", product.name}};
      if (product.price) one["price"] = *product.price;
      if (!product.currency.empty()) one["currency"] = product.currency;
      products.push_back(std::move(one));
    }
    if (!products.empty()) plain["products"] = std::move(products);
    return json::serialize(plain);
  }
  const FillSource source{.question = context.question, .answer = prose.text, .products = prose.products, .place = 0};
  return json::serialize(SchemaFiller(*schema, source, random).fill());
}

bool shows_reasoning(const genai::ChatRequest& request) {
  if (request.reasoning.show) return *request.reasoning.show;
  return request.reasoning.budget_tokens.value_or(0) > 0;
}

// Cuts at the first stop sequence, then at the limit of tokens.
void apply_limits(const genai::ChatRequest& request, std::string& text, Choice& choice) {
  size_t end = text.size();
  for (const std::string& stop : request.stop) {
    const size_t at = stop.empty() ? std::string::npos : text.find(stop);
    if (at >= end) continue;
    end = at;
    choice.stop_sequence = stop;
  }
  text.resize(end);
  if (!request.max_output_tokens || *request.max_output_tokens < 1) return;
  const auto most = static_cast<uint64_t>(*request.max_output_tokens);
  if (guard::estimate_tokens(text, request.model) <= most) return;
  text = first_tokens(text, most);
  choice.finish = FinishReason::kLength;
  choice.stop_sequence.clear();
}

}  // namespace

uint64_t seed_of(const genai::ChatRequest& request, uint64_t seed) {
  uint64_t hash = base::hash64(plain_name(request.model), seed);
  if (request.seed) hash ^= static_cast<uint64_t>(*request.seed) * 0x9e3779b97f4a7c15ull;
  for (const genai::Message& message : request.messages) {
    for (const Part& part : message.parts) hash = base::hash64(part.text, hash + static_cast<uint64_t>(message.role));
  }
  return hash;
}

Choice compose(const genai::ChatRequest& request, const AnswerPlan& plan) {
  Choice choice;
  choice.finish = FinishReason::kStop;
  if (plan.behaviour.safety) {
    choice.finish = FinishReason::kContentFilter;
    return choice;
  }
  base::Random random(plan.seed);
  const Context context = read_context(request);
  if (shows_reasoning(request)) choice.parts.push_back(text_part(PartKind::kReasoning, reasoning_about(context)));
  const bool answers_freely = !plan.faults.say && !plan.behaviour.refuse;
  if (answers_freely) {
    std::vector<Part> calls = choose_tools(request, context, random);
    if (!calls.empty()) {
      if (plan.faults.is_on(Fault::kMalformedTool)) {
        for (Part& call : calls) call.text = call.text.substr(0, std::max<size_t>(1, call.text.size() / 2));
      }
      choice.parts.insert(choice.parts.end(), calls.begin(), calls.end());
      choice.finish = FinishReason::kToolCalls;
      return choice;
    }
  }
  Prose prose;
  if (plan.faults.say) {
    prose.text = *plan.faults.say;
  } else if (plan.behaviour.refuse) {
    prose.text = refusal(random);
  } else {
    prose = answer_from(context, plan.behaviour, random);
    if (const auto tokens = plan.faults.get(Fault::kAnswerTokens)) {
      prose.text = lengthened(std::move(prose.text), context, static_cast<uint64_t>(*tokens), request.model);
    }
    prose.text = with_defects(std::move(prose.text), context, plan.behaviour, random);
  }
  std::string text = std::move(prose.text);
  if (wants_json(request) && !plan.faults.say) {
    prose.text = std::move(text);
    text = json_answer(request, context, prose, random);
  }
  if (plan.behaviour.truncate && text.size() > 8) {
    text = first_bytes(text, static_cast<size_t>(static_cast<double>(text.size()) * (0.35 + 0.35 * random.uniform())));
    choice.finish = FinishReason::kLength;
  }
  apply_limits(request, text, choice);
  choice.parts.push_back(text_part(PartKind::kText, std::move(text)));
  return choice;
}

}  // namespace godseye::simulator
