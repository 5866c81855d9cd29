#pragma once

#include <atomic>
#include <string>

#include <grpc/health/v1/health.grpc.pb.h>

namespace vcommerce::runtime {

// `grpc.health.v1.Health` over one flag. gRPC's own one brings its callback threads into every server, which then take
// turns with the server's at each packet. Watch is not there (UNIMPLEMENTED, which the specification lets clients
// expect): each watcher would keep one of the server's few threads.
class HealthService final : public grpc::health::v1::Health::Service {
 public:
  // `name`: what may be asked for besides the server as a whole.
  explicit HealthService(std::string name) : name_(std::move(name)) {}

  void set(bool serving) { serving_ = serving; }

  // NOT_FOUND: another name.
  grpc::Status Check(grpc::ServerContext*, const grpc::health::v1::HealthCheckRequest* request,
                     grpc::health::v1::HealthCheckResponse* answer) override {
    if (!request->service().empty() && request->service() != name_) {
      return {grpc::StatusCode::NOT_FOUND, "service: this server is " + name_};
    }
    answer->set_status(serving_ ? grpc::health::v1::HealthCheckResponse::SERVING
                                : grpc::health::v1::HealthCheckResponse::NOT_SERVING);
    return grpc::Status::OK;
  }

 private:
  std::string name_;
  std::atomic<bool> serving_ = false;
};

}  // namespace vcommerce::runtime
