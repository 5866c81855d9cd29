#include <limits>

#include <godseye/protobuf/reader.h>
#include <godseye/protobuf/writer.h>

#include <gtest/gtest.h>

namespace godseye::protobuf {
namespace {

using namespace std::string_view_literals;

// Field 1, varint 150: the example of the encoding's own documentation. Field 2, bytes "testing".
TEST(Reader, ReadsTheDocumentedExamples) {
  Reader reader("\x08\x96\x01\x12\x07testing"sv);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.field(), 1u);
  EXPECT_EQ(reader.varint(), 150u);
  EXPECT_TRUE(reader.bytes().empty());
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.field(), 2u);
  EXPECT_TRUE(reader.is_bytes());
  EXPECT_EQ(reader.bytes(), "testing");
  EXPECT_EQ(reader.varint(), 0u);
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.broken());
}

TEST(Reader, NeverLeavesTheBytes) {
  for (const std::string_view bytes : {
           "\x08"sv,                                              // a key without its value
           "\x08\x96"sv,                                          // a varint that does not end
           "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv,  // longer than 10 bytes
           "\x12\x08testing"sv,                                   // a length beyond the end
           "\x09\x00\x00\x00"sv,                                  // half a double
           "\x0b\x0c"sv,                                          // a group
           "\x00\x01"sv,                                          // field 0
       }) {
    Reader reader(bytes);
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.broken());
    EXPECT_FALSE(reader.next());
  }
}

TEST(Reader, ReadsPackedNumbersOneAfterTheOther) {
  Reader packed("\x01\xac\x02\x80"sv);
  EXPECT_EQ(packed.take_varint(), 1u);
  EXPECT_EQ(packed.take_varint(), 300u);
  EXPECT_FALSE(packed.at_end());
  EXPECT_EQ(packed.take_varint(), std::nullopt);
}

TEST(Writer, WhatItWritesIsReadBack) {
  for (const int32_t number :
       {0, 1, -1, 1338, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()}) {
    Writer writer;
    writer.zigzag32(3, number);
    writer.real(4, number * 0.5);
    writer.bytes(5, "x\0y"sv);
    Reader reader(writer.text());
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.zigzag32(), number);
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.fixed_double(), number * 0.5);
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.bytes(), "x\0y"sv);
    EXPECT_FALSE(reader.next());
  }
}

}  // namespace
}  // namespace godseye::protobuf
