#include "metric_buffer.h"

#include <algorithm>
#include <array>
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
    open_.reserve(packet_bytes_);
  }
  open_ += line;
  bytes_ += line.size();
}

void MetricBuffer::add(std::string_view name, dogstatsd::MetricKind kind, double value, Tags tags) {
  if (off_) return;
  if (name.empty() || !std::isfinite(value)) {
    base::MutexLock lock(mutex_);
    ++dropped_;
    return;
  }
  thread_local std::string line;
  thread_local std::string room;
  line.clear();
  dogstatsd::MetricMessage message{.name = cleaned(name, kNameForbidden, room), .kind = kind};
  message.values = std::span<const double>(&value, 1);
  message.tags = tag_text(tags);
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
  const SpanContext* context = attributed_ ? active_context() : nullptr;
  if (context == nullptr) return tags;
  thread_local std::vector<std::string_view> all;
  thread_local std::array<std::string, 2> own;
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kItems{
      {{"session.id", "session_id:"}, {"user.id", "user_id:"}}};
  all.assign(tags.begin(), tags.end());
  for (size_t i = 0; i < kItems.size(); ++i) {
    const auto& [item, tag] = kItems[i];
    const std::string_view value = context->baggage_item(item);
    if (value.empty() || std::ranges::any_of(tags, [&](std::string_view one) { return one.starts_with(tag); }))
      continue;
    own[i].assign(tag).append(value);
    all.push_back(own[i]);
  }
  return all;
}

void Metrics::count(std::string_view name, double value, Tags tags) {
  buffer_->add(name, dogstatsd::MetricKind::kCounter, value, attributed(tags));
}
void Metrics::gauge(std::string_view name, double value, Tags tags) {
  buffer_->add(name, dogstatsd::MetricKind::kGauge, value, attributed(tags));
}
void Metrics::distribution(std::string_view name, double value, Tags tags) {
  buffer_->add(name, dogstatsd::MetricKind::kDistribution, value, attributed(tags));
}
void Metrics::histogram(std::string_view name, double value, Tags tags) {
  buffer_->add(name, dogstatsd::MetricKind::kHistogram, value, attributed(tags));
}
void Metrics::set(std::string_view name, std::string_view member, Tags tags) {
  buffer_->add_member(name, member, attributed(tags));
}
void Metrics::event(std::string_view title, std::string_view text, Tags tags) { buffer_->add_event(title, text, tags); }
void Metrics::service_check(std::string_view name, CheckStatus status, std::string_view message, Tags tags) {
  buffer_->add_check(name, status, message, tags);
}

}  // namespace godseye::sdk
