#include "reviews_command.h"

#include <algorithm>
#include <cstdio>

#include <godseye/base/json_text.h>

#include <unistd.h>
#include <vcommerce/frontend/reviews.h>

namespace vcommerce {
namespace {

using frontend::KeptReview;
using frontend::Reviews;

int fail(const std::string& text) {
  std::fprintf(stderr, "vcommerce reviews: %s\n", text.c_str());
  return 1;
}

// Other people's words on the operator's terminal: no control characters, no new lines, no turned direction.
std::string on_one_line(const std::string& text) {
  std::string out = base::json_quoted(text);
  constexpr const char* kTurning[] = {"\u202A", "\u202B", "\u202C", "\u202D", "\u202E",
                                      "\u2066", "\u2067", "\u2068", "\u2069"};
  for (const std::string turn : kTurning) {
    for (size_t at = out.find(turn); at != std::string::npos; at = out.find(turn)) out.replace(at, turn.size(), "?");
  }
  return out;
}

void print(const KeptReview& one, bool json) {
  const frontend::Review& review = one.review;
  if (json) {
    std::printf(R"({"id":%s,"product":%s,"stars":%d,"name":%s,"text":%s,"unix_seconds":%lld,"held":%s})"
                "\n",
                base::json_quoted(one.id).c_str(), base::json_quoted(one.product).c_str(), review.stars,
                base::json_quoted(review.name).c_str(), base::json_quoted(review.text).c_str(),
                static_cast<long long>(review.unix_seconds), base::json_quoted(one.held).c_str());
    return;
  }
  std::printf("%s  %s  %d stars  %s: %s\n", one.id.c_str(), one.held.empty() ? "shown" : ("waits: " + one.held).c_str(),
              review.stars, on_one_line(review.name).c_str(), on_one_line(review.text).c_str());
}

int list(Reviews& reviews, const ReviewsCommand& command) {
  const auto found = reviews.list(command.product, command.held, command.max);
  if (!found) return fail(found.error().message());
  for (const KeptReview& one : *found) print(one, command.json);
  if (found->empty() && !command.json) std::printf("none\n");
  return 0;
}

}  // namespace

int run_reviews_command(const ReviewsCommand& command) {
  const std::string path = command.data_dir + "/" + frontend::kReviewsFile;
  // Opening would make it.
  if (::access(path.c_str(), R_OK | W_OK) != 0) return fail("there is no " + path + " that can be written");
  const auto reviews = Reviews::open(path, base::system_clock());
  if (!reviews) return fail(reviews.error().message());
  if (command.what == "list") return list(**reviews, command);
  int code = 0;
  for (const std::string& id : command.ids) {
    const base::Status done = command.what == "remove" ? (*reviews)->remove(id) : (*reviews)->release(id);
    if (!done) {
      code = fail(done.error().message());
    } else {
      std::printf("%s %s\n", command.what == "remove" ? "removed" : "released", id.c_str());
    }
  }
  return code;
}

}  // namespace vcommerce
