#include "streams.h"

#include <random>

#include <godseye/genai/stream.h>

#include <gtest/gtest.h>

namespace godseye::genai {
namespace {

using test::OwnDelta;
using test::read_stream;
using test::ReadStream;

struct Sample {
  const char* name;
  Dialect dialect;
  Framing framing;
  std::string bytes;
};

// One stream per dialect and framing, with what makes splitting hard: escapes, several bytes per character, CRLF.
std::vector<Sample> samples() {
  return {
      {"openai", Dialect::kOpenAiChat, Framing::kSse,
       "data: "
       "{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-4o\",\"choices\":[{\"index\":"
       "0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n"
       ": keep-alive\n\n"
       "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Grüße \\u00e9 \\ud83d\\ude00 "
       "\\\"x\\\"\"},\"finish_reason\":null}]}\n\n"
       "data: "
       "{\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"type\":"
       "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}}]}\n\n"
       "data: "
       "{\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":"
       "\"{\\\"q\\\":\"}},{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]}}]}\n\n"
       "data: "
       "{\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":"
       "\"1}\"}}]}}]}\n\n"
       "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n"
       "data: "
       "{\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":3,\"total_tokens\":8,"
       "\"prompt_tokens_details\":{\"cached_tokens\":2},\"completion_tokens_details\":{\"reasoning_tokens\":1}}}\n\n"
       "data: [DONE]\n\n"},
      {"gemini", Dialect::kGemini, Framing::kSse,
       "data: "
       "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"hm\",\"thought\":true}]},\"index\":0}]"
       ",\"usageMetadata\":{\"promptTokenCount\":4,\"totalTokenCount\":4},\"modelVersion\":\"g\",\"responseId\":\"r\"}"
       "\r\n\r\n"
       "data: "
       "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"Hé\"},{\"functionCall\":{\"name\":"
       "\"f\",\"args\":{\"a\":\"ü\"}},\"thoughtSignature\":\"c2ln\"}]},\"finishReason\":\"STOP\",\"index\":0}],"
       "\"usageMetadata\":{\"promptTokenCount\":4,\"candidatesTokenCount\":1,\"totalTokenCount\":30,"
       "\"thoughtsTokenCount\":25}}\r\n\r\n"},
      {"gemini array", Dialect::kGemini, Framing::kJsonArray,
       "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a ] } \\\" "
       "é\"}]}}]}\n,\r\n{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"b\"}]},\"finishReason\":\"MAX_TOKENS\"}],"
       "\"usageMetadata\":{\"promptTokenCount\":1,\"candidatesTokenCount\":2,\"totalTokenCount\":3}}\n]\n"},
      {"anthropic", Dialect::kAnthropic, Framing::kSse,
       "event: message_start\ndata: "
       "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","
       "\"model\":\"claude\",\"content\":[],\"usage\":{\"input_tokens\":9,\"cache_read_input_tokens\":3,\"cache_"
       "creation_input_tokens\":2,\"output_tokens\":1}}}\n\n"
       "event: content_block_start\ndata: "
       "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\","
       "\"signature\":\"\"}}\n\n"
       "event: content_block_delta\ndata: "
       "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n"
       "event: content_block_delta\ndata: "
       "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"sig\"}}"
       "\n\n"
       "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
       "event: ping\ndata: {\"type\":\"ping\"}\n\n"
       "event: content_block_start\ndata: "
       "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
       "event: content_block_delta\ndata: "
       "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi Ünï\"}}\n\n"
       "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
       "event: content_block_start\ndata: "
       "{\"type\":\"content_block_start\",\"index\":2,\"content_block\":{\"type\":\"tool_use\",\"id\":\"toolu_1\","
       "\"name\":\"f\",\"input\":{}}}\n\n"
       "event: content_block_delta\ndata: "
       "{\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{"
       "\\\"q\\\":\"}}\n\n"
       "event: content_block_delta\ndata: "
       "{\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"1}\"}"
       "}\n\n"
       "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":2}\n\n"
       "event: message_delta\ndata: "
       "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\",\"stop_sequence\":null},\"usage\":{"
       "\"output_tokens\":20}}\n\n"
       "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"},
      {"ollama", Dialect::kOllamaChat, Framing::kNdjson,
       "{\"model\":\"llama\",\"created_at\":\"2026-11-21T10:00:00.5Z\",\"message\":{\"role\":\"assistant\",\"content\":"
       "\"Hé\"},\"done\":false}\n"
       "{\"model\":\"llama\",\"created_at\":\"2026-11-21T10:00:01Z\",\"message\":{\"role\":\"assistant\",\"content\":"
       "\"\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":{\"a\":1}}}]},\"done\":false}\n"
       "{\"model\":\"llama\",\"created_at\":\"2026-11-21T10:00:02Z\",\"message\":{\"role\":\"assistant\",\"content\":"
       "\"\"},\"done\":true,\"done_reason\":\"stop\",\"total_duration\":5,\"prompt_eval_count\":7,\"eval_count\":2,"
       "\"eval_duration\":3}\n"},
      {"responses", Dialect::kOpenAiResponses, Framing::kSse,
       "event: response.created\ndata: "
       "{\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"resp_1\",\"object\":\"response\","
       "\"created_at\":5,\"status\":\"in_progress\",\"model\":\"gpt-5\",\"output\":[]}}\n\n"
       "event: response.output_item.added\ndata: "
       "{\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{\"id\":\"m\",\"type\":\"message\","
       "\"content\":[]}}\n\n"
       "event: response.output_text.delta\ndata: "
       "{\"type\":\"response.output_text.delta\",\"output_index\":0,\"content_index\":0,\"delta\":\"Hé\"}\n\n"
       "event: response.output_text.done\ndata: "
       "{\"type\":\"response.output_text.done\",\"output_index\":0,\"text\":\"Hé\"}\n\n"
       "event: response.output_item.done\ndata: "
       "{\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{\"type\":\"message\",\"content\":[{"
       "\"type\":\"output_text\",\"text\":\"Hé\"}]}}\n\n"
       "event: response.output_item.added\ndata: "
       "{\"type\":\"response.output_item.added\",\"output_index\":1,\"item\":{\"id\":\"fc\",\"type\":\"function_call\","
       "\"call_id\":\"call_1\",\"name\":\"f\",\"arguments\":\"\"}}\n\n"
       "event: response.function_call_arguments.delta\ndata: "
       "{\"type\":\"response.function_call_arguments.delta\",\"output_index\":1,\"delta\":\"{\\\"a\\\":1}\"}\n\n"
       "event: response.output_item.done\ndata: "
       "{\"type\":\"response.output_item.done\",\"output_index\":1,\"item\":{\"type\":\"function_call\",\"call_id\":"
       "\"call_1\",\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}}\n\n"
       "event: response.completed\ndata: "
       "{\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\",\"status\":\"completed\",\"model\":\"gpt-5\","
       "\"usage\":{\"input_tokens\":10,\"input_tokens_details\":{\"cached_tokens\":4},\"output_tokens\":6,\"output_"
       "tokens_details\":{\"reasoning_tokens\":2},\"total_tokens\":16}}}\n\n"}};
}

TEST(AnswerReader, EverySplitGivesTheSameDeltas) {
  for (const Sample& sample : samples()) {
    const ReadStream whole = read_stream(sample.dialect, sample.framing, sample.bytes);
    EXPECT_TRUE(whole.ok && whole.whole) << sample.name;
    EXPECT_EQ(whole.bad_frames, 0u) << sample.name;
    for (size_t cut = 0; cut <= sample.bytes.size(); ++cut) {
      const ReadStream split = read_stream(sample.dialect, sample.framing, sample.bytes, {cut});
      ASSERT_EQ(split.deltas, whole.deltas) << sample.name << " cut at " << cut;
    }
    std::vector<size_t> every;
    for (size_t cut = 1; cut < sample.bytes.size(); ++cut) every.push_back(cut);
    ASSERT_EQ(read_stream(sample.dialect, sample.framing, sample.bytes, every).deltas, whole.deltas) << sample.name;
  }
}

TEST(AnswerReader, PlacesNameTheStringInTheStream) {
  for (const Sample& sample : samples()) {
    const ReadStream whole = read_stream(sample.dialect, sample.framing, sample.bytes);
    uint64_t last_end = 0;
    for (const OwnDelta& delta : whole.deltas) {
      EXPECT_LT(delta.frame_begin, delta.frame_end) << sample.name;
      EXPECT_GE(delta.frame_begin + 1, last_end == delta.frame_end ? 0 : last_end) << sample.name;
      last_end = delta.frame_end;
      if (delta.value_end == 0) continue;
      if (delta.value_is_json) {
        EXPECT_EQ(sample.bytes.substr(delta.value_begin, delta.value_end - delta.value_begin), delta.text);
        continue;
      }
      ASSERT_EQ(sample.bytes[delta.value_begin], '"') << sample.name;
      ASSERT_EQ(sample.bytes[delta.value_end - 1], '"') << sample.name;
      if (delta.text.find_first_of("\\\"\x80") == std::string::npos && delta.text.find("\xF0") == std::string::npos &&
          sample.bytes.substr(delta.value_begin, delta.value_end - delta.value_begin).find('\\') == std::string::npos) {
        EXPECT_EQ(sample.bytes.substr(delta.value_begin + 1, delta.value_end - delta.value_begin - 2), delta.text);
      }
    }
  }
}

TEST(AnswerReader, CountsTokensOnce) {
  const auto usage = [](size_t i) {
    const Sample s = samples()[i];
    return read_stream(s.dialect, s.framing, s.bytes).answer.usage;
  };
  EXPECT_EQ(usage(0), (Usage{.input = 5, .output = 3, .total = 8, .cache_read = 2, .reasoning = 1}));
  EXPECT_EQ(usage(1), (Usage{.input = 4, .output = 26, .total = 30, .reasoning = 25}));
  EXPECT_EQ(usage(3), (Usage{.input = 14, .output = 20, .total = 34, .cache_read = 3, .cache_write = 2}));
  EXPECT_EQ(usage(4), (Usage{.input = 7, .output = 2, .total = 9}));
  EXPECT_EQ(usage(5), (Usage{.input = 10, .output = 6, .total = 16, .cache_read = 4, .reasoning = 2}));
}

TEST(AnswerReader, CollectsTheAnswer) {
  const std::vector<Sample> all = samples();
  const ReadStream openai = read_stream(all[0].dialect, all[0].framing, all[0].bytes);
  EXPECT_EQ(test::all_text(openai), "Grüße é 😀 \"x\"");
  ASSERT_EQ(openai.answer.choices[0].parts.size(), 3u);
  EXPECT_EQ(openai.answer.choices[0].parts[1].text, "{\"q\":1}");
  EXPECT_EQ(openai.answer.choices[0].parts[2].name, "g");
  EXPECT_EQ(openai.answer.choices[0].finish, FinishReason::kToolCalls);
  const ReadStream anthropic = read_stream(all[3].dialect, all[3].framing, all[3].bytes);
  ASSERT_EQ(anthropic.answer.choices[0].parts.size(), 3u);
  EXPECT_EQ(anthropic.answer.choices[0].parts[0].signature, "sig");
  EXPECT_EQ(anthropic.answer.choices[0].parts[1].text, "Hi Ünï");
  EXPECT_EQ(anthropic.answer.choices[0].parts[2].text, "{\"q\":1}");
  const ReadStream responses = read_stream(all[5].dialect, all[5].framing, all[5].bytes);
  EXPECT_EQ(test::all_text(responses), "Hé");
  EXPECT_EQ(responses.answer.choices[0].parts[1].id, "call_1");
}

TEST(AnswerReader, SaysWhenAnAnswerWasCutOff) {
  for (const Sample& sample : samples()) {
    const ReadStream cut = read_stream(sample.dialect, sample.framing, sample.bytes.substr(0, sample.bytes.size() / 2));
    EXPECT_FALSE(cut.whole) << sample.name;
  }
}

TEST(AnswerReader, ReportsErrorsInTheMiddle) {
  const auto last = [](Dialect dialect, Framing framing, std::string_view bytes) {
    const ReadStream stream = read_stream(dialect, framing, bytes);
    EXPECT_FALSE(stream.deltas.empty());
    EXPECT_EQ(stream.deltas.back().kind, DeltaKind::kError);
    return stream.deltas.back().error;
  };
  EXPECT_EQ(
      last(Dialect::kOpenAiChat, Framing::kSse, "data: {\"error\":{\"message\":\"no\",\"type\":\"server_error\"}}\n\n"),
      "no");
  EXPECT_EQ(last(Dialect::kGemini, Framing::kSse,
                 "data: {\"error\":{\"code\":503,\"message\":\"busy\",\"status\":\"UNAVAILABLE\"}}\r\n\r\n"),
            "busy");
  EXPECT_EQ(last(Dialect::kGemini, Framing::kSse,
                 "data: {\"candidates\":[]}\r\n\r\n{\n  \"error\": {\n    \"code\": 503,\n    \"message\": \"bare\"\n  "
                 "}\n}\n"),
            "bare");
  EXPECT_EQ(last(Dialect::kGemini, Framing::kJsonArray, "[{\"error\":{\"code\":503,\"message\":\"busy\"}}]"), "busy");
  EXPECT_EQ(last(Dialect::kAnthropic, Framing::kSse,
                 "event: error\ndata: "
                 "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n"),
            "Overloaded");
  EXPECT_EQ(last(Dialect::kOllamaChat, Framing::kNdjson, "{\"error\":\"model died\"}\n"), "model died");
  EXPECT_EQ(last(Dialect::kOpenAiResponses, Framing::kSse,
                 "event: error\ndata: {\"type\":\"error\",\"code\":\"x\",\"message\":\"broken\",\"param\":null}\n\n"),
            "broken");
}

TEST(AnswerReader, GoesOnAfterAFrameThatIsNotJson) {
  const ReadStream stream =
      read_stream(Dialect::kOpenAiChat, Framing::kSse,
                  "data: {oops\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\ndata: [DONE]\n\n");
  EXPECT_FALSE(stream.ok);
  EXPECT_EQ(stream.bad_frames, 1u);
  EXPECT_EQ(test::all_text(stream), "x");
  EXPECT_TRUE(stream.whole);
}

TEST(AnswerReader, WritesBackWhatItReadInEveryDialect) {
  for (const Sample& from : samples()) {
    const ReadStream read = read_stream(from.dialect, from.framing, from.bytes);
    for (const Sample& to : samples()) {
      std::string bytes;
      AnswerWriter writer(to.dialect, to.framing, {});
      std::vector<Delta> deltas;
      AnswerReader reader(from.dialect, from.framing);
      ASSERT_TRUE(reader.feed(from.bytes, deltas).has_value());
      for (const Delta& delta : deltas) writer.write(delta, bytes);
      writer.finish(bytes);
      const ReadStream again = read_stream(to.dialect, to.framing, bytes);
      EXPECT_TRUE(again.ok && again.whole) << from.name << " to " << to.name << "\n" << bytes;
      EXPECT_EQ(test::all_text(again), test::all_text(read)) << from.name << " to " << to.name << "\n" << bytes;
      EXPECT_EQ(again.answer.usage.input, read.answer.usage.input) << from.name << " to " << to.name << "\n" << bytes;
      EXPECT_EQ(again.answer.usage.output, read.answer.usage.output) << from.name << " to " << to.name << "\n" << bytes;
      EXPECT_EQ(again.answer.choices[0].finish, read.answer.choices[0].finish) << from.name << " to " << to.name;
      const auto calls = [](const ReadStream& stream) {
        std::string out;
        for (const Part& part : stream.answer.choices[0].parts) {
          if (part.kind == PartKind::kToolCall) out += part.name + part.text + ";";
        }
        return out;
      };
      EXPECT_EQ(calls(again), calls(read)) << from.name << " to " << to.name << "\n" << bytes;
    }
  }
}

}  // namespace
}  // namespace godseye::genai
