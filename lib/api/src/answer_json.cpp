#include "answer_json.h"

#include "json_list.h"

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

std::string answer_members(const TextToInspect& input, const guard::Catalogue*) {
  if (input.system_prompt.empty() && input.canaries.empty()) return "";
  const std::vector<std::string_view> canaries(input.canaries.begin(), input.canaries.end());
  return ",\"leak\":" + leak_json(guard::find_leaks(*input.answer, input.system_prompt, canaries));
}

}  // namespace godseye::api
