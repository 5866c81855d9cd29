#include <godseye/guard/inject.h>

namespace godseye::guard {

base::Result<Source> parse_source(std::string_view word) {
  if (word == "user") return Source::kUser;
  if (word == "document") return Source::kDocument;
  if (word == "tool") return Source::kTool;
  return base::Error(base::ErrorCode::kInvalidArgument, "source must be user, document or tool");
}

std::string_view label_name(Label label) {
  switch (label) {
    case Label::kBenign:
      return "benign";
    case Label::kSuspicious:
      return "suspicious";
    case Label::kInjection:
      return "injection";
  }
  return "benign";
}

Label label_of(double score) {
  if (score > kRefuseScore) return Label::kInjection;
  return score >= kSuspiciousScore ? Label::kSuspicious : Label::kBenign;
}

}  // namespace godseye::guard
