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
// to its cart. Threads: any.
namespace vcommerce::frontend {

inline constexpr int64_t kReviewsKept = 200;     // of a product
inline constexpr int64_t kReviewsShown = 20;     // the newest
inline constexpr size_t kReviewNameMax = 60;     // bytes
inline constexpr size_t kReviewTextMax = 2'000;  // bytes

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
};

class Reviews {
 public:
  // kIo and others name the file.
  static base::Result<std::unique_ptr<Reviews>> open(const std::string& path, base::Clock clock);

  // kInvalidArgument: "stars: …", "name: …", "text: …". Requires: `author` is not empty.
  base::Status write(const std::string& product, const std::string& author, const Review& review);
  base::Result<ReviewsView> of(const std::string& product, const std::string& author);

 private:
  Reviews(std::unique_ptr<Database> database, base::Clock clock)
      : database_(std::move(database)), clock_(std::move(clock)) {}

  std::unique_ptr<Database> database_;
  base::Clock clock_;
};

}  // namespace vcommerce::frontend
