#include <cmath>
#include <cstdio>

#include <godseye/guard/json.h>

namespace godseye::guard {
namespace {

std::string finding_json(const ImageFinding& finding) {
  return "{\"kind\":" + json_quoted(finding.kind) + ",\"verdict\":" + json_quoted(image_verdict_name(finding.verdict)) +
         ",\"detail\":" + json_quoted(finding.detail) + '}';
}

std::string entity_json(const PiiEntity& entity) {
  return "{\"type\":" + json_quoted(pii_type_name(entity.type)) + ",\"start\":" + std::to_string(entity.start) +
         ",\"end\":" + std::to_string(entity.end) + ",\"score\":" + json_number(entity.confidence) + '}';
}

}  // namespace

std::string json_number(double value) {
  if (!std::isfinite(value)) return "0";
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.6g", value);
  return buffer;
}

std::string json_members(const InjectScore& score) {
  std::string out =
      "\"score\":" + json_number(score.score) + ",\"label\":" + json_quoted(label_name(score.label)) + ",\"reasons\":[";
  for (size_t i = 0; i < score.reasons.size(); ++i) out += (i > 0 ? "," : "") + json_quoted(score.reasons[i]);
  out += ']';
  if (score.truncated) out += ",\"truncated\":true";
  return out;
}

std::string json_members(const std::vector<PiiEntity>& entities) {
  std::string out = "\"entities\":[";
  for (size_t i = 0; i < entities.size(); ++i) out += (i > 0 ? "," : "") + entity_json(entities[i]);
  return out + ']';
}

std::string json_members(const ImageReport& report) {
  std::string out = "\"verdict\":" + json_quoted(image_verdict_name(report.verdict)) +
                    ",\"kind\":" + json_quoted(report.kind) +
                    ",\"format\":" + json_quoted(image_format_name(report.format)) + ",\"reasons\":[";
  for (size_t i = 0; i < report.findings.size(); ++i) out += (i > 0 ? "," : "") + finding_json(report.findings[i]);
  out += "],\"width\":" + std::to_string(report.width) + ",\"height\":" + std::to_string(report.height);
  out += ",\"frames\":" + std::to_string(report.frames);
  return out + ",\"decoded_bytes\":" + std::to_string(report.decoded_bytes);
}

}  // namespace godseye::guard
