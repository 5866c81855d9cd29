#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <vcommerce/runtime/context.h>

namespace vcommerce::runtime {

// A channel to `address` that measures its calls. `context` must outlive it.
std::shared_ptr<grpc::Channel> make_channel(Context& context, std::string_view callee, const std::string& address,
                                            const ChannelOptions& options);

// gRPC's service config (JSON) for `options`: a timeout for every method, and retries for those that may be.
std::string service_config(const ChannelOptions& options);

}  // namespace vcommerce::runtime
