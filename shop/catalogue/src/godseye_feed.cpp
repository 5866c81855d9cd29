#include "godseye_feed.h"

#include <algorithm>

#include <godseye/base/json_text.h>

namespace vcommerce::catalogue {

using base::Error;
using base::ErrorCode;

namespace {

constexpr std::chrono::milliseconds kLook{1'000};

// 79, 79.5, 79.95: exact, as a JSON number.
std::string number_of(const Price& price) {
  std::string text = std::to_string(price.units);
  if (price.nanos == 0) return text;
  std::string digits = std::to_string(price.nanos);
  digits.insert(0, 9 - digits.size(), '0');
  digits.erase(digits.find_last_not_of('0') + 1);
  return text + "." + digits;
}

template <typename List, typename Name>
std::string listed(const List& list, Name name) {
  std::string text;
  for (const auto& one : list) text += (text.empty() ? "" : ", ") + name(one);
  return text;
}

}  // namespace

std::string feed_line(const Product& product) {
  std::string line = "{\"id\":" + base::json_quoted(product.id) + ",\"name\":" + base::json_quoted(product.name) +
                     ",\"brand\":" + base::json_quoted(product.brand) + ",\"price\":" + number_of(product.price) +
                     ",\"currency\":\"USD\",\"stock\":" + std::to_string(product.available()) + ",\"attributes\":{";
  line += "\"category\":" + base::json_quoted(product.category) + ",\"kind\":" + base::json_quoted(product.kind) +
          ",\"material\":" + base::json_quoted(product.material);
  line += ",\"color\":" + base::json_quoted(listed(product.colours, [](const Colour& one) { return one.name; }));
  line += ",\"size\":" + base::json_quoted(listed(product.sizes, [](const SizeStock& one) { return one.size; })) + "}}";
  return line;
}

std::string removed_line(std::string_view id) { return "{\"id\":" + base::json_quoted(id) + ",\"removed\":true}"; }

GodseyeFeed::GodseyeFeed(Config config, Source source, Put put, Tried tried, base::Clock clock)
    : config_(std::move(config)),
      source_(std::move(source)),
      put_(std::move(put)),
      tried_(std::move(tried)),
      clock_(std::move(clock)),
      retry_(config_.retry_min),
      next_(clock_.tick()),
      whole_told_(next_) {}

void GodseyeFeed::start() {
  thread_ = std::thread([this] { run(); });
}

void GodseyeFeed::stop() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void GodseyeFeed::changed(const Changed& changed) {
  base::MutexLock lock(mutex_);
  whole_due_ = whole_due_ || changed.everything || pending_.size() + changed.ids.size() > kChangedMax;
  if (!whole_due_) pending_.insert(changed.ids.begin(), changed.ids.end());
}

void GodseyeFeed::pause(bool paused) {
  base::MutexLock lock(mutex_);
  paused_ = paused;
}

void GodseyeFeed::run() {
  while (true) {
    {
      base::MutexLock lock(mutex_);
      if (stopping_) return;
    }
    const std::chrono::milliseconds wait = step();
    base::MutexLock lock(mutex_);
    if (!stopping_) wake_.wait_until(mutex_, std::chrono::steady_clock::now() + wait);
  }
}

std::chrono::milliseconds GodseyeFeed::step() {
  const base::TickTime now = clock_.tick();
  bool whole = false;
  std::set<std::string> ids;
  {
    base::MutexLock lock(mutex_);
    if (paused_) return kLook;
    if (now < next_) return std::chrono::ceil<std::chrono::milliseconds>(next_ - now);
    whole = whole_due_ || now - whole_told_ >= config_.whole_every;
    if (!whole && pending_.empty()) return kLook;
    ids = std::exchange(pending_, {});
    whole_due_ = false;
  }
  const base::Status told = tell(whole, ids);
  if (tried_) tried_(whole, told);
  const base::TickTime after = clock_.tick();
  if (told) {
    retry_ = config_.retry_min;
    next_ = after + config_.gather;
    if (whole) whole_told_ = after;
    return config_.gather;
  }
  next_ = after + retry_;
  const std::chrono::milliseconds wait = retry_;
  retry_ = std::min(retry_ * 2, config_.retry_max);
  base::MutexLock lock(mutex_);
  whole_due_ = whole_due_ || whole;
  pending_.merge(ids);
  return wait;
}

base::Status GodseyeFeed::tell(bool whole, const std::set<std::string>& ids) {
  base::Result<std::string> body = whole ? source_.whole() : source_.part(ids);
  if (!body) return std::move(body).error();
  const std::string path = "/api/godseye/v1/catalogues/" + config_.name + (whole ? "" : "?part=true");
  const base::Result<int> status = put_(path, *body);
  if (!status) return status.error();
  if (*status / 100 == 2) return base::ok();
  return Error(ErrorCode::kUnavailable, "Godseye answered " + std::to_string(*status) +
                                            (*status == 401 || *status == 403 ? ": the API key is wrong" : ""));
}

}  // namespace vcommerce::catalogue
