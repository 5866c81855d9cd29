#pragma once

#include <memory>
#include <string>

#include <grpcpp/support/client_interceptor.h>
#include <vcommerce/runtime/context.h>

// What happens to every call that this process makes over a Context's channel: a span that the other side continues,
// and the numbers by caller and callee.
namespace vcommerce::runtime {

// `context` must outlive the channel's calls.
std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface> client_calls(Context& context,
                                                                                    std::string callee);

}  // namespace vcommerce::runtime
