#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <godseye/genai/embeddings.h>
#include <godseye/genai/requests.h>

// The first byte picks the call. Every text has a place that holds a string of the body; replacing each by itself gives
// a body with the same texts; what can be parsed can be written in every dialect, and what was written can be parsed
// again.
namespace {

using namespace godseye::genai;

constexpr std::array<std::string_view, 12> kPaths{"/v1/chat/completions",
                                                  "/v1/responses",
                                                  "/v1beta/models/m:generateContent",
                                                  "/v1/messages",
                                                  "/api/chat",
                                                  "/api/generate",
                                                  "/v1/completions",
                                                  "/v1/embeddings",
                                                  "/v1beta/models/m:batchEmbedContents",
                                                  "/v1beta/models/m:countTokens",
                                                  "/api/embed",
                                                  "/v1beta/models/m:embedContent"};

void check_facts(const Call& call, std::string_view body, const RequestFacts& facts) {
  std::vector<Replacement> same;
  for (const RequestText& text : facts.texts) {
    if (text.end > body.size() || text.begin + 2 > text.end || body[text.begin] != '"' || body[text.end - 1] != '"')
      std::abort();
    same.push_back({text.begin, text.end, std::string(text.text)});
  }
  const std::string again = replace_texts(body, same);
  const auto second = read_request(call, again);
  if (!second || second->texts.size() != facts.texts.size()) std::abort();
  for (size_t i = 0; i < facts.texts.size(); ++i) {
    if (second->texts[i].text != facts.texts[i].text || second->texts[i].origin != facts.texts[i].origin) std::abort();
  }
}

void check_translation(const Call& call, std::string_view body) {
  const auto request = parse_request(call, body);
  if (!request) return;
  for (const Dialect dialect :
       {Dialect::kOpenAiChat, Dialect::kOpenAiResponses, Dialect::kGemini, Dialect::kAnthropic, Dialect::kOllamaChat}) {
    const auto written = write_request(dialect, *request);
    if (!written) std::abort();
    const auto target = recognise("POST", request_path(dialect, Operation::kChat, "m", false), {});
    if (!target || !parse_request(*target, *written)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 16 == 15) {
    const size_t mark = std::min(body.find('?'), body.size());
    if (const auto call = recognise("POST", body.substr(0, mark), body.substr(mark))) {
      (void)request_path(call->dialect, call->operation, call->model, true);
    }
    return 0;
  }
  const auto call = recognise("POST", kPaths[data[0] % kPaths.size()], {});
  if (!call) std::abort();
  if (const auto facts = read_request(*call, body)) check_facts(*call, body, *facts);
  if (call->operation == Operation::kEmbed) {
    if (const auto request = parse_embedding_request(*call, body)) {
      for (const Dialect dialect : {Dialect::kOpenAi, Dialect::kGemini, Dialect::kOllama}) {
        (void)write_embedding_request(dialect, *request);
      }
    }
  } else {
    check_translation(*call, body);
  }
  (void)replace_model(body, "other");
  if (const auto asked = with_stream_usage(body); asked && with_stream_usage(*asked)) std::abort();
  return 0;
}
