#include <godseye/base/hash.h>
#include <godseye/base/log.h>

#include <gtest/gtest.h>

namespace godseye::base {
namespace {

TEST(Quoted, CannotForgeALogLine) {
  EXPECT_EQ(quoted("a\nb\"c\\"), "\"a\\x0ab\\\"c\\\\\"");
  EXPECT_EQ(quoted("abcdef", 3), "\"abc…\"");
}

// The value is on disk: series ids are made of it.
TEST(Hash, StaysWhatItWas) {
  EXPECT_EQ(hash64(""), 0x2d06800538d394c2ULL);
  EXPECT_NE(hash64("a"), hash64("a", 1));
}

}  // namespace
}  // namespace godseye::base
