#pragma once

#include <godseye/api/gateway_calls.h>
#include <godseye/gateway/records.h>

// The gateway's records in the form of the pages' routes. Pure.
namespace godseye::app {

api::GatewayCall call_of(const gateway::CallRecord& record);
api::GatewayProvider provider_of(const gateway::ProviderState& state);

}  // namespace godseye::app
