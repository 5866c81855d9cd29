#include "saga.h"

#include <algorithm>

#include <vcommerce/orders/checks.h>

namespace vcommerce::checkout {

using base::Error;
using base::ErrorCode;

namespace {

constexpr int64_t kNotDueYet = 30'000;  // ms: nobody else picks up an order that is being answered

// The keys under which neighbours know an order's effects.
std::string key_of(const Order& order) { return order.id; }

Error refused(std::string what) { return {ErrorCode::kPermissionDenied, std::move(what)}; }

// Under another name: the log says it is dead, so that tests stop where a kill would.
Error died() { return {ErrorCode::kCancelled, "stopped"}; }

std::string fingerprint_of(const PlaceRequest& r) {
  std::string text;
  // The card's number is left out: what fingerprints it would have to be kept as safe as itself.
  const std::string last_four = r.card.number.size() > 4 ? r.card.number.substr(r.card.number.size() - 4) : "";
  for (const std::string& part :
       {r.cart_id, r.currency, r.name, r.email, r.address.name, r.address.street, r.address.city, r.address.region,
        r.address.postal_code, r.address.country, std::string(r.express ? "1" : "0"), r.card_token, last_four,
        std::to_string(r.card.month), std::to_string(r.card.year)}) {
    text += std::to_string(part.size()) + ":" + part;
  }
  return fingerprint(text);
}

}  // namespace

base::Status check(const PlaceRequest& request) {
  base::Status good = check_id(request.key, "idempotency_key");
  if (good) good = check_id(request.cart_id, "cart_id");
  if (good) {
    base::Result<Money> currency = runtime::checked({request.currency, 0, 0});
    if (!currency) good = Error(ErrorCode::kInvalidArgument, "currency_code: is three capital letters, such as EUR");
  }
  if (good) good = check_text(request.name, "name", 120);
  if (good) good = check_text(request.email, "email", 254);
  if (good && request.email.find('@') == std::string::npos) {
    good = Error(ErrorCode::kInvalidArgument, "email: is no address");
  }
  const Address& address = request.address;
  std::string street = address.street;
  std::replace(street.begin(), street.end(), '\n', ' ');
  if (good) good = check_text(address.name, "address.name", 120);
  if (good) good = check_text(street, "address.street", 300);
  if (good) good = check_text(address.city, "address.city", 120);
  if (good) good = check_text(address.region, "address.region", 120, true);
  if (good) good = check_text(address.postal_code, "address.postal_code", 20);
  if (good && (address.country.size() != 2 || !std::all_of(address.country.begin(), address.country.end(),
                                                           [](char c) { return c >= 'A' && c <= 'Z'; }))) {
    good = Error(ErrorCode::kInvalidArgument, "address.country: is two capital letters, such as DE");
  }
  if (good && request.card.empty() == request.card_token.empty()) {
    good = Error(ErrorCode::kInvalidArgument, "card: give either card or card_token");
  }
  if (good && !request.card_token.empty()) good = check_id(request.card_token, "card_token");
  return good;
}

base::Result<Order> Saga::place(const PlaceRequest& request) {
  if (base::Status good = check(request); !good) return std::move(good).error();
  const KeyGate::Pass pass = gate_.enter(request.key, config_.busy_wait);
  if (!pass) return Error(ErrorCode::kUnavailable, "idempotency_key: the order is still being worked on");
  const std::string body = fingerprint_of(request);
  base::Result<std::optional<Order>> known = log_.find_key(request.key);
  if (!known) return std::move(known).error();
  if (*known) {
    Order order = **std::move(known);
    if (order.body != body) return Error(ErrorCode::kAlreadyExists, "idempotency_key: was used for another order");
    if (order.open()) {
      if (base::Status done = advance(order, Mode::kRecovering); !done) return std::move(done).error();
    }
    return order;
  }
  base::Result<Order> order = accept(request, body);
  if (!order) return order;
  if (base::Status done = advance(*order, Mode::kAnswering); !done) return std::move(done).error();
  return order;
}

base::Result<Order> Saga::accept(const PlaceRequest& request, const std::string& body) {
  SavedCard card{.token = request.card_token};
  if (!request.card.empty()) {
    base::Result<SavedCard> saved = neighbours_.save_card(request.card);
    if (!saved) return std::move(saved).error();
    card = *std::move(saved);
  }
  Order order{.id = random_id("o-"), .key = request.key, .body = body, .cart_id = request.cart_id};
  order.session_id = request.session_id;
  order.user_id = request.user_id;
  order.currency = request.currency;
  order.name = request.name;
  order.email = request.email;
  order.address = request.address;
  order.express = request.express;
  order.card_token = card.token;
  order.card_brand = card.brand;
  order.card_last_four = card.last_four;
  order.placed_ms = now_ms();
  order.due_ms = order.placed_ms + kNotDueYet;
  if (base::Status written = log_.insert(order, config_.open_max); !written) return std::move(written).error();
  return order;
}

base::Result<int> Saga::recover(int64_t count_max, const Around& around) {
  base::Result<std::vector<Order>> due = log_.due(now_ms(), count_max);
  if (!due) return std::move(due).error();
  int count = 0;
  for (const Order& found : *due) {
    const KeyGate::Pass pass = gate_.enter(found.key, std::chrono::milliseconds(0));
    if (!pass) continue;  // it is being answered
    // It may have ended between the look into the log and the gate.
    base::Result<std::optional<Order>> now = log_.find(found.id);
    if (!now) return std::move(now).error();
    if (!*now || !(*now)->open()) continue;
    base::Status done = base::ok();
    around(**now, [&] { done = advance(**now, Mode::kRecovering); });
    if (!done) return std::move(done).error();
    ++count;
  }
  return count;
}

// Steps until the order ends or has to wait. An error here is the log's own: the disk, or a test that stops.
base::Status Saga::advance(Order& order, Mode mode) {
  while (order.open() && order.state != OrderState::kCancelling) {
    const Step step = order.step;
    if (observer_.dies(step, Moment::kBeforeStep)) return died();
    const base::TickTime start = clock_.tick();
    const base::Status done = perform(order);
    observer_.step_done(order, step_name(step), clock_.tick() - start, done ? nullptr : &done.error());
    if (observer_.dies(step, Moment::kAfterEffect)) return died();
    bool skipped = false;
    if (!done) {
      base::Status handled = step_failed(order, done.error(), mode, skipped);
      if (!handled) return handled;
      if (!skipped) break;
    }
    order.step = static_cast<Step>(static_cast<uint8_t>(step) + 1);
    order.attempts = 0;
    if (step == Step::kCharge) order.state = OrderState::kConfirmed;
    if (order.step == Step::kDone) order.state = OrderState::kCompleted;
    if (base::Status written = write_after(step, order); !written) return written;
    if (step == Step::kCharge) observer_.confirmed(order);
    if (order.state == OrderState::kCompleted) observer_.completed(order);
    if (observer_.dies(step, Moment::kAfterRecord)) return died();
  }
  return order.state == OrderState::kCancelling ? compensate(order) : base::ok();
}

// Each step may be done again, so only what another try could see differently is written down at once: what was in the
// cart, what is going to be charged, that it was charged, and the end. What must be known after a loss of power too is
// on the disk: the amount before the money moves, and the end before the customer is told.
base::Status Saga::write_after(Step step, const Order& order) {
  switch (step) {
    case Step::kPrice:
    case Step::kCharge:
      return log_.update(order, Sync::kProcess);
    case Step::kQuote:
    case Step::kMail:
      return log_.update(order, Sync::kPower);
    default:
      return base::ok();
  }
}

// Afterwards the order waits, is being cancelled, or (`skipped`) goes on without the step.
base::Status Saga::step_failed(Order& order, const Error& error, Mode mode, bool& skipped) {
  const bool paid = order.state == OrderState::kConfirmed;
  if (paid && !error.retryable() && order.step >= Step::kEmptyCart) {
    skipped = true;  // An order does not fail for a cart that was not emptied or a mail nobody takes.
    return base::ok();
  }
  const bool patient =
      paid || (mode == Mode::kRecovering && now_ms() - order.placed_ms < config_.give_up.count() * 1000);
  return error.retryable() && patient ? wait(order) : cancel(order, error);
}

base::Status Saga::wait(Order& order) {
  ++order.attempts;
  const int64_t pause_s = std::min<int64_t>(config_.retry_max.count(),
                                            config_.retry_min.count() << std::min<int64_t>(order.attempts - 1, 20));
  order.due_ms = now_ms() + pause_s * 1000;
  return log_.update(order, Sync::kPower);
}

base::Status Saga::cancel(Order& order, const Error& error) {
  order.state = OrderState::kCancelling;
  order.failure = error.message();
  order.failure_code = error.code();
  order.attempts = 0;
  return log_.update(order, Sync::kPower);
}

// Undoes whatever may have been done, the money first. Every part may be asked again.
base::Status Saga::compensate(Order& order) {
  const base::TickTime start = clock_.tick();
  base::Status undone = base::ok();
  if (observer_.dies(order.step, Moment::kBeforeStep)) return died();
  if (order.step >= Step::kCharge) undone = neighbours_.void_charge(key_of(order));
  if (undone && order.step >= Step::kShip) undone = neighbours_.cancel_shipment(key_of(order));
  if (undone && order.step >= Step::kReserve) undone = neighbours_.release(key_of(order));
  observer_.step_done(order, "compensate", clock_.tick() - start, undone ? nullptr : &undone.error());
  if (observer_.dies(order.step, Moment::kAfterEffect)) return died();
  if (!undone) return wait(order);
  order.state = OrderState::kCancelled;
  if (base::Status written = log_.update(order, Sync::kPower); !written) return written;
  observer_.cancelled(order);
  return base::ok();
}

base::Status Saga::perform(Order& order) {
  switch (order.step) {
    case Step::kPrice:
      return price(order);
    case Step::kReserve:
      return reserve(order);
    case Step::kQuote:
      return quote(order);
    case Step::kCharge:
      return charge(order);
    case Step::kCommit:
      return neighbours_.commit(key_of(order));
    case Step::kShip: {
      base::Result<std::string> tracking = neighbours_.ship(key_of(order), order);
      if (!tracking) return std::move(tracking).error();
      order.tracking_id = *std::move(tracking);
      return base::ok();
    }
    case Step::kEmptyCart:
      return neighbours_.empty_cart(order.cart_id, order.id);
    case Step::kMail:
      return neighbours_.queue_mail(key_of(order), order);
    case Step::kDone:
      break;
  }
  return base::ok();
}

// What the cart holds. The prices come with the stock: both are the catalogue's to say, in one answer.
base::Status Saga::price(Order& order) {
  base::Result<std::vector<CartItem>> cart = neighbours_.cart(order.cart_id);
  if (!cart) return std::move(cart).error();
  if (cart->empty()) return refused("the cart is empty");
  std::vector<Line> lines;
  for (CartItem& item : *cart) {
    if (item.quantity < 1) return Error(ErrorCode::kInvalidArgument, "the cart holds a quantity below 1");
    lines.push_back(
        {.product_id = std::move(item.product_id), .variant = std::move(item.variant), .quantity = item.quantity});
  }
  order.lines = std::move(lines);
  return base::ok();
}

base::Status Saga::reserve(Order& order) {
  base::Result<std::vector<ReservedLine>> reserved = neighbours_.reserve(key_of(order), order.lines);
  if (!reserved) return std::move(reserved).error();
  if (reserved->size() != order.lines.size()) {
    return Error(ErrorCode::kInternal, "the catalogue reserved other lines than it was asked for");
  }
  for (size_t i = 0; i < order.lines.size(); ++i) {
    Line& line = order.lines[i];
    ReservedLine& taken = (*reserved)[i];
    line.variant = std::move(taken.variant);
    line.name = std::move(taken.name);
    line.unit_price = std::move(taken.price);
    line.weight_grams = taken.weight_grams;
  }
  return base::ok();
}

// Everything in the customer's currency, at the rates of one moment; nothing of it is kept when one amount is wrong.
base::Status Saga::quote(Order& order) {
  base::Result<Quote> quote = neighbours_.quote(order);
  if (!quote) return std::move(quote).error();
  std::vector<Money> amounts;
  for (const Line& line : order.lines) amounts.push_back(line.unit_price);
  amounts.push_back(quote->cost);
  base::Result<std::vector<Money>> converted = neighbours_.convert(amounts, order.currency);
  if (!converted) return std::move(converted).error();
  if (converted->size() != amounts.size()) return Error(ErrorCode::kInternal, "too few amounts were converted");
  Money items{order.currency, 0, 0};
  std::vector<Money> totals;
  for (size_t i = 0; i < amounts.size(); ++i) {
    const Money& one = (*converted)[i];
    if (one.currency != order.currency || one.negative()) {
      return Error(ErrorCode::kInternal, "an amount was converted to something else");
    }
    if (i == order.lines.size()) break;  // the parcel's
    base::Result<Money> of_line = runtime::multiply(one, order.lines[i].quantity);
    if (!of_line) return std::move(of_line).error().within(order.lines[i].product_id);
    base::Result<Money> sum = runtime::add(items, *of_line);
    if (!sum) return std::move(sum).error().within("the total");
    items = *std::move(sum);
    totals.push_back(*std::move(of_line));
  }
  if (items.units >= config_.units_max) return refused("the order is worth more than one order may be");
  base::Result<Money> total = runtime::add(items, converted->back());
  if (!total) return std::move(total).error().within("the total");
  for (size_t i = 0; i < order.lines.size(); ++i) {
    order.lines[i].unit_price = std::move((*converted)[i]);
    order.lines[i].total = std::move(totals[i]);
  }
  order.items_total = std::move(items);
  order.shipping_total = std::move(converted->back());
  order.shipping_speed = quote->speed;
  order.total = *std::move(total);
  return base::ok();
}

base::Status Saga::charge(Order& order) {
  base::Result<PaymentAnswer> answer = neighbours_.charge(key_of(order), order);
  if (!answer) return std::move(answer).error();
  if (!answer->charged) return refused("the card was declined (" + answer->decline_reason + ")");
  order.card_brand = answer->brand;
  order.card_last_four = answer->last_four;
  return base::ok();
}

}  // namespace vcommerce::checkout
