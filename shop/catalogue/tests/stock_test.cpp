#include "store_fixture.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace vcommerce::catalogue {
namespace {

using Lines = std::vector<StockLine>;

class Databases : public WithDatabase {};

// What callers do with an error that may pass: the same call again. A server's time-out is one on a machine that is
// very busy; a circle of waits is none of them.
template <typename Call>
auto again(const Call& call) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (;;) {
    auto answer = call();
    if (answer || std::chrono::steady_clock::now() > give_up) return answer;
    const base::Error& error = answer.error();
    EXPECT_EQ(error.message().find("deadlock"), std::string::npos) << error.message();
    if (error.code() != base::ErrorCode::kTimeout && error.code() != base::ErrorCode::kUnavailable) return answer;
  }
}

class Stock : public WithDatabase {
 protected:
  void SetUp() override {
    WithDatabase::SetUp();
    if (IsSkipped()) return;
    store_ = open_store({product("A-1", "Mug", 5), product("B-2", "Bowl", 3)}, hands_, database());
    ASSERT_NE(store_, nullptr);
  }

  int64_t left(const std::string& id) {
    const base::Result<Product> found = store_->get(id);
    EXPECT_TRUE(found);
    return found ? found->available() : -1;
  }
  ReservationAnswer reserved(const std::string& key, const Lines& lines) {
    base::Result<ReservationAnswer> answer = store_->reserve(key, lines);
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().message());
    return answer ? *std::move(answer) : ReservationAnswer{};
  }

  HandClock hands_;
  std::unique_ptr<Store> store_;
};

TEST_P(Stock, IsTakenForAllLinesOrForNone) {
  EXPECT_EQ(reserved("o-1", {{"A-1", "", 2}, {"B-2", "One size", 3}}).refusal, "");
  EXPECT_EQ(left("A-1"), 3);
  EXPECT_EQ(left("B-2"), 0);
  const ReservationAnswer refused = reserved("o-2", {{"A-1", "", 3}, {"B-2", "", 1}});
  EXPECT_EQ(refused.refusal, "B-2 (One size): 1 wanted, 0 left");
  EXPECT_EQ(left("A-1"), 3);
}

TEST_P(Stock, IsTakenOnceForAKey) {
  for (int i = 0; i < 3; ++i) {
    const ReservationAnswer answer = reserved("o-1", {{"A-1", "", 2}});
    EXPECT_EQ(answer.reservation.state, ReservationState::kHeld);
    EXPECT_EQ(answer.reservation.lines, (Lines{{"A-1", "One size", 2}}));
  }
  EXPECT_EQ(left("A-1"), 3);
  const base::Result<ReservationAnswer> other = store_->reserve("o-1", {{"A-1", "", 1}});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code(), base::ErrorCode::kAlreadyExists);
}

TEST_P(Stock, AddsUpLinesOfTheSameThing) {
  EXPECT_NE(reserved("o-1", {{"A-1", "", 3}, {"A-1", "One size", 3}}).refusal, "");
  EXPECT_EQ(left("A-1"), 5);
}

TEST_P(Stock, CommitAndReleaseMayBeRepeated) {
  (void)reserved("o-1", {{"A-1", "", 2}});
  for (int i = 0; i < 2; ++i) EXPECT_EQ(store_->commit("o-1")->reservation.state, ReservationState::kCommitted);
  EXPECT_EQ(left("A-1"), 3);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(store_->release("o-1")->reservation.state, ReservationState::kReleased);
  EXPECT_EQ(left("A-1"), 5) << "given back once";
  EXPECT_NE(store_->commit("o-1")->refusal, "");
  EXPECT_NE(reserved("o-1", {{"A-1", "", 2}}).refusal, "");
  EXPECT_EQ(left("A-1"), 5);
}

TEST_P(Stock, ReservationThatComesAfterItsReleaseIsRefused) {
  EXPECT_EQ(store_->release("late")->reservation.state, ReservationState::kReleased);
  EXPECT_NE(reserved("late", {{"A-1", "", 1}}).refusal, "");
  EXPECT_EQ(left("A-1"), 5);
  EXPECT_EQ(store_->commit("never").error().code(), base::ErrorCode::kNotFound);
}

TEST_P(Stock, ReservationThatRanOutGoesBack) {
  (void)reserved("o-1", {{"A-1", "", 5}});
  hands_.advance(kReservationLasts - std::chrono::seconds(1));
  EXPECT_EQ(*store_->expire(), 0);
  hands_.advance(std::chrono::seconds(2));
  EXPECT_EQ(*store_->expire(), 1);
  EXPECT_EQ(left("A-1"), 5);
}

