#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <godseye/monitor/downtime.h>
#include <godseye/monitor/state.h>
#include <godseye/registry/registry.h>

// What the evaluator knows of downtimes: which are active at a cut, and which ended since it last looked.
namespace godseye::monitor {

struct ActiveDowntime {
  const ValidDowntime* downtime = nullptr;
  Period period;
};
struct EndedDowntime {
  const ValidDowntime* downtime = nullptr;
  Period period;
  bool canceled = false;
};

// Those of one monitor at one cut. Points into the book; valid until its next `look`.
struct MonitorDowntimes {
  std::vector<ActiveDowntime> active;
  std::vector<EndedDowntime> ended;
  std::vector<std::string> fixed;  // the monitor's fixed tags
  bool none() const { return active.empty() && ended.empty(); }
};

// Withholds what a downtime covers and tells what its end must tell. `step` is what `advance` made of `before`. Returns
// a sentence for the transition's notes, empty when no downtime had a say.
std::string apply_downtimes(const MonitorDowntimes& downtimes, const registry::GroupStateRow& before,
                            const query::Group& group, int64_t to_s, Step& step);

// Threads: the evaluating thread's alone.
class DowntimeBook {
 public:
  // Reads the registry when something changed, and finds what is active and what ended at `now_s`.
  base::Status look(const registry::Registry& registry, int64_t now_s);
  // `seen_s`: ends up to then have been worked off for this monitor.
  MonitorDowntimes of(const ValidMonitor& monitor, int64_t seen_s) const;
  // Everything up to `now_s` is worked off: ends are marked so, and what is over is finished.
  base::Status finish(registry::Registry& registry, int64_t now_s);
  bool anything_ended() const { return !ended_.empty(); }

 private:
  struct Entry {
    ValidDowntime downtime;
    int64_t handled_s = 0;
    std::optional<Period> near;  // current or next as of `near_at_s`
    int64_t near_at_s = 0;
    bool over = false;            // nothing comes any more
    std::optional<Period> ended;  // not worked off yet
  };
  int64_t revision_ = -1;
  std::vector<Entry> entries_;
  std::vector<ActiveDowntime> active_;
  std::vector<EndedDowntime> ended_;
};

}  // namespace godseye::monitor
