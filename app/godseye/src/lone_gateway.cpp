#include "lone_gateway.h"

#include <array>

#include <godseye/base/log.h>

#include <unistd.h>

namespace godseye::app {
namespace {

constexpr const char* kDirectory = "/gateway";

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "gateway";
  return name.data();
}

control::UpstreamConfig link_config(const Settings& settings, pipeline::CatalogueBook& catalogues) {
  return {.url = settings.upstream,
          .api_key = settings.upstream_api_key,
          .app_key = settings.upstream_app_key,
          .directory = settings.data_dir + kDirectory,
          .gateway_name = settings.gateway_name.empty() ? host_name() : settings.gateway_name,
          .spool_bytes_max = settings.spool_bytes_max,
          .sync = settings.journal_sync,
          .put_catalogue = [&catalogues](std::string_view name, std::string_view lines) -> base::Status {
            auto put = catalogues.put(name, lines, false);
            return put ? base::ok() : base::Status(std::move(put).error());
          },
          .remove_catalogue = [&catalogues](std::string_view name) { (void)catalogues.remove(name); },
          .catalogue_names =
              [&catalogues] {
                std::vector<std::string> names;
                for (const pipeline::CatalogueInfo& info : catalogues.list()) names.push_back(info.name);
                return names;
              }};
}

}  // namespace

base::Result<std::unique_ptr<LoneGateway>> LoneGateway::start(const Settings& given, base::Clock clock) {
  Settings settings = given;
  if (!settings.gateway) settings.gateway = *net::parse_listen_address("127.0.0.1:8081");
  if (settings.providers.empty()) {
    return base::Error(base::ErrorCode::kInvalidArgument,
                       "gateway needs a provider, for example --provider openai=https://api.openai.com");
  }
  // Its own place in the data directory: a server may run on the same one.
  base::Result<DataLock> lock = DataLock::take(settings.data_dir + kDirectory);
  if (!lock) return std::move(lock).error();
  std::unique_ptr<LoneGateway> lone(new LoneGateway(*std::move(lock), clock));
  if (settings.upstream.empty()) {
    spdlog::warn("no --upstream: the defaults guard, nobody can set blocks, spans go nowhere");
  } else {
    lone->catalogues_ =
        std::make_unique<pipeline::CatalogueBook>(settings.data_dir + kDirectory + "/catalogues", clock);
    auto link = control::UpstreamLink::open(link_config(settings, *lone->catalogues_), lone->policy_, clock);
    if (!link) return std::move(link).error();
    lone->link_ = *std::move(link);
  }
  auto prices = pipeline::PriceBook::shipped();
  if (!prices) return std::move(prices).error();
  lone->prices_ = *std::move(prices);
  if (settings.image_decoder != "off") {
    lone->decoder_ = std::make_unique<sandbox::ImageDecoder>(sandbox::DecoderConfig{.program = settings.image_decoder});
    if (base::Status there = lone->decoder_->check(); !there) {
      spdlog::warn("no images are decoded: {}", there.error().message());
    }
  }
  GatewayNeeds needs;
  needs.policy = &lone->policy_;
  needs.spans = [link = lone->link_.get()](signal::SpanBatch& batch) {
    return link == nullptr ? base::ok() : link->deliver(batch);
  };
  if (lone->link_) {
    needs.metrics = [link = lone->link_.get()](std::string_view lines) { link->deliver_metrics(lines); };
    needs.stored_key = [link = lone->link_.get()](std::string_view provider) -> std::optional<gateway::ProviderKey> {
      auto stored = link->provider_key(provider);
      if (!stored) return std::nullopt;
      gateway::ProviderKey key{
          .id = stored->row.name, .source = "registry", .secret = std::move(stored->text), .expires = {}};
      if (stored->row.expires_s > 0) key.expires = base::WallTime(std::chrono::seconds(stored->row.expires_s));
      return key;
    };
    needs.catalogue = [book = lone->catalogues_.get()](std::string_view ml_app, std::string_view service) {
      return book->for_application(ml_app, service);
    };
  }
  needs.prices = [prices_now = lone->prices_.get()] { return prices_now->now(); };
  needs.decoder = lone->decoder_.get();
  auto gateway = start_gateway(settings, std::move(needs), clock);
  if (!gateway) return std::move(gateway).error();
  lone->gateway_ = *std::move(gateway);
  return lone;
}

LoneGateway::~LoneGateway() { stop(); }

std::string LoneGateway::listeners() const { return "gateway=" + gateway_->address().text(); }

void LoneGateway::stop(std::chrono::milliseconds grace) {
  if (gateway_) gateway_->stop(grace);
  gateway_.reset();
  if (link_) {
    const control::UpstreamStats stats = link_->stats();
    link_.reset();
    spdlog::info("{} spans were handed to upstream, {} dropped, {} refused", stats.spans_sent, stats.spans_dropped,
                 stats.spans_refused);
  }
}

}  // namespace godseye::app
