#include "server.h"

#include "data_lock.h"
#include "key_cache.h"

#include <godseye/api/core_routes.h>
#include <godseye/api/live.h>
#include <godseye/api/router.h>
#include <godseye/base/log.h>
#include <godseye/net/http_server.h>
#include <godseye/registry/keys.h>
#include <godseye/registry/registry.h>

namespace godseye::app {
namespace {

constexpr const char* kRegistryFile = "/registry.sqlite";

}  // namespace

// Members are in the order of their making; destruction is the reverse.
class Server::Impl {
 public:
  Impl(const Settings& settings, base::Clock clock, DataLock lock)
      : settings_(settings), clock_(std::move(clock)), lock_(std::move(lock)) {}
  ~Impl() { stop(std::chrono::milliseconds(8000)); }

  base::Status start(std::span<const api::PageFile> pages) {
    if (base::Status opened = open_registry(); !opened) return opened;
    return open_http(pages);
  }

  void stop(std::chrono::milliseconds grace) {
    live_.close();
    if (http_) http_->stop(grace);
  }

  const std::string& first_keys() const { return first_keys_; }
  std::string listeners() const { return "http=" + http_->address().text(); }

 private:
  base::Status open_registry() {
    auto registry = registry::Registry::open({.path = settings_.data_dir + kRegistryFile});
    if (!registry) return std::move(registry).error();
    registry_ = *std::move(registry);
    auto keys = registry_->change<std::optional<registry::FirstKeys>>([&](registry::WriteSession& session) {
      return registry::create_first_keys(session, base::unix_seconds(clock_.wall()));
    });
    if (!keys) return std::move(keys).error();
    if (keys->has_value()) first_keys_ = "api_key=" + (*keys)->api_key + " app_key=" + (*keys)->app_key;
    keys_ = std::make_unique<KeyCache>(*registry_, clock_);
    return base::ok();
  }

  base::Status open_http(std::span<const api::PageFile> pages) {
    router_ =
        std::make_unique<api::Router>(*keys_, api::RouterConfig{.anonymous_loopback = settings_.anonymous_loopback});
    api::add_core_routes(*router_, {.health = [this] { return health(); }, .ingestion = [this] { return ingestion(); }},
                         live_);
    api::add_pages(*router_, pages);
    net::HttpServerConfig config;
    config.address = settings_.http;
    config.tls_certificate_file = settings_.tls_cert;
    config.tls_key_file = settings_.tls_key;
    auto http = net::HttpServer::start(std::move(config), [router = router_.get()](const net::HttpRequest& request) {
      return router->handle(request);
    });
    if (!http) return std::move(http).error().within("http");
    http_ = *std::move(http);
    return base::ok();
  }

  std::vector<api::HealthPart> health() const { return {{.name = "registry"}}; }

  api::IngestionReport ingestion() const {
    api::IngestionReport report;
    const net::HttpServerStats http = http_->stats();
    report.http = {{"connections", std::to_string(http.connections_now)},
                   {"requests", std::to_string(http.requests)},
                   {"refused", std::to_string(http.overloaded + http.connections_refused)}};
    return report;
  }

  const Settings settings_;
  const base::Clock clock_;
  DataLock lock_;
  std::unique_ptr<registry::Registry> registry_;
  std::string first_keys_;
  std::unique_ptr<KeyCache> keys_;
  api::LiveHub live_;
  std::unique_ptr<api::Router> router_;
  std::unique_ptr<net::HttpServer> http_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

base::Result<std::unique_ptr<Server>> Server::start(const Settings& settings, base::Clock clock,
                                                    std::span<const api::PageFile> pages) {
  base::Result<DataLock> lock = DataLock::take(settings.data_dir);
  if (!lock) return std::move(lock).error();
  auto impl = std::make_unique<Impl>(settings, std::move(clock), *std::move(lock));
  if (base::Status started = impl->start(pages); !started) return std::move(started).error();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

const std::string& Server::first_keys() const { return impl_->first_keys(); }
std::string Server::listeners() const { return impl_->listeners(); }
void Server::stop(std::chrono::milliseconds grace) { impl_->stop(grace); }

}  // namespace godseye::app
