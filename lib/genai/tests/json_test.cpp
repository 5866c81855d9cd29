#include "json.h"

#include "json_writer.h"

#include <random>

#include <godseye/genai/requests.h>

#include <gtest/gtest.h>
#include <simdjson.h>

namespace godseye::genai {
namespace {

// Our reader beside simdjson's, value by value.
bool same(Json ours, simdjson::dom::element theirs) {
  using simdjson::dom::element_type;
  switch (theirs.type()) {
    case element_type::STRING:
      return ours.is_string() && ours.str() == std::string_view(theirs);
    case element_type::NULL_VALUE:
      return ours.exists() && !ours;
    case element_type::BOOL:
      return ours.boolean() == bool(theirs);
    case element_type::INT64:
      return ours.integer() == int64_t(theirs);
    case element_type::UINT64:
      return ours.number() == double(uint64_t(theirs));
    case element_type::DOUBLE:
      return ours.number() == double(theirs);
    case element_type::ARRAY: {
      if (!ours.is_array()) return false;
      if (ours.is(JsonKind::kNumbers)) {
        const std::vector<double> numbers = ours.numbers();
        size_t i = 0;
        for (const auto item : simdjson::dom::array(theirs)) {
          if (i >= numbers.size() || double(item) != numbers[i++]) return false;
        }
        return i == numbers.size();
      }
      auto next = ours.items().begin();
      for (const auto item : simdjson::dom::array(theirs)) {
        if (!(next != ours.items().end()) || !same(*next, item)) return false;
        ++next;
      }
      return !(next != ours.items().end());
    }
    case element_type::OBJECT: {
      if (!ours.is_object()) return false;
      auto next = ours.members().begin();
      for (const auto field : simdjson::dom::object(theirs)) {
        if (!(next != ours.members().end()) || (*next).key.str() != field.key || !same((*next).value, field.value))
          return false;
        ++next;
      }
      return !(next != ours.members().end());
    }
  }
  return false;
}

// True if the text has an escaped half of a surrogate pair or a number beyond its range: there we take more.
bool we_take_more(simdjson::error_code code) {
  return code == simdjson::STRING_ERROR || code == simdjson::NUMBER_ERROR;
}

TEST(JsonDocument, ReadsAsSimdjsonDoes) {
  const std::string seeds[] = {
      R"({"a":[1,2.5,-3e2,"x\u00e9\n\ud83d\ude00"],"b":{"c":null,"d":[true,false,{}],"e":[]},"a":"Grüße 😀"})",
      R"([[],[1],[1,"a"],[[1,2],[3]],{"k":-0.0}, 18446744073709551615 , 1E+2 ])", R"("plain")",
      R"( {"x" : [ 1 , 2 ] } )", "0"};
  constexpr uint64_t kSeed = 20261121;
  std::mt19937_64 random(kSeed);
  constexpr std::string_view kBytes = "{}[]\",:\\/0123456789.eE+-tfnu \n\tx\x01\xc3\xa9";
  simdjson::dom::parser parser;
  size_t taken = 0, refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = seeds[random() % std::size(seeds)];
    for (uint64_t edits = random() % 4; edits > 0; --edits) {
      const size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = kBytes[random() % kBytes.size()];
          break;
        case 1:
          text.erase(at, 1 + random() % 3);
          break;
        default:
          text.insert(at, 1, kBytes[random() % kBytes.size()]);
      }
      if (text.empty()) text = "1";
    }
    JsonDocument ours;
    const bool we = ours.parse(text).has_value();
    simdjson::dom::element theirs;
    const simdjson::error_code code = parser.parse(text).get(theirs);
    if (code != simdjson::SUCCESS) {
      ++refused;
      ASSERT_TRUE(!we || we_take_more(code)) << "seed " << kSeed << ", taken only here: " << text << " " << code;
    } else {
      ++taken;
      ASSERT_TRUE(we) << "seed " << kSeed << ", refused only here: " << text;
      ASSERT_TRUE(same(ours.root(), theirs)) << "seed " << kSeed << ": " << text;
    }
  }
  // Both sides were met.
  EXPECT_GT(taken, 2000u);
  EXPECT_GT(refused, 2000u);
}

