#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/gateway/verdict.h>
#include <godseye/genai/requests.h>
#include <godseye/guard/image.h>
#include <godseye/guard/inject.h>

// The guards of a prompt, each on what it needs and nothing else. They block for as long as they compute.
namespace godseye::gateway {

class ScoredTexts;
class SessionMemory;

// The index of the first message that is new: what stands after the last answer. A conversation that ends with an
// answer (its beginning, put into the model's mouth) is taken as one that ends before it.
uint32_t first_new_message(const genai::RequestFacts& facts);
// Said to the model by somebody else than the application, or the model itself.
bool is_guarded(genai::Origin origin);
guard::Source source_of(genai::Origin origin);

struct GuardedText {
  guard::Source source = guard::Source::kUser;
  std::string_view text;
  bool is_new = true;  // false: of an earlier turn
};
// What must be scored: every new text, and those of earlier turns that were never scored here, or higher than `refuse`:
// who writes the history may have made it up, and what was refused once does not get to the model later.
std::vector<GuardedText> texts_to_score(const genai::RequestFacts& facts, const ScoredTexts& known, double refuse);

struct InjectionFinding {
  double score = -1;  // −1: nothing to score
  std::vector<std::string> reasons;
  std::string_view sample;  // the text that scored highest
  bool late = false;        // the deadline came before the last text
};
// `memory` may be null (no session); it takes new texts of users as the next turns. Longer texts are scored in pieces,
// so that the deadline is met within some milliseconds. What was scored is noted in `known`.
InjectionFinding score_injection(const guard::InjectScorer& scorer, SessionMemory* memory, std::string_view session,
                                 const std::vector<GuardedText>& texts, ScoredTexts& known, const base::Clock& clock,
                                 base::TickTime deadline);

struct PiiFinding {
  int64_t count = 0;                             // in new texts
  std::vector<genai::Replacement> replacements;  // of every text, when asked for
};
PiiFinding find_prompt_pii(const genai::RequestFacts& facts, bool with_replacements);

struct ImageFinding {
  guard::ImageVerdict verdict = guard::ImageVerdict::kOk;
  std::string kind;
};
// Standard and URL alphabet, with or without padding; blanks are skipped. False: not base64.
bool decode_base64(std::string_view text, std::string& out);
// The structure alone. What the client calls the format is not held against it: many name any picture "image/png".
ImageFinding inspect_structure(std::string_view bytes, const guard::InjectScorer& scorer);
// One count of rule 7's metrics, as a DogStatsD line.
std::string image_metric(const ImageFinding& finding, std::string_view user, std::string_view service);

}  // namespace godseye::gateway
