#include "review_check.h"
#include "seals.h"
#include "web_text.h"

#include <utility>

#include <godseye/base/log.h>

#include <vcommerce/frontend/reviews.h>

namespace vcommerce::frontend {
namespace {

constexpr char kSchema[] = R"(
CREATE TABLE IF NOT EXISTS reviews(
  product TEXT NOT NULL, author TEXT NOT NULL, name TEXT NOT NULL, stars INTEGER NOT NULL, text TEXT NOT NULL,
  written_s INTEGER NOT NULL, serial INTEGER NOT NULL, PRIMARY KEY(product, author)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reviews_newest ON reviews(product, serial);
CREATE INDEX IF NOT EXISTS reviews_said ON reviews(substr(text, 1, 64));
CREATE TABLE IF NOT EXISTS held(
  product TEXT NOT NULL, author TEXT NOT NULL, name TEXT NOT NULL, stars INTEGER NOT NULL, text TEXT NOT NULL,
  written_s INTEGER NOT NULL, reason TEXT NOT NULL, PRIMARY KEY(product, author)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS held_oldest ON held(written_s);
CREATE INDEX IF NOT EXISTS held_said ON held(substr(text, 1, 64));
)";

// One-way and the same after a restart: the sessions and users behind it are random words that nobody guesses.
std::string fingerprint_of(const std::string& author) { return Seals("reviews").seal("author", author); }

base::Status check(const Review& review) {
  const auto wrong = [](const char* why) { return base::Error(base::ErrorCode::kInvalidArgument, why); };
  if (review.stars < 1 || review.stars > 5) return wrong("stars: from 1 to 5");
  if (review.name.empty() || review.name.size() > kReviewNameMax || review.name.find('\n') != std::string::npos) {
    return wrong("name: between 1 and 60 bytes on one line");
  }
  if (review.text.find_first_not_of(" \n") == std::string::npos) return wrong("text: is missing");
  if (review.text.size() > kReviewTextMax) return wrong("text: longer than 2,000 bytes");
  if (!is_utf8_text(review.name) || !is_utf8_text(review.text)) return wrong("text: not UTF-8 text");
  return base::ok();
}

Review row(const Statement& select) {
  return {.name = select.text(0),
          .stars = static_cast<int>(select.integer(1)),
          .text = select.text(2),
          .unix_seconds = select.integer(3)};
}

// Of an author's fingerprint in an id: enough to tell the 200 of a product apart.
constexpr size_t kIdDigits = 12;

// "HOM-LMP-0001/3f2a9c0d1e4b" → both parts; anything else is an id that nothing has.
std::pair<std::string, std::string> parts_of(const std::string& id) {
  const size_t slash = id.rfind('/');
  if (slash == std::string::npos || id.size() - slash - 1 != kIdDigits) return {};
  return {id.substr(0, slash), id.substr(slash + 1)};
}

base::Error no_such(const std::string& id) {
  return {base::ErrorCode::kNotFound, base::quoted(id, 100) + " is no review that waits or is shown"};
}

}  // namespace

base::Result<std::unique_ptr<Reviews>> Reviews::open(const std::string& path, base::Clock clock) {
  auto database = Database::open(path, kSchema);
  if (!database) return std::move(database).error();
  return std::unique_ptr<Reviews>(new Reviews(*std::move(database), std::move(clock)));
}

base::Result<std::string> Reviews::write(const std::string& product, const std::string& author, const Review& review) {
  if (base::Status good = check(review); !good) return std::move(good).error();
  const std::string who = fingerprint_of(author);
  std::string reason(reason_to_hold(review));
  base::MutexLock lock(database_->mutex());
  Transaction transaction(*database_);
  if (!transaction.status()) return transaction.status().error();
  if (reason.empty()) {
    const auto said = is_said_already(product, who, review);
    if (!said) return said.error();
    if (*said) reason = "repeated";
  }
  base::Status done = reason.empty() ? drop_held(product, who) : hold(product, who, review, reason);
  if (done && reason.empty()) done = put(product, who, review, base::unix_seconds(clock_.wall()));
  if (done) done = transaction.commit();
  if (!done) return std::move(done).error();
  return reason;
}

// "Nice!" is said by many.
base::Result<bool> Reviews::is_said_already(const std::string& product, const std::string& author,
                                            const Review& review) {
  constexpr size_t kOwnWords = 24;
  if (review.text.size() < kOwnWords) return false;
  for (const char* sql : {"SELECT 1 FROM reviews WHERE substr(text, 1, 64) = substr(?1, 1, 64) AND text = ?1 AND NOT "
                          "(product = ?2 AND author = ?3) LIMIT 1",
                          "SELECT 1 FROM held WHERE substr(text, 1, 64) = substr(?1, 1, 64) AND text = ?1 AND NOT "
                          "(product = ?2 AND author = ?3) LIMIT 1"}) {
    Statement same(*database_, sql);
    same.bind(review.text).bind(product).bind(author);
    if (same.step()) return true;
    if (!same.status()) return same.status().error();
  }
  return false;
}

base::Status Reviews::put(const std::string& product, const std::string& author, const Review& review,
                          int64_t written_s) {
  Statement put(*database_,
                "INSERT INTO reviews VALUES(?1, ?2, ?3, ?4, ?5, ?6, (SELECT coalesce(max(serial), 0) + 1 FROM reviews "
                "WHERE product = ?1)) ON CONFLICT(product, author) DO UPDATE SET name = excluded.name, stars = "
                "excluded.stars, text = excluded.text, written_s = excluded.written_s, serial = excluded.serial");
  put.bind(product).bind(author).bind(review.name).bind(review.stars).bind(review.text).bind(written_s);
  if (base::Status written = put.run(); !written) return written;
  Statement drop(*database_,
                 "DELETE FROM reviews WHERE product = ?1 AND serial <= (SELECT serial FROM reviews WHERE product = ?1 "
                 "ORDER BY serial DESC LIMIT 1 OFFSET ?2)");
  drop.bind(product).bind(kReviewsKept);
  return drop.run();
}

base::Status Reviews::hold(const std::string& product, const std::string& author, const Review& review,
                           const std::string& reason) {
  Statement put(*database_, "INSERT OR REPLACE INTO held VALUES(?, ?, ?, ?, ?, ?, ?)");
  put.bind(product).bind(author).bind(review.name).bind(review.stars).bind(review.text);
  put.bind(base::unix_seconds(clock_.wall())).bind(reason);
  if (base::Status written = put.run(); !written) return written;
  Statement drop(*database_,
                 "DELETE FROM held WHERE (SELECT count(*) FROM held) > ?1 AND (product, author) IN (SELECT product, "
                 "author FROM held ORDER BY written_s LIMIT 1)");
  drop.bind(kReviewsHeld);
  return drop.run();
}

base::Status Reviews::drop_held(const std::string& product, const std::string& author) {
  Statement drop(*database_, "DELETE FROM held WHERE product = ? AND author = ?");
  drop.bind(product).bind(author);
  return drop.run();
}

base::Result<ReviewsView> Reviews::of(const std::string& product, const std::string& author) {
  base::MutexLock lock(database_->mutex());
  ReviewsView view;
  Statement sums(*database_, "SELECT count(*), coalesce(sum(stars), 0) FROM reviews WHERE product = ?");
  sums.bind(product);
  if (sums.step()) {
    view.count = sums.integer(0);
    if (view.count > 0) view.average_tenths = (sums.integer(1) * 10 + view.count / 2) / view.count;
  }
  if (!sums.status()) return sums.status().error();
  Statement newest(*database_,
                   "SELECT name, stars, text, written_s FROM reviews WHERE product = ? ORDER BY serial DESC LIMIT ?");
  newest.bind(product).bind(kReviewsShown);
  while (newest.step()) view.newest.push_back(row(newest));
  if (!newest.status()) return newest.status().error();
  const std::string who = fingerprint_of(author);
  for (const bool waits : {true, false}) {
    Statement own(*database_,
                  waits ? "SELECT name, stars, text, written_s FROM held WHERE product = ? AND author = ?"
                        : "SELECT name, stars, text, written_s FROM reviews WHERE product = ? AND author = ?");
    own.bind(product).bind(who);
    if (own.step()) {
      view.own = row(own);
      view.own_waits = waits;
      break;
    }
    if (!own.status()) return own.status().error();
  }
  return view;
}

base::Result<std::vector<KeptReview>> Reviews::list(const std::string& product, bool held_only, int64_t max) {
  base::MutexLock lock(database_->mutex());
  Statement rows(*database_,
                 "SELECT name, stars, text, written_s, product, author, reason FROM (SELECT name, stars, text, "
                 "written_s, product, author, reason FROM held UNION ALL SELECT name, stars, text, written_s, product, "
                 "author, '' FROM reviews WHERE NOT ?2) WHERE ?1 = '' OR product = ?1 ORDER BY reason = '', written_s "
                 "DESC, product, author LIMIT ?3");
  rows.bind(product).bind(held_only ? 1 : 0).bind(max);
  std::vector<KeptReview> out;
  while (rows.step()) {
    KeptReview one{.product = rows.text(4), .review = row(rows), .held = rows.text(6)};
    one.id = one.product + "/" + rows.text(5).substr(0, kIdDigits);
    out.push_back(std::move(one));
  }
  if (!rows.status()) return rows.status().error();
  return out;
}

base::Status Reviews::remove(const std::string& id) {
  const auto [product, author] = parts_of(id);
  base::MutexLock lock(database_->mutex());
  for (const char* sql : {"DELETE FROM held WHERE product = ? AND substr(author, 1, ?) = ?",
                          "DELETE FROM reviews WHERE product = ? AND substr(author, 1, ?) = ?"}) {
    Statement drop(*database_, sql);
    drop.bind(product).bind(kIdDigits).bind(author);
    if (base::Status done = drop.run(); !done) return done;
    if (database_->rows_changed() > 0) return base::ok();
  }
  return no_such(id);
}

base::Status Reviews::release(const std::string& id) {
  const auto [product, author] = parts_of(id);
  base::MutexLock lock(database_->mutex());
  Transaction transaction(*database_);
  if (!transaction.status()) return transaction.status();
  std::optional<Review> review;
  std::string who;
  {
    Statement held(*database_,
                   "SELECT name, stars, text, written_s, author FROM held WHERE product = ? AND substr(author, 1, ?) = "
                   "?");
    held.bind(product).bind(kIdDigits).bind(author);
    if (held.step()) {
      review = row(held);
      who = held.text(4);
    }
    if (!held.status()) return held.status();
  }
  if (!review) return no_such(id);
  if (base::Status done = put(product, who, *review, review->unix_seconds); !done) return done;
  if (base::Status done = drop_held(product, who); !done) return done;
  return transaction.commit();
}

}  // namespace vcommerce::frontend
