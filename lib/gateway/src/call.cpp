#include "call.h"

#include "ids.h"

#include <algorithm>

#include <godseye/base/log.h>
#include <godseye/net/content_coding.h>

namespace godseye::gateway {

namespace {

using genai::Operation;

constexpr size_t kOtherBytesMax = 1u << 20;  // looked at of a body that is not JSON
constexpr std::chrono::milliseconds kBrakeStep{2};
constexpr std::chrono::seconds kBrakeMax{1};

}  // namespace

Call::Call(Core& core, net::Exchange& exchange)
    : core_(core),
      exchange_(exchange),
      settings_(core.parts.policy->settings.now()),
      route_(&settings_->fallback),
      done_(std::make_unique<FinishedCall>()),
      begun_(core.parts.clock.tick()) {
  done_->start = core_.parts.clock.wall();
  done_->call_id = new_call_id(done_->start);
  done_->address = exchange_.request().remote_address;
  count(core_.counters.calls_in);
  count(core_.counters.calls_now);
  count(core_.counters.bytes_in, exchange_.request().body.size());
}

// However it ended: one span, one record.
Call::~Call() {
  core_.counters.calls_now.fetch_sub(1, std::memory_order_relaxed);
  const Outcome outcome = done_->verdict.outcome;
  count(core_.counters.outcomes[static_cast<size_t>(outcome)]);
  // What is only forwarded has a span when a rule hit.
  if (!wants_span_ && done_->verdict.hits.empty()) return;
  done_->duration = now() - begun_;
  done_->route = route_->name;
  done_->settings = settings_;
  done_->guards = route_;
  done_->shadow = shadow();
  if (exchange_.cancel().requested() && done_->status == 0 && done_->error_type.empty()) {
    count(core_.counters.clients_gone);
    done_->error_type = "client_gone";
    done_->error = "the client left before the answer was complete";
  }
  core_.recorder.push(std::move(done_));
}

net::Task<> Call::run() {
  if (!recognise() || !read_body()) co_return;
  if (wants_span_ && core_.recorder.full()) co_await brake();
  identify();
  if (!admit() || !choose()) co_return;
  keep_texts();
  const bool passed = co_await guard_prompt();
  if (!passed) co_return;
  co_await forward();
}

// Spans of earlier calls come first, so that none is lost; but a disk that hangs must not hold the calls.
net::Task<> Call::brake() {
  count(core_.counters.calls_braked);
  const base::TickTime until = now() + kBrakeMax;
  bool there = true;
  while (there && core_.recorder.full() && now() < until) {
    there = co_await exchange_.loop().sleep(kBrakeStep, &exchange_.cancel());
  }
}

bool Call::recognise() {
  const net::HttpRequest& request = exchange_.request();
  const std::string_view target = request.target;
  const size_t question = target.find('?');
  const std::string_view query = question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
  done_->path = request.raw_path;
  // Lists of models have one path in several protocols.
  const genai::Family hint =
      request.method == "GET"
          ? genai::family_by_headers([&request](std::string_view name) { return request.headers.get(name); })
          : genai::Family::kUnknown;
  base::Result<genai::Call> call = genai::recognise(request.method, request.raw_path, query, hint);
  if (!call) {
    call_.dialect = likely_dialect(request);
    call_.family = genai::family_of(call_.dialect);
    done_->dialect = call_.dialect;
    const bool unknown = call.error().code() == base::ErrorCode::kNotFound;
    refuse(unknown ? 404 : 400, unknown ? "godseye_unknown_path" : "godseye_bad_path", call.error().message());
    return false;
  }
  call_ = *std::move(call);
  done_->dialect = call_.dialect;
  done_->operation = call_.operation;
  wants_span_ =
      request.method == "POST" && (call_.operation == Operation::kChat || call_.operation == Operation::kEmbed ||
                                   call_.operation == Operation::kCountTokens);
  return true;
}

bool Call::read_body() {
  net::HttpRequest& request = exchange_.request();
  if (const std::string* coding = request.headers.find("content-encoding");
      coding != nullptr && !request.body.empty()) {
    // Guards must see what the provider will see.
    base::Result<std::string> plain = net::decode_content(*coding, request.body, core_.config.request_bytes_max);
    if (!plain) {
      const bool large = plain.error().code() == base::ErrorCode::kTooLarge;
      refuse(large ? 413 : 415, large ? "godseye_too_large" : "godseye_content_encoding", plain.error().message());
      return false;
    }
    request.body = *std::move(plain);
  }
  if (!wants_span_) {
    facts_.model = call_.model;
    if (request.method != "GET" && !request.body.empty()) read_other();
    return true;
  }
  base::Result<genai::RequestFacts> facts = genai::read_request(call_, request.body);
  if (!facts) {
    // Nobody has looked for an identity yet: headers say it as well.
    done_->identity = gateway::identify(request.headers, facts_);
    done_->trace = read_trace(request.headers);
    done_->model_asked = call_.model;
    done_->span_id = new_span_id();
    if (done_->trace.trace_id_low == 0) done_->trace.trace_id_low = new_span_id();
    const bool large = facts.error().code() == base::ErrorCode::kTooLarge;
    refuse(large ? 413 : 400, large ? "godseye_too_large" : "godseye_malformed", facts.error().message());
    return false;
  }
  facts_ = *std::move(facts);
  read_ = true;
  return true;
}

// Calls that are forwarded without being understood: what they say is looked at all the same, whatever it is for.
void Call::read_other() {
  const std::string& body = exchange_.request().body;
  base::Result<genai::RequestFacts> facts = genai::read_request(call_, body);
  if (facts) facts_ = *std::move(facts);
  if (facts_.texts.empty() && facts_.images.empty()) {
    // No JSON: lines of a batch, a file in its envelope. Bytes that are no text are nobody's words.
    const std::string_view text = std::string_view(body).substr(0, kOtherBytesMax);
    if (text.find('\0') != std::string_view::npos) return;
    facts_.texts.push_back({.origin = genai::Origin::kDocument, .text = text});
  }
  read_ = true;
}

void Call::identify() {
  const net::HttpRequest& request = exchange_.request();
  done_->identity = gateway::identify(request.headers, facts_);
  done_->trace = read_trace(request.headers);
  done_->span_id = new_span_id();
  if (done_->trace.trace_id_low == 0) {
    done_->trace.trace_id_low = new_span_id();
    done_->trace.trace_id_high = static_cast<uint64_t>(base::unix_seconds(done_->start)) << 32;
  }
  done_->model_asked = facts_.model.empty() ? call_.model : std::string(facts_.model);
  done_->streamed = facts_.stream;
}

bool Call::admit() {
  Policy& policy = *core_.parts.policy;
  Identity& identity = done_->identity;
  std::string presented = presented_key(exchange_.request());
  const bool is_virtual = !virtual_key_id(presented).empty();
  std::shared_ptr<const VirtualKey> key;
  if (is_virtual || settings_->require_virtual_key) {
    auto known = policy.virtual_keys.check(presented);
    if (!known) {
      refuse(401, "godseye_unknown_key", "this gateway needs one of its own keys: " + known.error().message());
      return false;
    }
    key = *std::move(known);
    done_->key_id = key->id;
    if (identity.user_id.empty()) identity.user_id = key->user;
    if (!done_->model_asked.empty() && !key->allows_model(done_->model_asked)) {
      refuse(403, "godseye_model_not_allowed", "this key may not use model " + done_->model_asked);
      return false;
    }
  } else {
    client_key_ = presented;
  }
  const auto blocked = [&]() -> std::optional<Block> {
    for (const auto& [kind, value] : {std::pair<BlockKind, std::string_view>{BlockKind::kSession, identity.session_id},
                                      {BlockKind::kUser, identity.user_id},
                                      {BlockKind::kAddress, done_->address}}) {
      if (auto block = policy.blocks.find(kind, value)) return block;
    }
    // The name of a key costs a hash: only when somebody's key is blocked at all.
    if (presented.empty() || !policy.blocks.has(BlockKind::kKey)) return std::nullopt;
    return policy.blocks.find(BlockKind::kKey, key ? key->id : client_key_name(presented));
  }();
  if (!blocked) {
    exempt_ = !identity.session_id.empty() && policy.auto_blocker.exempt(identity.session_id);
    return true;
  }
  done_->verdict.reasons.push_back("blocked_" + std::string(block_kind_name(blocked->kind)));
  if (!hit(Rule::kBlock, Outcome::kBlocked, -1)) return true;
  refuse_blocked("this " + std::string(block_kind_name(blocked->kind)) + " is blocked" +
                 (blocked->reason.empty() ? std::string() : ": " + blocked->reason));
  return false;
}

bool Call::choose() {
  base::Result<Target> target = choose_target(core_.config.providers, *settings_, call_, done_->model_asked);
  if (!target) {
    refuse(404, "godseye_no_provider", target.error().message());
    return false;
  }
  target_ = *std::move(target);
  const ProviderConfig& provider = core_.config.providers[target_.provider];
  done_->provider = provider.name;
  done_->provider_family = genai::family_name(provider.family);
  done_->translated = target_.translated;
  route_ = &route_for(*settings_, {.path = done_->path,
                                   .service = done_->identity.service,
                                   .model = done_->model_asked,
                                   .provider = provider.name,
                                   .key = done_->key_id});
  if (core_.parts.provider_key) provider_key_ = core_.parts.provider_key(provider.name);
  if (provider_key_) {
    core_.health.note_key(
        target_.provider,
        {.id = provider_key_->id, .source = provider_key_->source, .expires = provider_key_->expires});
    client_key_.clear();
  }
  return true;
}

// The texts for the span and the scores of the answer: the body itself goes to the provider.
void Call::keep_texts() {
  if (!read_) return;
  const uint32_t first_new = first_new_message(facts_);
  size_t room = core_.config.stored_request_bytes_max;
  size_t bytes = 0;
  for (const genai::RequestText& text : facts_.texts) bytes += text.text.size();
  done_->texts.reserve(std::min(bytes, room));
  done_->prompt.reserve(facts_.texts.size());
  done_->images = static_cast<uint32_t>(facts_.images.size());
  for (const genai::RequestText& text : facts_.texts) {
    if (text.origin == genai::Origin::kToolDefinition) continue;
    if (text.text.size() > room) break;
    room -= text.text.size();
    done_->prompt.push_back({.origin = text.origin,
                             .is_new = text.message >= first_new && is_guarded(text.origin),
                             .message = text.message,
                             .offset = static_cast<uint32_t>(done_->texts.size()),
                             .size = static_cast<uint32_t>(text.text.size())});
    done_->texts.append(text.text);
  }
}

bool Call::hit(Rule rule, Outcome outcome, double score) {
  const bool enforced = !shadow() && !(exempt_ && rule == Rule::kInjection);
  done_->verdict.add({.rule = rule, .outcome = outcome, .enforced = enforced, .score = score});
  count(core_.counters.rule_hits[static_cast<size_t>(rule)]);
  return enforced;
}

net::HttpResponse Call::error_answer(int status, std::string_view code, std::string message) const {
  genai::ApiError error;
  error.status = status;
  error.code = code;
  error.message = std::move(message);
  error.reference = done_->call_id;
  net::HttpResponse response = net::json_response(status, genai::error_body(call_.dialect, error));
  response.headers.set("x-godseye-call-id", done_->call_id);
  // A refusal is final: client libraries would try again by themselves.
  if (status < 500) response.headers.set("x-should-retry", "false");
  return response;
}

void Call::refuse(int status, std::string_view code, std::string message) {
  if (status < 500) count(core_.counters.bad_requests);
  done_->status = status;
  done_->error_type = code;
  done_->error = message;
  exchange_.answer(error_answer(status, code, std::move(message)));
}

void Call::refuse_blocked(std::string message) {
  done_->status = 403;
  done_->error_type = genai::kCodeBlocked;
  done_->error = message;
  exchange_.answer(error_answer(403, genai::kCodeBlocked, std::move(message)));
}

}  // namespace godseye::gateway
