#include <godseye/pipeline/text_policy.h>

namespace godseye::pipeline {

using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

Result<StoreText> mode_of(std::string_view word) {
  for (const StoreText mode : {StoreText::kMasked, StoreText::kRaw, StoreText::kNone}) {
    if (word == store_text_name(mode)) return mode;
  }
  return Error(
      ErrorCode::kInvalidArgument,
      "expected masked, raw or none, also per application (masked,shop=raw), not \"" + std::string(word) + "\"");
}

}  // namespace

std::string_view store_text_name(StoreText mode) {
  switch (mode) {
    case StoreText::kMasked:
      return "masked";
    case StoreText::kRaw:
      return "raw";
    case StoreText::kNone:
      break;
  }
  return "none";
}

Result<TextPolicy> TextPolicy::parse(std::string_view text) {
  TextPolicy policy;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const size_t equals = item.find('=');
    Result<StoreText> mode = mode_of(equals == std::string_view::npos ? item : item.substr(equals + 1));
    if (!mode) return std::move(mode).error();
    if (equals == std::string_view::npos) {
      policy.general_ = *mode;
    } else if (equals == 0) {
      return Error(ErrorCode::kInvalidArgument,
                   "expected the name of an application before \"" + std::string(item) + "\"");
    } else {
      policy.by_application_[std::string(item.substr(0, equals))] = *mode;
    }
  }
  return policy;
}

StoreText TextPolicy::of(std::string_view ml_app, std::string_view service) const {
  const auto found = by_application_.find(ml_app.empty() ? service : ml_app);
  return found == by_application_.end() ? general_ : found->second;
}

}  // namespace godseye::pipeline
