#include "mime.h"
#include "order_mail.h"

#include <gtest/gtest.h>

namespace vcommerce::email {
namespace {

using namespace std::chrono_literals;

constexpr base::WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 1 / 5) + 12h + 3min + 4s;

OrderMail order() {
  OrderMail mail;
  mail.to = {"Ada", "ada@example.com"};
  mail.order_id = "o-1";
  mail.lines = {{"Shirt", "M", 2, {"EUR", 39, 980'000'000}}};
  mail.shipping = {"EUR", 4, 900'000'000};
  mail.total = {"EUR", 44, 880'000'000};
  mail.tracking_id = "VC000000000017";
  mail.address = {"Ada", "Street 1", "10115 Berlin", "DE"};
  return mail;
}

std::string rendered(const OrderMail& mail) {
  return render(order_mail(mail, {"V-Commerce", "shop@vcommerce.example"}, "o-1"), kNow);
}

std::string header_of(const std::string& message) { return message.substr(0, message.find("\r\n\r\n") + 2); }

// Names that begin lines of the header.
std::vector<std::string> fields(const std::string& message) {
  std::vector<std::string> names;
  const std::string header = header_of(message);
  for (size_t at = 0; at < header.size(); at = header.find("\r\n", at) + 2) {
    if (header[at] != ' ') names.push_back(header.substr(at, header.find(':', at) - at));
  }
  return names;
}

const std::vector<std::string> kFields{"From",       "To",           "Subject",        "Date",
                                       "Message-ID", "MIME-Version", "Auto-Submitted", "Content-Type"};

TEST(Mime, AMailHasTextAndHtmlOfTheSameContent) {
  ASSERT_TRUE(check(order()));
  const std::string message = rendered(order());
  EXPECT_EQ(fields(message), kFields);
  EXPECT_NE(message.find("To: \"Ada\"\r\n <ada@example.com>\r\n"), std::string::npos);
  EXPECT_NE(message.find("Date: Mon, 05 Jan 2026 12:03:04 +0000\r\n"), std::string::npos);
  EXPECT_NE(message.find("Message-ID: <o-1@vcommerce.example>\r\n"), std::string::npos);
  EXPECT_NE(message.find("Content-Type: text/plain; charset=utf-8"), std::string::npos);
  EXPECT_NE(message.find("Content-Type: text/html; charset=utf-8"), std::string::npos);
  EXPECT_NE(message.find("  2 x Shirt, size M: 39.98 EUR\r\n"), std::string::npos) << message;
  EXPECT_NE(message.find("VC000000000017"), std::string::npos);
  EXPECT_TRUE(message.ends_with("--=_vcommerce_alternative--\r\n"));
}

TEST(Mime, LinesAreSevenBitAndShort) {
  OrderMail mail = order();
  mail.to.name =
      "Zo\xc3\xab \xe6\x9d\xb1\xe4\xba\xac \xf0\x9f\x98\x80 and a name that goes on and on and on and on for ever";
  mail.lines[0].name = std::string(199, '=');
  ASSERT_TRUE(check(mail));
  const std::string message = rendered(mail);
  size_t column = 0;
  for (size_t i = 0; i < message.size(); ++i) {
    const auto c = static_cast<unsigned char>(message[i]);
    ASSERT_LT(c, 128);
    if (c == '\n') {
      ASSERT_TRUE(i > 0 && message[i - 1] == '\r');
      column = 0;
    } else {
      ASSERT_TRUE(c != '\r' || message[i + 1] == '\n');
      ASSERT_LE(++column, 79U);
    }
  }
}

TEST(Mime, NoNameBeginsAHeader) {
  // check() refuses line breaks; rendering is safe even of what was not checked.
  const std::string hostile[] = {"a\r\nBcc: all@example.com",
                                 "a\nSubject: x",
                                 "\"<x@example.com>, \"",
                                 "=?UTF-8?B?DQpCY2M6IHg=?=",
                                 "a\\\" <y@example.com>",
                                 "\r\n\r\n<script>",
                                 "\xff\xfe"};
  for (const std::string& name : hostile) {
    OrderMail mail = order();
    mail.to.name = name;
    mail.order_id = name;
    const std::string message = rendered(mail);
    EXPECT_EQ(fields(message), kFields) << name;
    EXPECT_EQ(header_of(message).find("Bcc:"), std::string::npos) << name;
  }
  OrderMail mail = order();
  mail.to.name = "a\r\nBcc: x";
  EXPECT_FALSE(check(mail));
}

TEST(Mime, QuotesInNamesAreEscaped) {
  OrderMail mail = order();
  mail.to.name = "A \"B\" \\ C";
  EXPECT_NE(rendered(mail).find("To: \"A \\\"B\\\" \\\\ C\"\r\n <ada@example.com>"), std::string::npos);
}

TEST(Mime, EncodedWordsAreThoseOfRfc2047) {
  EXPECT_EQ(encoded_text("plain"), "plain");
  EXPECT_EQ(encoded_text("Zo\xc3\xab"), "=?UTF-8?B?Wm/Dqw==?=");
  EXPECT_EQ(encoded_text("=?x?="), "=?UTF-8?B?PT94Pz0=?=");
  // Cut between characters: 42 bytes are fourteen of three bytes.
  std::string japanese;
  for (int i = 0; i < 15; ++i) japanese += "\xe6\x9d\xb1";
  const std::string encoded = encoded_text(japanese);
  EXPECT_NE(encoded.find("?=\r\n =?UTF-8?B?5p2x?="), std::string::npos) << encoded;
}

TEST(Mime, QuotedPrintableIsThatOfRfc2045) {
  EXPECT_EQ(quoted_printable("a=b"), "a=3Db");
  EXPECT_EQ(quoted_printable("a \nb"), "a=20\r\nb");
  EXPECT_EQ(quoted_printable(".\n"), "=2E\r\n");
  EXPECT_EQ(quoted_printable("\r"), "=0D");
  EXPECT_EQ(quoted_printable(std::string(76, 'x')), std::string(75, 'x') + "=\r\nx");
}

TEST(Mime, AddressesAreOfTheOrdinaryKind) {
  for (const char* good : {"a@example.com", "first.last+tag@sub.example.co", "o'brien@example.com"}) {
    EXPECT_TRUE(check_address(good, "to_email")) << good;
  }
  for (const std::string bad :
       {"", "a", "@example.com", "a@", "a b@example.com", "a@exa mple.com", "a@example.com\r\nRCPT TO:<b@example.com>",
        "<a@example.com>", "a@b@c", ".a@example.com", "a..b@example.com", "\"a b\"@example.com", "a@-x.com",
        "a@[127.0.0.1]", "zo\xc3\xab@example.com", "a@example.com>", "a,b@example.com"}) {
    EXPECT_FALSE(check_address(bad, "to_email")) << bad;
  }
  EXPECT_FALSE(check_address(std::string(65, 'a') + "@example.com", "to_email"));
  EXPECT_FALSE(check_address("a@" + std::string(300, 'b') + ".com", "to_email"));
}

TEST(OrderMailText, EverythingFromOutsideIsEscaped) {
  OrderMail mail = order();
  mail.to.name = "<script>alert('x')</script>";
  mail.lines[0].name = "Shirt & <b>\"tie\"</b>";
  mail.lines[0].size = "<i>";
  mail.address = {"</p><img src=x onerror=alert(1)>"};
  ASSERT_TRUE(check(mail));
  const Mail made = order_mail(mail, {"", "shop@vcommerce.example"}, "k");
  EXPECT_EQ(made.html.find("<script"), std::string::npos);
  EXPECT_EQ(made.html.find("<img"), std::string::npos);
  EXPECT_EQ(made.html.find("<i>"), std::string::npos);
  EXPECT_NE(made.html.find("Shirt &amp; &lt;b&gt;&quot;tie&quot;&lt;/b&gt;"), std::string::npos);
  EXPECT_NE(made.html.find("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"), std::string::npos);
}

TEST(OrderMailText, BadOrdersNameTheField) {
  const auto field_of = [](auto change) {
    OrderMail mail = order();
    change(mail);
    const base::Status good = check(mail);
    return good ? std::string("good") : good.error().message().substr(0, good.error().message().find(':'));
  };
  EXPECT_EQ(field_of([](OrderMail& m) { m.to.address = "x"; }), "to_email");
  EXPECT_EQ(field_of([](OrderMail& m) { m.order_id = "a b"; }), "order_id");
  EXPECT_EQ(field_of([](OrderMail& m) { m.lines.clear(); }), "lines");
  EXPECT_EQ(field_of([](OrderMail& m) { m.lines.resize(101, m.lines[0]); }), "lines");
  EXPECT_EQ(field_of([](OrderMail& m) { m.lines[0].quantity = 0; }), "lines.quantity");
  EXPECT_EQ(field_of([](OrderMail& m) { m.lines[0].total.currency = "e"; }), "lines.total");
  EXPECT_EQ(field_of([](OrderMail& m) { m.tracking_id = "\n"; }), "tracking_id");
  EXPECT_EQ(field_of([](OrderMail& m) { m.address.resize(20); }), "address");
}

}  // namespace
}  // namespace vcommerce::email
