#pragma once

#include <cstdint>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// What a person does to an incident, told to the pagers that its alerts rang: PagerDuty hears `acknowledge` when
// somebody takes it on and `resolve` when somebody ends it, each under the key of the alert that rang, so that one
// incident there is one here. Alerts that have recovered were resolved by their recovery and are left out.
namespace godseye::respond {

enum class PagerAction : uint8_t { kAcknowledge, kResolve };

// Adds the deliveries in the caller's transaction; the number of them. At most kPagersMax alerts and channels.
inline constexpr size_t kPagersMax = 200;
base::Result<size_t> tell_pagers(registry::WriteSession& session, std::string_view incident_id, PagerAction action,
                                 int64_t now_ms);

}  // namespace godseye::respond
