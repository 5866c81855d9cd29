#include "answer/evidence.h"
#include "utf8.h"

#include <godseye/guard/grounding.h>

namespace godseye::guard {

std::string_view claim_kind_name(ClaimKind kind) {
  switch (kind) {
    case ClaimKind::kNumber:
      return "number";
    case ClaimKind::kPrice:
      return "price";
    case ClaimKind::kName:
      return "name";
    case ClaimKind::kDiscount:
      return "discount";
    case ClaimKind::kPolicy:
      return "policy";
    case ClaimKind::kStatement:
      return "statement";
    case ClaimKind::kContradiction:
      return "contradiction";
  }
  return "statement";
}

Grounding score_grounding(std::string_view answer, std::string_view context, std::string_view question) {
  const auto bounded = [](std::string_view text) {
    return text.substr(0, utf8::floor_boundary(text, kGroundingTextBytesMax));
  };
  return answer::gather_evidence({bounded(answer), bounded(context), bounded(question)}).grounding;
}

}  // namespace godseye::guard
