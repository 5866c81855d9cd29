#include "web_text.h"

#include "json_fields.h"
#include "request_head.h"
#include "seals.h"
#include "visits.h"

#include <gtest/gtest.h>

namespace vcommerce::frontend {
namespace {

TEST(Fields, AreReadFromFormsAsBrowsersSendThem) {
  const auto fields = Fields::parse("q=linen+dress&size=M&size=L&name=%C3%BC&note=a%0D%0Ab&empty=&flag");
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->get("q"), "linen dress");
  EXPECT_EQ(fields->all("size"), (std::vector<std::string>{"M", "L"}));
  EXPECT_EQ(fields->get("name"), "ü");
  EXPECT_EQ(fields->get("note"), "a\nb");
  EXPECT_EQ(fields->get("nothing"), "");
}

TEST(Fields, NameTheFieldThatIsWrong) {
  EXPECT_TRUE(Fields::parse("q=%zz").error().message().starts_with("q: "));
  EXPECT_TRUE(Fields::parse("q=%ff%fe").error().message().starts_with("q: not UTF-8"));
  EXPECT_TRUE(Fields::parse("city=%00").error().message().starts_with("city: "));
  EXPECT_TRUE(Fields::parse("q=" + std::string(kFieldBytesMax, 'a')));
  EXPECT_FALSE(Fields::parse("q=" + std::string(kFieldBytesMax + 1, 'a')));
  std::string many;
  for (size_t i = 0; i < kFieldsMax; ++i) many += "a=1&";
  EXPECT_TRUE(Fields::parse(many));
  EXPECT_EQ(Fields::parse(many + "a=1").error().code(), base::ErrorCode::kTooLarge);
}

TEST(DecodedPath, RefusesPathsInDisguise) {
  EXPECT_EQ(*decoded_path("/product/A%20b"), "/product/A b");
  for (const char* bad : {"product", "/../etc/passwd", "/a/%2e%2e/b", "/a%2fb", "//evil", "/a%5cb", "/a%00", "/%ff",
                          "/a%2", "/.git/config", "/a%0Ab"}) {
    EXPECT_FALSE(decoded_path(bad)) << bad;
  }
  EXPECT_TRUE(decoded_path("/" + std::string(kPathBytesMax - 1, 'a')));
  EXPECT_EQ(decoded_path("/" + std::string(kPathBytesMax, 'a')).error().code(), base::ErrorCode::kTooLarge);
}

TEST(OwnAddress, IsNeverAnotherHost) {
  EXPECT_TRUE(is_own_address("/search?q=a"));
  for (const char* bad :
       {"", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/a\r\nX: 1"}) {
    EXPECT_FALSE(is_own_address(bad)) << bad;
  }
}

TEST(Cookie, FindsItsNameAndNoOther) {
  EXPECT_EQ(cookie("a=1; session_id=abc; b=2", "session_id"), "abc");
  EXPECT_EQ(cookie("xsession_id=abc", "session_id"), std::nullopt);
  EXPECT_EQ(cookie("session_id=", "session_id"), "");
}

TEST(Whole, NamesFieldValueAndRange) {
  EXPECT_EQ(*whole("quantity", "99", 1, 99), 99);
  for (const char* bad : {"", "0", "-3", "100", "1.5", "1e3", "99999999999999999999", " 1"}) {
    EXPECT_TRUE(whole("quantity", bad, 1, 99).error().message().starts_with("quantity: ")) << bad;
  }
}

TEST(JsonFields, FlattensAndNamesWhatItCannotTake) {
  const auto fields = json_fields(R"({"quantity":2,"address":{"city":"Köln"},"gift":true,"note":null})");
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->get("quantity"), "2");
  EXPECT_EQ(fields->get("address.city"), "Köln");
  EXPECT_EQ(fields->get("gift"), "1");
  EXPECT_TRUE(json_fields(R"({"items":[1]})").error().message().starts_with("items: "));
  EXPECT_FALSE(json_fields("[]"));
  EXPECT_FALSE(json_fields("{\"a\":"));
  EXPECT_FALSE(json_fields(R"({"a":{"a":{"a":{"a":{"a":1}}}}})"));
}

TEST(Head, LeavesOutWhatTheLibraryWouldTakeApart) {
  const Head head = checked_head(
      "GET /?a?b HTTP/1.1\r\nHost: x\r\nCookie: %41=1\r\nRange: bytes=0-,0-\r\nConnection: close\r\n\r\n", 100);
  EXPECT_EQ(head.refused, 0);
  EXPECT_EQ(head.text, "GET /?a%3Fb HTTP/1.1\r\nconnection: close\r\n\r\n");
  EXPECT_EQ(head.headers[0], std::pair(std::string("cookie"), std::string("%41=1")));
}

TEST(Head, RefusesWhatIsBeyondItsBounds) {
  const auto refused = [](const std::string& line, const std::string& headers) {
    return checked_head(line + "\r\nHost: x\r\n" + headers + "\r\n", 100).refused;
  };
  EXPECT_EQ(refused("GET /", ""), 400);
  EXPECT_EQ(refused("GET /" + std::string(kTargetBytesMax, 'a') + " HTTP/1.1", ""), 414);
  EXPECT_EQ(refused("POST / HTTP/1.1", "Content-Length: 100\r\n"), 0);
  EXPECT_EQ(refused("POST / HTTP/1.1", "Content-Length: 101\r\n"), 413);
  EXPECT_EQ(refused("POST / HTTP/1.1", "Content-Length: 99999999999999999999999\r\n"), 413);
  EXPECT_EQ(refused("POST / HTTP/1.1", "Content-Length: 5\r\nContent-Length: 6\r\n"), 400);
  EXPECT_EQ(refused("POST / HTTP/1.1", "Content-Length: -5\r\n"), 400);
  EXPECT_EQ(refused("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n"), 501);
  EXPECT_EQ(refused("POST / HTTP/1.1", "Content-Encoding: gzip\r\n"), 415);
  EXPECT_EQ(refused("GET / HTTP/1.1", "bad header\r\n"), 400);
  EXPECT_EQ(refused("GET / HTTP/1.1", "X : 1\r\n"), 400);
  std::string many;
  for (size_t i = 0; i <= kHeaderLinesMax; ++i) many += "A: 1\r\n";
  EXPECT_EQ(refused("GET / HTTP/1.1", many), 431);
}

// RFC 9112, 3.2: a server takes a target in absolute form, and the host in it for that of the request.
TEST(Head, TakesATargetInAbsoluteFormForTheSameRequest) {
  const auto seen = [](const std::string& line, const std::string& headers) {
    const Head head = checked_head(line + "\r\n" + headers + "\r\n", 100);
    if (head.refused != 0) return std::to_string(head.refused);
    std::string hosts;
    for (const auto& [name, value] : head.headers) {
      if (name == "host") hosts += " " + value;
    }
    return head.text.substr(0, head.text.find('\r')) + hosts;
  };
  EXPECT_EQ(seen("GET /a?b HTTP/1.1", "Host: shop:80\r\n"), "GET /a?b HTTP/1.1 shop:80");
  EXPECT_EQ(seen("GET http://shop:80/a?b HTTP/1.1", "Host: shop:80\r\n"), "GET /a?b HTTP/1.1 shop:80");
  EXPECT_EQ(seen("GET HTTPS://Shop/a%20b HTTP/1.1", "Host: other\r\n"), "GET /a%20b HTTP/1.1 Shop");
  EXPECT_EQ(seen("GET http://[::1]:7080 HTTP/1.1", "Host: x\r\n"), "GET / HTTP/1.1 [::1]:7080");
  EXPECT_EQ(seen("GET http://shop?q=a/b?c HTTP/1.1", "Host: x\r\n"), "GET /?q=a/b%3Fc HTTP/1.1 shop");
  EXPECT_EQ(seen("GET http://shop//a HTTP/1.0", ""), "GET //a HTTP/1.0 shop");
  EXPECT_EQ(seen("GET / HTTP/1.0", ""), "GET / HTTP/1.0");
  for (const char* target : {"http:///a", "http://", "http://?a", "ftp://shop/a", "shop:443", "*", "a",
                             "http://me@shop/", "http://shop#a", "http://a\\b/"}) {
    EXPECT_EQ(seen("GET " + std::string(target) + " HTTP/1.1", "Host: x\r\n"), "400") << target;
  }
  // One host, and only such as can be one.
  EXPECT_EQ(seen("GET / HTTP/1.1", ""), "400");
  EXPECT_EQ(seen("GET http://shop/ HTTP/1.1", ""), "400");
  EXPECT_EQ(seen("GET / HTTP/1.1", "Host: a\r\nhost: a\r\n"), "400");
  EXPECT_EQ(seen("GET / HTTP/1.1", "Host: a/b\r\n"), "400");
  EXPECT_EQ(seen("GET / HTTP/1.1", "Host: a b\r\n"), "400");
}

TEST(Seals, HoldForTheirPurposeTextAndKeyAlone) {
  const Seals seals("key");
  const std::string seal = seals.seal("csrf", "session-1");
  EXPECT_EQ(seal.size(), 32u);
  EXPECT_TRUE(seals.holds("csrf", "session-1", seal));
  EXPECT_FALSE(seals.holds("account", "session-1", seal));
  EXPECT_FALSE(seals.holds("csrf", "session-2", seal));
  EXPECT_FALSE(seals.holds("csrf", "session-1", ""));
  EXPECT_FALSE(Seals("other").holds("csrf", "session-1", seal));
  EXPECT_NE(Seals::random(), Seals::random());
}

TEST(Visits, BelieveAnAccountThatTheySealedAndNoOther) {
  const Visits visits("key", false);
  WebRequest request;
  Visit visit = visits.read(request);
  EXPECT_TRUE(visit.new_session);
  WebResponse response;
  visits.sign_in(visit, "Änne: M & Co", response);
  ASSERT_EQ(response.headers.size(), 1u);
  const std::string& line = response.headers[0].second;
  EXPECT_NE(line.find("; HttpOnly; SameSite=Lax"), std::string::npos);
  const std::string value = line.substr(0, line.find(';'));
  request.headers = {{"cookie", "session_id=" + visit.session_id + "; " + value}};
  EXPECT_EQ(visits.read(request).user_id, visit.user_id);
  EXPECT_EQ(visits.read(request).name, "Änne: M & Co");
  EXPECT_FALSE(visits.read(request).new_session);
  EXPECT_EQ(Visits("other", false).read(request).user_id, "");
  request.headers = {{"cookie", "account=u-0000000000000000:Root:" + std::string(32, '0') + "; currency=<b>"}};
  EXPECT_EQ(visits.read(request).user_id, "");
  EXPECT_EQ(visits.read(request).currency, "EUR");
}

TEST(CrossSite, IsWhatTheBrowserSays) {
  WebRequest request;
  EXPECT_FALSE(is_cross_site(request));
  request.headers = {{"host", "shop.example"}, {"origin", "https://shop.example"}};
  EXPECT_FALSE(is_cross_site(request));
  request.headers[1].second = "https://evil.example";
  EXPECT_TRUE(is_cross_site(request));
  request.headers[1].second = "null";
  EXPECT_TRUE(is_cross_site(request));
  request.headers = {{"sec-fetch-site", "same-origin"}};
  EXPECT_FALSE(is_cross_site(request));
  request.headers = {{"sec-fetch-site", "cross-site"}};
  EXPECT_TRUE(is_cross_site(request));
}

TEST(WebText, MediaTypesAreComparedWithoutParametersAndCase) {
  EXPECT_TRUE(is_media_type("application/json", "application/json"));
  EXPECT_TRUE(is_media_type("APPLICATION/Json ; charset=utf-8", "application/json"));
  EXPECT_FALSE(is_media_type("application/jsonx", "application/json"));
  EXPECT_FALSE(is_media_type("text/plain; application/json", "application/json"));
  EXPECT_FALSE(is_media_type("", "application/json"));
}

}  // namespace
}  // namespace vcommerce::frontend
