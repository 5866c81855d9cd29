#include <map>

#include <godseye/genai/error.h>

#include <gtest/gtest.h>

namespace godseye::genai {
namespace {

using std::chrono::milliseconds;

ApiError blocked() {
  return {
      .status = 403, .code = std::string(kCodeBlocked), .message = "The message was refused.", .reference = "call-1"};
}

TEST(ErrorBody, IsEachFamilysOwnObject) {
  EXPECT_EQ(
      error_body(Dialect::kOpenAiChat, blocked()),
      R"({"error":{"message":"The message was refused.","type":"permission_error","param":null,"code":"godseye_blocked","reference":"call-1"}})");
  EXPECT_EQ(
      error_body(Dialect::kGemini, blocked()),
      R"({"error":{"code":403,"message":"The message was refused.","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo",)"
      R"("reason":"godseye_blocked","domain":"godseye","metadata":{"reference":"call-1"}}]}})");
  EXPECT_EQ(
      error_body(Dialect::kAnthropic, blocked()),
      R"({"type":"error","error":{"type":"permission_error","message":"godseye_blocked: The message was refused.","code":"godseye_blocked"},"request_id":"call-1"})");
  EXPECT_EQ(error_body(Dialect::kOllamaChat, blocked()),
            R"x({"error":"godseye_blocked: The message was refused. (reference call-1)"})x");
}

TEST(ErrorBody, ReadsBack) {
  for (const Dialect dialect : {Dialect::kOpenAiChat, Dialect::kGemini, Dialect::kAnthropic}) {
    const ApiError error = read_error(family_of(dialect), 403, error_body(dialect, blocked()));
    EXPECT_EQ(error.status, 403);
    EXPECT_EQ(error.code, kCodeBlocked) << dialect_name(dialect);
    EXPECT_EQ(error.reference, "call-1") << dialect_name(dialect);
    EXPECT_NE(error.message.find("The message was refused."), std::string::npos);
    EXPECT_EQ(error.kind, error_kind(family_of(dialect), 403));
  }
}

TEST(ErrorEvent, IsOneFrameOfTheStream) {
  EXPECT_EQ(error_event(Dialect::kOpenAiChat, Framing::kSse, blocked()),
            "data: " + error_body(Dialect::kOpenAiChat, blocked()) + "\n\n");
  EXPECT_EQ(error_event(Dialect::kAnthropic, Framing::kSse, blocked()),
            "event: error\ndata: " + error_body(Dialect::kAnthropic, blocked()) + "\n\n");
  EXPECT_EQ(error_event(Dialect::kOllamaChat, Framing::kNdjson, blocked()),
            error_body(Dialect::kOllamaChat, blocked()) + "\n");
  EXPECT_EQ(error_event(Dialect::kGemini, Framing::kJsonArray, blocked(), true),
            "[" + error_body(Dialect::kGemini, blocked()) + "\n]");
  EXPECT_EQ(error_event(Dialect::kGemini, Framing::kJsonArray, blocked()),
            ",\r\n" + error_body(Dialect::kGemini, blocked()) + "\n]");
  const std::string responses = error_event(Dialect::kOpenAiResponses, Framing::kSse, blocked());
  EXPECT_TRUE(responses.starts_with("event: error\ndata: {\"type\":\"error\",")) << responses;
  EXPECT_NE(responses.find("\"error\":{\"message\":"), std::string::npos);
}

TEST(ReadError, TakesWhatProvidersSend) {
  const ApiError gemini = read_error(
      Family::kGemini, 429,
      R"({"error":{"code":429,"message":"Quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"12.5s"}]}})");
  EXPECT_EQ(gemini.kind, "RESOURCE_EXHAUSTED");
  EXPECT_EQ(gemini.retry_after, milliseconds(12500));
  const ApiError page = read_error(Family::kOpenAi, 502, "<html>Bad\x01 Gateway</html>");
  EXPECT_EQ(page.status, 502);
  EXPECT_EQ(page.message, "<html>Bad  Gateway</html>");
  EXPECT_EQ(page.kind, "server_error");
  EXPECT_EQ(read_error(Family::kOllama, 404, R"({"error":"model not found"})").message, "model not found");
  EXPECT_EQ(
      read_error(Family::kAnthropic, 529,
                 R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"})")
          .reference,
      "req_1");
  EXPECT_EQ(read_error(Family::kOpenAi, 500, std::string(1 << 20, 'x')).message.size(), kErrorMessageBytesMax);
  EXPECT_EQ(read_error(Family::kOpenAi, 500, "").message, "");
  EXPECT_EQ(read_error(Family::kGemini, 500, "[]").status, 500);
}

