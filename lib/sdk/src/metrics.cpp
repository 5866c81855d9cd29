#include "metric_buffer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <godseye/dogstatsd/encode.h>
#include <godseye/sdk/metrics.h>
#include <godseye/sdk/trace.h>

namespace godseye::sdk {
namespace {

// What would end a field or a line early becomes `_`. Names and tags are almost always clean: then nothing is copied.
std::string_view cleaned(std::string_view text, std::string_view forbidden, std::string& room) {
  if (text.find_first_of(forbidden) == std::string_view::npos) return text;
  room.assign(text);
  std::ranges::replace_if(room, [&](char c) { return forbidden.find(c) != std::string_view::npos; }, '_');
  return room;
}

constexpr std::string_view kNameForbidden = "\n\r|:@#";
constexpr std::string_view kTextForbidden = "\n\r|";
constexpr std::string_view kTagForbidden = "\n\r|,";

// A line in the making, on the stack: a thread that was just woken up has its stack in the cache and no buffer of its
// own. Writes what dogstatsd::append_metric writes (a test compares them). Requires: `fits` said that all of it does.
class UsualLine {
 public:
  static constexpr size_t kBytesMax = 1024;
  static constexpr size_t kNumberBytes = 40;  // with what stands around it

  static bool fits(std::string_view name, size_t tag_bytes) {
    return name.size() + tag_bytes + kNumberBytes <= kBytesMax;
  }
  void add(std::string_view text) {
    std::ranges::copy(text, room_ + size_);
    size_ += text.size();
  }
  void add(char c) { room_[size_++] = c; }
  void add(double value) {
    char* const begin = room_ + size_;
    // Whole numbers below this look the same either way, and this way is shorter.
    const bool small = std::abs(value) < 100'000;
    const bool whole = small && static_cast<int>(value) == value && (value != 0 || !std::signbit(value));
    const auto [end, error] = whole ? std::to_chars(begin, room_ + kBytesMax, static_cast<int>(value))
                                    : std::to_chars(begin, room_ + kBytesMax, value);
    size_ += static_cast<size_t>(end - begin);
  }
  // What is forbidden becomes `_`. No early end: a loop without one does many characters at once.
  template <char... kForbidden>
  void add_clean(std::string_view text) {
    char* const out = room_ + size_;
    for (size_t i = 0; i < text.size(); ++i) out[i] = ((text[i] == kForbidden) || ...) ? '_' : text[i];
    size_ += text.size();
  }
  void add_tag(std::string_view tag) { add_clean<'\n', '\r', '|', ','>(tag); }
  std::string_view text() const { return {room_, size_}; }

