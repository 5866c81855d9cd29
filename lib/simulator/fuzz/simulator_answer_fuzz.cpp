#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <godseye/simulator/answer.h>
#include <godseye/simulator/embedding.h>
#include <godseye/simulator/usage.h>

// A conversation whose texts, tool and schema are the input, split at zero bytes: any is answered, twice the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye;
  if (size > 20'000) return 0;
  std::string pieces[4];
  size_t at = 0;
  for (size_t i = 0; i < size; ++i) {
    if (data[i] == 0 && at < 3) {
      ++at;
    } else {
      pieces[at] += static_cast<char>(data[i]);
    }
  }
  genai::ChatRequest request;
  request.model = "gemini-2.5-flash";
  for (const auto role : {genai::Role::kSystem, genai::Role::kUser}) {
    genai::Part part;
    part.text = pieces[role == genai::Role::kUser ? 1 : 0];
    request.messages.push_back({.role = role, .name = {}, .parts = {part}});
  }
  if (!pieces[2].empty()) {
    request.tools.push_back(
        {.name = "get_it", .description = pieces[1].substr(0, 50), .parameters = pieces[2], .strict = {}});
  }
  if (!pieces[3].empty()) {
    request.output.kind = genai::OutputKind::kJsonSchema;
    request.output.schema = pieces[3];
  }
  simulator::AnswerPlan plan;
  plan.seed = simulator::seed_of(request, 1);
  plan.behaviour.hallucinate = plan.behaviour.ramble = plan.behaviour.wrong = (size % 2) == 1;
  const auto first = simulator::compose(request, plan);
  if (first != simulator::compose(request, plan)) std::abort();
  if (simulator::usage_of(request, {first}, {}, 0, 1).input < 0) std::abort();
  if (simulator::embed(pieces[1], 8).size() != 8) std::abort();
  return 0;
}
