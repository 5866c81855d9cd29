#include "otlp_metrics.h"

#include <algorithm>
#include <cmath>

namespace godseye::sdk {
namespace {

using base::MutexLock;
using dogstatsd::MetricKind;
using protobuf::Writer;

// Between the parts of a series' key: no name and no tag of Metrics' own can hold it (it ends a line).
constexpr char kBetween = '\n';
constexpr size_t kMembersMax = 10'000;      // of one set
constexpr size_t kEventBytesMax = 1 << 20;  // unsent, of all events

constexpr uint64_t kDelta = 1;  // AggregationTemporality

int64_t nanos(base::WallTime time) { return time.time_since_epoch().count(); }

std::string_view key_of(std::string_view tag) { return tag.substr(0, tag.find(':')); }

// The sorted tags of a series' key, each behind a kBetween. Attributes have each key once: of several tags with one key
// the values are a list.
void add_tags(Writer& point, uint32_t field, std::string_view tags) {
  std::vector<std::string_view> all;
  while (!tags.empty()) {
    tags.remove_prefix(1);
    const size_t end = tags.find(kBetween);
    all.push_back(tags.substr(0, end));
    tags.remove_prefix(end == std::string_view::npos ? tags.size() : end);
  }
  for (size_t i = 0; i < all.size();) {
    const std::string_view key = key_of(all[i]);
    size_t end = i + 1;
    while (end < all.size() && key_of(all[end]) == key) ++end;
    if (end == i + 1) {
      tag_attribute(point, field, all[i]);
    } else {
      std::vector<std::string> values;
      for (size_t k = i; k < end; ++k) values.emplace_back(all[k].substr(std::min(key.size() + 1, all[k].size())));
      list_attribute(point, field, key, values);
    }
    i = end;
  }
}

}  // namespace

// Called by the decoder, under the lock of `add`.
struct OtlpMetrics::Visitor {
  OtlpMetrics& owner;
  void on_metric(const dogstatsd::MetricMessage& message) GE_NO_THREAD_SAFETY_ANALYSIS { owner.metric(message); }
  void on_event(const dogstatsd::EventMessage& message) GE_NO_THREAD_SAFETY_ANALYSIS { owner.event(message); }
  void on_service_check(const dogstatsd::ServiceCheckMessage& message) GE_NO_THREAD_SAFETY_ANALYSIS {
    if (Series* series = owner.find(message.name, Kind::kGauge, message.tags)) {
      series->value = static_cast<double>(message.status);
    }
  }
  void on_drop(dogstatsd::DropReason, std::string_view) { owner.lost(1); }
};

OtlpMetrics::OtlpMetrics(const Settings& settings, base::Clock clock)
    : settings_(settings),
      clock_(std::move(clock)),
      begin_ns_(nanos(clock_.wall())),
      due_(clock_.tick() + settings_.otlp.metric_interval) {}

void OtlpMetrics::add(std::string_view packet) {
  MutexLock lock(mutex_);
  Visitor visitor{*this};
  decoder_.decode(packet, visitor);
}

OtlpMetrics::Series* OtlpMetrics::find(std::string_view name, Kind kind, std::string_view tags) {
  tags_.clear();
  for (dogstatsd::TagList list(tags); list.next();) tags_.push_back(list.tag());
  std::ranges::sort(tags_);
  tags_.erase(std::ranges::unique(tags_).begin(), tags_.end());
  key_.assign(name);
  key_ += kBetween;
  key_ += static_cast<char>(kind);
  for (const std::string_view tag : tags_) {
    key_ += kBetween;
    key_ += tag;
  }
  const auto found = table_.find(key_);
  if (found != table_.end()) return &found->second;
  if (table_.size() >= settings_.otlp.series_max) {
    lost(1);
    return nullptr;
  }
  return &table_.try_emplace(key_).first->second;
}

void OtlpMetrics::metric(const dogstatsd::MetricMessage& message) {
  const Kind kind = message.kind == MetricKind::kCounter ? Kind::kSum
                    : message.kind == MetricKind::kGauge ? Kind::kGauge
                    : message.kind == MetricKind::kSet   ? Kind::kSet
                                                         : Kind::kHistogram;
  Series* series = find(message.name, kind, message.tags);
  if (series == nullptr) return;
  if (kind == Kind::kSet) {
    const size_t member = std::hash<std::string_view>{}(message.set_value);
    if (series->members.size() < kMembersMax) {
      series->members.insert(member);
    } else if (!series->members.contains(member)) {
      lost(1);
    }
    return;
  }
  for (const double value : message.values) {
    if (!std::isfinite(value)) {
      lost(1);
    } else if (kind == Kind::kHistogram) {
      series->histogram.add(value);
    } else if (kind == Kind::kGauge) {
      series->value = value;
    } else {
      series->value += value;
      series->falls = series->falls || value < 0;
    }
  }
}

void OtlpMetrics::event(const dogstatsd::EventMessage& message) {
  std::string title, text;
  dogstatsd::unescape_newlines(message.title, title);
  dogstatsd::unescape_newlines(message.text, text);
  Writer record;
  const auto now = static_cast<uint64_t>(nanos(clock_.wall()));
  record.fixed64(1, now);
  record.number(2, 9);  // INFO
  Writer body;
  utf8_field(body, 1, text);
  record.bytes(5, body.text());
  text_attribute(record, 6, "title", title);
  for (dogstatsd::TagList tags(message.tags); tags.next();) tag_attribute(record, 6, tags.tag());
  record.fixed64(11, now);
  record.bytes(12, "event");
  if (events_.body.size() + record.text().size() > kEventBytesMax) return lost(1);
  Writer item;
  item.bytes(2, record.text());
  events_.body += item.text();
  ++events_.items;
}

OtlpMessage OtlpMetrics::take_events() {
  MutexLock lock(mutex_);
  return std::exchange(events_, {});
}

std::vector<OtlpMessage> OtlpMetrics::take(base::TickTime now, bool at_once, const ProcessFacts& process) {
  Table table;
  int64_t begin = 0;
  const int64_t end = nanos(clock_.wall());
  {
    MutexLock lock(mutex_);
    if (now < due_ && !at_once) return {};
    due_ = now + settings_.otlp.metric_interval;
    table.swap(table_);
    begin = std::exchange(begin_ns_, end);
  }
  return encode(table, std::min(begin, end), end, process);
}

std::vector<OtlpMessage> OtlpMetrics::encode(const Table& table, int64_t begin_ns, int64_t end_ns,
                                             const ProcessFacts& process) const {
  std::vector<OtlpMessage> out;
  const std::string resource = otlp_resource(settings_, process, {});
  Writer items;
  size_t points = 0;
  const auto close = [&] {
    if (points == 0) return;
    Writer request;
    append_resource(request, resource, items.take());
    out.push_back({request.take(), std::exchange(points, 0)});
  };
  for (auto first = table.begin(); first != table.end();) {
    // The name and the kind, with what ends them.
    const std::string_view key = first->first;
    const std::string_view head = key.substr(0, key.find(kBetween) + 2);
    auto last = first;
    while (last != table.end() && last->first.starts_with(head)) {
      ++last;
      ++points;
    }
    items.bytes(2, metric_of(first, last, begin_ns, end_ns));
    if (items.text().size() > kOtlpMessageBytes) close();
    first = last;
  }
  close();
  return out;
}

std::string OtlpMetrics::metric_of(Table::const_iterator first, Table::const_iterator last, int64_t begin_ns,
                                   int64_t end_ns) const {
  const std::string_view key = first->first;
  const size_t name_end = key.find(kBetween);
  const Kind kind = static_cast<Kind>(key[name_end + 1]);
  const uint32_t attributes = kind == Kind::kHistogram ? 1 : 7;
  Writer data;
  bool falls = false;
  for (auto series = first; series != last; ++series) {
    Writer point;
    add_tags(point, attributes, std::string_view(series->first).substr(name_end + 2));
    point.fixed64(2, static_cast<uint64_t>(begin_ns));
    point.fixed64(3, static_cast<uint64_t>(end_ns));
    if (kind == Kind::kHistogram) {
      series->second.histogram.write(point);
    } else {
      point.real(4, kind == Kind::kSet ? static_cast<double>(series->second.members.size()) : series->second.value);
    }
    falls = falls || series->second.falls;
    data.bytes(1, point.text());
  }
  if (kind == Kind::kSum || kind == Kind::kHistogram) data.number(2, kDelta);
  if (kind == Kind::kSum && !falls) data.number(3, 1);
  Writer metric;
  utf8_field(metric, 1, key.substr(0, name_end));
  metric.bytes(kind == Kind::kSum ? 7 : kind == Kind::kHistogram ? 10 : 5, data.text());
  return metric.take();
}

}  // namespace godseye::sdk
