#include <atomic>
#include <thread>

#include <gtest/gtest.h>
#include <vcommerce/orders/checks.h>
#include <vcommerce/orders/key_gate.h>

namespace vcommerce {
namespace {

TEST(Checks, IdsHoldHarmlessCharactersOnly) {
  EXPECT_TRUE(check_id("o-1_2.3:4/5@6", "id"));
  for (const std::string id : {"", "a b", "a\n", "a{b}", "\xc3\xa4", "a'b"}) EXPECT_FALSE(check_id(id, "id")) << id;
  EXPECT_TRUE(check_id(std::string(128, 'a'), "id"));
  const base::Status too_long = check_id(std::string(129, 'a'), "order_id");
  ASSERT_FALSE(too_long);
  EXPECT_NE(too_long.error().message().find("order_id"), std::string::npos);
}

TEST(Checks, TextsAreUtf8WithoutControlCharacters) {
  EXPECT_TRUE(check_text("Zo\xc3\xab <b>", "name", 20));
  for (const std::string text : {"a\r\nBcc: x", "a\x7f", "\xff", "\xc3", "a\xc2\x85", "tab\t"}) {
    EXPECT_FALSE(check_text(text, "name", 20)) << text;
  }
  EXPECT_FALSE(check_text("", "name", 20));
  EXPECT_TRUE(check_text("", "name", 20, true));
  EXPECT_FALSE(check_text("abc", "name", 2));
}

TEST(Checks, RandomIdsDiffer) { EXPECT_NE(random_id("o-"), random_id("o-")); }

TEST(KeyGate, LetsOneInAtATimePerKey) {
  KeyGate gate;
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 100; ++round) {
        const KeyGate::Pass pass = gate.enter("k", std::chrono::seconds(30));
        ASSERT_TRUE(pass);
        const int now = ++inside;
        if (now > most) most = now;
        --inside;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(most, 1);
  const KeyGate::Pass held = gate.enter("k", std::chrono::milliseconds(0));
  EXPECT_FALSE(gate.enter("k", std::chrono::milliseconds(0)));
  EXPECT_TRUE(gate.enter("other", std::chrono::milliseconds(0)));
}

}  // namespace
}  // namespace vcommerce
