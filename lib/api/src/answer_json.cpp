#include "answer_json.h"

#include "json_list.h"

#include <godseye/guard/answer_json.h>
#include <godseye/guard/json.h>
#include <godseye/guard/leak.h>

namespace godseye::api {
namespace {

using guard::json_number;
using guard::json_quoted;

std::string leak_json(const guard::LeakReport& leak) {
  return std::string("{\"leaked\":") + (leak.leaked ? "true" : "false") +
         ",\"canaries\":" + json_list(leak.canaries, [](size_t index) { return std::to_string(index); }) +
         ",\"longest_run\":" + std::to_string(leak.longest_run) + ",\"overlap\":" + json_number(leak.overlap) +
         ",\"passages\":" +
         json_list(leak.passages,
                   [](const guard::LeakedPassage& passage) {
                     return '{' + span_members(passage.start, passage.end) +
                            ",\"words\":" + std::to_string(passage.words) + '}';
                   }) +
         '}';
}

}  // namespace

std::string answer_members(const TextToInspect& input, const guard::Catalogue* catalogue) {
  const guard::QualityInput quality{.question = input.question,
                                    .context = input.context,
                                    .answer = *input.answer,
                                    .finish_reason = input.finish_reason};
  const auto object = [](std::string_view name, const std::string& members) {
    return ",\"" + std::string(name) + "\":{" + members + '}';
  };
  std::string out = object("quality", guard::json_members(guard::score_quality(quality)));
  out += object("grounding", guard::json_members(guard::score_grounding(*input.answer, input.context, input.question)));
  out += object("toxicity", guard::json_members(guard::inspect_toxicity(*input.answer)));
  if (catalogue != nullptr) out += object("products", guard::json_members(catalogue->check(*input.answer)));
  if (input.system_prompt.empty() && input.canaries.empty()) return out;
  const std::vector<std::string_view> canaries(input.canaries.begin(), input.canaries.end());
  return out + ",\"leak\":" + leak_json(guard::find_leaks(*input.answer, input.system_prompt, canaries));
}

}  // namespace godseye::api
