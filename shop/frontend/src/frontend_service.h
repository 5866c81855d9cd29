#pragma once

#include "http_server.h"
#include "site.h"

#include <memory>
#include <string>

#include <vcommerce/frontend/service.h>
#include <vcommerce/orders/data_folder.h>

// The site behind its HTTP server, as a service of the host.
namespace vcommerce::frontend {

class FrontendService final : public runtime::Service {
 public:
  // As info().make, with backends of one's own: for tests.
  static base::Result<std::unique_ptr<FrontendService>> create(const runtime::Settings& settings,
                                                               runtime::Context& context, Backends backends,
                                                               SiteConfig config);
  ~FrontendService() override;

  std::vector<grpc::Service*> grpc_services() override { return {}; }
  void tick() override { site_.tick(); }
  void stop() override;

  const std::string& http_address() const { return server_->address(); }

 private:
  FrontendService(runtime::Context& context, DataFolder folder, Backends backends, std::unique_ptr<Reviews> reviews,
                  SiteConfig config)
      : folder_(std::move(folder)), site_(context, std::move(backends), std::move(reviews), std::move(config)) {}

  DataFolder folder_;
  Site site_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace vcommerce::frontend
