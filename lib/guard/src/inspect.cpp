#include "inspect.h"

namespace godseye::guard {

Readings read_text(std::string_view text) {
  Readings out;
  Views views = make_views(text.substr(0, kChunkBytes));
  out.facts = views.facts;
  for (View& view : views.views) {
    Reading reading;
    Matcher::shipped().scan(view.text, reading.hits);
    reading.rules = apply_rules(view.text, reading.hits);
    reading.view = std::move(view);
    out.readings.push_back(std::move(reading));
  }
  return out;
}

double combine(const ModelHead& head, const Features& features) {
  double sum = 0;
  for (size_t i = 0; i < kFeatureCount; ++i) sum += static_cast<double>(head.weights[i]) * features[i];
  return sum;
}

// A page or a tool's answer has no business giving orders to a model; a persona in it is as odd. The training texts do
// not say where they come from, so these are set by hand, small against the combiner's own range.
double source_shift(Source source, const RuleFacts& rules) {
  if (source == Source::kUser) return 0;
  double shift = 1.2 * rules.strength[kIndirect] + 1.0 * rules.strength[kOverride] + 0.8 * rules.strength[kForgedTag] +
                 0.8 * rules.strength[kExtraction] + 0.6 * rules.strength[kHijack] +
                 0.6 * rules.strength[kExfiltration];
  if (source == Source::kTool) shift += 0.3 * rules.strength[kToolAbuse];
  // Manuals and pages about code carry these without any intent.
  if (source == Source::kDocument) shift -= 0.4 * rules.strength[kSqlLike];
  return shift;
}

}  // namespace godseye::guard
