#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <godseye/base/mutex.h>

// The advertisements of the shop: campaigns with the words they fit, which of them a page gets, and what became of each
// showing. Threads: any.
namespace vcommerce::ads {

inline constexpr size_t kPlacementsMax = 20'000;  // that can still be seen or clicked; the oldest make room

struct Campaign {
  std::string_view id;
  std::string_view category;
  std::string_view words;  // separated by spaces, lower case, in the singular
  std::string_view headline;
  std::string_view text;
  std::string_view path;
};

// Written by hand; every category of the shop has some.
std::span<const Campaign> campaigns();

struct Placement {
  std::string id;
  const Campaign* campaign = nullptr;
  bool matched = false;  // by words or category, not to fill the page
};

enum class Counted : uint8_t { kYes, kAgain, kUnknown };

class AdBook {
 public:
  // `make_id` gives an id that nobody can guess, a new one each time.
  AdBook(std::span<const Campaign> campaigns, std::function<std::string()> make_id)
      : campaigns_(campaigns), make_id_(std::move(make_id)) {}

  // Those that fit best first, at most `count`, none twice; of equals each call begins with the next. What does not
  // fit fills up the rest.
  std::vector<Placement> choose(const std::vector<std::string>& words, std::string_view category, size_t count);
  Counted seen(const std::string& placement) { return count(placement, &Showing::seen); }
  Counted clicked(const std::string& placement) { return count(placement, &Showing::clicked); }
  size_t placements() const;

 private:
  struct Showing {
    std::string id;
    bool seen = false;
    bool clicked = false;
  };

  Counted count(const std::string& placement, bool Showing::* what);

  const std::span<const Campaign> campaigns_;
  const std::function<std::string()> make_id_;
  mutable godseye::base::Mutex mutex_;
  uint64_t turn_ GE_GUARDED_BY(mutex_) = 0;
  std::list<Showing> showings_ GE_GUARDED_BY(mutex_);  // newest first
  std::unordered_map<std::string, std::list<Showing>::iterator> index_ GE_GUARDED_BY(mutex_);
};

// How well a campaign fits: 10 for each word, 5 for the category; 0: not at all.
int fit(const Campaign& campaign, const std::vector<std::string>& words, std::string_view category);

// Lower-case words of `text`, in the singular as far as an `s` at the end makes the plural.
std::vector<std::string> ad_words(std::string_view text);

}  // namespace vcommerce::ads
