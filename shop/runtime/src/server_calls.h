#pragma once

#include <memory>

#include <grpcpp/support/server_interceptor.h>
#include <vcommerce/runtime/context.h>

// What happens to every call that this process serves: the span, the numbers, the log line, and the switches that all
// services have. The health service's calls are left out.
namespace vcommerce::runtime {

// `context` must outlive the server.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> server_calls(Context& context);

}  // namespace vcommerce::runtime
