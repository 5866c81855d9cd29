#include "guard_command.h"

#include <fstream>
#include <optional>
#include <ostream>

#include <godseye/guard/inject.h>
#include <godseye/guard/json.h>
#include <godseye/sandbox/inspect.h>

namespace godseye::app {

namespace {

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
  std::optional<sandbox::ImageDecoder> decoder;
  if (options.decode) decoder.emplace(sandbox::DecoderConfig{});
  for (const std::string& file : options.image_files) {
    std::ifstream in(file, std::ios::binary);
    guard::ImageOptions how{.file_name = file};
    how.score_text = [](std::string_view text) {
      return guard::InjectScorer::shipped().score(text, guard::Source::kDocument).score;
    };
    if (!in) {
      all_read = false;
      out << "{\"file\":" << guard::json_quoted(file) << ",\"error\":\"cannot be read\"}\n";
      continue;
    }
    const sandbox::InspectedImage image =
        sandbox::inspect_image(read_bounded(in, how.limits.file_bytes_max), how, decoder ? &*decoder : nullptr);
    out << "{\"file\":" << guard::json_quoted(file) << ',' << sandbox::json_members(image) << "}\n";
  }
  out.flush();
  return all_read ? 0 : 1;
}

}  // namespace godseye::app
