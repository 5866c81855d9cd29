#include "answer_stream.h"
#include "call.h"
#include "redact_json.h"

#include <algorithm>

#include <godseye/base/log.h>
#include <godseye/genai/answers.h>
#include <godseye/guard/pii_memory.h>
#include <godseye/guard/products.h>

namespace godseye::gateway {

namespace {

using genai::Framing;
using genai::Operation;

constexpr size_t kWholeBytesMax = 1u << 20;  // larger answers that nobody must hold go out while they come
constexpr size_t kErrorBytesMax = 1u << 20;
constexpr size_t kErrorShownMax = 300;

// An error text as it may be shown and stored: without keys, on one line.
std::string shown(std::string_view text) {
  text = text.substr(0, 4096);
  std::vector<guard::PiiEntity> keys = guard::PiiMemory::shared().find(text);
  std::erase_if(keys, [](const guard::PiiEntity& entity) { return entity.type != guard::PiiType::kApiKey; });
  std::string out = guard::redact(text, keys);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  size_t end = std::min(out.size(), kErrorShownMax);
  while (end > 0 && end < out.size() && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;
  out.resize(end);
  return out;
}

// Some providers say the key back in their error. A configured one is not the caller's to know; the caller's own is.
constexpr size_t kKeyBytesMin = 8;  // shorter ones are placeholders of local models, and words of ordinary texts
void take_out_key(std::string& text, std::string_view key) {
  if (key.size() < kKeyBytesMin) return;
  constexpr std::string_view kInstead = "[API_KEY]";
  for (size_t at = text.find(key); at != std::string::npos; at = text.find(key, at + kInstead.size())) {
    text.replace(at, key.size(), kInstead);
  }
}

Framing framing_by_type(const net::Headers& headers, const genai::Call& call, genai::Dialect upstream, bool stream) {
  const std::string_view type = headers.get("content-type");
  if (type.find("event-stream") != std::string_view::npos) return Framing::kSse;
  if (type.find("ndjson") != std::string_view::npos) return Framing::kNdjson;
  if (!stream) return Framing::kWhole;
  if (upstream == genai::Dialect::kGemini && call.framing == Framing::kJsonArray) return Framing::kJsonArray;
  // A provider that answers a stream with one document.
  return Framing::kWhole;
}

}  // namespace

net::Task<> Call::forward() {
  net::StreamCall request;
  request.method = exchange_.request().method;
  if (!build_body(request.body)) co_return;
  const ProviderConfig& provider = core_.config.providers[target_.provider];
  const ForwardPlan plan{.provider = &provider,
                         .target = &target_,
                         .call = &call_,
                         .stream = facts_.stream,
                         .key = provider_key_ ? std::string_view(provider_key_->secret) : std::string_view(),
                         .client_key = client_key_};
  request.url = provider.origin;
  request.url.target = upstream_target(plan, exchange_.request());
  request.headers = upstream_headers(plan, exchange_.request(), done_->trace, done_->span_id);
  request.retry_stale = true;
  request.deadlines.connect = core_.config.connect_timeout;
  request.deadlines.head = core_.config.head_timeout;
  request.deadlines.idle = core_.config.idle_timeout;
  done_->upstream = target_.dialect;
  if (target_.translated) count(core_.counters.translated);
  sent_ = now();
  const std::unique_ptr<net::StreamAnswer> answer =
      co_await core_.client->call(exchange_.loop(), std::move(request), &exchange_.cancel());
  if (answer->failure()) {
    upstream_failed(*answer->failure());
    co_return;
  }
  const net::Headers& headers = answer->headers();
  const genai::RateLimits limits =
      genai::read_rate_limits([&headers](std::string_view name) { return headers.get(name); },
                              std::chrono::floor<std::chrono::seconds>(core_.parts.clock.wall()));
  if (limits.known()) limits_ = limits;
  if (answer->status() >= 400) {
    co_await pass_error(*answer);
    co_return;
  }
  const Framing framing = framing_by_type(headers, call_, target_.dialect, facts_.stream);
  done_->streamed = framing != Framing::kWhole;
  if (framing == Framing::kWhole || !wants_span_) {
    co_await pass_whole(*answer);
  } else {
    count(core_.counters.streams_now);
    co_await pass_stream(*answer, framing);
    core_.counters.streams_now.fetch_sub(1, std::memory_order_relaxed);
  }
}

// The client's own bytes unless something must be changed.
bool Call::build_body(std::string& body) {
  std::string& current = body_.empty() ? exchange_.request().body : body_;
  if (target_.translated && call_.operation == Operation::kEmbed) {
    base::Result<genai::EmbeddingRequest> request = genai::parse_embedding_request(call_, current);
    if (!request) {
      refuse(400, "godseye_malformed", request.error().message());
      return false;
    }
    embedding_ = *std::move(request);
    embedding_->model = target_.model;
    dropped_ = embedding_->dropped;
    base::Result<std::string> written = genai::write_embedding_request(target_.dialect, *embedding_, &dropped_);
    if (!written) {
      refuse(400, "godseye_not_translatable", written.error().message());
      return false;
    }
    body = *std::move(written);
    return true;
  }
  if (target_.translated) {
    base::Result<genai::ChatRequest> chat = genai::parse_request(call_, current);
    if (!chat) {
      refuse(400, "godseye_malformed", chat.error().message());
      return false;
    }
    chat->model = target_.model;
    dropped_ = chat->dropped;
    if (target_.dialect == genai::Dialect::kOpenAiChat && chat->stream) chat->stream_usage = true;
    base::Result<std::string> written = genai::write_request(target_.dialect, *chat, &dropped_, call_.operation);
    if (!written) {
      refuse(400, "godseye_not_translatable", written.error().message());
      return false;
    }
    body = *std::move(written);
    return true;
  }
  if (target_.renamed) {
    if (auto renamed = genai::replace_model(current, target_.model)) body_ = *std::move(renamed);
  }
  const bool ask_usage = settings_->count_stream_usage && call_.dialect == genai::Dialect::kOpenAiChat &&
                         facts_.stream && !facts_.stream_usage;
  if (ask_usage) {
    if (auto asked = genai::with_stream_usage(body_.empty() ? current : body_)) body_ = *std::move(asked);
  }
  body = std::move(body_.empty() ? exchange_.request().body : body_);
  return true;
}

net::Task<> Call::pass_whole(net::StreamAnswer& answer) {
  const bool guarded = !shadow() && acts_on_answers(*route_) && (wants_span_ || is_text_answer(answer.headers()));
  const bool replays = wants_span_ && facts_.stream && call_.operation == Operation::kChat;
  const bool held = guarded || target_.translated || replays;
  const size_t bytes_max = held ? core_.config.answer_bytes_max : kWholeBytesMax;
  const auto wall = std::chrono::floor<std::chrono::seconds>(core_.parts.clock.wall());
  const ProviderConfig& provider = core_.config.providers[target_.provider];
  net::Headers headers =
      client_headers(answer.headers(), target_.translated, provider.family, call_.family, done_->call_id, wall);
  const std::string_view type = answer.headers().get("content-type");
  if (!wants_span_ && !held && (type.starts_with("text/event-stream") || type.starts_with("application/x-ndjson"))) {
    // Somebody waits for each piece.
    co_await pass_unread(answer, std::move(headers), {});
    co_return;
  }
  std::string body;
  if (answer.content_length() && *answer.content_length() <= bytes_max) body.reserve(*answer.content_length());
  while (true) {
    const std::string_view piece = co_await answer.next();
    if (piece.empty()) break;
    if (body.size() + piece.size() > bytes_max) {
      if (held) {
        note_health(answer.status(), false, "answer too large");
        refuse(502, "godseye_answer_too_large", "the provider's answer is larger than this gateway may hold");
        co_return;
      }
      body.append(piece);
      co_await pass_unread(answer, std::move(headers), std::move(body));
      co_return;
    }
    body.append(piece);
  }
  if (answer.failure()) {
    upstream_failed(*answer.failure());
    co_return;
  }
  if (wants_span_) take_answer_facts(body);
  net::HttpResponse response = whole_answer(answer, std::move(headers), std::move(body));
  note_health(answer.status(), false, {});
  count(core_.counters.calls_out);
  if (done_->status == 0) done_->status = response.status;
  exchange_.answer(std::move(response));
}

// More than anybody wants to hold and nothing that must be held: files, pictures.
net::Task<> Call::pass_unread(net::StreamAnswer& answer, net::Headers headers, std::string begun) {
  net::AnswerHead head;
  head.status = answer.status();
  head.headers = std::move(headers);
  head.content_length = answer.content_length();
  exchange_.begin(std::move(head));
  bool there = co_await exchange_.write(begun);
  std::string().swap(begun);
  while (there) {
    const std::string_view piece = co_await answer.next();
    if (piece.empty()) break;
    there = co_await exchange_.write(piece);
  }
  if (!there) co_return;
  if (answer.failure()) {
    upstream_failed(*answer.failure());
    co_return;
  }
  note_health(answer.status(), false, {});
  count(core_.counters.calls_out);
  done_->status = answer.status();
  exchange_.end();
}

void Call::take_answer_facts(std::string_view body) {
  const base::Result<genai::AnswerFacts> facts = genai::read_answer(upstream_call(), body);
  if (!facts) {
    done_->verdict.reasons.push_back("answer:unreadable");
    return;
  }
  done_->usage = facts->usage;
  done_->model_answered = facts->model;
  done_->finish_reason = genai::finish_reason_name(facts->finish);
  for (const genai::AnswerText& text : facts->texts) {
    done_->answer_text += text.text.size();
    if (text.choice != 0) continue;
    if (text.origin == genai::Origin::kAssistant && done_->answer.size() < core_.config.observed_bytes_max) {
      done_->answer.append(text.text.substr(0, core_.config.observed_bytes_max - done_->answer.size()));
    } else if (text.origin == genai::Origin::kToolArguments && done_->tool_calls.size() < 64) {
      done_->tool_calls.push_back(
          {.id = {}, .name = std::string(text.name), .arguments = std::string(text.text.substr(0, 64u << 10))});
    }
  }
  if (!done_->answer.empty() || !done_->tool_calls.empty()) done_->ttft = now() - begun_;
}

// Guards and translation of an answer that is there as a whole.
net::HttpResponse Call::whole_answer(net::StreamAnswer& answer, net::Headers headers, std::string body) {
  const bool passes = wants_span_ ? guard_answer(body)
                                  : shadow() || !acts_on_answers(*route_) || !is_text_answer(answer.headers()) ||
                                        guard_other_answer(body, answer.headers());
  if (!passes) {
    return error_answer(403, genai::kCodeBlocked, "the answer was stopped by a guard");
  }
  net::HttpResponse response;
  response.status = answer.status();
  response.headers = std::move(headers);
  if (wants_span_ && facts_.stream && call_.operation == Operation::kChat) {
    // Its provider has answered with one document: the client waits for a stream.
    if (std::optional<std::string> stream = replayed_answer(body)) {
      response.body = *std::move(stream);
      response.headers.set("Content-Type", std::string(genai::content_type(client_framing())));
      return response;
    }
  }
  if (!target_.translated) {
    response.body = std::move(body);
    return response;
  }
  base::Result<std::string> written = translated_answer(body);
  if (!written) {
    count(core_.counters.provider_failures);
    done_->status = 502;
    done_->error_type = "godseye_provider_malformed";
    done_->error = "the provider's answer cannot be translated: " + shown(written.error().message());
    return error_answer(502, "godseye_provider_malformed", done_->error);
  }
  response.body = *std::move(written);
  response.headers.set("Content-Type", "application/json");
  if (!dropped_.empty()) {
    std::string names;
    for (const std::string& name : dropped_) names += (names.empty() ? "" : ", ") + name;
    response.headers.set("x-godseye-dropped", names);
  }
  return response;
}

genai::Call Call::upstream_call() const {
  genai::Call upstream = call_;
  upstream.dialect = target_.dialect;
  upstream.family = genai::family_of(target_.dialect);
  if (target_.translated) upstream.verb.clear();
  return upstream;
}

Framing Call::client_framing() const {
  return call_.framing == Framing::kWhole ? genai::framing_of(call_.dialect) : call_.framing;
}

base::Result<std::string> Call::translated_answer(const std::string& body) {
  if (embedding_) {
    base::Result<genai::EmbeddingAnswer> answer = genai::parse_embedding_answer(upstream_call(), body);
    if (!answer) return std::move(answer).error();
    if (answer->model.empty()) answer->model = target_.model;
    return genai::write_embedding_answer(call_, *embedding_, *answer);
  }
  base::Result<genai::ChatAnswer> chat = genai::parse_answer(target_.dialect, body);
  if (!chat) return std::move(chat).error();
  if (chat->model.empty()) chat->model = target_.model;
  if (chat->created_s == 0) chat->created_s = base::unix_seconds(core_.parts.clock.wall());
  return genai::write_answer(call_.dialect, *chat, &dropped_);
}

// Nothing when it is no answer that could be read.
std::optional<std::string> Call::replayed_answer(const std::string& body) {
  const base::Result<genai::ChatAnswer> chat = genai::parse_answer(target_.dialect, body);
  if (!chat || client_framing() == Framing::kWhole) return std::nullopt;
  std::vector<genai::Delta> deltas;
  genai::replay(*chat, deltas);
  if (deltas.empty()) return std::nullopt;
  genai::StreamHead head;
  head.model = chat->model.empty() ? target_.model : chat->model;
  head.created_s = chat->created_s != 0 ? chat->created_s : base::unix_seconds(core_.parts.clock.wall());
  head.include_usage = call_.dialect != genai::Dialect::kOpenAiChat || facts_.stream_usage;
  genai::AnswerWriter writer(call_.dialect, client_framing(), std::move(head));
  std::string out;
  for (const genai::Delta& delta : deltas) writer.write(delta, out);
  writer.finish(out);
  done_->streamed = true;
  return out;
}

// False: the answer must not go out.
bool Call::guard_answer(std::string& body) {
  const RouteSettings& route = *route_;
  const bool redact = route.pii_answer == GuardMode::kRedact;
  const std::string system_prompt = route.leak == GuardMode::kBlock ? system_prompt_of(*done_) : std::string();
  const auto stop = [&](Rule rule, double score, std::string reason) {
    done_->verdict.reasons.push_back(reason);
    done_->sample = done_->answer;
    if (!hit(rule, Outcome::kRefused, score)) return false;
    done_->status = 403;
    done_->error_type = genai::kCodeBlocked;
    done_->error = "the answer was stopped by a guard (" + reason + ")";
    return true;
  };
  if (route.leak == GuardMode::kBlock || route.toxicity == GuardMode::kBlock) {
    std::vector<std::string> reasons;
    const AnswerFinding finding = judge_answer(done_->answer, system_prompt, route, reasons);
    if (finding.stop && stop(finding.rule, finding.score, finding.reason)) return false;
  }
  if (route.products == GuardMode::kBlock && core_.parts.catalogue && !done_->answer.empty()) {
    const auto catalogue = core_.parts.catalogue(done_->identity.ml_app, done_->identity.service);
    if (catalogue && catalogue->check(done_->answer).invalid > 0 && stop(Rule::kProducts, -1, "products:invented")) {
      return false;
    }
  }
  if (!redact && route.pii_answer != GuardMode::kBlock) return true;
  const base::Result<genai::AnswerFacts> facts = genai::read_answer(upstream_call(), body);
  if (!facts) return true;
  std::vector<genai::Replacement> replacements;
  int64_t found = 0;
  for (const genai::AnswerText& text : facts->texts) {
    if (text.origin == genai::Origin::kToolArguments) {
      int64_t in_arguments = 0;
      std::optional<std::string> redacted = redact_json(text.text, in_arguments);
      found += in_arguments;
      if (redacted && in_arguments > 0 && text.end > text.begin) {
        replacements.push_back(
            {.begin = text.begin, .end = text.end, .text = *std::move(redacted), .is_json = text.is_json});
      }
      continue;
    }
    const std::vector<guard::PiiEntity> entities = guard::PiiMemory::shared().find(text.text);
    found += static_cast<int64_t>(entities.size());
    if (!entities.empty() && text.end > text.begin) {
      replacements.push_back({.begin = text.begin, .end = text.end, .text = guard::redact(text.text, entities)});
    }
  }
  done_->pii_answer = found;
  if (found == 0) return true;
  if (!redact) return !stop(Rule::kPiiAnswer, -1, "pii:answer");
  done_->verdict.reasons.push_back("pii:answer");
  if (hit(Rule::kPiiAnswer, Outcome::kRedacted, -1)) body = genai::replace_texts(body, replacements);
  return true;
}

net::Task<> Call::pass_stream(net::StreamAnswer& answer, Framing framing) {
  AnswerStreamOptions options;
  options.upstream = target_.dialect;
  options.upstream_framing = framing;
  options.client = call_.dialect;
  options.client_framing = target_.translated
                               ? (call_.framing == Framing::kWhole ? genai::framing_of(call_.dialect) : call_.framing)
                               : framing;
  options.translate = target_.translated;
  options.hide_usage = call_.dialect == genai::Dialect::kOpenAiChat && !target_.translated && !facts_.stream_usage &&
                       settings_->count_stream_usage;
  options.client_wants_usage = call_.dialect != genai::Dialect::kOpenAiChat || facts_.stream_usage;
  options.route = route_;
  options.shadow = shadow();
  options.call_id = done_->call_id;
  options.now_s = base::unix_seconds(core_.parts.clock.wall());
  options.observed_bytes_max = core_.config.observed_bytes_max;
  AnswerStream stream(std::move(options), *done_);

  const ProviderConfig& provider = core_.config.providers[target_.provider];
  net::AnswerHead head;
  head.status = answer.status();
  head.headers = client_headers(answer.headers(), target_.translated, provider.family, call_.family, done_->call_id,
                                std::chrono::floor<std::chrono::seconds>(core_.parts.clock.wall()));
  if (target_.translated) {
    head.headers.set("Content-Type",
                     std::string(genai::content_type(call_.framing == Framing::kWhole ? genai::framing_of(call_.dialect)
                                                                                      : call_.framing)));
    std::string names;
    for (const std::string& name : dropped_) names += (names.empty() ? "" : ", ") + name;
    if (!names.empty()) head.headers.set("x-godseye-dropped", names);
  }
  exchange_.begin(std::move(head));
  bool first_text = false;
  while (true) {
    const std::string_view piece = co_await answer.next();
    if (piece.empty()) break;
    bool text_came = false;
    base::Result<std::string_view> out = stream.feed(piece, text_came);
    if (text_came && !first_text) {
      first_text = true;
      done_->ttft = now() - begun_;
    }
    if (!out) {
      count(core_.counters.provider_failures);
      note_health(answer.status(), false, "malformed stream");
      done_->error_type = "godseye_provider_malformed";
      done_->error = shown(out.error().message());
      exchange_.abort();
      co_return;
    }
    const bool there = out->empty() || co_await exchange_.write(*out);
    if (!there) co_return;  // the provider's call ends with `answer`
    if (stream.stopped()) {
      for (const RuleHit& rule : done_->verdict.hits) count(core_.counters.rule_hits[static_cast<size_t>(rule.rule)]);
      note_health(answer.status(), false, {});
      done_->status = answer.status();
      exchange_.end();
      co_return;
    }
  }
  if (answer.failure()) {
    upstream_failed(*answer.failure());
    co_return;
  }
  base::Result<std::string_view> rest = stream.finish();
  if (!rest) {
    count(core_.counters.provider_failures);
    note_health(answer.status(), false, "stream cut off");
    done_->error_type = "godseye_provider_cut_off";
    done_->error = rest.error().message();
    // What came without an end goes out as it came: clients notice by the protocol's own rules.
    if (target_.translated) {
      exchange_.abort();
    } else {
      done_->status = answer.status();
      exchange_.end();
    }
    co_return;
  }
  if (!rest->empty()) {
    const bool there = co_await exchange_.write(*rest);
    if (!there) co_return;
  }
  if (done_->pii_answer > 0 && route_->pii_answer == GuardMode::kRedact) {
    done_->verdict.reasons.push_back("pii:answer");
    (void)hit(Rule::kPiiAnswer, Outcome::kRedacted, -1);
  }
  note_health(answer.status(), false, stream.failed() ? std::string_view(done_->error) : std::string_view());
  if (stream.failed()) count(core_.counters.provider_errors);
  count(core_.counters.calls_out);
  done_->status = answer.status();
  exchange_.end();
}

// Status, headers and body as they came, without our key; in a translation the same said in the client's words.
net::Task<> Call::pass_error(net::StreamAnswer& answer) {
  count(core_.counters.provider_errors);
  const ProviderConfig& provider = core_.config.providers[target_.provider];
  net::Headers headers =
      client_headers(answer.headers(), target_.translated, provider.family, call_.family, done_->call_id,
                     std::chrono::floor<std::chrono::seconds>(core_.parts.clock.wall()));
  std::string body = co_await answer.read_all(kErrorBytesMax);
  if (provider_key_) {
    take_out_key(body, provider_key_->secret);
    net::Headers clean;
    for (auto [name, value] : headers) {
      take_out_key(value, provider_key_->secret);
      clean.add(std::move(name), std::move(value));
    }
    headers = std::move(clean);
  }
  const genai::ApiError error = genai::read_error(provider.family, answer.status(), body);
  done_->status = answer.status();
  done_->error_type = error.code.empty() ? error.kind : error.code;
  done_->error = shown(error.message);
  if (!limits_ && error.retry_after) limits_ = genai::RateLimits{.retry_after = error.retry_after};
  note_health(answer.status(), answer.status() == 504 || answer.status() == 408, done_->error);
  if (answer.failure() && answer.failure()->kind == net::CallFailureKind::kCancelled) co_return;
  net::HttpResponse response;
  response.status = answer.status();
  response.headers = std::move(headers);
  if (target_.translated) {
    genai::ApiError told = error;
    told.kind.clear();  // the other family's word
    response.body = genai::error_body(call_.dialect, told);
    response.headers.set("Content-Type", "application/json");
  } else {
    response.body = std::move(body);
  }
  exchange_.answer(std::move(response));
}

void Call::upstream_failed(const net::CallFailure& failure) {
  if (failure.kind == net::CallFailureKind::kCancelled) return;  // the client left, or we stop
  count(core_.counters.provider_failures);
  const bool timeout = failure.kind == net::CallFailureKind::kTimeout;
  const std::string text = shown(failure.text);
  note_health(0, timeout, text);
  const std::string_view code = timeout ? "godseye_provider_timeout" : "godseye_provider_unreachable";
  done_->error_type = code;
  done_->error = text;
  if (!exchange_.begun()) {
    refuse(timeout ? 504 : 502, code, text);
    return;
  }
  // Inside an answer the client must not take what it has for the whole.
  exchange_.abort();
}

void Call::note_health(int status, bool timeout, std::string_view error) {
  UpstreamOutcome outcome;
  outcome.status = status;
  outcome.timeout = timeout;
  outcome.latency = now() - sent_;
  if (done_->ttft.count() >= 0) outcome.ttft = done_->ttft - (sent_ - begun_);
  outcome.error = error;
  outcome.model = done_->model_answered.empty() ? done_->model_asked : done_->model_answered;
  if (limits_) outcome.limits = &*limits_;
  core_.health.note(target_.provider, outcome, core_.parts.clock.wall());
}

}  // namespace godseye::gateway
