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

using Wanted = std::map<std::pair<std::string, std::string>, int64_t>;  // by product and size: the order of writing

base::Result<std::string> size_for(SqlSession& sql, const StockLine& line) {
  base::Result<Rows> sizes =
      sql.run("SELECT size, available FROM stock WHERE product_id = $1 ORDER BY position", {line.product_id});
  if (!sizes) return std::move(sizes).error();
  size_t fullest = 0;
  for (size_t i = 0; i < sizes->size(); ++i) {
    if (sizes->text(i, 0) == line.size) return line.size;
    if (sizes->integer(i, 1) > sizes->integer(fullest, 1)) fullest = i;
  }
  if (sizes->empty() || !line.size.empty()) {
    base::Result<Rows> product = sql.run("SELECT colours FROM products WHERE id = $1", {line.product_id});
    if (!product) return std::move(product).error();
    if (product->empty()) return Error(ErrorCode::kNotFound, line.product_id + ": no product has this id");
    if (sizes->empty()) return Error(ErrorCode::kInvalidArgument, line.product_id + ": it has no stock at all");
    const std::vector<Colour> colours = colours_of(product->text(0, 0));
    if (std::none_of(colours.begin(), colours.end(), [&](const Colour& one) { return one.name == line.size; })) {
      return Error(ErrorCode::kInvalidArgument, line.product_id + ": it does not come in this size");
    }
  }
  return std::move(sizes->text(fullest, 0));
}

// Gives the lines their sizes. Two lines of one thing are one: else each alone could fit and both together not be told
// apart.
base::Result<Wanted> wanted_of(SqlSession& sql, std::vector<StockLine>& lines) {
  Wanted wanted;
  for (StockLine& line : lines) {
    base::Result<std::string> size = size_for(sql, line);
    if (!size) return std::move(size).error();
    line.size = *std::move(size);
    wanted[{line.product_id, line.size}] += line.quantity;
  }
  return wanted;
}

base::Status count_versions(SqlSession& sql, const Wanted& wanted) {
  std::string_view last;
  for (const auto& [what, quantity] : wanted) {
    if (what.first == last) continue;
    last = what.first;
    base::Result<Rows> done = sql.run("UPDATE products SET version = version + 1 WHERE id = $1", {last});
    if (!done) return std::move(done).error();
  }
  return base::ok();
}

// The lines with their sizes, or a refusal that names what is short.
base::Status take(SqlSession& sql, std::vector<StockLine>& lines, std::string& refusal) {
  base::Result<Wanted> wanted = wanted_of(sql, lines);
  if (!wanted) return std::move(wanted).error();
  for (const auto& [what, quantity] : *wanted) {
    base::Result<Rows> taken =
        sql.run("UPDATE stock SET available = available - $1 WHERE product_id = $2 AND size = $3 AND available >= $1",
                {quantity, what.first, what.second});
    if (!taken) return std::move(taken).error();
    if (taken->changed == 1) continue;
    base::Result<Rows> left =
        sql.run("SELECT available FROM stock WHERE product_id = $1 AND size = $2", {what.first, what.second});
    if (!left) return std::move(left).error();
    const int64_t available = left->empty() ? 0 : left->integer(0, 0);
    refusal += (refusal.empty() ? "" : "; ") + what.first + " (" + what.second + "): " + std::to_string(quantity) +
               " wanted, " + std::to_string(available) + " left";
  }
  return refusal.empty() ? count_versions(sql, *wanted) : base::ok();
}

// kTooLarge, naming the product, beyond `most` of a size.
base::Status put_back(SqlSession& sql, const std::vector<StockLine>& lines, int64_t most) {
  Wanted back;
  for (const StockLine& line : lines) back[{line.product_id, line.size}] += line.quantity;
  for (const auto& [what, quantity] : back) {
    base::Result<Rows> done = sql.run(
        "UPDATE stock SET available = available + $1 WHERE product_id = $2 AND size = $3 AND available + $1 <= $4",
        {quantity, what.first, what.second, most});
    if (!done) return std::move(done).error();
    if (done->changed == 0 && most <= kStockMax) {
      return Error(ErrorCode::kTooLarge, what.first + ": a size has at most " + std::to_string(most));
    }
  }
  return count_versions(sql, back);
}

