#include "pii/validate.h"

#include <chrono>
#include <string>

#include <godseye/guard/pii.h>

#include <gtest/gtest.h>

namespace godseye::guard {
namespace {

// The types and texts found, as "TYPE=text; TYPE=text".
std::string found_in(std::string_view text) {
  std::string out;
  for (const PiiEntity& entity : find_pii(text)) {
    if (!out.empty()) out += "; ";
    out += std::string(pii_type_name(entity.type)) + "=" +
           std::string(text.substr(entity.start, entity.end - entity.start));
  }
  return out;
}

TEST(Pii, FindsEachKindExactly) {
  const std::pair<const char*, const char*> cases[] = {
      {"My email is karen+shop@mail.co.uk.", "EMAIL=karen+shop@mail.co.uk"},
      {"call (212) 555-0187 now", "PHONE=(212) 555-0187"},
      {"Call me on +33 6 43 40 25 91 tomorrow.", "PHONE=+33 6 43 40 25 91"},
      {"Mein Handy: 0151/23456789", "PHONE=0151/23456789"},
      {"Amex 3782 822463 10005", "CREDIT_CARD=3782 822463 10005"},
      {"My card: 4111-1111-1111-1111 exp 12/27", "CREDIT_CARD=4111-1111-1111-1111"},
      {"iban de89 3704 0044 0532 0130 00", "IBAN=de89 3704 0044 0532 0130 00"},
      {"My SSN is 219-09-9999.", "US_SSN=219-09-9999"},
      {"from 198.51.100.7.", "IP_ADDRESS=198.51.100.7"},
      {"Server 2001:db8:7f41::d5e9 is down", "IP_ADDRESS=2001:db8:7f41::d5e9"},
      {"I live at 221B Baker Street, London NW1 6XE", "ADDRESS=221B Baker Street, London NW1 6XE"},
      {"Ship to: 1600 Oak Ave NW, Washington, DC 20500", "ADDRESS=1600 Oak Ave NW, Washington, DC 20500"},
      {"my address: 350 5th Ave Apt 4B, New York, NY 10118", "ADDRESS=350 5th Ave Apt 4B, New York, NY 10118"},
      {"Lieferadresse: Hauptstr. 12, 10115 Berlin", "ADDRESS=Hauptstr. 12, 10115 Berlin"},
      {"Ich wohne in der Musterstraße 5a, 80331 München.", "ADDRESS=Musterstraße 5a, 80331 München"},
      {"J'habite 12 rue de Rivoli, 75001 Paris", "ADDRESS=12 rue de Rivoli, 75001 Paris"},
      {"passport number: 123456789", "PASSPORT=123456789"},
      {"born March 14, 1990", "DATE_OF_BIRTH=March 14, 1990"},
      {"geboren am 14.03.1990", "DATE_OF_BIRTH=14.03.1990"},
      {"Mr. Rick Nash called", "PERSON=Rick Nash"},
      {"CPF 529.982.247-25", "NATIONAL_ID=529.982.247-25"},
      {"DNI 12345678Z", "NATIONAL_ID=12345678Z"},
      {"codice RSSMRA85T10A562S", "NATIONAL_ID=RSSMRA85T10A562S"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(found_in(text), expected) << text;
}

// Put together at run time, so that no scanner of repositories takes the test for a leak.
TEST(Pii, FindsKeysOfKnownShapes) {
  const std::string body = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5";
  for (const std::string& key :
       {"sk_" + ("live_" + body.substr(0, 24)), "gh" + ("p_" + body), "AK" + std::string("IA2C47TSHCGDIVM7OJ"),
        "xox" + ("b-1234567890-" + body), "sk-" + ("ant-api03-" + body), "gl" + ("pat-" + body.substr(0, 20)),
        "hf" + ("_" + body)}) {
    EXPECT_EQ(found_in("use " + key + " please"), "API_KEY=" + key);
  }
  EXPECT_EQ(found_in("client_secret = " + body), "API_KEY=" + body);
  EXPECT_EQ(found_in("sk_live_..."), "");
  EXPECT_EQ(found_in("see the sk-running-shoes-blue-edition"), "");
}

TEST(Pii, UndoesDisguises) {
  EXPECT_EQ(found_in("カード ５３１３８０３７９０６１８１００"), "CREDIT_CARD=５３１３８０３７９０６１８１００");
  EXPECT_EQ(found_in("my digits 3425\u200B210727\u200B30999 thx"), "CREDIT_CARD=3425\u200B210727\u200B30999");
  EXPECT_EQ(found_in("here: 5 5 8 0 5 8 0 4 2 4 7 9 2 4 9 5 ok?"), "CREDIT_CARD=5 5 8 0 5 8 0 4 2 4 7 9 2 4 9 5");
  EXPECT_EQ(found_in("write to fquinn7 at outlook dot com if needed"), "EMAIL=fquinn7 at outlook dot com");
  EXPECT_EQ(found_in("contact reed_oscar[at]yahoo(dot)com"), "EMAIL=reed_oscar[at]yahoo(dot)com");
  EXPECT_EQ(found_in("phone is six zero five zero one five six three seven six"),
            "PHONE=six zero five zero one five six three seven six");
}

TEST(Pii, LookAlikesAreLeftAlone) {
  for (const char* text : {"Order number: 212-555-0187",
                           "order 2025-1234-5678",
                           "tracking 9400 1000 0000 0000 0000 00",
                           "EAN 4006381333931",
                           "ISBN 978-3-16-148410-0",
                           "version 1.2.3.4",
                           "firmware 10.20.30.40",
                           "card 4111111111111112",
                           "IBAN DE89370400440532013001",
                           "SSN 666-12-3456",
                           "SSN 000-12-3456",
                           "SSN 900-12-3456",
                           "size 38-40-42",
                           "uuid 550e8400-e29b-41d4-a716-446655440000",
                           "lodash@4.17.21",
                           "hero@3x.webp",
                           "@norvik_official",
                           "delivery on 14/03/2025",
                           "at 10:30:45 today",
                           "191x233x276 mm",
                           "5 Star Hotel",
                           "12 Main courses for 20 people",
                           "std::vector<int>::iterator",
                           "0000 0000 0000 0001",
                           "**** **** **** 0620",
                           "name at domain dot com",
                           "meet me at noon",
                           "How do I change my phone number?",
                           "we sold 1,234,567,890 units"}) {
    EXPECT_EQ(found_in(text), "") << text;
  }
}

TEST(Pii, RedactionKeepsEverythingElse) {
  const std::string_view text = "é ü: karen@web.de — +49 30 95466534 ✓";
  EXPECT_EQ(redact(text, find_pii(text)), "é ü: [EMAIL] — [PHONE] ✓");
  EXPECT_EQ(redact("nothing here", find_pii("nothing here")), "nothing here");
}

TEST(Pii, EntitiesAreOrderedAndOnBoundaries) {
  std::string text;
  for (int i = 0; i < 3000; ++i)
    text += "é mail a" + std::to_string(i) + "@web.de or call +49 30 9546653" + std::to_string(i % 10) + ". ";
  const auto entities = find_pii(text);
  EXPECT_EQ(entities.size(), 6000u);
  size_t last = 0;
  for (const PiiEntity& entity : entities) {
    ASSERT_GE(entity.start, last);
    ASSERT_GT(entity.end, entity.start);
    ASSERT_LE(entity.end, text.size());
    last = entity.end;
  }
}

TEST(Pii, BadInputHasDefinedAnswers) {
  EXPECT_TRUE(find_pii("").empty());
  EXPECT_TRUE(find_pii(std::string(1000, '\0')).empty());
  EXPECT_TRUE(find_pii("\xFF\xFE\xC0 \x80").empty());
  EXPECT_EQ(found_in("\xFF karen@web.de \xC3"), "EMAIL=karen@web.de");
  EXPECT_EQ(found_in("\u202Ekaren@web.de\u202C"), "EMAIL=karen@web.de");
}

// Generous bounds: they catch quadratic behaviour, not slow machines.
TEST(Pii, PathologicalInputsTakeLinearTime) {
  for (const std::string_view piece : {"1",
                                       "1 ",
                                       "1-",
                                       "a",
                                       "a@",
                                       "@",
                                       "a.",
                                       "+",
                                       "1.1.1.1.",
                                       "a:",
                                       "::",
                                       "De ",
                                       "one ",
                                       "Rue de la ",
                                       "Aa ",
                                       "at ",
                                       "[",
                                       "((",
                                       "4111 1111 1111 1111 ",
                                       "DE89",
                                       "eyJ.",
                                       "\xFF",
                                       "-----BEGIN ",
                                       "12 Aa ",
                                       "é"}) {
    std::string text;
    while (text.size() < 300'000) text += piece;
    const auto start = std::chrono::steady_clock::now();
    find_pii(text);
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 20.0) << piece;
  }
}

TEST(PiiValidate, ChecksDigits) {
  EXPECT_TRUE(pii::luhn("79927398713"));
  EXPECT_FALSE(pii::luhn("79927398710"));
  EXPECT_TRUE(pii::is_card("4111111111111111"));
  EXPECT_FALSE(pii::is_card("1111111111111117"));
  EXPECT_FALSE(pii::is_card("0000000000000000"));
  EXPECT_TRUE(pii::is_iban("GB29NWBK60161331926819"));
  EXPECT_FALSE(pii::is_iban("GB28NWBK60161331926819"));
  EXPECT_FALSE(pii::is_iban("DE8937040044053201300"));
  EXPECT_TRUE(pii::is_us_ssn("801075546"));
  EXPECT_FALSE(pii::is_us_ssn("801005546"));
  EXPECT_TRUE(pii::is_polish_id("44051401359"));
  EXPECT_TRUE(pii::is_dutch_id("111222333"));
  EXPECT_TRUE(pii::is_british_id("AB123456C"));
  EXPECT_FALSE(pii::is_british_id("QQ123456C"));
  EXPECT_EQ(pii::calling_code_length("4930123"), 2u);
  EXPECT_EQ(pii::calling_code_length("3531234"), 3u);
  EXPECT_EQ(pii::calling_code_length("1212555"), 1u);
}

}  // namespace
}  // namespace godseye::guard
