#include "service.h"

#include "json_pages.h"

#include <algorithm>
#include <cmath>

#include <godseye/base/hash.h>
#include <godseye/genai/answers.h>
#include <godseye/genai/embeddings.h>
#include <godseye/genai/requests.h>
#include <godseye/net/content_coding.h>
#include <godseye/simulator/answer.h>
#include <godseye/simulator/embedding.h>
#include <godseye/simulator/models.h>

namespace godseye::model_simulator {

namespace {

using genai::ApiError;
using genai::Family;
using genai::Operation;
using simulator::Fault;
using simulator::FaultSet;

constexpr std::string_view kOwnPages = "/simulator/";
constexpr size_t kBodyBytesMax = size_t{64} << 20;  // after decompression

// Keys as the four protocols send them.
std::string key_of(const net::HttpRequest& request) {
  const std::string_view authorization = request.headers.get("authorization");
  if (authorization.starts_with("Bearer ")) return std::string(authorization.substr(7));
  for (const std::string_view name : {"x-api-key", "x-goog-api-key", "api-key"}) {
    if (const std::string* key = request.headers.find(name)) return *key;
  }
  for (const auto& [name, value] : request.query) {
    if (name == "key") return value;
  }
  return {};
}

std::string_view query_of(std::string_view target) {
  const size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

std::string hex(uint64_t value) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (size_t i = 16; i-- > 0; value >>= 4) text[i] = kDigits[value & 15];
  return text;
}

// As each provider begins its ids.
std::string_view id_prefix(genai::Dialect dialect) {
  switch (dialect) {
    case genai::Dialect::kOpenAiChat:
      return "chatcmpl-sim-";
    case genai::Dialect::kOpenAiCompletions:
      return "cmpl-sim-";
    case genai::Dialect::kOpenAiResponses:
      return "resp_sim_";
    case genai::Dialect::kAnthropic:
      return "msg_sim_";
    default:
      return "sim-";
  }
}

ApiError bad_request(const base::Error& error) {
  ApiError refused;
  refused.status = error.code() == base::ErrorCode::kTooLarge        ? 413
                   : error.code() == base::ErrorCode::kUnimplemented ? 501
                                                                     : 400;
  refused.message = error.message();
  return refused;
}

constexpr std::chrono::minutes kLargeMax{10};

ApiError busy() {
  ApiError error;
  error.status = 503;
  error.message = "The simulator is busy with other large prompts.";
  return error;
}

// A prompt that was read, and what follows from its bytes alone.
struct Prompt {
  genai::ChatRequest request{};
  std::optional<ApiError> error{};
  uint64_t tokens = 0;
  uint64_t draw = 0;
  bool cache_marked = false;  // Anthropic: some block has cache_control
};

Prompt read_prompt(const genai::Call& call, const std::string& body, uint64_t seed) {
  Prompt prompt;
  prompt.draw = base::hash64(body, seed);
  if (call.operation == Operation::kEmbed) return prompt;
  auto parsed = genai::parse_request(call, body);
  if (!parsed) {
    prompt.error = bad_request(parsed.error());
    return prompt;
  }
  prompt.request = *std::move(parsed);
  const std::vector<std::string>& dropped = prompt.request.dropped;
  prompt.cache_marked = std::find(dropped.begin(), dropped.end(), "cache_control") != dropped.end();
  prompt.tokens = simulator::count_prompt(prompt.request);
  return prompt;
}

struct Embedded {
  std::optional<net::HttpResponse> response;
  ApiError error;
  genai::RateLimits limits;
};

// Anthropic caches only what the request marks; the mark is taken to stand at the end of the prompt.
void mark_cache(bool marked, genai::Usage& usage) {
  if (!marked) {
    usage.cache_read = genai::kNoTokens;
  } else if (usage.input >= static_cast<int64_t>(simulator::kCachedTokensMin)) {
    usage.cache_write = usage.input - std::max<int64_t>(usage.cache_read, 0);
  }
}

ApiError ordered_error(const FaultSet& faults) {
  ApiError error;
  error.status = static_cast<int>(faults.value_or(Fault::kStatus, 500));
  error.code = faults.code.value_or(error.status == 429 ? "rate_limit_exceeded" : "");
  switch (error.status) {
    case 401:
      error.message = "Incorrect API key provided (ordered by x-simulator-fault).";
      break;
    case 404:
      error.message = "The model does not exist (ordered by x-simulator-fault).";
      break;
    case 429:
      error.message = "Rate limit reached (ordered by x-simulator-fault). Please try again later.";
      break;
    case 503:
    case 529:
      error.message = "The model is overloaded (ordered by x-simulator-fault). Please try again later.";
      break;
    default:
      error.message = "HTTP " + std::to_string(error.status) + " (ordered by x-simulator-fault).";
      break;
  }
  return error;
}

}  // namespace

Service::Service(ServiceConfig config, base::Clock clock)
    : config_(std::move(config)),
      clock_(std::move(clock)),
      started_(clock_.tick()),
      fixed_answers_(config_.fixed_answer),
      limits_(config_.limits) {}

void Service::order(FaultSet faults) {
  simulator::FaultOrder order;
  order.faults = std::move(faults);
  board_.put({std::move(order)}, clock_.tick());
}

net::Task<> Service::handle(net::Exchange& exchange) {
  net::HttpRequest& request = exchange.request();
  if (request.path.starts_with(kOwnPages) || request.path == "/" || request.path == "/api/version") {
    exchange.answer(own_page(request));
    co_return;
  }
  counters_.requests.fetch_add(1, std::memory_order_relaxed);
  if (config_.requests_kept > 0) keep(request);
  if (const std::string* coding = request.headers.find("content-encoding")) {
    auto body = net::decode_content(*coding, request.body, kBodyBytesMax);
    if (!body) {
      exchange.answer(net::error_response(415, body.error().message()));
      co_return;
    }
    request.body = *std::move(body);
  }
  auto caller = caller_of(request);
  if (!caller) {
    counters_.refused.fetch_add(1, std::memory_order_relaxed);
    ApiError error = bad_request(caller.error());
    if (caller.error().code() == base::ErrorCode::kNotFound) error.status = 404;
    exchange.answer(net::json_response(error.status, genai::error_body(genai::Dialect::kOpenAi, error)));
    co_return;
  }
  co_await serve(exchange, *std::move(caller));
}

base::Result<Caller> Service::caller_of(const net::HttpRequest& request) {
  Caller caller;
  const genai::Family hint = genai::family_by_headers([&](std::string_view name) {
    const std::string* value = request.headers.find(name);
    return value == nullptr ? std::string_view() : std::string_view(*value);
  });
  auto call = genai::recognise(request.method, request.raw_path, query_of(request.target), hint);
  if (!call) return std::move(call).error();
  caller.call = *std::move(call);
  caller.key = key_of(request);
  return caller;
}

std::optional<ApiError> Service::refusal_of(const Caller& caller) const {
  ApiError error;
  const bool known =
      config_.keys.empty() || std::find(config_.keys.begin(), config_.keys.end(), caller.key) != config_.keys.end();
  if (!known) {
    // Google answers 400 to a wrong key.
    error.status = caller.call.family == Family::kGemini ? 400 : 401;
    error.code = caller.call.family == Family::kGemini ? "API_KEY_INVALID" : "invalid_api_key";
    error.message = caller.key.empty() ? "You did not provide an API key." : "Incorrect API key provided.";
    return error;
  }
  if (caller.call.operation == Operation::kOther) {
    error.status = 404;
    error.message = "The simulator does not know this path, or not with this method.";
    return error;
  }
  return std::nullopt;
}

net::Task<> Service::serve(net::Exchange& exchange, Caller caller) {
  const net::HttpRequest& request = exchange.request();
  const std::string* header = request.headers.find("x-simulator-fault");
  if (fixed_answers_.any() && header == nullptr && caller.call.operation == Operation::kChat) {
    co_await fixed(exchange, std::move(caller));
    co_return;
  }
  std::optional<ApiError> refused = refusal_of(caller);
  if (header != nullptr && !refused) {
    auto faults = simulator::parse_fault_header(*header);
    if (faults) {
      caller.faults = *std::move(faults);
    } else {
      refused = bad_request(faults.error());
    }
  }
  if (refused) {
    counters_.refused.fetch_add(1, std::memory_order_relaxed);
    co_await send_error(exchange, std::move(caller), *std::move(refused), {});
    co_return;
  }
  switch (caller.call.operation) {
    case Operation::kChat:
    case Operation::kEmbed:
    case Operation::kCountTokens:
      co_await prompted(exchange, std::move(caller));
      break;
    default:
      exchange.answer(models(caller));
      break;
  }
}

genai::RateLimits Service::limits_of(const simulator::LimitState& state) const {
  genai::RateLimits limits;
  if (config_.limits.requests_per_minute > 0) {
    limits.requests = {static_cast<int64_t>(config_.limits.requests_per_minute), state.requests_remaining,
                       state.requests_reset};
  }
  if (config_.limits.tokens_per_minute > 0) {
    limits.tokens = {static_cast<int64_t>(config_.limits.tokens_per_minute), state.tokens_remaining,
                     state.tokens_reset};
  }
  if (!state.allowed) limits.retry_after = state.retry_after;
  return limits;
}

net::Headers Service::headers_of(const Caller& caller, const genai::RateLimits& limits) {
  net::Headers headers;
  const std::string id = "req_sim_" + hex(base::hash64("request", counters_.requests.load(std::memory_order_relaxed)));
  if (caller.call.family == Family::kOpenAi) headers.add("x-request-id", id);
  if (caller.call.family == Family::kAnthropic) headers.add("request-id", id);
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.wall());
  for (auto& [name, value] : genai::rate_limit_headers(caller.call.family, limits, now)) headers.add(name, value);
  headers.add("server", "model-simulator");
  return headers;
}

