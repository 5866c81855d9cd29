#pragma once

#include <functional>
#include <string>

#include <vcommerce/runtime/faults.h>
#include <vcommerce/v1/faults.grpc.pb.h>

// `vcommerce.v1.Faults` over one process's switches.
namespace vcommerce::runtime {

class FaultsService final : public v1::Faults::Service {
 public:
  // `changed` is called after each change, so that health and leaks follow at once.
  FaultsService(Faults& faults, std::string key, std::function<void()> changed)
      : faults_(faults), key_(std::move(key)), changed_(std::move(changed)) {}

  grpc::Status Set(grpc::ServerContext* context, const v1::SetFaultRequest* request, v1::FaultList* answer) override;
  grpc::Status List(grpc::ServerContext* context, const v1::ListFaultsRequest* request, v1::FaultList* answer) override;
  grpc::Status Clear(grpc::ServerContext* context, const v1::ClearFaultRequest* request,
                     v1::FaultList* answer) override;

 private:
  grpc::Status refusal(const grpc::ServerContext& context) const;
  grpc::Status answer_list(const base::Status& done, v1::FaultList& answer);

  Faults& faults_;
  std::string key_;
  std::function<void()> changed_;
};

}  // namespace vcommerce::runtime
