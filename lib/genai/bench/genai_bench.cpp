#include <godseye/genai/requests.h>
#include <godseye/genai/stream.h>

#include <benchmark/benchmark.h>

// What a gateway does to each call on its way: look at a 1 KB chat request, read a streamed answer piece by piece.
namespace godseye::genai {
namespace {

std::string chat_request(size_t bytes) {
  std::string body =
      R"({"model":"gpt-4o-mini","messages":[{"role":"system","content":"You are a helpful assistant of a shoe shop."},{"role":"user","content":")";
  const std::string_view words = "Which of your running shoes suit a beginner who runs on asphalt twice a week? ";
  while (body.size() + 150 < bytes) body += words;
  body += R"("}],"temperature":0.7,"max_tokens":256,"stream":false,"user":"user-4711","metadata":{"session":"s-1"}})";
  return body;
}

void ReadRequest(benchmark::State& state) {
  const std::string body = chat_request(static_cast<size_t>(state.range(0)));
  const Call call = *recognise("POST", "/v1/chat/completions", {});
  for (auto _ : state) benchmark::DoNotOptimize(read_request(call, body));
  state.SetBytesProcessed(static_cast<int64_t>(body.size()) * state.iterations());
}
BENCHMARK(ReadRequest)->Arg(1024)->Arg(32 << 10);

void ReadRequestWithPicture(benchmark::State& state) {
  const std::string body =
      R"({"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,)" +
      std::string(static_cast<size_t>(state.range(0)), 'A') + R"("}}]}]})";
  const Call call = *recognise("POST", "/v1/chat/completions", {});
  for (auto _ : state) benchmark::DoNotOptimize(read_request(call, body));
  state.SetBytesProcessed(static_cast<int64_t>(body.size()) * state.iterations());
}
BENCHMARK(ReadRequestWithPicture)->Arg(1 << 20);

void Recognise(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(recognise("POST", "/v1/chat/completions", {}));
}
BENCHMARK(Recognise);

void TranslateRequest(benchmark::State& state) {
  const std::string body = chat_request(1024);
  const Call call = *recognise("POST", "/v1/chat/completions", {});
  for (auto _ : state) benchmark::DoNotOptimize(write_request(Dialect::kGemini, *parse_request(call, body)));
}
BENCHMARK(TranslateRequest);

// One chunk of a chat stream per iteration, as a provider sends a token.
void ReadStreamChunk(benchmark::State& state) {
  const std::string_view chunk =
      "data: "
      "{\"id\":\"chatcmpl-123\",\"object\":\"chat.completion.chunk\",\"created\":1694268190,\"model\":\"gpt-4o-mini\","
      "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" shoes\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n";
  AnswerReader reader(Dialect::kOpenAiChat, Framing::kSse);
  std::vector<Delta> deltas;
  for (auto _ : state) {
    deltas.clear();
    benchmark::DoNotOptimize(reader.feed(chunk, deltas));
  }
}
BENCHMARK(ReadStreamChunk);

// The same in pieces of 16 bytes: the cost of reassembly, not of parsing again.
void ReadStreamChunkInPieces(benchmark::State& state) {
  const std::string_view chunk =
      "data: "
      "{\"id\":\"chatcmpl-123\",\"object\":\"chat.completion.chunk\",\"created\":1694268190,\"model\":\"gpt-4o-mini\","
      "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" shoes\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n";
  AnswerReader reader(Dialect::kOpenAiChat, Framing::kSse);
  std::vector<Delta> deltas;
  for (auto _ : state) {
    for (size_t i = 0; i < chunk.size(); i += 16) {
      deltas.clear();
      benchmark::DoNotOptimize(reader.feed(chunk.substr(i, 16), deltas));
    }
  }
}
BENCHMARK(ReadStreamChunkInPieces);

void TranslateStreamChunk(benchmark::State& state) {
  const std::string_view chunk =
      "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\" shoes\"}]},\"index\":0}],"
      "\"usageMetadata\":{\"promptTokenCount\":4,\"totalTokenCount\":4},\"modelVersion\":\"gemini-2.5-flash\"}\r\n\r\n";
  AnswerReader reader(Dialect::kGemini, Framing::kSse);
  AnswerWriter writer(Dialect::kOpenAiChat, Framing::kSse, {});
  std::vector<Delta> deltas;
  std::string out;
  for (auto _ : state) {
    deltas.clear();
    out.clear();
    benchmark::DoNotOptimize(reader.feed(chunk, deltas));
    for (const Delta& delta : deltas) writer.write(delta, out);
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK(TranslateStreamChunk);

}  // namespace
}  // namespace godseye::genai

BENCHMARK_MAIN();
