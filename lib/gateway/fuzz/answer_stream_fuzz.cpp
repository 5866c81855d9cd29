// A provider's stream through AnswerStream with every guard on, in pieces whose sizes the input chooses: it must not
// crash, and without a guard the bytes must be those that came.
#include "answer_stream.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace godseye;
using namespace godseye::gateway;

namespace {

void pass(std::string_view bytes, size_t piece, const RouteSettings& route, genai::Dialect from, genai::Framing framing,
          genai::Dialect to, bool hide, std::string* out) {
  FinishedCall call;
  AnswerStreamOptions options;
  options.upstream = from;
  options.upstream_framing = framing;
  options.client = to;
  options.client_framing = genai::framing_of(to);
  options.translate = from != to;
  options.hide_usage = hide;
  options.route = &route;
  options.observed_bytes_max = 4096;
  AnswerStream stream(options, call);
  bool first = false;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    const auto step = stream.feed(bytes.substr(at, piece), first);
    if (!step || stream.stopped()) return;
    if (out != nullptr) *out += *step;
  }
  const auto rest = stream.finish();
  if (rest && out != nullptr) *out += *rest;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2 || size > 1 << 16) return 0;
  const size_t piece = 1 + data[0] % 64;
  const uint8_t mode = data[1];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  static constexpr genai::Dialect kDialects[] = {genai::Dialect::kOpenAiChat, genai::Dialect::kGemini,
                                                 genai::Dialect::kAnthropic, genai::Dialect::kOllamaChat};
  const genai::Dialect from = kDialects[mode & 3];
  const genai::Framing framing = genai::framing_of(from);
  std::string plain;
  pass(bytes, piece, {}, from, framing, from, false, &plain);
  if (plain != bytes) abort();
  RouteSettings guarded;
  guarded.pii_answer = (mode & 4) != 0 ? GuardMode::kRedact : GuardMode::kBlock;
  guarded.leak = GuardMode::kBlock;
  guarded.canaries = {"kestrel-7741"};
  pass(bytes, piece, guarded, from, framing, from, (mode & 8) != 0, nullptr);
  pass(bytes, piece, guarded, from, framing, kDialects[(mode >> 4) & 3], false, nullptr);
  return 0;
}
