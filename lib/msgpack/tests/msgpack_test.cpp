#include <limits>
#include <random>

#include <godseye/msgpack/json.h>
#include <godseye/msgpack/reader.h>
#include <godseye/msgpack/writer.h>

#include <gtest/gtest.h>

namespace godseye::msgpack {
namespace {

using namespace std::string_literals;

// The bytes after the heads, from the MessagePack specification's tables.
TEST(MsgpackReader, ReadsEveryIntegerWidth) {
  const std::string bytes =
      "\x07\xff\xcc\x80\xcd\x01\x00\xce\x00\x01\x00\x00\xcf\x00\x00\x00\x01\x00\x00\x00\x00"
      "\xd0\x80\xd1\xff\x7f\xd2\x80\x00\x00\x00\xd3\x80\x00\x00\x00\x00\x00\x00\x00"s;
  Reader reader(bytes);
  const int64_t expected[] = {7,
                              -1,
                              128,
                              256,
                              65536,
                              int64_t{1} << 32,
                              -128,
                              -129,
                              std::numeric_limits<int32_t>::min(),
                              std::numeric_limits<int64_t>::min()};
  for (const int64_t want : expected) {
    int64_t got = 0;
    ASSERT_TRUE(reader.signed_integer(got));
    EXPECT_EQ(got, want);
  }
  EXPECT_TRUE(reader.at_end());
  EXPECT_FALSE(reader.broken());
}

TEST(MsgpackReader, FloatsWhereIntegersAreDueAreCutAndClamped) {
  std::string bytes;
  Writer writer(bytes);
  for (const double value : {1.9, -1.9, 1e30, -1e30, std::numeric_limits<double>::quiet_NaN()}) writer.real(value);
  Reader reader(bytes);
  const int64_t expected[] = {1, -1, std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min(), 0};
  for (const int64_t want : expected) {
    int64_t got = 5;
    ASSERT_TRUE(reader.signed_integer(got));
    EXPECT_EQ(got, want);
  }
  Reader again(bytes);
  const uint64_t unsigned_expected[] = {1, ~uint64_t{0}, ~uint64_t{0}, uint64_t{1} << 63, 0};
  for (const uint64_t want : unsigned_expected) {
    uint64_t got = 5;
    ASSERT_TRUE(again.unsigned_integer(got));
    EXPECT_EQ(got, want);
  }
}

TEST(MsgpackReader, AnotherTypeConsumesNothing) {
  const std::string bytes =
      "\xa3"
      "abc";
  Reader reader(bytes);
  uint32_t count = 0;
  uint64_t number = 0;
  EXPECT_FALSE(reader.array(count));
  EXPECT_FALSE(reader.map(count));
  EXPECT_FALSE(reader.unsigned_integer(number));
  EXPECT_FALSE(reader.nil());
  EXPECT_FALSE(reader.broken());
  std::string_view text;
  EXPECT_TRUE(reader.string(text));
  EXPECT_EQ(text, "abc");
}

TEST(MsgpackReader, LyingLengthsBreakIt) {
  // Strings, binaries, arrays and maps that promise more than there is, in every width.
  for (const std::string& bytes :
       {"\xa5"
        "abc"s,
        "\xd9\xff"s, "\xda\xff\xff"s, "\xdb\xff\xff\xff\xff"s, "\xc4\x05"s, "\xc6\xff\xff\xff\xff"s, "\x92\x01"s,
        "\xdc\xff\xff"s, "\xdd\xff\xff\xff\xff"s, "\x81\x01"s, "\xde\xff\xff"s, "\xdf\xff\xff\xff\xff"s, "\xcf\x01"s,
        "\xca"s, "\xc7\x05\x01"s, "\xd8\x01"s, "\xc1"s, ""s}) {
    Reader reader(bytes);
    EXPECT_FALSE(reader.skip()) << bytes.size();
    EXPECT_TRUE(reader.broken());
    EXPECT_EQ(reader.type(), Type::kBroken);
    std::string json;
    EXPECT_FALSE(append_json(bytes, json));
    EXPECT_EQ(json, "");
  }
}

TEST(MsgpackReader, SkipsNestingOfAnyDepthWithoutRecursion) {
  std::string bytes(5'000'000, '\x91');
  bytes += '\x01';
  Reader reader(bytes);
  EXPECT_TRUE(reader.skip());
  EXPECT_TRUE(reader.at_end());
}

TEST(MsgpackJson, SpeaksAllTypes) {
  std::string bytes;
  Writer writer(bytes);
  writer.map(8);
  writer.string("s");
  writer.string("a\"\\\n\x01 \xC3\xA9");
  writer.string("b");
  writer.binary("raw");
  writer.string("n");
  writer.signed_integer(-5);
  writer.string("u");
  writer.unsigned_integer(~uint64_t{0});
  writer.string("d");
  writer.real(0.5);
  writer.string("x");
  writer.real(std::numeric_limits<double>::infinity());
  writer.unsigned_integer(7);
  writer.array(2);
  writer.nil();
  writer.boolean(true);
  writer.string("e");
  writer.raw("\xd4\x01\x02"s);
  std::string json;
  const auto taken = append_json(bytes + "rest", json);
  ASSERT_TRUE(taken);
  EXPECT_EQ(*taken, bytes.size());
  EXPECT_EQ(json,
            "{\"s\":\"a\\\"\\\\\\n\\u0001 \xC3\xA9\",\"b\":\"raw\",\"n\":-5,\"u\":18446744073709551615,\"d\":0.5,"
            "\"x\":null,\"7\":[null,true],\"e\":null}");
}

TEST(MsgpackJson, RefusesNestingBeyondTheLimit) {
  const auto nested = [](size_t levels) { return std::string(levels, '\x91') + '\x01'; };
  std::string json;
  EXPECT_TRUE(append_json(nested(kJsonDepthMax), json));
  json.clear();
  const auto deep = append_json(nested(kJsonDepthMax + 1), json);
  ASSERT_FALSE(deep);
  EXPECT_NE(deep.error().message().find("deeper than 64"), std::string::npos);
}

TEST(MsgpackWriter, WhatItWritesIsReadBack) {
  const uint64_t seed = 20260101;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2000; ++round) {
    const auto number = static_cast<int64_t>(random() >> (random() % 64)) * (random() % 2 == 0 ? 1 : -1);
    const std::string text(random() % 300, 'x');
    const auto elements = static_cast<uint32_t>(random() % 70000);
    std::string bytes;
    Writer writer(bytes);
    writer.signed_integer(number);
    writer.string(text);
    writer.binary(text);
    writer.array(elements);
    bytes.append(elements, '\x00');
    Reader reader(bytes);
    int64_t number_back = 0;
    std::string_view text_back;
    std::string_view binary_back;
    uint32_t elements_back = 0;
    ASSERT_TRUE(reader.signed_integer(number_back) && reader.string(text_back) && reader.binary(binary_back) &&
                reader.array(elements_back));
    ASSERT_EQ(number_back, number);
    ASSERT_EQ(text_back, text);
    ASSERT_EQ(binary_back, text);
    ASSERT_EQ(elements_back, elements);
  }
}

}  // namespace
}  // namespace godseye::msgpack
