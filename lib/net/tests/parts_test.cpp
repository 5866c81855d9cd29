#include "exchange.h"

#include <godseye/net/content_coding.h>
#include <godseye/net/event_stream.h>
#include <godseye/net/http_message.h>
#include <godseye/net/listen_address.h>
#include <godseye/net/uri.h>

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace godseye::net {
namespace {

std::string zstd(const std::string& bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

std::string zlib(const std::string& bytes) {
  uLongf size = compressBound(bytes.size());
  std::string out(size, '\0');
  compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  out.resize(size);
  return out;
}

TEST(PercentDecode, IsStrict) {
  EXPECT_EQ(*percent_decode("a%2Fb%20c+d"), "a/b c+d");
  EXPECT_EQ(*percent_decode("a+b", true), "a b");
  for (const char* bad : {"%", "%4", "%zz", "a%4", "%4g", "x%"}) EXPECT_FALSE(percent_decode(bad)) << bad;
  EXPECT_EQ(*percent_decode("%41"), "A");
  EXPECT_EQ(percent_encode("a b/é~"), "a%20b%2F%C3%A9~");
}

TEST(ParseQuery, KeepsOrderAndRepetition) {
  const QueryPairs query = *parse_query("query=avg%3Aa%7B*%7D&from=1&&flag&x=&from=2");
  EXPECT_EQ(query.get("query"), "avg:a{*}");
  EXPECT_EQ(query.get("from"), "1");
  EXPECT_EQ(query.all("from").size(), 2U);
  ASSERT_NE(query.find("flag"), nullptr);
  EXPECT_EQ(query.find("none"), nullptr);
  EXPECT_EQ(query.size(), 5U);
}

TEST(ParseQuery, LimitsThePairs) {
  std::string text;
  for (size_t i = 0; i < kQueryPairsMax; ++i) text += "a&";
  EXPECT_TRUE(parse_query(text));
  EXPECT_EQ(parse_query(text + "a").error().code(), base::ErrorCode::kTooLarge);
}

TEST(ParseUrl, TakesHostsPortsAndTargets) {
  const Url plain = *parse_url("http://Example.com?x=1#top");
  EXPECT_EQ(plain.host, "example.com");
  EXPECT_EQ(plain.port, 80);
  EXPECT_EQ(plain.target, "/?x=1");
  const Url v6 = *parse_url("https://[::1]:8443/a/b");
  EXPECT_EQ(v6.host, "::1");
  EXPECT_EQ(v6.authority(), "[::1]:8443");
  EXPECT_TRUE(v6.tls);
  for (const char* bad : {"", "ftp://x", "http://", "http://u:p@h/", "http://h:0/", "http://h:99999/", "http://h:x/",
                          "http://h /", "http://h/\r\nX: y", "http://[::1", "http://h:/"}) {
    EXPECT_FALSE(parse_url(bad)) << bad;
  }
}

TEST(ParseTarget, TheAbsoluteFormIsTheSameRequest) {
  const auto origin_form = [](std::string target) {
    HttpRequest request{.method = "GET", .target = std::move(target)};
    return parse_target(request) ? request.target + " " + request.raw_path + " " + request.path
                                 : std::string("refused");
  };
  EXPECT_EQ(origin_form("/a%20b?x=1"), "/a%20b?x=1 /a%20b /a b");
  EXPECT_EQ(origin_form("http://host:80/a%20b?x=1"), "/a%20b?x=1 /a%20b /a b");
  EXPECT_EQ(origin_form("HTTPS://host/v1/chat/completions"),
            "/v1/chat/completions " + std::string("/v1/chat/completions ") + "/v1/chat/completions");
  EXPECT_EQ(origin_form("http://host?x=1/2"), "/?x=1/2 / /");
  EXPECT_EQ(origin_form("http://host"), "/ / /");
  for (const char* wrong : {"http:///a", "http://", "ftp://host/a", "host:443", "a"}) {
    EXPECT_EQ(origin_form(wrong), "refused") << wrong;
  }
}

TEST(ListenAddress, ReadsBackWhatItPrints) {
  for (const char* text : {"127.0.0.1:8080", "[::1]:0", "unix:/run/x.sock", "0.0.0.0:65535"}) {
    EXPECT_EQ(parse_listen_address(text)->text(), text);
  }
  EXPECT_EQ(parse_listen_address(":80")->text(), "0.0.0.0:80");
  EXPECT_EQ(parse_listen_address("localhost:80")->text(), "127.0.0.1:80");
  EXPECT_TRUE(parse_listen_address("127.9.9.9:1")->is_loopback());
  EXPECT_TRUE(parse_listen_address("[::1]:1")->is_loopback());
  EXPECT_FALSE(parse_listen_address("[::]:1")->is_loopback());
  EXPECT_FALSE(parse_listen_address(":1")->is_loopback());
}

TEST(ListenAddress, NamesWhatIsWrong) {
  for (const char* bad : {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "1.2.3:1", "::1:80",
                          "example.com:80", "[1.2.3.4]:80", "unix:", "127.0.0.1:8 0"}) {
    const auto parsed = parse_listen_address(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_NE(parsed.error().message().find("expected"), std::string::npos) << bad << ": " << parsed.error().message();
  }
  EXPECT_TRUE(parse_listen_address("unix:" + std::string(kUnixPathBytesMax, 'a')));
  EXPECT_FALSE(parse_listen_address("unix:" + std::string(kUnixPathBytesMax + 1, 'a')));
}

TEST(DecodeContent, UndoesEveryCodingUpToTheLimit) {
  const std::string text(100'000, 'x');
  const std::pair<const char*, std::string> coded[] = {{"gzip", gzip(text)},
                                                       {"X-Gzip", gzip(text, 9)},
                                                       {"deflate", zlib(text)},
                                                       {"zstd", zstd(text)},
                                                       {"zstd1", zstd(text)}};
  for (const auto& [coding, bytes] : coded) {
    EXPECT_EQ(*decode_content(coding, bytes, text.size()), text) << coding;
    EXPECT_EQ(decode_content(coding, bytes, text.size() - 1).error().code(), base::ErrorCode::kTooLarge) << coding;
    EXPECT_FALSE(decode_content(coding, bytes.substr(0, bytes.size() - 5), text.size())) << coding;
    EXPECT_FALSE(decode_content(coding, "", text.size())) << coding;
    EXPECT_FALSE(decode_content(coding, bytes + "junk", text.size())) << coding;
  }
  // "deflate" without zlib's header: the stream between its two header bytes and its checksum.
  const std::string whole = zlib(text);
  EXPECT_EQ(*decode_content("deflate", whole.substr(2, whole.size() - 6), text.size()), text);
  EXPECT_EQ(*decode_content("gzip", gzip(""), 0), "");
  EXPECT_EQ(*decode_content("zstd", zstd(""), 0), "");
  EXPECT_EQ(decode_content("br", text, 1 << 20).error().code(), base::ErrorCode::kUnimplemented);
  EXPECT_EQ(decode_content("gzip, zstd", text, 1 << 20).error().code(), base::ErrorCode::kUnimplemented);
}

TEST(DecodeContent, StopsABombAtTheLimit) {
  const std::string bomb = gzip(std::string(200 << 20, '\0'), 9);
  EXPECT_LT(bomb.size(), 300'000U);
  EXPECT_EQ(decode_content("gzip", bomb, 1 << 20).error().code(), base::ErrorCode::kTooLarge);
  EXPECT_EQ(decode_content("zstd", zstd(std::string(200 << 20, '\0')), 1 << 20).error().code(),
            base::ErrorCode::kTooLarge);
}

TEST(AcceptsGzip, ReadsWeights) {
  EXPECT_TRUE(accepts_gzip("gzip,deflate"));
  EXPECT_TRUE(accepts_gzip("deflate, gzip;q=0.5"));
  EXPECT_TRUE(accepts_gzip("*"));
  EXPECT_FALSE(accepts_gzip(""));
  EXPECT_FALSE(accepts_gzip("gzip;q=0, *"));
  EXPECT_FALSE(accepts_gzip("br, gzip;q=0.0"));
}

TEST(EventStream, WritesTheWireFormat) {
  EventStream stream;
  EXPECT_TRUE(stream.send("tick", "{\"a\":1}"));
  EXPECT_TRUE(stream.send("", "two\nlines\r\nthree\rfour"));
  std::string out;
  EXPECT_TRUE(stream.take(out));
  EXPECT_EQ(out, "event: tick\ndata: {\"a\":1}\n\ndata: two\ndata: lines\ndata: three\ndata: four\n\n");
  stream.close();
  EXPECT_FALSE(stream.take(out));
  EXPECT_FALSE(stream.send("tick", "x"));
}

TEST(EventStream, DropsASlowClientAtItsLimit) {
  EventStream stream(100);  // "data: " + 42 + 2 line breaks = 50
  EXPECT_TRUE(stream.send("", std::string(42, 'x')));
  EXPECT_TRUE(stream.send("", std::string(42, 'x')));
  EXPECT_FALSE(stream.send("", "y"));
  EXPECT_TRUE(stream.overflowed());
  EXPECT_TRUE(stream.closed());
  std::string out;
  EXPECT_FALSE(stream.take(out));
}

}  // namespace
}  // namespace godseye::net