RateLimits read(const std::map<std::string, std::string, std::less<>>& headers, int64_t now_s = 1'000'000'000) {
  return read_rate_limits(
      [&](std::string_view name) {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string_view() : std::string_view(found->second);
      },
      std::chrono::sys_seconds(std::chrono::seconds(now_s)));
}

TEST(RateLimits, ReadsOpenAi) {
  const RateLimits limits = read({{"x-ratelimit-limit-requests", "60"},
                                  {"x-ratelimit-remaining-requests", "59"},
                                  {"x-ratelimit-reset-requests", "6m0s"},
                                  {"x-ratelimit-remaining-tokens", "149984"},
                                  {"x-ratelimit-reset-tokens", "20ms"},
                                  {"retry-after", "3"}});
  EXPECT_EQ(limits.requests.limit, 60);
  EXPECT_EQ(limits.requests.remaining, 59);
  EXPECT_EQ(limits.requests.reset, milliseconds(360'000));
  EXPECT_EQ(limits.tokens.remaining, 149984);
  EXPECT_EQ(limits.tokens.reset, milliseconds(20));
  EXPECT_EQ(limits.retry_after, milliseconds(3000));
}

TEST(RateLimits, ReadsAnthropicAndDates) {
  // 1 000 000 000 is 2001-09-09T01:46:40Z.
  const RateLimits limits = read({{"anthropic-ratelimit-requests-limit", "50"},
                                  {"anthropic-ratelimit-requests-reset", "2001-09-09T01:47:40Z"},
                                  {"anthropic-ratelimit-input-tokens-remaining", "7"},
                                  {"retry-after", "Sun, 09 Sep 2001 01:46:45 GMT"}});
  EXPECT_EQ(limits.requests.reset, milliseconds(60'000));
  EXPECT_EQ(limits.input_tokens.remaining, 7);
  EXPECT_EQ(limits.retry_after, milliseconds(5000));
  EXPECT_EQ(read({{"retry-after-ms", "250"}, {"retry-after", "9"}}).retry_after, milliseconds(250));
}

TEST(RateLimits, IgnoresNonsense) {
  const RateLimits limits = read({{"x-ratelimit-limit-requests", "-1"},
                                  {"x-ratelimit-remaining-requests", "many"},
                                  {"x-ratelimit-reset-requests", "1y"},
                                  {"retry-after", "soon"},
                                  {"retry-after-ms", "99999999999999999999"}});
  EXPECT_FALSE(limits.known());
  EXPECT_FALSE(read({{"retry-after", "nan"}}).known());
  EXPECT_FALSE(read({{"retry-after", "1e300"}}).known());
}

TEST(RateLimits, WritesWhatItReads) {
  RateLimits limits;
  limits.requests = {.limit = 5, .remaining = 4, .reset = milliseconds(61'000)};
  limits.tokens = {.limit = 100, .remaining = 1, .reset = milliseconds(2000)};
  limits.retry_after = milliseconds(1500);
  for (const Family family : {Family::kOpenAi, Family::kAnthropic}) {
    std::map<std::string, std::string, std::less<>> headers;
    for (auto& [name, value] :
         rate_limit_headers(family, limits, std::chrono::sys_seconds(std::chrono::seconds(1'000'000'000)))) {
      headers[name] = value;
    }
    const RateLimits again = read(headers);
    EXPECT_EQ(again.requests.limit, 5);
    EXPECT_EQ(again.requests.reset, milliseconds(61'000)) << family_name(family);
    EXPECT_EQ(again.tokens.remaining, 1);
    EXPECT_EQ(again.retry_after, milliseconds(2000));  // whole seconds, never too early
  }
  EXPECT_EQ(rate_limit_headers(Family::kGemini, limits, {}).size(), 1u);
}

}  // namespace
}  // namespace godseye::genai