// What was taken goes back wherever it came from, however much there is.
constexpr int64_t kAnyAmount = int64_t{1} << 40;

base::Result<Reservation> reservation(SqlSession& sql, const std::string& key, std::string* fingerprint) {
  base::Result<Rows> row = sql.run("SELECT state, fingerprint FROM reservations WHERE key = $1", {key});
  if (!row) return std::move(row).error();
  if (row->empty()) return Error(ErrorCode::kNotFound, "no reservation has this key");
  Reservation found{key, static_cast<ReservationState>(row->integer(0, 0)), {}};
  if (fingerprint != nullptr) *fingerprint = std::move(row->text(0, 1));
  base::Result<Rows> lines =
      sql.run("SELECT product_id, size, quantity FROM reservation_lines WHERE key = $1 ORDER BY line", {key});
  if (!lines) return std::move(lines).error();
  for (size_t i = 0; i < lines->size(); ++i) {
    found.lines.push_back(
        {std::move(lines->text(i, 0)), std::move(lines->text(i, 1)), static_cast<int32_t>(lines->integer(i, 2))});
  }
  return found;
}

base::Status write_reservation(SqlSession& sql, const Reservation& reservation, const std::string& fingerprint,
                               int64_t now_ms) {
  base::Result<Rows> row = sql.run(
      "INSERT INTO reservations VALUES($1,$2,$3,$4) ON CONFLICT(key) DO UPDATE SET state = excluded.state, "
      "changed_ms = excluded.changed_ms, fingerprint = excluded.fingerprint",
      {reservation.key, static_cast<int64_t>(reservation.state), now_ms, fingerprint});
  if (!row) return std::move(row).error();
  base::Result<Rows> gone = sql.run("DELETE FROM reservation_lines WHERE key = $1", {reservation.key});
  if (!gone) return std::move(gone).error();
  for (size_t i = 0; i < reservation.lines.size(); ++i) {
    const StockLine& line = reservation.lines[i];
    base::Result<Rows> done =
        sql.run("INSERT INTO reservation_lines VALUES($1,$2,$3,$4,$5)",
                {reservation.key, static_cast<int64_t>(i), line.product_id, line.size, int64_t{line.quantity}});
    if (!done) return std::move(done).error();
  }
  return base::ok();
}

base::Status set_state(SqlSession& sql, const std::string& key, ReservationState state, int64_t now_ms) {
  base::Result<Rows> done = sql.run("UPDATE reservations SET state = $1, changed_ms = $2 WHERE key = $3",
                                    {static_cast<int64_t>(state), now_ms, key});
  if (!done) return std::move(done).error();
  return base::ok();
}

}  // namespace

base::Result<std::vector<std::string>> Store::due(SqlSession& sql) const {
  const int64_t before = now_ms() - std::chrono::milliseconds(kReservationLasts).count();
  base::Result<Rows> rows = sql.run("SELECT key FROM reservations WHERE state = 1 AND changed_ms < $1", {before});
  if (!rows) return std::move(rows).error();
  return std::move(rows->cells);
}

