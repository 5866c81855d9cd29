#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/genai/stream.h>

// First byte: dialect and framing; second: where to cut. Whole, cut in two and byte by byte give the same deltas; what
// was read is written in every dialect and read again without a bad frame.
namespace {

using namespace godseye::genai;

struct Way {
  Dialect dialect;
  Framing framing;
};
constexpr std::array<Way, 8> kWays{{{Dialect::kOpenAiChat, Framing::kSse},
                                    {Dialect::kOpenAiCompletions, Framing::kSse},
                                    {Dialect::kOpenAiResponses, Framing::kSse},
                                    {Dialect::kGemini, Framing::kSse},
                                    {Dialect::kGemini, Framing::kJsonArray},
                                    {Dialect::kAnthropic, Framing::kSse},
                                    {Dialect::kOllamaChat, Framing::kNdjson},
                                    {Dialect::kOllamaGenerate, Framing::kNdjson}}};

void note(const Delta& d, std::string& out) {
  out += std::to_string(static_cast<int>(d.kind)) + "," + std::to_string(d.choice) + "," + std::to_string(d.call) +
         "," + std::to_string(d.frame_begin) + "," + std::to_string(d.frame_end) + "," + std::to_string(d.value_begin) +
         "," + std::to_string(d.usage.input) + "," + std::to_string(d.usage.output) + "|";
  for (const std::string_view text : {d.text, d.id, d.name, d.model, d.signature, d.stop_sequence}) {
    out.append(text);
    out += ';';
  }
  if (d.error != nullptr) out += d.error->message;
}

std::string read(Way way, std::string_view bytes, size_t step) {
  AnswerReader reader(way.dialect, way.framing);
  std::string out;
  for (size_t from = 0; from < bytes.size(); from += step) {
    const std::string piece(bytes.substr(from, step));
    std::vector<Delta> deltas;
    (void)reader.feed(piece, deltas);
    for (const Delta& delta : deltas) note(delta, out);
    if (reader.settled() > reader.bytes()) std::abort();
  }
  std::vector<Delta> deltas;
  (void)reader.finish(deltas);
  for (const Delta& delta : deltas) note(delta, out);
  return out;
}

void write_everywhere(Way from, std::string_view bytes) {
  for (const Way& to : kWays) {
    AnswerReader reader(from.dialect, from.framing);
    AnswerWriter writer(to.dialect, to.framing, {});
    std::vector<Delta> deltas;
    std::string out;
    (void)reader.feed(bytes, deltas);
    for (const Delta& delta : deltas) writer.write(delta, out);
    writer.finish(out);
    AnswerReader again(to.dialect, to.framing);
    std::vector<Delta> second;
    (void)again.feed(out, second);
    if (again.bad_frames() > 0) std::abort();
    std::vector<Delta> last;
    if (!again.finish(last) && !again.ended()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const Way way = kWays[data[0] % kWays.size()];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::string whole = read(way, bytes, bytes.size() + 1);
  if (read(way, bytes, 1) != whole || read(way, bytes, 1 + data[1]) != whole) std::abort();
  write_everywhere(way, bytes);
  return 0;
}
