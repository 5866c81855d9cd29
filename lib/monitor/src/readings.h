#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <godseye/monitor/evaluator.h>

namespace godseye::monitor {

// What one evaluation found for one group, whatever kind of monitor asked.
struct Reading {
  query::Group group;
  std::optional<double> value;        // none: silent
  std::optional<GroupStatus> status;  // decided already
  bool skipped = false;               // it reports, and its state stays: the window is not full, or nothing can be said
  std::shared_ptr<const Background> background = nullptr;
};

struct Readings : std::vector<Reading> {
  using std::vector<Reading>::vector;
  query::GroupCutOff cut;  // of groups after it nothing was found out
};

// What a monitor that is no composite finds in its window that ends at `to_s`.
base::Result<Readings> read_monitor(const ValidMonitor& rules, WindowQueries& queries, int64_t to_s);
Readings readings_of(query::GroupValues values, bool require_full_window);
// Counts runs in a row from the newest back.
Readings readings_of(const ValidMonitor& monitor, query::CheckGroups runs, int64_t to_s);

// The groups of a composite's member.
struct MemberGroup {
  query::Group group;
  MemberState state;
};
struct MemberGroups {
  std::vector<std::string> keys;  // empty: one group for all
  std::vector<MemberGroup> groups;
};
// Groups are matched by the values of the keys that all grouped members have in common; only those that every grouped
// member has count. `keys` receives these keys: the composite's groups. A group that is No Data keeps its last state
// unless the composite tells of missing data.
Readings combine(const ValidMonitor& composite, const std::map<int64_t, MemberGroups>& members,
                 std::vector<std::string>& keys);
// Spec queries.md 5: alert-worthy are Alert, Warn, No Data. `&&` is the least severe of alert-worthy sides, `||` the
// most severe; `!` makes OK of what is alert-worthy and Alert of OK, and leaves No Data.
GroupStatus combined_status(const lang::Composite& composite, const std::map<int64_t, GroupStatus>& statuses);

}  // namespace godseye::monitor