 private:
  char room_[kBytesMax];
  size_t size_ = 0;
};

constexpr std::pair<std::string_view, std::string_view> kSessionItem{"session.id", "session_id:"};
constexpr std::pair<std::string_view, std::string_view> kUserItem{"user.id", "user_id:"};

// The value of a context's item, unless the call names one itself.
std::string_view attribute(const SpanContext& context, const std::pair<std::string_view, std::string_view>& item,
                           Tags tags) {
  const std::string_view value = context.baggage_item(item.first);
  const auto names_it = [&](std::string_view tag) { return tag.starts_with(item.second); };
  return value.empty() || std::ranges::any_of(tags, names_it) ? std::string_view() : value;
}

Attribution attribution_of(bool wanted, Tags tags) {
  const SpanContext* context = wanted ? active_context() : nullptr;
  if (context == nullptr) return {};
  return {attribute(*context, kSessionItem, tags), attribute(*context, kUserItem, tags)};
}

}  // namespace

MetricBuffer::MetricBuffer(size_t packet_bytes, size_t bytes_max, const std::vector<std::string>& constant_tags,
                           bool off)
    : packet_bytes_(packet_bytes), bytes_max_(bytes_max), off_(off) {
  std::string room;
  for (const std::string& tag : constant_tags) {
    if (!constant_tags_.empty()) constant_tags_ += ',';
    constant_tags_ += cleaned(tag, kTagForbidden, room);
  }
}

std::string_view MetricBuffer::tag_text(Tags tags) const {
  if (tags.empty()) return constant_tags_;
  thread_local std::string text;
  thread_local std::string room;
  text.assign(constant_tags_);
  for (const std::string_view tag : tags) {
    if (!text.empty()) text += ',';
    text += cleaned(tag, kTagForbidden, room);
  }
  return text;
}

void MetricBuffer::append(std::string_view line) {
  base::MutexLock lock(mutex_);
  if (closed_ || bytes_ + line.size() > bytes_max_) {
    ++dropped_;
    return;
  }
  // The LF that ends a packet is not sent: it would be an empty line.
  if (!open_.empty() && open_.size() + line.size() - 1 > packet_bytes_) {
    full_.push_back(std::move(open_));
    open_.clear();
  }
  if (open_.empty()) open_.reserve(packet_bytes_ + 1);
  open_ += line;
  bytes_ += line.size();
}

void MetricBuffer::add(std::string_view name, dogstatsd::MetricKind kind, double value, Tags tags,
                       const Attribution& whose) {
  if (off_) return;
  if (name.empty() || !std::isfinite(value)) {
    base::MutexLock lock(mutex_);
    ++dropped_;
    return;
  }
  size_t tag_bytes = constant_tags_.size() + whose.bytes();
  for (const std::string_view tag : tags) tag_bytes += tag.size() + 1;
  if (!UsualLine::fits(name, tag_bytes)) return add_long(name, kind, value, tags, whose);
  UsualLine line;
  line.add_clean<'\n', '\r', '|', ':', '@', '#'>(name);
  line.add(':');
  line.add(value);
  line.add('|');
  line.add(dogstatsd::metric_kind_code(kind));
  std::string_view before = "|#";
  const auto add_tag = [&](std::string_view prefix, std::string_view tag) {
    line.add(before);
    before = ",";
    line.add(prefix);
    line.add_tag(tag);
  };
  if (!constant_tags_.empty()) add_tag(constant_tags_, {});
  for (const std::string_view tag : tags) add_tag({}, tag);
  if (!whose.session.empty()) add_tag(kSessionItem.second, whose.session);
  if (!whose.user.empty()) add_tag(kUserItem.second, whose.user);
  line.add('\n');
  append(line.text());
}

void MetricBuffer::add_long(std::string_view name, dogstatsd::MetricKind kind, double value, Tags tags,
                            const Attribution& whose) {
  std::vector<std::string_view> all(tags.begin(), tags.end());
  const std::string session = std::string(kSessionItem.second).append(whose.session);
  const std::string user = std::string(kUserItem.second).append(whose.user);
  if (!whose.session.empty()) all.push_back(session);
  if (!whose.user.empty()) all.push_back(user);
  std::string line, room;
  dogstatsd::MetricMessage message{.name = cleaned(name, kNameForbidden, room), .kind = kind};
  message.values = std::span<const double>(&value, 1);
  message.tags = tag_text(all);
  dogstatsd::append_metric(message, line);
  append(line);
}

void MetricBuffer::add_member(std::string_view name, std::string_view member, Tags tags) {
  if (off_) return;
  std::string name_room, member_room, line;
  dogstatsd::MetricMessage message{.name = cleaned(name, kNameForbidden, name_room),
                                   .kind = dogstatsd::MetricKind::kSet};
  message.set_value = cleaned(member, kTextForbidden, member_room);
  message.tags = tag_text(tags);
  dogstatsd::append_metric(message, line);
  append(line);
}

void MetricBuffer::add_event(std::string_view title, std::string_view text, Tags tags) {
  if (off_) return;
  std::string escaped_title, escaped_text, line;
  dogstatsd::escape_newlines(title, escaped_title);
  dogstatsd::escape_newlines(text, escaped_text);
  dogstatsd::append_event({.title = escaped_title, .text = escaped_text, .tags = tag_text(tags)}, line);
  append(line);
}

void MetricBuffer::add_check(std::string_view name, CheckStatus status, std::string_view message, Tags tags) {
  if (off_) return;
  std::string name_room, message_room, line;
  dogstatsd::ServiceCheckMessage check{.name = cleaned(name, kTextForbidden, name_room),
                                       .status = static_cast<dogstatsd::CheckStatus>(status)};
  check.message = cleaned(message, kTextForbidden, message_room);
  check.tags = tag_text(tags);
  dogstatsd::append_service_check(check, line);
  append(line);
}

std::vector<std::string> MetricBuffer::take() {
  base::MutexLock lock(mutex_);
  if (!open_.empty()) full_.push_back(std::move(open_));
  open_.clear();
  bytes_ = 0;
  for (std::string& packet : full_) {
    if (packet.ends_with('\n')) packet.pop_back();
  }
  return std::exchange(full_, {});
}

uint64_t MetricBuffer::dropped() const {
  base::MutexLock lock(mutex_);
  return dropped_;
}

void MetricBuffer::close() {
  base::MutexLock lock(mutex_);
  closed_ = true;
}

Metrics::Metrics(std::shared_ptr<MetricBuffer> buffer, bool attributed)
    : buffer_(std::move(buffer)), attributed_(attributed) {}

// The tags live until the next call of this thread.
Tags Metrics::attributed(Tags tags) const {
  const Attribution whose = attribution_of(attributed_, tags);
  if (whose.bytes() == 0) return tags;
  thread_local std::vector<std::string_view> all;
  thread_local std::array<std::string, 2> own;
  own[0].assign(kSessionItem.second).append(whose.session);
  own[1].assign(kUserItem.second).append(whose.user);
  all.assign(tags.begin(), tags.end());
  if (!whose.session.empty()) all.push_back(own[0]);
  if (!whose.user.empty()) all.push_back(own[1]);
  return all;
}

void Metrics::count(std::string_view name, double value, Tags tags) {
  buffer_->add(name, dogstatsd::MetricKind::kCounter, value, tags, attribution_of(attributed_, tags));
}
void Metrics::gauge(std::string_view name, double value, Tags tags) {
  buffer_->add(name, dogstatsd::MetricKind::kGauge, value, tags, attribution_of(attributed_, tags));
}
void Metrics::distribution(std::string_view name, double value, Tags tags) {
  buffer_->add(name, dogstatsd::MetricKind::kDistribution, value, tags, attribution_of(attributed_, tags));
}
void Metrics::histogram(std::string_view name, double value, Tags tags) {
  buffer_->add(name, dogstatsd::MetricKind::kHistogram, value, tags, attribution_of(attributed_, tags));
}
void Metrics::set(std::string_view name, std::string_view member, Tags tags) {
  buffer_->add_member(name, member, attributed(tags));
}
void Metrics::event(std::string_view title, std::string_view text, Tags tags) { buffer_->add_event(title, text, tags); }
void Metrics::service_check(std::string_view name, CheckStatus status, std::string_view message, Tags tags) {
  buffer_->add_check(name, status, message, tags);
}

}  // namespace godseye::sdk
