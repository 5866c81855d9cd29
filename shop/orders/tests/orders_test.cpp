#include <atomic>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <vcommerce/orders/checks.h>
#include <vcommerce/orders/key_gate.h>
#include <vcommerce/orders/sqlite.h>

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

TEST(Database, KeepsWhatWasCommittedAndForgetsTheRest) {
  const std::string path = testing::TempDir() + "orders_sqlite_test.sqlite";
  std::filesystem::remove(path);
  constexpr char kSchema[] = "CREATE TABLE IF NOT EXISTS t(a TEXT PRIMARY KEY, b INTEGER)";
  {
    auto database = Database::open(path, kSchema);
    ASSERT_TRUE(database);
    {
      Transaction kept(**database);
      ASSERT_TRUE(Statement(**database, "INSERT INTO t VALUES(?, ?)").bind("x").bind(7).run());
      ASSERT_TRUE(kept.commit());
    }
    Transaction dropped(**database);
    ASSERT_TRUE(Statement(**database, "INSERT INTO t VALUES(?, ?)").bind("y").bind(8).run());
  }
  auto database = Database::open(path, kSchema);
  ASSERT_TRUE(database);
  Statement select(**database, "SELECT a, b FROM t");
  ASSERT_TRUE(select.step());
  EXPECT_EQ(select.text(0), "x");
  EXPECT_EQ(select.integer(1), 7);
  EXPECT_FALSE(select.step());
  const base::Status twice = Statement(**database, "INSERT INTO t VALUES(?, ?)").bind("x").bind(1).run();
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code(), base::ErrorCode::kAlreadyExists);
}

TEST(Database, NamesTheFileThatCannotBeOpened) {
  auto database = Database::open("/nowhere/at/all.sqlite", "");
  ASSERT_FALSE(database);
  EXPECT_NE(database.error().message().find("/nowhere/at/all.sqlite"), std::string::npos);
}

}  // namespace
}  // namespace vcommerce
