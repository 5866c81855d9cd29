#include "saga.h"

#include "fake_neighbours.h"

#include <filesystem>
#include <random>

#include <gtest/gtest.h>

namespace vcommerce::checkout {
namespace {

using base::ErrorCode;
using namespace std::chrono_literals;

constexpr Step kSteps[] = {Step::kPrice,  Step::kReserve, Step::kQuote,     Step::kCharge,
                           Step::kCommit, Step::kShip,    Step::kEmptyCart, Step::kMail};
constexpr Moment kMoments[] = {Moment::kBeforeStep, Moment::kAfterEffect, Moment::kAfterRecord};

struct Notes : SagaObserver {
  void step_done(const Order&, std::string_view step, std::chrono::nanoseconds, const base::Error* error) override {
    steps.push_back(std::string(step) + (error == nullptr ? "" : "!"));
  }
  void confirmed(const Order&) override { ++confirmed_count; }
  void completed(const Order&) override { ++completed_count; }
  void cancelled(const Order&) override { ++cancelled_count; }
  bool dies(Step step, Moment moment) override {
    if (!death || death->first != step || death->second != moment) return false;
    death.reset();
    return true;
  }
  std::vector<std::string> steps;
  std::optional<std::pair<Step, Moment>> death;
  int confirmed_count = 0, completed_count = 0, cancelled_count = 0;
};

// A shop whose checkout can be killed and started again.
struct Shop {
  FakeNeighbours neighbours;
  Notes notes;
  base::WallTime wall = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21);
  std::unique_ptr<OrderLog> log = *OrderLog::open(":memory:");
  std::unique_ptr<Saga> saga;