net::Task<> Service::send_error(net::Exchange& exchange, Caller caller, ApiError error, genai::RateLimits limits) {
  if (limits.retry_after) error.retry_after = limits.retry_after;
  net::HttpResponse response = net::json_response(error.status, genai::error_body(caller.call.dialect, error));
  for (const auto& [name, value] : headers_of(caller, limits)) response.headers.add(name, value);
  exchange.answer(std::move(response));
  co_return;
}

net::Task<> Service::prompted(net::Exchange& exchange, Caller caller) {
  const genai::Call call = caller.call;
  ApiError error;
  // Shared with the pool, which may still read when the client has left.
  const auto body = std::make_shared<const std::string>(std::move(exchange.request().body));
  const bool large = body->size() > kInlineBodyBytesMax;
  const uint64_t draw = config_.seed + drawn_.fetch_add(1, std::memory_order_relaxed);
  auto reading = [body, call, draw] { return read_prompt(call, *body, draw); };
  Prompt read;
  if (large) {
    base::Result<Prompt> done = co_await net::run_blocking(exchange.loop(), pool_, kLargeMax, reading);
    read = done ? *std::move(done) : Prompt{.error = busy()};
  } else {
    read = reading();
  }
  const auto shared = std::make_shared<const genai::ChatRequest>(std::move(read.request));
  const genai::ChatRequest& prompt = *shared;
  const bool readable = !read.error.has_value();
  if (!readable) error = *std::move(read.error);
  const std::string model = call.operation == Operation::kEmbed || !readable ? call.model : prompt.model;
  base::Random random(read.draw);
  const base::TickTime now = clock_.tick();
  caller.faults = caller.faults.over(board_.draw(model, now, random));
  if (!caller.faults.empty()) counters_.faults.fetch_add(1, std::memory_order_relaxed);
  const std::chrono::milliseconds wait = simulator::draw_latency(caller.faults, random);
  if (wait.count() > 0 && !co_await exchange.loop().sleep(wait, &exchange.cancel())) {
    counters_.cancelled.fetch_add(1, std::memory_order_relaxed);
    co_return;
  }
  genai::RateLimits limits;
  if (caller.faults.has(Fault::kStatus)) {
    if (const auto after = caller.faults.get(Fault::kRetryAfter)) {
      limits.retry_after = std::chrono::milliseconds(static_cast<int64_t>(*after * 1000));
    }
    co_await send_error(exchange, std::move(caller), ordered_error(caller.faults), limits);
    co_return;
  }
  const bool listed = !config_.listed_models_only || call.operation == Operation::kEmbed || is_listed(model);
  if (readable && !listed) {
    error.status = 404;
    error.code = "model_not_found";
    error.message = "The model '" + model + "' does not exist.";
  }
  if (!readable || !listed) {
    counters_.refused.fetch_add(1, std::memory_order_relaxed);
    co_await send_error(exchange, std::move(caller), std::move(error), limits);
    co_return;
  }
  if (call.operation == Operation::kEmbed) {
    Embedded embedded;
    auto embedding = [this, caller, body] {
      Embedded out;
      out.response = embeddings(caller, *body, out.error, out.limits);
      return out;
    };
    if (large) {
      base::Result<Embedded> done = co_await net::run_blocking(exchange.loop(), pool_, kLargeMax, embedding);
      embedded = done ? *std::move(done) : Embedded{.response = {}, .error = busy(), .limits = {}};
    } else {
      embedded = embedding();
    }
    error = std::move(embedded.error);
    limits = embedded.limits;
    if (embedded.response) {
      exchange.answer(*std::move(embedded.response));
    } else {
      if (error.status != 429) counters_.refused.fetch_add(1, std::memory_order_relaxed);
      co_await send_error(exchange, std::move(caller), std::move(error), limits);
    }
    co_return;
  }
  const uint64_t tokens = read.tokens;
  if (call.operation == Operation::kCountTokens) {
    exchange.answer(net::json_response(200, genai::write_token_count(call.dialect, static_cast<int64_t>(tokens))));
    co_return;
  }
  counters_.chats.fetch_add(1, std::memory_order_relaxed);
  const simulator::LimitState state = limits_.take(caller.key, tokens, now);
  limits = limits_of(state);
  if (std::optional<ApiError> over = over_limit(state, model)) {
    co_await send_error(exchange, std::move(caller), *std::move(over), limits);
    co_return;
  }
  genai::ChatAnswer answer;
  auto composing = [this, shared, caller, marked = read.cache_marked] { return answer_to(*shared, caller, marked); };
  if (large) {
    base::Result<genai::ChatAnswer> done = co_await net::run_blocking(exchange.loop(), pool_, kLargeMax, composing);
    if (!done) {
      counters_.refused.fetch_add(1, std::memory_order_relaxed);
      co_await send_error(exchange, std::move(caller), busy(), limits);
      co_return;
    }
    answer = *std::move(done);
  } else {
    answer = composing();
  }
  limits_.spend(caller.key, static_cast<uint64_t>(std::max<int64_t>(answer.usage.output, 0)), now);
  if (prompt.stream) {
    counters_.streams.fetch_add(1, std::memory_order_relaxed);
    const bool include_usage = prompt.stream_usage;
    co_await send_stream(exchange, std::move(caller), std::move(answer), include_usage, std::move(limits));
  } else {
    co_await send_whole(exchange, std::move(caller), std::move(answer), std::move(limits));
  }
}

