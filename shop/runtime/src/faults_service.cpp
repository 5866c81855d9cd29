#include "faults_service.h"

#include <vcommerce/runtime/adapter.h>

namespace vcommerce::runtime {
namespace {

// In a time that says nothing about where two keys differ.
bool same(std::string_view left, std::string_view right) {
  unsigned difference = left.size() == right.size() ? 0 : 1;
  for (size_t i = 0; i < left.size(); ++i) {
    const char other = right.empty() ? '\0' : right[i % right.size()];
    difference |= static_cast<unsigned char>(left[i]) ^ static_cast<unsigned char>(other);
  }
  return difference == 0;
}

}  // namespace

grpc::Status FaultsService::refusal(const grpc::ServerContext& context) const {
  if (key_.empty()) {
    return {grpc::StatusCode::FAILED_PRECONDITION,
            "this service was started without --fault-key: no switch can be set"};
  }
  const auto found = context.client_metadata().find("fault-key");
  if (found == context.client_metadata().end()) {
    return {grpc::StatusCode::PERMISSION_DENIED, "the metadata `fault-key` is missing"};
  }
  if (!same({found->second.data(), found->second.size()}, key_)) {
    return {grpc::StatusCode::PERMISSION_DENIED, "the metadata `fault-key` is not this service's"};
  }
  return grpc::Status::OK;
}

grpc::Status FaultsService::answer_list(const base::Status& done, v1::FaultList& answer) {
  if (!done) return status_of(done.error());
  changed_();
  for (const FaultState& state : faults_.list()) {
    v1::FaultSwitch& shown = *answer.add_switches();
    shown.set_name(std::string(state.info.name));
    shown.set_what(std::string(state.info.what));
    shown.set_value_max(state.info.value_max);
    shown.set_value(state.value);
    shown.set_seconds_left(std::chrono::duration<double>(state.left).count());
  }
  return grpc::Status::OK;
}

grpc::Status FaultsService::Set(grpc::ServerContext* context, const v1::SetFaultRequest* request,
                                v1::FaultList* answer) {
  if (grpc::Status refused = refusal(*context); !refused.ok()) return refused;
  const auto lasts = request->seconds() == 0 ? kFaultLastsDefault : std::chrono::seconds(request->seconds());
  return answer_list(faults_.set(request->name(), request->value(), lasts), *answer);
}

grpc::Status FaultsService::List(grpc::ServerContext* context, const v1::ListFaultsRequest*, v1::FaultList* answer) {
  if (grpc::Status refused = refusal(*context); !refused.ok()) return refused;
  return answer_list(base::ok(), *answer);
}

grpc::Status FaultsService::Clear(grpc::ServerContext* context, const v1::ClearFaultRequest* request,
                                  v1::FaultList* answer) {
  if (grpc::Status refused = refusal(*context); !refused.ok()) return refused;
  return answer_list(faults_.clear(request->name()), *answer);
}

}  // namespace vcommerce::runtime
