#include <godseye/guard/answer_json.h>

namespace godseye::guard {

namespace {

// "[a,b,c]" of what `write` makes of each.
template <typename List, typename Write>
std::string json_list(const List& list, Write write) {
  std::string out = "[";
  for (const auto& one : list) out += (out.size() > 1 ? "," : "") + write(one);
  return out + ']';
}

std::string json_bool(bool value) { return value ? "true" : "false"; }

std::string span(size_t start, size_t end) {
  return ",\"start\":" + std::to_string(start) + ",\"end\":" + std::to_string(end);
}

}  // namespace

std::string json_members(const QualityScore& score) {
  std::string out = "\"score\":" + json_number(score.score) + ",\"parts\":{";
  bool first = true;
  for (size_t i = 0; i < kQualityParts; ++i) {
    if (!score.parts[i].measured) continue;
    out += (first ? "" : ",") + json_quoted(quality_part_name(static_cast<QualityPart>(i))) + ':' +
           json_number(score.parts[i].value);
    first = false;
  }
  out += "},\"reasons\":" + json_list(score.reasons, [](std::string_view name) { return json_quoted(name); });
  out += ",\"toxicity\":" + json_number(score.toxicity) + ",\"ungrounded\":" + json_bool(score.ungrounded);
  return out + ",\"product_ids\":" + json_list(score.product_ids, [](const auto& id) { return json_quoted(id); });
}

std::string json_members(const Grounding& grounding) {
  return "\"measured\":" + json_bool(grounding.measured) + ",\"score\":" + json_number(grounding.score) +
         ",\"similarity\":" + json_number(grounding.similarity) + ",\"ungrounded\":" + json_bool(grounding.ungrounded) +
         ",\"claims\":" + std::to_string(grounding.claims) + ",\"supported\":" + std::to_string(grounding.supported) +
         ",\"unsupported\":" + json_list(grounding.unsupported, [](const UnsupportedClaim& claim) {
           return "{\"kind\":" + json_quoted(claim_kind_name(claim.kind)) + span(claim.start, claim.end) + '}';
         });
}

std::string json_members(const Toxicity& toxicity) {
  return "\"score\":" + json_number(toxicity.score) + ",\"hits\":" + json_list(toxicity.hits, [](const auto& hit) {
           return "{\"kind\":" + json_quoted(toxicity_kind_name(hit.kind)) + span(hit.start, hit.end) +
                  ",\"weight\":" + json_number(hit.weight) + '}';
         });
}

std::string json_members(const ProductFindings& findings) {
  const auto mention = [](const ProductFinding& finding) {
    std::string out = "{\"verdict\":" + json_quoted(product_verdict_name(finding.verdict)) +
                      ",\"match\":" + json_quoted(product_match_name(finding.match)) +
                      span(finding.start, finding.end) + ",\"text\":" + json_quoted(finding.text) +
                      ",\"id\":" + json_quoted(finding.id) + ",\"similarity\":" + json_number(finding.similarity);
    if (finding.said_price) out += ",\"said_price\":" + json_number(*finding.said_price);
    if (finding.catalogue_price) out += ",\"catalogue_price\":" + json_number(*finding.catalogue_price);
    if (finding.said_in_stock) out += ",\"said_in_stock\":" + json_bool(*finding.said_in_stock);
    return out + '}';
  };
  return "\"named\":" + std::to_string(findings.named) + ",\"invalid\":" + std::to_string(findings.invalid) +
         ",\"wrong_price\":" + std::to_string(findings.wrong_price) +
         ",\"wrong_stock\":" + std::to_string(findings.wrong_stock) +
         ",\"mentions\":" + json_list(findings.mentions, mention) + (findings.truncated ? ",\"truncated\":true" : "");
}

}  // namespace godseye::guard
