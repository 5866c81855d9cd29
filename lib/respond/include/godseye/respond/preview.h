#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/ddapi/monitor.h>
#include <godseye/registry/group_states.h>

// What a monitor's message would say, shown to whoever writes it: the same templates and variables as a real
// transition, for a group and a value that were made up. Pure: nothing is stored, nobody is told.
namespace godseye::respond {

struct PreviewSample {
  registry::GroupStatus from = registry::GroupStatus::kOk;
  registry::GroupStatus to = registry::GroupStatus::kAlert;
  bool renotify = false;    // told again; `from` is `to`
  double value = NAN;       // NaN: no data
  std::string group = "*";  // "host:a,env:b": becomes {{host.name}} and {{env.name}}
  int64_t time_s = 0;       // Unix; end of the window
  int64_t triggered_s = 0;  // when it left OK; 0: at `time_s`
};

struct MessagePreview {
  std::string title;                     // "[P1] [Triggered on {host:a}] Name"
  std::string text;                      // the message, handles in it
  std::vector<std::string> handles;      // of this sample, without `@`
  std::vector<std::string> all_handles;  // that stand in the template, whatever the conditions
  int priority = 0;
  bool cut = false;  // longer than lang::kMessageBytesMax
};

// A query that is not finished yet does not keep its message from being shown. kInvalidArgument names the field of a
// template that does not parse: "message: line 3, column 7: …".
base::Result<MessagePreview> preview_message(const ddapi::MonitorSpec& spec, const PreviewSample& sample);

}  // namespace godseye::respond