TEST_P(Stock, CommitOfWhatRanOutTakesTheStockAgainIfItIsThere) {
  (void)reserved("o-1", {{"A-1", "", 4}});
  (void)reserved("o-2", {{"B-2", "", 3}});
  hands_.advance(kReservationLasts + std::chrono::seconds(1));
  ASSERT_TRUE(store_->expire());
  (void)reserved("o-3", {{"B-2", "", 1}});
  EXPECT_EQ(store_->commit("o-1")->reservation.state, ReservationState::kCommitted);
  EXPECT_EQ(left("A-1"), 1);
  EXPECT_NE(store_->commit("o-2")->refusal, "");
  EXPECT_EQ(left("B-2"), 2);
}

TEST_P(Stock, UnknownProductsAndSizesAreErrors) {
  EXPECT_EQ(store_->reserve("o-1", {{"A-1", "", 1}, {"Z-9", "", 1}}).error().code(), base::ErrorCode::kNotFound);
  EXPECT_EQ(store_->reserve("o-2", {{"A-1", "XXL", 1}}).error().code(), base::ErrorCode::kInvalidArgument);
  EXPECT_EQ(left("A-1"), 5);
  EXPECT_EQ(reserved("o-3", {{"A-1", "Sage", 1}}).refusal, "") << "a colour says nothing about the size";
}

TEST_P(Stock, DeliveryCountsOnce) {
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(store_->receive("d-1", {{"A-1", "", 10}}));
  EXPECT_EQ(left("A-1"), 15);
  const base::Status much = store_->receive("d-2", {{"A-1", "", kStockMax}});
  ASSERT_FALSE(much);
  EXPECT_EQ(much.error().code(), base::ErrorCode::kTooLarge);
  EXPECT_TRUE(store_->receive("d-2", {{"A-1", "", 1}})) << "the failed delivery did not use up its key";
}

TEST_P(Stock, WarehouseFillsUpWhatIsNearlyGone) {
  (void)reserved("o-1", {{"A-1", "", 5}, {"B-2", "", 1}});
  EXPECT_EQ(*store_->restock(), 1);
  EXPECT_EQ(left("A-1"), 5);
  EXPECT_EQ(left("B-2"), 2);
}

TEST_P(Stock, ChangesAreToldOnce) {
  (void)store_->take_changed();
  (void)reserved("o-1", {{"A-1", "", 1}});
  EXPECT_EQ(store_->take_changed().ids, (std::set<std::string>{"A-1"}));
  EXPECT_TRUE(store_->take_changed().ids.empty());
}

TEST_P(Stock, EndedReservationsAreForgottenAfterAWeek) {
  (void)reserved("o-1", {{"A-1", "", 1}});
  ASSERT_TRUE(store_->commit("o-1"));
  hands_.advance(kReservationKept + std::chrono::hours(1));
  ASSERT_TRUE(store_->expire());
  EXPECT_EQ(store_->commit("o-1").error().code(), base::ErrorCode::kNotFound);
  EXPECT_EQ(left("A-1"), 4);
}

