#include "guard_command.h"
#include "guard_rows.h"

#include <fstream>
#include <iterator>
#include <ostream>

#include <godseye/guard/image.h>
#include <godseye/guard/inject.h>

namespace godseye::app {

namespace {

std::string finding_json(const guard::ImageFinding& finding) {
  return "{\"kind\":" + json_string(finding.kind) +
         ",\"verdict\":" + json_string(guard::image_verdict_name(finding.verdict)) +
         ",\"detail\":" + json_string(finding.detail) + '}';
}

std::string image_json(const std::string& file, const guard::ImageReport& report) {
  std::string out = "{\"file\":" + json_string(file) +
                    ",\"verdict\":" + json_string(guard::image_verdict_name(report.verdict)) +
                    ",\"kind\":" + json_string(report.kind) +
                    ",\"format\":" + json_string(guard::image_format_name(report.format)) + ",\"reasons\":[";
  for (size_t i = 0; i < report.findings.size(); ++i) out += (i > 0 ? "," : "") + finding_json(report.findings[i]);
  out += "],\"width\":" + std::to_string(report.width) + ",\"height\":" + std::to_string(report.height);
  out += ",\"frames\":" + std::to_string(report.frames);
  return out + ",\"decoded_bytes\":" + std::to_string(report.decoded_bytes) + '}';
}

// At most one byte more than inspection takes: the rest of a huge file is never read.
std::string read_bounded(std::istream& in, size_t bytes_max) {
  std::string bytes(bytes_max + 1, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(in.gcount()));
  return bytes;
}

}  // namespace

int guard_image(const GuardOptions& options, std::ostream& out) {
  bool all_read = true;
  for (const std::string& file : options.image_files) {
    std::ifstream in(file, std::ios::binary);
    guard::ImageOptions how{.file_name = file};
    how.score_text = [](std::string_view text) {
      return guard::InjectScorer::shipped().score(text, guard::Source::kDocument).score;
    };
    if (!in) {
      all_read = false;
      out << "{\"file\":" << json_string(file) << ",\"error\":\"cannot be read\"}\n";
      continue;
    }
    out << image_json(file, guard::inspect_image(read_bounded(in, how.limits.file_bytes_max), how)) << '\n';
  }
  out.flush();
  return all_read ? 0 : 1;
}

}  // namespace godseye::app
