#pragma once

#include "finished_call.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/gateway/settings.h>
#include <godseye/guard/pii.h>

// The guards of an answer, on text alone. Pure.
namespace godseye::gateway {

struct AnswerFinding {
  bool stop = false;
  Rule rule = Rule::kLeak;
  double score = -1;
  std::string reason;  // "leak:canary", "leak:system_prompt", "toxicity:insult", "products:invented"
};

// Everything of the prompt that is the application's own instruction.
std::string system_prompt_of(const FinishedCall& call);

// Whether the answer must not go out by the guards of `route` that block: leak and toxicity. `found` gets the reasons
// of those that only observe as well.
AnswerFinding judge_answer(std::string_view answer, std::string_view system_prompt, const RouteSettings& route,
                           std::vector<std::string>& found);

// A text that comes in pieces, held back just as far as an entity may still grow over its end. `Piece` is what came, in
// order; `release` gives the new texts of the first pieces that are decided. Of one choice of one stream.
class HeldText {
 public:
  static constexpr size_t kWindowBytes = 256;   // held back behind the newest byte
  static constexpr size_t kContextBytes = 256;  // of what went out, since words around decide what a number is

  void add(std::string_view piece) { pieces_.emplace_back(piece); }
  // How many pieces can go, and their texts in `out`; all of them when `last`. Entities found are added to `count`.
  size_t release(bool redact, bool last, std::vector<std::string>& out, int64_t& count);
  size_t pieces() const { return pieces_.size(); }

 private:
  std::string context_;
  std::vector<std::string> pieces_;
};

}  // namespace godseye::gateway
