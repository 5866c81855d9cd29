#include "store.h"
#include "store_query.h"

#include <algorithm>
#include <map>

#include <vcommerce/orders/checks.h>

// The stock of `Store`: reservations, deliveries, expiry.
namespace vcommerce::catalogue {

using base::Error;
using base::ErrorCode;

namespace {

// Differs whenever the lines differ: every part has its length before it.
std::string fingerprint_of(const std::vector<StockLine>& lines) {
  std::string text;
  for (const StockLine& line : lines) {
    text += std::to_string(line.product_id.size()) + ":" + line.product_id + std::to_string(line.size.size()) + ":" +
            line.size + std::to_string(line.quantity) + ";";
  }
  return fingerprint(text);
}

}  // namespace

base::Result<std::string> Store::size_for(const StockLine& line) {
  base::Result<Product> product = read(line.product_id);
  if (!product) return std::move(product).error().within(line.product_id);
  const auto named = std::find_if(product->sizes.begin(), product->sizes.end(),
                                  [&](const SizeStock& size) { return size.size == line.size; });
  if (named != product->sizes.end()) return line.size;
  const bool colour = std::any_of(product->colours.begin(), product->colours.end(),
                                  [&](const Colour& one) { return one.name == line.size; });
  if (!line.size.empty() && !colour) {
    return Error(ErrorCode::kInvalidArgument, line.product_id + ": it does not come in this size");
  }
  if (product->sizes.empty()) return Error(ErrorCode::kInvalidArgument, line.product_id + ": it has no stock at all");
  return std::max_element(product->sizes.begin(), product->sizes.end(),
                          [](const SizeStock& a, const SizeStock& b) { return a.available < b.available; })
      ->size;
}

base::Status Store::take(std::vector<StockLine>& lines, std::string& refusal) {
  // Two lines of one thing are one: else each alone could fit and both together not be told apart.
  std::map<std::pair<std::string, std::string>, int64_t> wanted;
  for (StockLine& line : lines) {
    base::Result<std::string> size = size_for(line);
    if (!size) return std::move(size).error();
    line.size = *std::move(size);
    wanted[{line.product_id, line.size}] += line.quantity;
  }
  for (const auto& [what, quantity] : wanted) {
    Statement update(*database_,
                     "UPDATE stock SET available = available - ?1 WHERE product_id = ?2 AND size = ?3 AND "
                     "available >= ?1");
    if (base::Status done = update.bind(quantity).bind(what.first).bind(what.second).run(); !done) return done;
    if (database_->rows_changed() == 1) {
      Statement version(*database_, "UPDATE products SET version = version + 1 WHERE id = ?");
      if (base::Status done = version.bind(what.first).run(); !done) return done;
      continue;
    }
    Statement left(*database_, "SELECT available FROM stock WHERE product_id = ? AND size = ?");
    left.bind(what.first).bind(what.second);
    const int64_t available = left.step() ? left.integer(0) : 0;
    refusal += (refusal.empty() ? "" : "; ") + what.first + " (" + what.second + "): " + std::to_string(quantity) +
               " wanted, " + std::to_string(available) + " left";
  }
  return base::ok();
}

base::Status Store::put_back(const std::vector<StockLine>& lines) {
  for (const StockLine& line : lines) {
    Statement update(*database_, "UPDATE stock SET available = available + ? WHERE product_id = ? AND size = ?");
    update.bind(int64_t{line.quantity}).bind(line.product_id).bind(line.size);
    if (base::Status done = update.run(); !done) return done;
    Statement version(*database_, "UPDATE products SET version = version + 1 WHERE id = ?");
    if (base::Status done = version.bind(line.product_id).run(); !done) return done;
  }
  return base::ok();
}

base::Result<Reservation> Store::reservation(const std::string& key, std::string* fingerprint) {
  Statement row(*database_, "SELECT state, fingerprint FROM reservations WHERE key = ?");
  row.bind(key);
  if (!row.step()) {
    if (!row.status()) return row.status().error();
    return Error(ErrorCode::kNotFound, "no reservation has this key");
  }
  Reservation found{key, static_cast<ReservationState>(row.integer(0)), {}};
  if (fingerprint != nullptr) *fingerprint = row.text(1);
  Statement lines(*database_, "SELECT product_id, size, quantity FROM reservation_lines WHERE key = ? ORDER BY line");
  lines.bind(key);
  while (lines.step()) found.lines.push_back({lines.text(0), lines.text(1), static_cast<int32_t>(lines.integer(2))});
  if (!lines.status()) return lines.status().error();
  return found;
}

base::Status Store::write_reservation(const Reservation& reservation, const std::string& fingerprint) {
  Statement row(*database_, "INSERT OR REPLACE INTO reservations VALUES(?,?,?,?)");
  row.bind(reservation.key).bind(static_cast<int64_t>(reservation.state)).bind(now_ms()).bind(fingerprint);
  if (base::Status done = row.run(); !done) return done;
  Statement forget(*database_, "DELETE FROM reservation_lines WHERE key = ?");
  if (base::Status done = forget.bind(reservation.key).run(); !done) return done;
  for (size_t i = 0; i < reservation.lines.size(); ++i) {
    const StockLine& line = reservation.lines[i];
    Statement insert(*database_, "INSERT INTO reservation_lines VALUES(?,?,?,?,?)");
    insert.bind(reservation.key).bind(static_cast<int64_t>(i)).bind(line.product_id).bind(line.size);
    if (base::Status done = insert.bind(int64_t{line.quantity}).run(); !done) return done;
  }
  return base::ok();
}

base::Status Store::set_state(const std::string& key, ReservationState state) {
  Statement update(*database_, "UPDATE reservations SET state = ?, changed_ms = ? WHERE key = ?");
  return update.bind(static_cast<int64_t>(state)).bind(now_ms()).bind(key).run();
}

base::Status Store::expire_due() {
  const int64_t before = now_ms() - std::chrono::milliseconds(kReservationLasts).count();
  std::vector<std::string> due;
  {
    Statement rows(*database_, "SELECT key FROM reservations WHERE state = 1 AND changed_ms < ?");
    rows.bind(before);
    while (rows.step()) due.push_back(rows.text(0));
    if (!rows.status()) return rows.status();
  }
  for (const std::string& key : due) {
    base::Result<Reservation> ended = reservation(key, nullptr);
    if (!ended) return std::move(ended).error();
    if (base::Status done = put_back(ended->lines); !done) return done;
    if (base::Status done = set_state(key, ReservationState::kExpired); !done) return done;
    for (const StockLine& line : ended->lines) changed(line.product_id);
  }
  return base::ok();
}

base::Result<ReservationAnswer> Store::reserve(const std::string& key, const std::vector<StockLine>& lines) {
  const std::string fingerprint = fingerprint_of(lines);
  Query query(*this, "reserve");
  Transaction transaction(*database_);
  if (!transaction.status()) return transaction.status().error();
  if (base::Status done = expire_due(); !done) return std::move(done).error();
  std::string known;
  base::Result<Reservation> earlier = reservation(key, &known);
  if (!earlier && earlier.error().code() != ErrorCode::kNotFound) return std::move(earlier).error();
  if (earlier) {
    if (known.empty()) return ReservationAnswer{*std::move(earlier), "this key was released before it was reserved"};
    if (known != fingerprint) return Error(ErrorCode::kAlreadyExists, "this key stands for other lines");
    if (earlier->state == ReservationState::kReleased) {
      return ReservationAnswer{*std::move(earlier), "this reservation was released"};
    }
    if (earlier->state != ReservationState::kExpired) return ReservationAnswer{*std::move(earlier), {}};
  }
  ReservationAnswer answer{{key, ReservationState::kHeld, lines}, {}};
  if (base::Status done = take(answer.reservation.lines, answer.refusal); !done) return std::move(done).error();
  if (!answer.refusal.empty()) return answer;  // the transaction rolls back
  if (base::Status done = write_reservation(answer.reservation, fingerprint); !done) return std::move(done).error();
  if (base::Status done = transaction.commit(); !done) return std::move(done).error();
  for (const StockLine& line : lines) changed(line.product_id);
  return answer;
}

base::Result<ReservationAnswer> Store::commit(const std::string& key) {
  Query query(*this, "commit");
  Transaction transaction(*database_);
  if (!transaction.status()) return transaction.status().error();
  base::Result<Reservation> found = reservation(key, nullptr);
  if (!found) return std::move(found).error();
  ReservationAnswer answer{*std::move(found), {}};
  if (answer.reservation.state == ReservationState::kCommitted) return answer;
  if (answer.reservation.state == ReservationState::kReleased) {
    answer.refusal = "this reservation was released";
    return answer;
  }
  if (answer.reservation.state == ReservationState::kExpired) {
    if (base::Status done = take(answer.reservation.lines, answer.refusal); !done) return std::move(done).error();
    if (!answer.refusal.empty()) {
      answer.refusal = "this reservation ran out, and meanwhile " + answer.refusal;
      return answer;
    }
  }
  answer.reservation.state = ReservationState::kCommitted;
  if (base::Status done = set_state(key, ReservationState::kCommitted); !done) return std::move(done).error();
  if (base::Status done = transaction.commit(); !done) return std::move(done).error();
  for (const StockLine& line : answer.reservation.lines) changed(line.product_id);
  return answer;
}

base::Result<ReservationAnswer> Store::release(const std::string& key) {
  Query query(*this, "release");
  Transaction transaction(*database_);
  if (!transaction.status()) return transaction.status().error();
  base::Result<Reservation> found = reservation(key, nullptr);
  if (!found && found.error().code() != ErrorCode::kNotFound) return std::move(found).error();
  ReservationAnswer answer{{key, ReservationState::kReleased, {}}, {}};
  if (!found) {
    if (base::Status done = write_reservation(answer.reservation, ""); !done) return std::move(done).error();
  } else {
    answer.reservation.lines = std::move(found->lines);
    if (found->state == ReservationState::kReleased) return answer;
    if (found->state != ReservationState::kExpired) {
      if (base::Status done = put_back(answer.reservation.lines); !done) return std::move(done).error();
    }
    if (base::Status done = set_state(key, ReservationState::kReleased); !done) return std::move(done).error();
  }
  if (base::Status done = transaction.commit(); !done) return std::move(done).error();
  for (const StockLine& line : answer.reservation.lines) changed(line.product_id);
  return answer;
}

base::Status Store::receive(const std::string& key, const std::vector<StockLine>& lines) {
  Query query(*this, "receive");
  Transaction transaction(*database_);
  if (!transaction.status()) return transaction.status();
  Statement known(*database_, "INSERT OR IGNORE INTO deliveries VALUES(?,?)");
  if (base::Status done = known.bind(key).bind(now_ms()).run(); !done) return done;
  if (database_->rows_changed() == 0) return base::ok();
  std::vector<StockLine> sized = lines;
  for (StockLine& line : sized) {
    base::Result<std::string> size = size_for(line);
    if (!size) return std::move(size).error();
    line.size = *std::move(size);
    Statement room(*database_, "SELECT available FROM stock WHERE product_id = ? AND size = ?");
    room.bind(line.product_id).bind(line.size);
    if (room.step() && room.integer(0) + line.quantity > kStockMax) {
      return Error(ErrorCode::kTooLarge, line.product_id + ": a size has at most " + std::to_string(kStockMax));
    }
  }
  if (base::Status done = put_back(sized); !done) return done;
  if (base::Status done = transaction.commit(); !done) return done;
  for (const StockLine& line : sized) changed(line.product_id);
  return base::ok();
}

base::Result<int64_t> Store::expire() {
  Query query(*this, "expire");
  Transaction transaction(*database_);
  if (!transaction.status()) return transaction.status().error();
  const auto held = [this]() -> int64_t {
    Statement count(*database_, "SELECT count(*) FROM reservations WHERE state = 1");
    return count.step() ? count.integer(0) : 0;
  };
  const int64_t before = held();
  if (base::Status done = expire_due(); !done) return std::move(done).error();
  const int64_t expired = before - held();
  const int64_t forgotten = now_ms() - std::chrono::milliseconds(kReservationKept).count();
  for (const std::string_view sql :
       {"DELETE FROM reservation_lines WHERE key IN (SELECT key FROM reservations WHERE state > 1 AND changed_ms < ?)",
        "DELETE FROM reservations WHERE state > 1 AND changed_ms < ?",
        "DELETE FROM deliveries WHERE received_ms < ?"}) {
    Statement forget(*database_, sql);
    if (base::Status done = forget.bind(forgotten).run(); !done) return std::move(done).error();
  }
  if (base::Status done = transaction.commit(); !done) return std::move(done).error();
  return expired;
}

base::Result<int64_t> Store::restock() {
  Query query(*this, "restock");
  Transaction transaction(*database_);
  if (!transaction.status()) return transaction.status().error();
  std::vector<std::string> low;
  {
    Statement rows(*database_,
                   "SELECT product_id FROM stock GROUP BY product_id HAVING sum(available) * 10 < sum(filled)");
    while (rows.step()) low.push_back(rows.text(0));
    if (!rows.status()) return rows.status().error();
  }
  for (const std::string& id : low) {
    Statement fill(*database_, "UPDATE stock SET available = max(available, filled) WHERE product_id = ?");
    if (base::Status done = fill.bind(id).run(); !done) return std::move(done).error();
    Statement version(*database_, "UPDATE products SET version = version + 1 WHERE id = ?");
    if (base::Status done = version.bind(id).run(); !done) return std::move(done).error();
  }
  if (base::Status done = transaction.commit(); !done) return std::move(done).error();
  for (const std::string& id : low) changed(id);
  return static_cast<int64_t>(low.size());
}

}  // namespace vcommerce::catalogue
