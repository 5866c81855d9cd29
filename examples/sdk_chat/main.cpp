// An observed language model application in one page: a shop's chat that looks products up, asks a model, and is paid.
//
//   DD_SERVICE=chat DD_ENV=dev GODSEYE_URL=http://127.0.0.1:8080 DD_API_KEY=… DD_APP_KEY=… sdk-chat [SESSION [USER]]
//
// Prints what was lost, as JSON, and ends with 0 when everything arrived. docs/sdk.md explains it line by line.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>

#include <godseye/sdk/sdk.h>

namespace {

using namespace godseye::sdk;
using namespace std::chrono_literals;

// Stands for a gRPC or HTTP call: what was injected on one side is extracted on the other.
using Metadata = std::map<std::string, std::string, std::less<>>;

std::string find_products(Sdk& sdk, const Metadata& metadata, const std::string& question) {
  const auto parent = extract([&](std::string_view name) -> std::optional<std::string_view> {
    const auto found = metadata.find(name);
    if (found == metadata.end()) return std::nullopt;
    return found->second;
  });
  Span span = sdk.tracer().start("grpc.server", {.resource = "/shop.Catalogue/Search",
                                                 .service = "chat-catalogue",
                                                 .type = "grpc",
                                                 .kind = "server",
                                                 .parent = parent ? &*parent : nullptr});
  Scope scope(span);
  LlmData retrieval{.kind = LlmKind::kRetrieval, .input_value = question};
  retrieval.documents = {
      {.text = "Linen shirt, white, 49.00 EUR", .id = "SHIRT-1", .name = "catalogue", .score = 0.91}};
  span.set_llm(std::move(retrieval));
  sdk.metrics().distribution("catalog.search.duration", 0.004);
  sdk.log().info("searched", {{"query", question}});
  return "Linen shirt, white, 49.00 EUR";
}

std::string ask_model(Sdk& sdk, const std::string& question, const std::string& context) {
  Span span = sdk.tracer().start("gemini.request", {.resource = "gemini-2.0-flash", .kind = "client"});
  const std::string answer = "Yes: the white linen shirt is 49.00 EUR.";
  LlmData call{.model_name = "gemini-2.0-flash", .model_provider = "google", .prompt_id = "shop-answer"};
  call.input_messages = {{"system", "Answer from the catalogue: " + context}, {"user", question}};
  call.output_messages = {{"assistant", answer}};
  call.input_tokens = 1200;
  call.output_tokens = 40;
  call.cache_read_tokens = 200;
  call.time_to_first_token_s = 0.12;
  call.finish_reason = "stop";
  span.set_llm(std::move(call));
  return answer;
}

void chat(Sdk& sdk, const std::string& session, const std::string& user) {
  Span request = sdk.tracer().start("http.request", {.resource = "POST /chat", .type = "web", .kind = "server"});
  request.set_session(session);
  request.set_user(user);
  request.set_tag("http.method", "POST");
  Scope scope(request);

  Span agent = sdk.tracer().start("chat.turn");
  const std::string question = "Do you have a linen shirt?";
  LlmData turn{.kind = LlmKind::kAgent, .input_value = question};
  {
    Scope inner(agent);
    Metadata metadata;
    inject(agent.context(), [&](std::string_view name, std::string_view value) { metadata.emplace(name, value); });
    const std::string context = find_products(sdk, metadata, question);
    turn.output_value = ask_model(sdk, question, context);
  }
  agent.set_llm(std::move(turn));
  agent.finish();

  Span payment = sdk.tracer().start("payment.charge", {.kind = "client"});
  payment.set_tag("peer.service", "payment-provider");
  payment.set_error("CardDeclined", "insufficient funds");
  payment.finish();
  sdk.log().warn("card was declined", {{"brand", "visa"}});
  sdk.metrics().count("checkout.order.count", 1, {"currency:EUR"});
  sdk.metrics().service_check("chat.health", CheckStatus::kOk);
  sdk.analytics().track_conversion("order_completed", {.value = 49});
  request.set_tag("http.status_code", "200");
}

}  // namespace

int main(int argc, char** argv) {
  const auto settings = settings_from([](const char* name) { return std::getenv(name); });
  if (!settings) {
    std::fprintf(stderr, "sdk-chat: %s\n", settings.error().message().c_str());
    return 2;
  }
  auto started = Sdk::start(*settings);
  if (!started) {
    std::fprintf(stderr, "sdk-chat: %s\n", started.error().message().c_str());
    return 2;
  }
  Sdk& sdk = **started;
  const std::string session = argc > 1 ? argv[1] : "s-1";
  if (!settings->api_url.empty() && !settings->app_key.empty()) {
    // The list arrives a moment after the start; a server that answers requests has it long before the first one.
    for (int i = 0; i < 100 && sdk.blocks().stats().version == 0; ++i) std::this_thread::sleep_for(20ms);
  }
  const bool blocked = sdk.blocks().blocked("session", session);
  if (blocked) {
    sdk.log().warn("a blocked session was turned away", {{"session", session}});
  } else {
    chat(sdk, session, argc > 2 ? argv[2] : "u-1");
  }
  const bool arrived = sdk.flush(5s);
  const Losses losses = sdk.losses();
  const uint64_t lost =
      losses.metrics + losses.metric_packets + losses.spans + losses.spans_unsent + losses.logs + losses.events;
  std::fprintf(stderr, "{\"blocked\":%s,\"arrived\":%s,\"lost\":%llu}\n", blocked ? "true" : "false",
               arrived ? "true" : "false", static_cast<unsigned long long>(lost));
  return arrived && lost == 0 ? 0 : 1;
}
