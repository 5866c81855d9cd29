#include "frontend_service.h"

#include "backends.h"

#include <fstream>

#include <godseye/base/file.h>

namespace vcommerce::frontend {

Backends grpc_backends(runtime::Context& context) {
  return {.catalogue = catalogue_backend(context),
          .recommendations = recommendations_backend(context),
          .ads = ads_backend(context),
          .currencies = currencies_backend(context),
          .carts = carts_backend(context),
          .shipping = shipping_backend(context),
          .checkout = checkout_backend(context)};
}

namespace {

constexpr size_t kSecretBytesMin = 32;

// Forms that are open and accounts outlive the process, as the folder does: who presses "Buy now" again after the shop
// died under the first time is still that customer. Made once, for the owner's eyes alone.
base::Result<std::string> secret_in(const std::string& folder) {
  const std::string path = folder + "/frontend.secret";
  if (std::ifstream file(path); file) {
    std::string secret;
    std::getline(file, secret);
    if (secret.size() >= kSecretBytesMin) return secret;
  }
  std::string secret = Seals::random();
  if (base::Status kept = base::replace_file(path, secret + "\n"); !kept) return std::move(kept).error();
  return secret;
}

}  // namespace

base::Result<std::unique_ptr<FrontendService>> FrontendService::create(const runtime::Settings& settings,
                                                                       runtime::Context& context, Backends backends,
                                                                       SiteConfig config) {
  HttpServer::Limits limits;
  const auto threads = settings.whole("http-threads", 1, 256);
  if (!threads) return threads.error();
  const auto secure = settings.whole("secure-cookies", 0, 1);
  if (!secure) return secure.error();
  limits.threads = static_cast<size_t>(*threads);
  config.secure_cookies = *secure == 1;
  auto folder = DataFolder::open(settings.text("data-dir"));
  if (!folder) return std::move(folder).error();
  config.session_secret = settings.text("session-secret");
  if (config.session_secret.empty()) {
    auto secret = secret_in(folder->path());
    if (!secret) return std::move(secret).error();
    config.session_secret = *std::move(secret);
  }
  auto reviews = Reviews::open(folder->path() + "/" + kReviewsFile, context.clock());
  if (!reviews) return std::move(reviews).error();
  std::unique_ptr<FrontendService> service(
      new FrontendService(context, *std::move(folder), std::move(backends), *std::move(reviews), std::move(config)));
  Site& site = service->site_;
  auto server = HttpServer::start(
      settings.text("http-listen"), limits, [&site](const WebRequest& request) { return site.handle(request); },
      [&site](int status) { return site.refusal(status); });
  if (!server) return std::move(server).error();
  service->server_ = *std::move(server);
  context.log().info("the shop is open", {{"url", "http://" + service->http_address()}});
  return service;
}

FrontendService::~FrontendService() { stop(); }

void FrontendService::stop() {
  site_.stop();
  if (server_) server_->stop();
}

namespace {

base::Result<std::unique_ptr<runtime::Service>> make(const runtime::Settings& settings, runtime::Context& context) {
  SiteConfig config;
  config.blocked = [&context](std::string_view kind, std::string_view value) {
    return context.sdk().blocks().blocked(kind, value);
  };
  auto service = FrontendService::create(settings, context, grpc_backends(context), std::move(config));
  if (!service) return std::move(service).error();
  return std::unique_ptr<runtime::Service>(*std::move(service));
}

}  // namespace

runtime::ServiceInfo info() {
  return {.name = "frontend",
          .what = "the web shop: pages and JSON API over HTTP",
          .settings = {{"http-listen", "127.0.0.1:7080", "address and port of the pages; port 0 takes a free one"},
                       {"http-threads", "32", "requests that are served at a time, 1 to 256"},
                       {"data-dir", "",
                        "folder of what must survive a restart (reviews, session secret); empty: nothing does"},
                       {"secure-cookies", "0", "1: cookies are sent over HTTPS alone (behind a proxy that does TLS)"},
                       {"session-secret", "",
                        "seals forms and accounts; empty: one that is made once and kept in data-dir"}},
          .faults = {{"frontend.slow_ms", "every page waits that long first", 60'000},
                     {"frontend.errors", "that share of pages is answered 500"},
                     {"frontend.session_errors", "that share of pages cannot read its session"}},
          .make = make};
}

}  // namespace vcommerce::frontend