std::optional<ApiError> Service::over_limit(const simulator::LimitState& state, std::string_view model) {
  if (state.allowed) return std::nullopt;
  counters_.limited.fetch_add(1, std::memory_order_relaxed);
  ApiError error;
  error.status = 429;
  error.code = "rate_limit_exceeded";
  error.message = std::string("Rate limit reached for ") + simulator::simulated_name(model) +
                  (state.by_tokens ? " on tokens per min (TPM)." : " on requests per min (RPM).") +
                  " Please try again in " + std::to_string((state.retry_after.count() + 999) / 1000) + "s.";
  return error;
}

genai::ChatAnswer Service::answer_to(const genai::ChatRequest& request, const Caller& caller, bool cache_marked) {
  const base::TickTime now = clock_.tick();
  const uint64_t seed = simulator::seed_of(request, config_.seed);
  genai::ChatAnswer answer;
  const auto choices = static_cast<uint64_t>(std::clamp<int64_t>(request.choices.value_or(1), 1, int64_t{kChoicesMax}));
  for (uint64_t i = 0; i < choices; ++i) {
    simulator::AnswerPlan plan;
    plan.seed = seed + i;
    plan.faults = caller.faults;
    base::Random random(plan.seed);
    plan.behaviour = simulator::decide(simulator::traits_of(request.model), caller.faults, now - started_, random);
    answer.choices.push_back(simulator::compose(request, plan));
  }
  const uint64_t cached = prefixes_.seen(caller.key, request, now);
  answer.usage = simulator::usage_of(request, answer.choices, caller.faults, cached, seed);
  if (caller.call.family == Family::kAnthropic && !caller.faults.has(Fault::kCachedTokens)) {
    mark_cache(cache_marked, answer.usage);
  }
  // Unlike what it says, its id is never the same twice.
  const uint64_t unique = base::hash64("answer", seed + counters_.requests.load(std::memory_order_relaxed));
  answer.id = std::string(id_prefix(caller.call.dialect)) + hex(unique);
  answer.model = simulator::simulated_name(request.model);
  answer.created_s = base::unix_seconds(clock_.wall());
  constexpr int64_t kPromptTokenNs = 50'000;
  const double speed = std::max(1.0, simulator::traits_of(request.model).tokens_per_second);
  answer.times.load_ns = 1'000'000;
  answer.times.prompt_ns = std::max<int64_t>(answer.usage.input, 0) * kPromptTokenNs;
  answer.times.answer_ns =
      static_cast<int64_t>(static_cast<double>(std::max<int64_t>(answer.usage.output, 0)) * 1e9 / speed);
  answer.times.total_ns = answer.times.load_ns + answer.times.prompt_ns + answer.times.answer_ns;
  return answer;
}

