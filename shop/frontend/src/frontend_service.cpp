#include "frontend_service.h"

#include "backends.h"

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
  config.session_secret = settings.text("session-secret");
  auto folder = DataFolder::open(settings.text("data-dir"));
  if (!folder) return std::move(folder).error();
  auto reviews = Reviews::open(folder->path() + "/reviews.sqlite", context.clock());
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
                       {"data-dir", "", "folder of what must survive a restart (reviews); empty: nothing does"},
                       {"secure-cookies", "0", "1: cookies are sent over HTTPS alone (behind a proxy that does TLS)"},
                       {"session-secret", "",
                        "seals forms and accounts; empty: a random one, and both end with the process"}},
          .faults = {{"frontend.slow_ms", "every page waits that long first", 60'000},
                     {"frontend.errors", "that share of pages is answered 500"},
                     {"frontend.session_errors", "that share of pages cannot read its session"}},
          .make = make};
}

}  // namespace vcommerce::frontend
