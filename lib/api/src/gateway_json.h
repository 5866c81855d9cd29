#pragma once

#include <string>
#include <vector>

#include <godseye/api/gateway_calls.h>

// JSON of what the gateway's pages read. Times are Unix milliseconds; what nobody said is left out.
namespace godseye::api {

void append_call(std::string& out, const GatewayCall& call);
void append_provider(std::string& out, const GatewayProvider& provider);

}  // namespace godseye::api