TEST(JsonDocument, EveryValueKnowsItsBytes) {
  const std::string text = R"( {"a" : "x\"y" , "b":[1, 2] ,"c":{"d":true}} )";
  JsonDocument document;
  ASSERT_TRUE(document.parse(text).has_value());
  const Json root = document.root();
  EXPECT_EQ(root["a"].raw(), R"("x\"y")");
  EXPECT_EQ(root["b"].raw(), "[1, 2]");
  EXPECT_EQ(root["c"].raw(), R"({"d":true})");
  EXPECT_EQ(text.substr(root["a"].begin(), root["a"].end() - root["a"].begin()), R"("x\"y")");
}

TEST(JsonDocument, HalfASurrogatePairBecomesTheReplacementCharacter) {
  JsonDocument document;
  ASSERT_TRUE(document.parse(R"(["\ud83d","\ude00x","\ud83d\u0041"])").has_value());
  std::vector<std::string> texts;
  for (const Json item : document.root().items()) texts.push_back(item.str());
  EXPECT_EQ(texts, (std::vector<std::string>{"\xEF\xBF\xBD", "\xEF\xBF\xBDx",
                                             "\xEF\xBF\xBD"
                                             "A"}));
}

TEST(JsonDocument, NumbersAreClampedAndBounded) {
  JsonDocument document;
  ASSERT_TRUE(
      document
          .parse(R"({"big":99999999999999999999,"small":-99999999999999999999,"huge":1e400,"text":"12","half":1.9})")
          .has_value());
  const Json root = document.root();
  EXPECT_EQ(root["big"].integer(), INT64_MAX);
  EXPECT_EQ(root["small"].integer(), INT64_MIN);
  EXPECT_EQ(root["huge"].number(), std::nullopt);
  EXPECT_EQ(root["text"].integer(), 12);
  EXPECT_EQ(root["half"].integer(), 1);
}

TEST(JsonDocument, ItemsHaveALimit) {
  const auto list = [](size_t items) {
    std::string text = "[";
    for (size_t i = 0; i < items; ++i) text += i == 0 ? "\"\"" : ",\"\"";
    return text + "]";
  };
  JsonDocument document;
  EXPECT_TRUE(document.parse(list(kJsonItemsMax - 1)).has_value());
  const base::Status over = document.parse(list(kJsonItemsMax));
  ASSERT_FALSE(over.has_value());
  EXPECT_EQ(over.error().code(), base::ErrorCode::kTooLarge);
}

TEST(JsonWriter, WritesWhatTheReaderReads) {
  std::string out;
  JsonWriter w(out);
  const std::string odd("a\"b\\c\n\r\t\x01 é", 13);
  w.open('{')
      .field("text", odd)
      .field("n", int64_t{-5})
      .field("x", 0.1)
      .field("nan", std::numeric_limits<double>::quiet_NaN());
  w.array("l").value(true).null().raw("{}").close(']').close('}');
  JsonDocument document;
  ASSERT_TRUE(document.parse(out).has_value()) << out;
  EXPECT_EQ(document.root()["text"].str(), odd);
  EXPECT_EQ(document.root()["x"].number(), 0.1);
  EXPECT_EQ(document.root()["l"].raw(), "[true,null,{}]");
  EXPECT_FALSE(document.root()["nan"]);
}

TEST(CamelOrSnake, TakesBothSpellingsAndNoOther) {
  EXPECT_TRUE(camel_or_snake("inlineData", "inlineData"));
  EXPECT_TRUE(camel_or_snake("inline_data", "inlineData"));
  EXPECT_FALSE(camel_or_snake("inlinedata", "inlineData"));
  EXPECT_FALSE(camel_or_snake("inline_datas", "inlineData"));
  EXPECT_FALSE(camel_or_snake("inline_", "inlineData"));
}

}  // namespace
}  // namespace godseye::genai
