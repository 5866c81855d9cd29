#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <godseye/genai/answers.h>
#include <godseye/genai/embeddings.h>
#include <godseye/genai/error.h>

// The first byte picks the dialect. What can be parsed can be written in every dialect and parsed again; errors, models
// and embeddings are read from the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::genai;
  if (size == 0) return 0;
  constexpr std::array kDialects{Dialect::kOpenAiChat,    Dialect::kOpenAiCompletions, Dialect::kOpenAiResponses,
                                 Dialect::kGemini,        Dialect::kAnthropic,         Dialect::kOllamaChat,
                                 Dialect::kOllamaGenerate};
  const Dialect dialect = kDialects[data[0] % kDialects.size()];
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  Call call;
  call.dialect = dialect;
  call.family = family_of(dialect);
  call.operation = Operation::kChat;
  if (const auto facts = read_answer(call, body)) {
    for (const AnswerText& text : facts->texts) {
      if (text.end > body.size() || (text.end > 0 && body[text.begin] != (text.is_json ? '{' : '"'))) std::abort();
    }
    if (facts->usage.cache_read > facts->usage.input && facts->usage.input >= 0) std::abort();
    if (facts->usage.reasoning > facts->usage.output && facts->usage.output >= 0) std::abort();
  }
  if (const auto answer = parse_answer(dialect, body)) {
    for (const Dialect to : kDialects) {
      const auto written = write_answer(to, *answer);
      if (!written || !parse_answer(to, *written)) std::abort();
    }
  }
  const ApiError error = read_error(call.family, 500, body);
  if (error.message.size() > kErrorMessageBytesMax) std::abort();
  if (read_error(call.family, 500, error_body(dialect, error)).status != error.status &&
      call.family == Family::kGemini) {
    std::abort();
  }
  (void)parse_models(call.family, body);
  call.operation = Operation::kEmbed;
  (void)parse_embedding_answer(call, body);
  (void)parse_token_count(dialect, body);
  return 0;
}