// Each in a transaction of its own, under its key: it may be committed or released in this moment.
base::Result<int64_t> Store::expire_due(SqlSession& sql) {
  base::Result<std::vector<std::string>> keys = due(sql);
  if (!keys) return std::move(keys).error();
  int64_t expired = 0;
  for (const std::string& key : *keys) {
    SqlTransaction transaction(sql, key);
    if (!transaction.status()) return transaction.status().error();
    base::Result<Reservation> ended = reservation(sql, key, nullptr);
    if (!ended && ended.error().code() != ErrorCode::kNotFound) return std::move(ended).error();
    if (!ended || ended->state != ReservationState::kHeld) continue;
    if (base::Status done = put_back(sql, ended->lines, kAnyAmount); !done) return std::move(done).error();
    if (base::Status done = set_state(sql, key, ReservationState::kExpired, now_ms()); !done) {
      return std::move(done).error();
    }
    if (base::Status done = transaction.commit(); !done) return std::move(done).error();
    changed(ended->lines);
    ++expired;
  }
  return expired;
}

base::Result<ReservationAnswer> Store::reserve(const std::string& key, const std::vector<StockLine>& lines) {
  const std::string fingerprint = fingerprint_of(lines);
  Query query(*this, "reserve");
  if (!query.status()) return query.status().error();
  SqlSession& sql = *query;
  if (base::Result<int64_t> expired = expire_due(sql); !expired) return std::move(expired).error();
  SqlTransaction transaction(sql, key);
  if (!transaction.status()) return transaction.status().error();
  std::string known;
  base::Result<Reservation> earlier = reservation(sql, key, &known);
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
  if (base::Status done = take(sql, answer.reservation.lines, answer.refusal); !done) return std::move(done).error();
  if (!answer.refusal.empty()) return answer;  // the transaction rolls back
  if (base::Status done = write_reservation(sql, answer.reservation, fingerprint, now_ms()); !done) {
    return std::move(done).error();
  }
  if (base::Status done = transaction.commit(); !done) return std::move(done).error();
  changed(lines);
  return answer;
}

base::Result<ReservationAnswer> Store::commit(const std::string& key) {
  Query query(*this, "commit");
  if (!query.status()) return query.status().error();
  SqlSession& sql = *query;
  SqlTransaction transaction(sql, key);
  if (!transaction.status()) return transaction.status().error();
  base::Result<Reservation> found = reservation(sql, key, nullptr);
  if (!found) return std::move(found).error();
  ReservationAnswer answer{*std::move(found), {}};
  if (answer.reservation.state == ReservationState::kCommitted) return answer;
  if (answer.reservation.state == ReservationState::kReleased) {
    answer.refusal = "this reservation was released";
    return answer;
  }
  if (answer.reservation.state == ReservationState::kExpired) {
    if (base::Status done = take(sql, answer.reservation.lines, answer.refusal); !done) return std::move(done).error();
    if (!answer.refusal.empty()) {
      answer.refusal = "this reservation ran out, and meanwhile " + answer.refusal;
      return answer;
    }
  }
  answer.reservation.state = ReservationState::kCommitted;
  if (base::Status done = set_state(sql, key, ReservationState::kCommitted, now_ms()); !done) {
    return std::move(done).error();
  }
  if (base::Status done = transaction.commit(); !done) return std::move(done).error();
  changed(answer.reservation.lines);
  return answer;
}

base::Result<ReservationAnswer> Store::release(const std::string& key) {
  Query query(*this, "release");
  if (!query.status()) return query.status().error();
  SqlSession& sql = *query;
  SqlTransaction transaction(sql, key);
  if (!transaction.status()) return transaction.status().error();
  base::Result<Reservation> found = reservation(sql, key, nullptr);
  if (!found && found.error().code() != ErrorCode::kNotFound) return std::move(found).error();
  ReservationAnswer answer{{key, ReservationState::kReleased, {}}, {}};
  if (!found) {
    if (base::Status done = write_reservation(sql, answer.reservation, "", now_ms()); !done) {
      return std::move(done).error();
    }
  } else {
    answer.reservation.lines = std::move(found->lines);
    if (found->state == ReservationState::kReleased) return answer;
    if (found->state != ReservationState::kExpired) {
      if (base::Status done = put_back(sql, answer.reservation.lines, kAnyAmount); !done) {
        return std::move(done).error();
      }
    }
    if (base::Status done = set_state(sql, key, ReservationState::kReleased, now_ms()); !done) {
      return std::move(done).error();
    }
  }
  if (base::Status done = transaction.commit(); !done) return std::move(done).error();
  changed(answer.reservation.lines);
  return answer;
}

