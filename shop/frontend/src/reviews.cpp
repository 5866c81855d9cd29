#include "reviews.h"

#include "seals.h"
#include "web_text.h"

namespace vcommerce::frontend {
namespace {

constexpr char kSchema[] = R"(
CREATE TABLE IF NOT EXISTS reviews(
  product TEXT NOT NULL, author TEXT NOT NULL, name TEXT NOT NULL, stars INTEGER NOT NULL, text TEXT NOT NULL,
  written_s INTEGER NOT NULL, serial INTEGER NOT NULL, PRIMARY KEY(product, author)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reviews_newest ON reviews(product, serial);
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

}  // namespace

base::Result<std::unique_ptr<Reviews>> Reviews::open(const std::string& path, base::Clock clock) {
  auto database = Database::open(path, kSchema);
  if (!database) return std::move(database).error();
  return std::unique_ptr<Reviews>(new Reviews(*std::move(database), std::move(clock)));
}

base::Status Reviews::write(const std::string& product, const std::string& author, const Review& review) {
  if (base::Status good = check(review); !good) return good;
  base::MutexLock lock(database_->mutex());
  Transaction transaction(*database_);
  if (!transaction.status()) return transaction.status();
  Statement put(*database_,
                "INSERT INTO reviews VALUES(?1, ?2, ?3, ?4, ?5, ?6, (SELECT coalesce(max(serial), 0) + 1 FROM reviews "
                "WHERE product = ?1)) ON CONFLICT(product, author) DO UPDATE SET name = excluded.name, stars = "
                "excluded.stars, text = excluded.text, written_s = excluded.written_s, serial = excluded.serial");
  put.bind(product).bind(fingerprint_of(author)).bind(review.name).bind(review.stars).bind(review.text);
  put.bind(base::unix_seconds(clock_.wall()));
  if (base::Status written = put.run(); !written) return written;
  Statement drop(*database_,
                 "DELETE FROM reviews WHERE product = ?1 AND serial <= (SELECT serial FROM reviews WHERE product = ?1 "
                 "ORDER BY serial DESC LIMIT 1 OFFSET ?2)");
  drop.bind(product).bind(kReviewsKept);
  if (base::Status dropped = drop.run(); !dropped) return dropped;
  return transaction.commit();
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
  if (view.count == 0) return view;
  Statement newest(*database_,
                   "SELECT name, stars, text, written_s FROM reviews WHERE product = ? ORDER BY serial DESC LIMIT ?");
  newest.bind(product).bind(kReviewsShown);
  while (newest.step()) view.newest.push_back(row(newest));
  if (!newest.status()) return newest.status().error();
  Statement own(*database_, "SELECT name, stars, text, written_s FROM reviews WHERE product = ? AND author = ?");
  own.bind(product).bind(fingerprint_of(author));
  if (own.step()) view.own = row(own);
  if (!own.status()) return own.status().error();
  return view;
}

}  // namespace vcommerce::frontend
