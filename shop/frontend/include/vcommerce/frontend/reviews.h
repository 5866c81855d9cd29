#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <godseye/base/clock.h>

#include <vcommerce/orders/sqlite.h>

// What customers say of products: a name, stars, a text, on disk. Each author (a user, or a session that is nobody's)
// has one review of a product: writing again replaces it. Of each product the newest kReviewsKept stay. Texts are kept
// as they were written: whoever shows them escapes. Authors are kept as fingerprints, since a session's name is a key
// to its cart.
//
// What looks hostile (review_check.h), or says word for word what another review says, is held: nobody but its author
// sees it or that it waits, it counts in no average, and what the author said before stays, until the operator releases
// or removes it (`vcommerce reviews`). At most kReviewsHeld wait; the oldest make room.
//
// Threads: any. Processes: several may have the file open; each call is one transaction.
namespace vcommerce::frontend {

inline constexpr const char* kReviewsFile = "reviews.sqlite";  // in the folder of `data-dir`
inline constexpr int64_t kReviewsKept = 200;                   // of a product
inline constexpr int64_t kReviewsHeld = 200;                   // of all products
inline constexpr int64_t kReviewsShown = 20;                   // the newest
inline constexpr size_t kReviewNameMax = 60;                   // bytes
inline constexpr size_t kReviewTextMax = 2'000;                // bytes

struct Review {
  std::string name;
  int stars = 0;  // 1–5
  std::string text;
  int64_t unix_seconds = 0;
};

struct ReviewsView {
  std::vector<Review> newest;  // at most kReviewsShown
  int64_t count = 0;
  int64_t average_tenths = 0;  // 43: 4.3 stars
  std::optional<Review> own;
  bool own_waits = false;  // `own` is held
};

// For the operator.
struct KeptReview {
  std::string id;  // "HOM-LMP-0001/3f2a9c0d1e4b": product and author
  std::string product;
  Review review;
  std::string held;  // why it waits; empty: everybody sees it
};

class Reviews {
 public:
  // kIo and others name the file.
  static base::Result<std::unique_ptr<Reviews>> open(const std::string& path, base::Clock clock);

  // Why it is held; empty: everybody sees it. kInvalidArgument: "stars: …", "name: …", "text: …". Requires: `author` is
  // not empty.
  base::Result<std::string> write(const std::string& product, const std::string& author, const Review& review);
  base::Result<ReviewsView> of(const std::string& product, const std::string& author);

  // The newest first, those that wait before the others; of one product, or of all with an empty `product`; at most
  // `max`.
  base::Result<std::vector<KeptReview>> list(const std::string& product, bool held_only, int64_t max);
  // kNotFound: there is none of that id. A review that is held goes before the one of the same author that is shown.
  base::Status remove(const std::string& id);
  // Everybody sees it from now on, instead of what its author said before.
  base::Status release(const std::string& id);

 private:
  base::Result<bool> is_said_already(const std::string& product, const std::string& author, const Review& review);
  base::Status put(const std::string& product, const std::string& author, const Review& review, int64_t written_s);
  base::Status hold(const std::string& product, const std::string& author, const Review& review,
                    const std::string& reason);
  base::Status drop_held(const std::string& product, const std::string& author);

  Reviews(std::unique_ptr<Database> database, base::Clock clock)
      : database_(std::move(database)), clock_(std::move(clock)) {}

  std::unique_ptr<Database> database_;
  base::Clock clock_;
};

}  // namespace vcommerce::frontend