base::Status Store::receive(const std::string& key, const std::vector<StockLine>& lines) {
  Query query(*this, "receive");
  if (!query.status()) return query.status();
  SqlSession& sql = *query;
  SqlTransaction transaction(sql, "delivery " + key);
  if (!transaction.status()) return transaction.status();
  base::Result<Rows> known =
      sql.run("INSERT INTO deliveries VALUES($1,$2) ON CONFLICT(key) DO NOTHING", {key, now_ms()});
  if (!known) return std::move(known).error();
  if (known->changed == 0) return base::ok();
  std::vector<StockLine> sized = lines;
  if (base::Result<Wanted> wanted = wanted_of(sql, sized); !wanted) return std::move(wanted).error();
  if (base::Status done = put_back(sql, sized, kStockMax); !done) return done;
  if (base::Status done = transaction.commit(); !done) return done;
  changed(sized);
  return base::ok();
}

base::Status Store::forget_old(SqlSession& sql) const {
  SqlTransaction transaction(sql, "forget");
  if (!transaction.status()) return transaction.status();
  const int64_t before = now_ms() - std::chrono::milliseconds(kReservationKept).count();
  for (const std::string_view text :
       {"DELETE FROM reservation_lines WHERE key IN (SELECT key FROM reservations WHERE state > 1 AND changed_ms < $1)",
        "DELETE FROM reservations WHERE state > 1 AND changed_ms < $1",
        "DELETE FROM deliveries WHERE received_ms < $1"}) {
    base::Result<Rows> done = sql.run(text, {before});
    if (!done) return std::move(done).error();
  }
  return transaction.commit();
}

base::Result<int64_t> Store::expire() {
  if (base::Status prepared = prepare(); !prepared) return std::move(prepared).error();
  Query query(*this, "expire");
  if (!query.status()) return query.status().error();
  base::Result<int64_t> expired = expire_due(*query);
  if (!expired || now_ms() < forget_next_ms_) return expired;
  if (base::Status done = forget_old(*query); !done) return std::move(done).error();
  forget_next_ms_ = now_ms() + std::chrono::milliseconds(kForgetEvery).count();
  return expired;
}

base::Result<int64_t> Store::restock() {
  Query query(*this, "restock");
  if (!query.status()) return query.status().error();
  SqlSession& sql = *query;
  SqlTransaction transaction(sql, "restock");
  if (!transaction.status()) return transaction.status().error();
  base::Result<Rows> low = sql.run(
      "SELECT product_id, size FROM stock WHERE product_id IN (SELECT product_id FROM stock GROUP BY product_id HAVING "
      "sum(available) * 10 < sum(filled)) ORDER BY product_id, size",
      {});
  if (!low) return std::move(low).error();
  Wanted filled;
  for (size_t i = 0; i < low->size(); ++i) {
    base::Result<Rows> done =
        sql.run("UPDATE stock SET available = filled WHERE product_id = $1 AND size = $2 AND available < filled",
                {low->text(i, 0), low->text(i, 1)});
    if (!done) return std::move(done).error();
    filled[{low->text(i, 0), low->text(i, 1)}] = 0;
  }
  if (base::Status done = count_versions(sql, filled); !done) return std::move(done).error();
  if (base::Status done = transaction.commit(); !done) return std::move(done).error();
  std::set<std::string> products;
  for (const auto& [what, nothing] : filled) products.insert(what.first);
  for (const std::string& id : products) changed(id);
  return static_cast<int64_t>(products.size());
}

}  // namespace vcommerce::catalogue
