#pragma once

#include "neighbours.h"
#include "order_log.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>

#include <vcommerce/orders/key_gate.h>

// The life of an order. It is written down before its first step, and after those that a repetition could see
// differently (*); every step may be done again, and has its effects once. So whatever dies, the order is found in the
// log and goes on from the last step that is written there:
//
//   price* → reserve → quote* → charge* → commit → ship → empty_cart → mail* → done
//
// A killed process loses nothing of that. A loss of power may lose the last moments, but never an amount that was about
// to be charged (after quote), nor an order whose customer was told (after mail): those two are on the disk first.
//
// Until the card is charged a failure cancels the order: the charge is voided, the stock released, both also when it is
// not known whether they happened. From then on the order is the customer's: what fails for now is tried again until it
// works; only when stock or carrier refuse for good is it undone as well. Cart and mail never undo an order.
// An order that is being answered gives up at the first failure, so that the customer has an answer; one that was found
// in the log after a restart waits up to `give_up` for neighbours that are still starting.
//
// Errors of `place`: kInvalidArgument, kAlreadyExists (key), kQueueFull, kUnavailable (the key is busy). A cancelled
// order is no error here: see its state. Threads: any.
namespace vcommerce::checkout {

struct PlaceRequest {
  std::string key;
  std::string cart_id;
  std::string session_id;
  std::string user_id;
  std::string currency;
  std::string name;
  std::string email;
  Address address;
  bool express = false;
  CardInput card;  // or
  std::string card_token;
};

// Where a process may die, for tests.
enum class Moment : uint8_t { kBeforeStep, kAfterEffect, kAfterRecord };

class SagaObserver {
 public:
  virtual ~SagaObserver() = default;
  // `error` null: it worked. `step`: a step's name or "compensate".
  virtual void step_done(const Order& order, std::string_view step, std::chrono::nanoseconds took,
                         const base::Error* error) = 0;
  virtual void confirmed(const Order& order) = 0;
  virtual void completed(const Order& order) = 0;
  virtual void cancelled(const Order& order) = 0;
  // True: stop as if killed here.
  virtual bool dies(Step, Moment) { return false; }
};

class Saga {
 public:
  struct Config {
    int64_t open_max = 10'000;
    std::chrono::milliseconds busy_wait{5000};
    std::chrono::seconds give_up{120};  // of an unpaid order whose neighbours are away, after a restart
    std::chrono::seconds retry_min{1};  // doubling to
    std::chrono::seconds retry_max{60};
    int64_t units_max = 1'000'000;  // of an order's total
  };

  // All outlive it.
  Saga(Config config, OrderLog& log, Neighbours& neighbours, SagaObserver& observer, base::Clock clock)
      : config_(config), log_(log), neighbours_(neighbours), observer_(observer), clock_(std::move(clock)) {}

  // The same key and body: the same order.
  base::Result<Order> place(const PlaceRequest& request);
  // Carries on with open orders that are due, at most `count_max`; how many. `around` is called with each order and the
  // work to do, so that the caller may put a span around it.
  using Around = std::function<void(const Order&, const std::function<void()>&)>;
  base::Result<int> recover(int64_t count_max, const Around& around);

 private:
  enum class Mode : uint8_t { kAnswering, kRecovering };

  base::Result<Order> accept(const PlaceRequest& request, const std::string& body);
  base::Status advance(Order& order, Mode mode);
  base::Status step_failed(Order& order, const base::Error& error, Mode mode, bool& skipped);
  base::Status cancel(Order& order, const base::Error& error);
  base::Status compensate(Order& order);
  base::Status wait(Order& order);
  base::Status write_after(Step step, const Order& order);
  base::Status perform(Order& order);
  base::Status price(Order& order);
  base::Status reserve(Order& order);
  base::Status quote(Order& order);
  base::Status charge(Order& order);
  int64_t now_ms() const { return base::unix_millis(clock_.wall()); }

  Config config_;
  OrderLog& log_;
  Neighbours& neighbours_;
  SagaObserver& observer_;
  base::Clock clock_;
  KeyGate gate_;
};

// kInvalidArgument names the field. What an order needs to be written down.
base::Status check(const PlaceRequest& request);

}  // namespace vcommerce::checkout
