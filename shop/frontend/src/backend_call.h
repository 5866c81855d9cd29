#pragma once

#include <chrono>
#include <memory>
#include <string_view>
#include <type_traits>

#include <godseye/base/result.h>

#include <vcommerce/runtime/adapter.h>
#include <vcommerce/runtime/money_proto.h>

// For backend_*.cpp alone: one call, its deadline, and a gRPC status as our error. What a service says about the
// customer's input or situation is kept, as it is for people; of everything else only that it failed. Names of fields
// lose what the services' messages wrap around them ("item.quantity" → "quantity").
namespace vcommerce::frontend {

inline constexpr std::chrono::milliseconds kNeededWait{2'000};  // what a page cannot do without
inline constexpr std::chrono::milliseconds kOptionalWait{400};  // what it can
inline constexpr std::chrono::milliseconds kPlaceOrderWait{12'000};

base::Error error_of(const grpc::Status& status, std::string_view service);
// A service whose calls are all made alike: with a deadline, for its answer or our error.
//
//   Neighbour<v1::CartService> cart_{v1::CartService::NewStub(channel), "cartservice"};
//   const auto answer = cart_.ask(&Stub::GetCart, request, kNeededWait);
//
// Threads: any.
template <typename Protocol>
class Neighbour {
 public:
  using Stub = typename Protocol::Stub;
  using ErrorOf = base::Error (*)(const grpc::Status&, std::string_view);

  // `error_of`: for a service some of whose refusals mean something of their own.
  Neighbour(std::unique_ptr<Stub> stub, std::string_view name, ErrorOf error_of = frontend::error_of)
      : stub_(std::move(stub)), name_(name), error_of_(error_of) {}

  template <typename Request, typename Answer>
  base::Result<Answer> ask(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Answer*),
                           const std::type_identity_t<Request>& request, std::chrono::milliseconds wait) const {
    const auto call = runtime::outgoing(wait);
    Answer answer;
    if (const grpc::Status status = (stub_.get()->*method)(call.get(), request, &answer); !status.ok()) {
      return error_of_(status, name_);
    }
    return answer;
  }

 private:
  std::unique_ptr<Stub> stub_;
  std::string_view name_;  // of a literal
  ErrorOf error_of_;
};

// Zero in no currency when it is not good money.
runtime::Money money_of(const v1::Money& money);

}  // namespace vcommerce::frontend