// Two stores on one database stand for two processes.
TEST_P(Databases, StockIsNeverSoldTwice) {
  constexpr int kPieces = 40;
  const HandClock hands;
  const std::vector<Product> seed = {product("A-1", "Mug", kPieces), product("B-2", "Bowl", kPieces / 2)};
  const std::unique_ptr<Store> one = open_store(seed, hands, database());
  const std::unique_ptr<Store> two = open_store(seed, hands, database());
  std::atomic<int> sold{0};
  std::atomic<int> both{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Store& store = t % 2 == 0 ? *one : *two;
      for (int i = 0; i < 30; ++i) {
        const std::string key = std::to_string(t) + "/" + std::to_string(i);
        const bool with_bowl = i % 2 == 0;
        Lines lines = {{"A-1", "", 1}};
        if (with_bowl) lines.push_back({"B-2", "", 1});
        const auto answer = again([&] { return store.reserve(key, lines); });
        if (!answer || !answer->refusal.empty()) continue;
        if (i % 5 == 0) {
          EXPECT_TRUE(again([&] { return store.release(key); }));
          continue;
        }
        EXPECT_TRUE(again([&] { return store.commit(key); }));
        ++sold;
        if (with_bowl) ++both;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(sold, 0);
  EXPECT_EQ(one->get("A-1")->available(), kPieces - sold);
  EXPECT_EQ(two->get("B-2")->available(), kPieces / 2 - both);
  EXPECT_GE(one->get("A-1")->available(), 0);
}

TEST_P(Databases, KeepStockAndPricesOverARestartAndTakeNewTexts) {
  const HandClock hands;
  std::vector<Product> seed = {product("A-1", "Mug", 5)};
  {
    const std::unique_ptr<Store> store = open_store(seed, hands, database());
    ASSERT_TRUE(store->reserve("o-1", {{"A-1", "", 2}}));
    ASSERT_TRUE(store->set_price("A-1", {99, 0}));
  }
  std::string edition;
  {
    const std::unique_ptr<Store> store = open_store(seed, hands, database());
    EXPECT_EQ(store->get("A-1")->available(), 3);
    EXPECT_EQ(store->get("A-1")->price.units, 99);
    edition = *store->edition();
  }
  seed[0].description = "A better mug.";
  seed.push_back(product("B-2", "Bowl", 1));
  const std::unique_ptr<Store> store = open_store(seed, hands, database());
  EXPECT_EQ(store->get("A-1")->available(), 3);
  EXPECT_EQ(store->get("A-1")->description, "A better mug.");
  EXPECT_TRUE(store->get("B-2"));
  EXPECT_NE(*store->edition(), edition);
  EXPECT_EQ(store->all()->size(), 2U);
}

TEST_P(Databases, OneKeyIsOneReservationFromTwoProcesses) {
  const HandClock hands;
  const std::vector<Product> seed = {product("A-1", "Mug", 100)};
  const std::unique_ptr<Store> stores[] = {open_store(seed, hands, database()), open_store(seed, hands, database())};
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        const std::string key = "o-" + std::to_string(i);
        EXPECT_TRUE(again([&] { return stores[t % 2]->reserve(key, {{"A-1", "", 1}}); }));
        EXPECT_TRUE(again([&] { return stores[t % 2]->commit(key); }));
        EXPECT_TRUE(again([&] { return stores[t % 2]->receive(key, {{"A-1", "", 2}}); }));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(stores[0]->get("A-1")->available(), 110) << "ten reserved once, twice as many delivered once";
}

// Reservations, the warehouse, expiry and new texts at once must not wait for each other in a circle.
TEST_P(Databases, EverythingAtOnceIsAnswered) {
  const HandClock hands;
  std::vector<Product> seed;
  for (int i = 0; i < 4; ++i) {
    seed.push_back(product("A-" + std::to_string(i), "Mug", 3));
    seed.back().sizes.push_back({"Small", 3});
  }
  const std::unique_ptr<Store> store = open_store(seed, hands, database());
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 12; ++i) {
        const std::string key = std::to_string(t) + "/" + std::to_string(i);
        Lines lines = {{"A-3", "Small", 1}, {"A-0", "", 1}, {"A-2", "", 1}};
        if (t == 1) std::reverse(lines.begin(), lines.end());
        const auto answer = again([&] { return store->reserve(key, lines); });
        EXPECT_TRUE(answer) << answer.error().message();
        if (answer && i % 3 == 0) EXPECT_TRUE(again([&] { return store->release(key); }));
      }
    });
  }
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(again([&] { return store->restock(); }));
    EXPECT_TRUE(again([&] { return store->expire(); }));
    seed[0].description += "!";
    EXPECT_NE(open_store(seed, hands, database()), nullptr);
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(Databases, TextsAreData) {
  const HandClock hands;
  Product odd = product("A-1", "Robert'); DROP TABLE products; -- $1 \xe2\x98\x83");
  odd.tags = {"a\\b", "c,{}\"d"};
  odd.description = "";
  const std::unique_ptr<Store> store = open_store({odd}, hands, database());
  const Product found = *store->get("A-1");
  EXPECT_EQ(found.name, odd.name);
  EXPECT_EQ(found.tags, odd.tags);
  EXPECT_EQ(found.description, "");
  EXPECT_EQ(store->get("' OR ''='").error().code(), base::ErrorCode::kNotFound);
  EXPECT_EQ(store->list("x' OR 1=1 --", false, "", 10)->total, 0);
  // Byte by byte, whatever the database's language.
  const std::unique_ptr<Store> more =
      open_store({product("a-1", "1"), product("B-1", "2"), product("A_1", "3")}, hands, database());
  EXPECT_EQ(more->list("", false, "", 10)->ids, (std::vector<std::string>{"A-1", "A_1", "B-1", "a-1"}));
}

INSTANTIATE_TEST_SUITE_P(Each, Stock, testing::Values(Kind::kSqlite, Kind::kPostgres), kind_name);
INSTANTIATE_TEST_SUITE_P(Each, Databases, testing::Values(Kind::kSqlite, Kind::kPostgres), kind_name);

TEST(Store, SaysWhichFileItCannotOpen) {
  const auto pool = open_sqlite("/nowhere/at/all.sqlite");
  ASSERT_FALSE(pool);
  EXPECT_NE(pool.error().message().find("/nowhere/at/all.sqlite"), std::string::npos);
}

}  // namespace
}  // namespace vcommerce::catalogue
