#include <algorithm>

#include <godseye/pipeline/ingest_ledger.h>

namespace godseye::pipeline {
namespace {

constexpr size_t kReasonsMax = 50;   // of dropping, per row
constexpr size_t kMarksMax = 8'192;  // a day of cuts while the store is away; older ones are merged
constexpr std::string_view kOther = "other";

}  // namespace

IngestLedger::IngestLedger(base::Clock clock, size_t rows_max, std::chrono::milliseconds gap_after)
    : clock_(std::move(clock)), rows_max_(rows_max), gap_after_(gap_after) {}

IngestLedger::Row& IngestLedger::row(std::string_view client, std::string_view version, std::string_view path) {
  using View = std::tuple<std::string_view, std::string_view, std::string_view>;
  auto found = rows_.find(View(client, version, path));
  if (found == rows_.end()) {
    if (rows_.size() >= rows_max_) {
      client = kOther;
      version = {};
    }
    found = rows_.try_emplace(Key(client, version, path)).first;
    found->second.counts.client = client;
    found->second.counts.version = version;
    found->second.counts.path = path;
  }
  found->second.counts.last_seen_s = base::unix_seconds(clock_.wall());
  return found->second;
}

void IngestLedger::received(std::string_view client, std::string_view version, std::string_view path, uint64_t spans) {
  base::MutexLock lock(mutex_);
  row(client, version, path).counts.received += spans;
}

void IngestLedger::dropped(std::string_view client, std::string_view version, std::string_view path,
                           std::string_view reason, uint64_t spans) {
  if (spans == 0) return;
  base::MutexLock lock(mutex_);
  auto& reasons = row(client, version, path).dropped;
  auto found = reasons.find(reason);
  if (found == reasons.end()) {
    found = reasons.try_emplace(std::string(reasons.size() < kReasonsMax ? reason : kOther)).first;
  }
  found->second += spans;
}

void IngestLedger::accepted(std::string_view client, std::string_view version, std::string_view path, uint64_t spans) {
  base::MutexLock lock(mutex_);
  row(client, version, path).counts.accepted += spans;
}

void IngestLedger::stored(std::string_view client, std::string_view version, std::string_view path, uint64_t spans) {
  base::MutexLock lock(mutex_);
  row(client, version, path).counts.stored += spans;
  stored_ += spans;
}

void IngestLedger::refused(std::string_view client, std::string_view version, std::string_view path, uint64_t spans) {
  base::MutexLock lock(mutex_);
  row(client, version, path).counts.refused += spans;
}

void IngestLedger::note() {
  base::MutexLock lock(mutex_);
  for (auto& [key, row] : rows_) row.noted = row.counts.stored;
  noted_ = stored_;
}

void IngestLedger::mark(uint64_t sequence) {
  base::MutexLock lock(mutex_);
  if (!marks_.empty() && marks_.back().sequence >= sequence) return;
  for (auto& [key, row] : rows_) {
    if (row.noted == (row.marks.empty() ? row.counts.queryable : row.marks.back().second)) continue;
    // At the limit the newest is moved on: it becomes queryable later than it might be said, never earlier.
    if (row.marks.size() >= kMarksMax) row.marks.pop_back();
    row.marks.emplace_back(sequence, row.noted);
  }
  if (marks_.size() >= kMarksMax) marks_.pop_back();
  marks_.push_back({sequence, clock_.tick(), noted_});
}

void IngestLedger::confirm(uint64_t sequence) {
  base::MutexLock lock(mutex_);
  for (auto& [key, row] : rows_) {
    while (!row.marks.empty() && row.marks.front().first <= sequence) {
      row.counts.queryable = row.marks.front().second;
      row.marks.pop_front();
    }
  }
  while (!marks_.empty() && marks_.front().sequence <= sequence) {
    queryable_ = marks_.front().spans;
    marks_.pop_front();
  }
}

IngestGap IngestLedger::gap() const {
  base::MutexLock lock(mutex_);
  IngestGap gap;
  const base::TickTime now = clock_.tick();
  for (const Mark& mark : marks_) {
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - mark.at);
    if (age <= gap_after_ || mark.spans <= queryable_) continue;
    gap.spans = mark.spans - queryable_;
    gap.oldest = std::max(gap.oldest, age);
  }
  return gap;
}

std::vector<IngestRow> IngestLedger::rows() const {
  std::vector<IngestRow> out;
  {
    base::MutexLock lock(mutex_);
    for (const auto& [key, row] : rows_) {
      out.push_back(row.counts);
      out.back().dropped.assign(row.dropped.begin(), row.dropped.end());
    }
  }
  std::sort(out.begin(), out.end(), [](const IngestRow& a, const IngestRow& b) {
    return std::tie(b.received, a.client, a.version, a.path) < std::tie(a.received, b.client, b.version, b.path);
  });
  return out;
}

}  // namespace godseye::pipeline
