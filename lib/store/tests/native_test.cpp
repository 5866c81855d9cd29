#include "native.h"

#include "http_engine.h"

#include <gtest/gtest.h>

namespace godseye::store {
namespace {

using namespace std::string_literals;

// By hand: one block, two columns, two rows.
const std::string kBlock =
    "\x02\x02"s                         // 2 columns, 2 rows
    "\x01n\x06UInt16\x01\x00\xff\xff"s  // n: 1, 65535
    "\x01s\x06String\x02hi\x00"s;       // s: "hi", ""

TEST(Native, DecodesABlockWorkedOutByHand) {
  const auto rows = decode_native(kBlock);
  ASSERT_TRUE(rows) << rows.error().message();
  ASSERT_EQ(rows->row_count(), 2U);
  EXPECT_EQ(rows->column(0).u64(1), 65535U);
  EXPECT_EQ(rows->column(1).text(0), "hi");
  EXPECT_EQ(rows->column(1).text(1), "");
  EXPECT_EQ(rows->find("s"), &rows->column(1));
  EXPECT_EQ(rows->find("t"), nullptr);
}

TEST(Native, JoinsBlocks) {
  const auto rows = decode_native(kBlock + kBlock);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->row_count(), 4U);
  EXPECT_EQ(rows->column(0).u64(2), 1U);
  EXPECT_EQ(rows->column(1).text(2), "hi");
}

TEST(Native, DecodesLowCardinality) {
  // version 1; flags: keys follow (0x200), indexes of one byte; 2 keys "", "a"; 3 rows: 1, 0, 1.
  const std::string bytes = "\x01\x03\x01m\x16LowCardinality(String)"s + "\x01\0\0\0\0\0\0\0"s + "\0\x02\0\0\0\0\0\0"s +
                            "\x02\0\0\0\0\0\0\0"s + "\0\x01"s + "a" + "\x03\0\0\0\0\0\0\0"s + "\x01\0\x01"s;
  const auto rows = decode_native(bytes);
  ASSERT_TRUE(rows) << rows.error().message();
  ASSERT_EQ(rows->row_count(), 3U);
  EXPECT_EQ(rows->column(0).text(0), "a");
  EXPECT_EQ(rows->column(0).text(1), "");
  EXPECT_EQ(rows->column(0).text(2), "a");
}

TEST(Native, EveryTruncationIsAnError) {
  for (size_t size = 1; size < kBlock.size(); ++size) {
    EXPECT_FALSE(decode_native(kBlock.substr(0, size))) << size;
  }
  EXPECT_TRUE(decode_native(""));
}

TEST(Native, NamesTheColumnOfATypeItDoesNotRead) {
  const auto rows = decode_native("\x01\x01\x01u\x04UUID0123456789abcdef"s);
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code(), base::ErrorCode::kUnimplemented);
  EXPECT_NE(rows.error().message().find("column u has type UUID"), std::string::npos) << rows.error().message();
}

TEST(Native, WritesWhatItReads) {
  NativeBlock block(3, 2);
  const std::vector<double> values = {1.5, -2};
  block.numbers<double>("v", "Float64", values);
  const std::vector<std::string> words = {"a", "bc"};
  block.texts("w", 2, [&](size_t i) -> std::string_view { return words[i]; });
  const std::vector<uint64_t> ends = {0, 2};
  const std::vector<int16_t> keys = {-3, 4};
  block.arrays<int16_t>("k", "Array(Int16)", ends, keys);
  const auto rows = decode_native(block.take());
  ASSERT_TRUE(rows) << rows.error().message();
  EXPECT_EQ(rows->column(0).f64(1), -2);
  EXPECT_EQ(rows->column(1).text(1), "bc");
  EXPECT_EQ(rows->column(2).items(0).size(), 0U);
  EXPECT_EQ(rows->column(2).elements().i64(rows->column(2).items(1).begin), -3);
}

TEST(Parameters, AreEscapedOnceByTheirType) {
  EXPECT_EQ(escaped_text("a\tb\\'"), "a\\tb\\\\\\'");
  EXPECT_EQ(array_parameter(std::vector<std::string>{"a'b", ""}), "['a\\'b','']");
  EXPECT_EQ(array_parameter(std::vector<uint64_t>{}), "[]");
  EXPECT_TRUE(is_array_parameter("SELECT {x:Array(String)}", "x"));
  EXPECT_FALSE(is_array_parameter("SELECT {xy:Array(String)}, {x:String}", "x"));
}

TEST(EngineErrors, SayWhetherARetryHelps) {
  EXPECT_TRUE(engine_error(159, "").retryable());
  EXPECT_TRUE(engine_error(243, "").retryable());
  EXPECT_TRUE(engine_error(1001, "std::exception: write: No space left on device").retryable());
  EXPECT_FALSE(engine_error(241, "").retryable());
  EXPECT_FALSE(engine_error(6, "").retryable());
  EXPECT_EQ(engine_error(60, "").code(), base::ErrorCode::kNotFound);
}

}  // namespace
}  // namespace godseye::store
