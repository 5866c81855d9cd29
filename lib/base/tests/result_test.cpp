#include <cerrno>
#include <memory>
#include <string>

#include <godseye/base/result.h>

#include <gtest/gtest.h>

namespace godseye::base {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return Error(ErrorCode::kInvalidArgument, "odd");
  return value / 2;
}

TEST(Result, CarriesAValueOrAnError) {
  EXPECT_EQ(*half(4), 2);
  EXPECT_FALSE(half(3));
  EXPECT_EQ(half(3).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(half(3).value_or(7), 7);
}

TEST(Result, ChainsAndKeepsTheFirstError) {
  EXPECT_EQ(*half(12).and_then(half), 3);
  EXPECT_EQ(half(6).and_then(half).error().message(), "odd");
  EXPECT_EQ(*half(8).transform([](int v) { return std::to_string(v); }), "4");
}

TEST(Result, HoldsMoveOnlyValues) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(5);
  std::unique_ptr<int> owned = *std::move(result);
  EXPECT_EQ(*owned, 5);
}

TEST(ResultDeathTest, ReadingTheWrongSideAborts) {
  EXPECT_DEATH((void)half(3).value(), "assertion failed");
  EXPECT_DEATH((void)half(4).error(), "assertion failed");
}

TEST(Error, AddsContextInReadingOrderAndKeepsTheCode) {
  const Error error = Error(ErrorCode::kTimeout, "no answer").within("store").within("query");
  EXPECT_EQ(error.message(), "query: store: no answer");
  EXPECT_TRUE(error.retryable());
}

TEST(Error, DiskFullIsToldApart) {
  EXPECT_EQ(errno_error("writing", ENOSPC).code(), ErrorCode::kNoSpace);
  EXPECT_EQ(errno_error("writing", EACCES).code(), ErrorCode::kIo);
}

}  // namespace
}  // namespace godseye::base