std::optional<net::HttpResponse> Service::embeddings(const Caller& caller, std::string_view body, ApiError& error,
                                                     genai::RateLimits& limits) {
  const auto parsed = genai::parse_embedding_request(caller.call, body);
  if (!parsed) {
    error = bad_request(parsed.error());
    return std::nullopt;
  }
  if (parsed->dimensions && (*parsed->dimensions < 1 || *parsed->dimensions > int64_t{simulator::kEmbeddingSizeMax})) {
    error.status = 400;
    error.message = "The number of dimensions must be from 1 to " + std::to_string(simulator::kEmbeddingSizeMax) + ".";
    return std::nullopt;
  }
  uint64_t tokens = simulator::count_texts(parsed->inputs, parsed->model);
  for (const auto& ids : parsed->tokens) tokens += ids.size();
  const simulator::LimitState state = limits_.take(caller.key, tokens, clock_.tick());
  limits = limits_of(state);
  if (std::optional<ApiError> over = over_limit(state, parsed->model)) {
    error = *std::move(over);
    return std::nullopt;
  }
  counters_.embeddings.fetch_add(1, std::memory_order_relaxed);
  const auto size =
      static_cast<size_t>(parsed->dimensions.value_or(simulator::traits_of(parsed->model).embedding_size));
  genai::EmbeddingAnswer answer;
  answer.model = simulator::simulated_name(parsed->model);
  for (const std::string& input : parsed->inputs) answer.vectors.push_back(simulator::embed(input, size));
  for (const auto& ids : parsed->tokens) {
    std::string text;
    for (const int64_t id : ids) text += "t" + std::to_string(id) + " ";
    answer.vectors.push_back(simulator::embed(text, size));
  }
  if (!caller.faults.is_on(Fault::kNoUsage)) {
    answer.usage.input = answer.usage.total =
        static_cast<int64_t>(caller.faults.value_or(Fault::kInputTokens, static_cast<double>(tokens)));
  }
  auto written = genai::write_embedding_answer(caller.call, *parsed, answer);
  if (!written) {
    error = bad_request(written.error());
    return std::nullopt;
  }
  net::HttpResponse response = net::json_response(200, *std::move(written));
  for (const auto& [name, value] : headers_of(caller, limits)) response.headers.add(name, value);
  return response;
}

net::HttpResponse Service::models(const Caller& caller) const {
  const auto info_of = [](std::string_view name, simulator::ModelKind kind) {
    genai::ModelInfo info;
    info.id = simulator::simulated_name(name);
    info.name = info.id;
    info.owner = "model-simulator";
    info.created_s = 1'767'225'600;
    info.input_tokens_max = simulator::traits_of(name).context_tokens;
    info.output_tokens_max = 8192;
    info.embeds = kind == simulator::ModelKind::kEmbedding;
    return info;
  };
  if (caller.call.operation == Operation::kModel) {
    return net::json_response(
        200, genai::write_model(caller.call.family, info_of(caller.call.model, simulator::ModelKind::kChat)));
  }
  std::vector<genai::ModelInfo> list;
  for (const simulator::ListedModel& model : simulator::listed_models()) {
    if (model.family == genai::family_name(caller.call.family)) list.push_back(info_of(model.name, model.kind));
  }
  return net::json_response(200, genai::write_models(caller.call.family, list));
}

}  // namespace godseye::model_simulator