  Shop() { restart(); }
  void restart() {
    const base::Clock clock{[this] { return wall; }, [] { return base::TickTime{}; }};
    saga = std::make_unique<Saga>(Saga::Config{}, *log, neighbours, notes, clock);
  }
  static PlaceRequest request(std::string key = "key-1") {
    return {.key = std::move(key),
            .cart_id = "u-1",
            .session_id = "s-1",
            .user_id = "u-1",
            .currency = "EUR",
            .name = "Zo\xc3\xab",
            .email = "zoe@example.com",
            .address = {"Zo\xc3\xab", "Street 1\nBackyard", "Berlin", "", "10115", "DE"},
            .card = {"4242424242424242", 12, 2030, "123"}};
  }
  // As the service does: every second, for at most ten minutes.
  void recover() {
    for (int second = 0; second < 600 && *log->open_orders() > 0; ++second) {
      wall += 1s;
      const auto done = saga->recover(100, [](const Order&, const std::function<void()>& work) { work(); });
      if (!done) restart();  // it died again
    }
  }
  Order the_order() { return (*log->of_cart("u-1")).at(0); }
  void expect_done_once(const std::string& when) {
    const Order order = the_order();
    EXPECT_EQ(order.state, OrderState::kCompleted) << when << ": " << order.failure;
    EXPECT_EQ(log->of_cart("u-1")->size(), 1U) << when;
    EXPECT_EQ(neighbours.charges.size(), 1U) << when;
    EXPECT_EQ(neighbours.shipments.size(), 1U) << when;
    EXPECT_EQ(neighbours.mails.size(), 1U) << when;
    EXPECT_EQ(neighbours.stock["P-1"], 8) << when;
    EXPECT_EQ(neighbours.stock["P-2"], 9) << when;
    EXPECT_EQ(neighbours.committed.size(), 1U) << when;
    EXPECT_TRUE(neighbours.carts["u-1"].empty()) << when;
  }
  void expect_undone(const std::string& when) {
    EXPECT_EQ(the_order().state, OrderState::kCancelled) << when;
    EXPECT_FALSE(the_order().failure.empty()) << when;
    EXPECT_TRUE(neighbours.charges.empty()) << when;
    EXPECT_TRUE(neighbours.shipments.empty()) << when;
    EXPECT_EQ(neighbours.stock["P-1"], 10) << when;
    EXPECT_EQ(neighbours.stock["P-2"], 10) << when;
    EXPECT_TRUE(neighbours.held.empty()) << when;
    EXPECT_FALSE(neighbours.carts["u-1"].empty()) << when;
  }
};

std::string name(Step step, Moment moment) {
  return std::string(step_name(step)) + " moment " + std::to_string(static_cast<int>(moment));
}

TEST(Saga, DoesEveryStepOnceInOrder) {
  Shop shop;
  const auto order = shop.saga->place(Shop::request());
  ASSERT_TRUE(order) << order.error().message();
  EXPECT_EQ(shop.notes.steps,
            (std::vector<std::string>{"price", "reserve", "quote", "charge", "commit", "ship", "empty_cart", "mail"}));
  shop.expect_done_once("normally");
  // Two shirts at 19.99 and a lamp at 40 dollars are 79.98, in the fake's euros twice that; 4.90 for the parcel.
  EXPECT_EQ(order->items_total, (Money{"EUR", 159, 960'000'000}));
  EXPECT_EQ(order->shipping_total, (Money{"EUR", 4, 900'000'000}));
  EXPECT_EQ(order->total, (Money{"EUR", 164, 860'000'000}));
  EXPECT_EQ(shop.neighbours.charges.begin()->second, order->total);
  EXPECT_EQ(order->lines.at(1).variant, "One size");
  EXPECT_EQ(shop.notes.confirmed_count, 1);
  EXPECT_EQ(shop.notes.completed_count, 1);
}

TEST(Saga, ExpressCostsWhatItsQuoteSays) {
  Shop shop;
  PlaceRequest request = Shop::request();
  request.express = true;
  const auto order = shop.saga->place(request);
  ASSERT_TRUE(order) << order.error().message();
  EXPECT_EQ(order->shipping_total, (Money{"EUR", 12, 0}));
  EXPECT_EQ(order->shipping_speed, 1);
  EXPECT_EQ(order->total, (Money{"EUR", 171, 960'000'000}));
}

TEST(Saga, AllAmountsAreConvertedInOneCall) {
  Shop shop;
  ASSERT_TRUE(shop.saga->place(Shop::request()));
  EXPECT_EQ(shop.neighbours.convert_calls, 1);
}

TEST(Saga, KilledAtAnyStepItEndsWithOneChargeAndOneParcel) {
  for (const Step step : kSteps) {
    for (const Moment moment : kMoments) {
      Shop shop;
      shop.notes.death = {step, moment};
      EXPECT_FALSE(shop.saga->place(Shop::request())) << name(step, moment);
      shop.restart();
      shop.recover();
      shop.expect_done_once(name(step, moment));
    }
  }
}

TEST(Saga, KilledTwiceAnywhereItStillEndsWithOneChargeAndOneParcel) {
  for (const Step first : kSteps) {
    for (const Moment first_moment : kMoments) {
      for (const Step second : kSteps) {
        for (const Moment second_moment : kMoments) {
          Shop shop;
          shop.notes.death = {first, first_moment};
          EXPECT_FALSE(shop.saga->place(Shop::request()));
          shop.restart();
          shop.notes.death = {second, second_moment};
          shop.recover();
          shop.restart();
          shop.recover();
          shop.expect_done_once(name(first, first_moment) + ", then " + name(second, second_moment));
        }
      }
    }
  }
}

TEST(Saga, ACustomerWhoTriesAgainAfterAKillGetsTheSameOrder) {
  for (const Step step : kSteps) {
    for (const Moment moment : kMoments) {
      Shop shop;
      shop.notes.death = {step, moment};
      EXPECT_FALSE(shop.saga->place(Shop::request()));
      const std::string id = shop.the_order().id;
      shop.restart();
      const auto again = shop.saga->place(Shop::request());
      ASSERT_TRUE(again) << name(step, moment);
      EXPECT_EQ(again->id, id);
      shop.recover();
      shop.expect_done_once(name(step, moment));
    }
  }
}

// What each step calls, and whether a refusal of it undoes the order.
struct Call {
  const char* name;
  Step step;
};
constexpr Call kUndoing[] = {{"cart", Step::kPrice},    {"reserve", Step::kReserve}, {"quote", Step::kQuote},
                             {"convert", Step::kQuote}, {"charge", Step::kCharge},   {"commit", Step::kCommit},
                             {"ship", Step::kShip}};

TEST(Saga, ARefusalForGoodUndoesEverythingEvenWhenKilledOnTheWay) {
  for (const Call& call : kUndoing) {
    for (const bool after : {false, true}) {
      for (const Moment moment : kMoments) {
        for (const bool killed : {false, true}) {
          Shop shop;
          shop.neighbours.failures[call.name] = {ErrorCode::kPermissionDenied, 1, after};
          if (killed) shop.notes.death = {call.step, moment};
          const auto order = shop.saga->place(Shop::request());
          shop.restart();
          // Told nothing of a failure that happened only once, a killed order may succeed: either end is a right one.
          shop.recover();
          const std::string when = std::string(call.name) + (after ? " after" : " before") + name(call.step, moment);
          if (shop.the_order().state == OrderState::kCompleted) {
            shop.expect_done_once(when);
          } else {
            shop.expect_undone(when);
          }
          if (!killed && !after) {
            ASSERT_TRUE(order) << when;
            EXPECT_EQ(order->state, OrderState::kCancelled) << when;
            EXPECT_EQ(order->failure_code, ErrorCode::kPermissionDenied) << when;
          }
        }
      }
    }
  }
}

TEST(Saga, ANeighbourThatIsAwayCancelsAnUnpaidOrderAtOnce) {
  for (const Call& call : kUndoing) {
    if (call.step > Step::kCharge) continue;
    for (const bool after : {false, true}) {
      Shop shop;
      shop.neighbours.failures[call.name] = {ErrorCode::kTimeout, 1, after};
      const auto order = shop.saga->place(Shop::request());
      ASSERT_TRUE(order);
      if (order->state == OrderState::kCompleted) continue;  // a call that changes nothing has no "after"
      EXPECT_EQ(order->failure_code, ErrorCode::kTimeout);
      shop.expect_undone(call.name);
    }
  }
}

TEST(Saga, APaidOrderWaitsForNeighboursUntilTheyAreBack) {
  for (const char* call : {"commit", "ship", "empty_cart", "mail"}) {
    for (const bool after : {false, true}) {
      Shop shop;
      shop.neighbours.failures[call] = {ErrorCode::kUnavailable, 5, after};
      const auto order = shop.saga->place(Shop::request());
      ASSERT_TRUE(order);
      EXPECT_EQ(order->state, OrderState::kConfirmed) << call;
      shop.recover();
      shop.expect_done_once(call);
      EXPECT_EQ(shop.notes.confirmed_count, 1);
    }
  }
}

TEST(Saga, UndoingWaitsForNeighboursToo) {
  Shop shop;
  shop.neighbours.failures["charge"] = {ErrorCode::kTimeout, 1, true};
  shop.neighbours.failures["void"] = {ErrorCode::kUnavailable, 4, false};
  const auto order = shop.saga->place(Shop::request());
  ASSERT_TRUE(order);
  EXPECT_EQ(order->state, OrderState::kCancelling);
  EXPECT_EQ(shop.neighbours.charges.size(), 1U);
  shop.recover();
  shop.expect_undone("void was away");
}

TEST(Saga, AfterARestartAnUnpaidOrderWaitsForNeighboursThatStartLater) {
  Shop shop;
  shop.notes.death = {Step::kReserve, Moment::kBeforeStep};
  EXPECT_FALSE(shop.saga->place(Shop::request()));
  shop.restart();
  shop.neighbours.failures["reserve"] = {ErrorCode::kUnavailable, 3, false};
  shop.recover();
  shop.expect_done_once("reserve was away");
  Shop hopeless;
  hopeless.notes.death = {Step::kReserve, Moment::kBeforeStep};
  EXPECT_FALSE(hopeless.saga->place(Shop::request()));
  hopeless.restart();
  hopeless.neighbours.failures["reserve"] = {ErrorCode::kUnavailable, 1000, false};
  hopeless.recover();
  hopeless.expect_undone("reserve stayed away");
}

TEST(Saga, AMailOrACartThatIsRefusedDoesNotUndoAnOrder) {
  for (const char* call : {"empty_cart", "mail"}) {
    Shop shop;
    shop.neighbours.failures[call] = {ErrorCode::kInvalidArgument, 1, false};
    const auto order = shop.saga->place(Shop::request());
    ASSERT_TRUE(order);
    EXPECT_EQ(order->state, OrderState::kCompleted);
    EXPECT_EQ(shop.neighbours.charges.size(), 1U);
  }
}

TEST(Saga, ADeclinedCardReleasesTheStock) {
  Shop shop;
  shop.neighbours.declines = true;
  const auto order = shop.saga->place(Shop::request());
  ASSERT_TRUE(order);
  EXPECT_NE(order->failure.find("insufficient_funds"), std::string::npos);
  shop.expect_undone("declined");
  // The key stays with its order; a new key is a new order.
  EXPECT_EQ(shop.saga->place(Shop::request())->state, OrderState::kCancelled);
  shop.neighbours.declines = false;
  EXPECT_EQ(shop.saga->place(Shop::request("key-2"))->state, OrderState::kCompleted);
}

TEST(Saga, TheSameKeyIsTheSameOrderAndAnotherBodyIsRefused) {
  Shop shop;
  const auto first = shop.saga->place(Shop::request());
  ASSERT_TRUE(first);
  EXPECT_EQ(shop.saga->place(Shop::request())->id, first->id);
  EXPECT_EQ(shop.neighbours.charge_calls, 1);
  PlaceRequest other = Shop::request();
  other.address.city = "Hamburg";
  EXPECT_EQ(shop.saga->place(other).error().code(), ErrorCode::kAlreadyExists);
}

TEST(Saga, WhatIsLeftOfTheStockIsNeverSoldTwice) {
  Shop shop;
  shop.neighbours.stock["P-1"] = 3;
  for (int i = 0; i < 3; ++i) {
    shop.neighbours.carts["u-1"] = {{"P-1", "M", 2}};
    ASSERT_TRUE(shop.saga->place(Shop::request("key-" + std::to_string(i))));
  }
  EXPECT_EQ(shop.neighbours.stock["P-1"], 1);
  EXPECT_EQ(shop.neighbours.charges.size(), 1U);
  EXPECT_EQ(shop.notes.cancelled_count, 2);
}

TEST(Saga, TotalsThatDoNotFitAreRefusedAndNothingIsCharged) {
  Shop shop;
  shop.neighbours.catalogue["P-1"].price = {"EUR", 900'000'000'000'000, 0};
  shop.neighbours.carts["u-1"] = {{"P-1", "", 99}};
  const auto order = shop.saga->place(Shop::request());
  ASSERT_TRUE(order);
  EXPECT_EQ(order->state, OrderState::kCancelled);
  EXPECT_EQ(shop.neighbours.charge_calls, 0);
  shop.neighbours.catalogue["P-1"].price = {"EUR", 20'000, 0};
  const auto large = shop.saga->place(Shop::request("key-2"));
  ASSERT_TRUE(large);
  EXPECT_EQ(large->failure_code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(shop.neighbours.charge_calls, 0);
}

TEST(Saga, UnknownCurrencyEmptyCartAndVanishedProductAreToldApart) {
  Shop shop;
  PlaceRequest request = Shop::request();
  request.currency = "XXX";
  EXPECT_EQ(shop.saga->place(request)->failure_code, ErrorCode::kInvalidArgument);
  shop.neighbours.catalogue.erase("P-2");
  EXPECT_EQ(shop.saga->place(Shop::request("key-2"))->failure_code, ErrorCode::kNotFound);
  shop.neighbours.carts["u-1"].clear();
  EXPECT_EQ(shop.saga->place(Shop::request("key-3"))->failure, "the cart is empty");
  EXPECT_EQ(shop.neighbours.charge_calls, 0);
}

TEST(Saga, BadRequestsNameTheFieldAndAreNotWrittenDown) {
  Shop shop;
  const auto field_of = [&](auto change) {
    PlaceRequest request = Shop::request();
    change(request);
    const auto answer = shop.saga->place(request);
    return answer ? std::string("accepted") : answer.error().message().substr(0, answer.error().message().find(':'));
  };
  EXPECT_EQ(field_of([](PlaceRequest& r) { r.key = ""; }), "idempotency_key");
  EXPECT_EQ(field_of([](PlaceRequest& r) { r.cart_id = "a b"; }), "cart_id");
  EXPECT_EQ(field_of([](PlaceRequest& r) { r.currency = "euro"; }), "currency_code");
  EXPECT_EQ(field_of([](PlaceRequest& r) { r.name = "a\r\nBcc: all@example.com"; }), "name");
  EXPECT_EQ(field_of([](PlaceRequest& r) { r.email = "nobody"; }), "email");
  EXPECT_EQ(field_of([](PlaceRequest& r) { r.address.country = "Germany"; }), "address.country");
  EXPECT_EQ(field_of([](PlaceRequest& r) { r.address.city = ""; }), "address.city");
  EXPECT_EQ(field_of([](PlaceRequest& r) { r.address.street = std::string(301, 'x'); }), "address.street");
  EXPECT_EQ(field_of([](PlaceRequest& r) { r.card = {}; }), "card");
  EXPECT_EQ(field_of([](PlaceRequest& r) { r.card_token = "card_1"; }), "card");
  EXPECT_TRUE(shop.log->of_cart("u-1")->empty());
}

TEST(OrderLog, KeepsOrdersOverARestartAndBoundsTheOpenOnes) {
  const std::string path = testing::TempDir() + "order_log_test.sqlite";
  std::filesystem::remove(path);
  Order order{
      .id = "o-1", .key = "k", .body = "b", .cart_id = "c", .currency = "EUR", .name = "\"quoted\" \xf0\x9f\x98\x80"};
  order.lines = {{"P-1", "M", 2, "Shirt", {"EUR", 1, 5}, {"EUR", 2, 10}, 200}};
  order.total = {"EUR", INT64_MAX, 999'999'999};
  {
    const auto log = OrderLog::open(path);
    ASSERT_TRUE(log);
    ASSERT_TRUE((*log)->insert(order, 1));
    EXPECT_EQ((*log)->insert(order, 10).error().code(), ErrorCode::kAlreadyExists);
    Order second = order;
    second.id = "o-2";
    second.key = "k2";
    EXPECT_EQ((*log)->insert(second, 1).error().code(), ErrorCode::kQueueFull);
  }
  const auto log = OrderLog::open(path);
  ASSERT_TRUE(log);
  EXPECT_EQ((*log)->find("o-1")->value(), order);
  EXPECT_EQ((*log)->find_key("k")->value(), order);
  EXPECT_FALSE((*log)->find("o-2")->has_value());
  EXPECT_EQ((*log)->due(0, 10)->size(), 1U);
  std::filesystem::remove(path);
}

TEST(Order, WhatIsNotAnOrderIsAnError) {
  for (const std::string& text : {std::string(), std::string("{}"), std::string("[]"), std::string("null"),
                                  std::string("{\"id\":1}"), to_json(Order{}).substr(0, 50)}) {
    EXPECT_FALSE(order_from_json(text)) << text;
  }
}

}  // namespace
}  // namespace vcommerce::checkout
