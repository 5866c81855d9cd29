// How answers leave: whole or in pieces, at a speed, and broken where a fault says so.
#include "answer_frames.h"
#include "service.h"

#include <algorithm>
#include <cmath>

#include <godseye/genai/answers.h>
#include <godseye/genai/stream.h>
#include <godseye/simulator/models.h>

namespace godseye::model_simulator {

namespace {

using simulator::Fault;
using simulator::FaultSet;
using std::chrono::milliseconds;

constexpr milliseconds kStall{600'000};
// Between pieces that must arrive one by one: long enough for the client to have taken the one before.
constexpr milliseconds kBetweenPieces{1};
constexpr milliseconds kBeforeCut{20};
constexpr size_t kPiecesApartMax = 20'000;

size_t as_size(const std::optional<double>& value) { return value ? static_cast<size_t>(*value) : SIZE_MAX; }

// Bytes to one client, cut as the faults say. After `false` nothing more may be sent: the client is gone, or the
// connection was cut on purpose.
class Pipe {
 public:
  Pipe(net::Exchange& exchange, const FaultSet& faults)
      : exchange_(exchange),
        piece_bytes_(as_size(faults.get(Fault::kChunkBytes))),
        cut_at_(as_size(faults.get(Fault::kResetAfterBytes))) {}

  bool cut() const { return cut_; }

  net::Task<bool> send(std::string_view bytes) {
    const bool cuts = cut_at_ - sent_ <= bytes.size() && cut_at_ != SIZE_MAX;
    if (cuts) bytes = bytes.substr(0, cut_at_ - sent_);
    while (!bytes.empty()) {
      const std::string_view piece = bytes.substr(0, std::min(piece_bytes_, bytes.size()));
      bytes.remove_prefix(piece.size());
      sent_ += piece.size();
      if (!co_await exchange_.write(piece)) co_return false;
      const bool apart = piece_bytes_ != SIZE_MAX && ++pieces_ < kPiecesApartMax;
      if (apart && !co_await exchange_.loop().sleep(kBetweenPieces, &exchange_.cancel())) co_return false;
    }
    if (!cuts) co_return true;
    cut_ = true;
    co_await exchange_.loop().sleep(kBeforeCut, &exchange_.cancel());
    exchange_.abort();
    co_return false;
  }

 private:
  net::Exchange& exchange_;
  const size_t piece_bytes_;
  const size_t cut_at_;
  size_t sent_ = 0;
  size_t pieces_ = 0;
  bool cut_ = false;
};

// Paces the tokens of a stream. `before` is how long to wait before token number `index`.
class Pace {
 public:
  Pace(const ServiceConfig& config, const FaultSet& faults, std::string_view model) {
    const simulator::ModelTraits traits = simulator::traits_of(model);
    tokens_per_second_ = faults.value_or(Fault::kTokensPerSecond,
                                         config.realistic ? traits.tokens_per_second : config.tokens_per_second);
    first_ = milliseconds(
        static_cast<int64_t>(faults.value_or(Fault::kFirstTokenMs, config.realistic ? traits.first_token_ms : 0)));
  }
  milliseconds due(size_t token) const {
    if (tokens_per_second_ <= 0) return first_;
    return first_ + milliseconds(static_cast<int64_t>(static_cast<double>(token) * 1000 / tokens_per_second_));
  }

 private:
  double tokens_per_second_ = 0;
  milliseconds first_{0};
};

// Frames whose JSON ends in the middle: what a client must call malformed, not truncated.
std::string broken_frame(genai::Framing framing) {
  switch (framing) {
    case genai::Framing::kNdjson:
      return "{\"model\":\"broken\",\"mess\n";
    case genai::Framing::kJsonArray:
      return ",{\"candidates\":[{\"cont";
    default:
      return "data: {\"id\":\"broken\",\"choi\n\n";
  }
}

}  // namespace

net::Task<> Service::send_whole(net::Exchange& exchange, Caller caller, genai::ChatAnswer answer,
                                genai::RateLimits limits) {
  const FaultSet& faults = caller.faults;
  const Pace pace(config_, faults, answer.model);
  const milliseconds wait = pace.due(static_cast<size_t>(std::max<int64_t>(answer.usage.output, 0)));
  if (wait.count() > 0 && !co_await exchange.loop().sleep(wait, &exchange.cancel())) {
    counters_.cancelled.fetch_add(1, std::memory_order_relaxed);
    co_return;
  }
  auto body = genai::write_answer(caller.call.dialect, answer);
  if (!body) {
    genai::ApiError error;
    error.status = 501;
    error.message = body.error().message();
    co_await send_error(exchange, std::move(caller), std::move(error), std::move(limits));
    co_return;
  }
  if (faults.is_on(Fault::kMalformed)) body->resize(body->size() / 2);
  const bool stalls = faults.has(Fault::kStallAfterTokens);
  const bool in_pieces = stalls || faults.has(Fault::kChunkBytes) || faults.has(Fault::kResetAfterBytes);
  if (!in_pieces) {
    net::HttpResponse response = net::json_response(200, *std::move(body));
    for (const auto& [name, value] : headers_of(caller, limits)) response.headers.add(name, value);
    exchange.answer(std::move(response));
    co_return;
  }
  net::AnswerHead head{.status = 200, .headers = headers_of(caller, limits)};
  head.headers.add("Content-Type", "application/json");
  head.content_length = body->size();
  exchange.begin(std::move(head));
  Pipe pipe(exchange, faults);
  const std::string_view bytes = *body;
  const size_t half = stalls ? bytes.size() / 2 : bytes.size();
  bool alive = co_await pipe.send(bytes.substr(0, half));
  if (alive && stalls) {
    const auto silence = milliseconds(static_cast<int64_t>(faults.value_or(Fault::kStallMs, double{kStall.count()})));
    alive = co_await exchange.loop().sleep(silence, &exchange.cancel());
    if (alive) alive = co_await pipe.send(bytes.substr(half));
  }
  if (alive) {
    exchange.end();
  } else if (!pipe.cut()) {
    counters_.cancelled.fetch_add(1, std::memory_order_relaxed);
  }
}

net::Task<> Service::send_stream(net::Exchange& exchange, Caller caller, genai::ChatAnswer answer, bool include_usage,
                                 genai::RateLimits limits) {
  const FaultSet& faults = caller.faults;
  const genai::Framing framing = caller.call.framing;
  net::AnswerHead head{.status = 200, .headers = headers_of(caller, limits)};
  head.headers.add("Content-Type", std::string(genai::content_type(framing)));
  head.headers.add("Cache-Control", "no-cache");
  exchange.begin(std::move(head));

  const Pace pace(config_, faults, answer.model);
  const std::vector<Step> steps = steps_of(answer);
  const auto tokens =
      static_cast<size_t>(std::count_if(steps.begin(), steps.end(), [](const Step& step) { return step.is_token; }));
  const size_t stall_at = as_size(faults.get(Fault::kStallAfterTokens));
  const size_t end_at = as_size(faults.get(Fault::kEndAfterTokens));
  const size_t error_at = as_size(faults.get(Fault::kErrorAfterTokens));
  const size_t broken_at = faults.is_on(Fault::kMalformed) ? tokens / 2 : SIZE_MAX;
  genai::StreamHead opening{
      .id = answer.id, .model = answer.model, .created_s = answer.created_s, .include_usage = include_usage};
  genai::AnswerWriter writer(caller.call.dialect, framing, std::move(opening));
  Pipe pipe(exchange, faults);
  const base::TickTime start = clock_.tick();
  size_t token = 0;
  bool alive = true;
  bool stalled = false;
  bool broken = false;
  std::string frame;
  for (size_t i = 0; alive && i < steps.size(); ++i) {
    const Step& step = steps[i];
    frame.clear();
    // Faults happen before the token that would be one too many, or at the end of an answer that is shorter.
    const bool at_end = step.delta.kind == genai::DeltaKind::kFinish;
    const auto reached = [&](size_t at) { return (step.is_token && token >= at) || (at_end && at != SIZE_MAX); };
    if (reached(end_at)) {
      exchange.end();
      co_return;
    }
    if (reached(error_at)) {
      genai::ApiError error;
      error.status = static_cast<int>(faults.value_or(Fault::kStatus, 503));
      error.message = "The model is overloaded (ordered by x-simulator-fault).";
      const genai::Delta failure{.kind = genai::DeltaKind::kError, .error = &error};
      writer.write(failure, frame);
      if (co_await pipe.send(frame)) exchange.end();
      co_return;
    }
    if (!stalled && reached(stall_at)) {
      stalled = true;
      const auto silence = milliseconds(static_cast<int64_t>(faults.value_or(Fault::kStallMs, double{kStall.count()})));
      alive = co_await exchange.loop().sleep(silence, &exchange.cancel());
      if (!alive) break;
    }
    if (!broken && reached(broken_at)) {
      broken = true;
      alive = co_await pipe.send(broken_frame(framing));
      if (!alive) break;
    }
    if (step.is_token) {
      const auto late = std::chrono::duration_cast<milliseconds>(start + pace.due(token) - clock_.tick());
      if (late.count() > 0) alive = co_await exchange.loop().sleep(late, &exchange.cancel());
      if (!alive) break;
      ++token;
    }
    writer.write(step.delta, frame);
    alive = co_await pipe.send(frame);
  }
  if (alive) {
    frame.clear();
    writer.finish(frame);
    alive = co_await pipe.send(frame);
  }
  if (alive) {
    exchange.end();
  } else if (!pipe.cut()) {
    counters_.cancelled.fetch_add(1, std::memory_order_relaxed);
  }
}

net::Task<> Service::fixed(net::Exchange& exchange, Caller caller) {
  const std::string& body = exchange.request().body;
  counters_.chats.fetch_add(1, std::memory_order_relaxed);
  // Two spellings are enough for the clients that measure.
  const bool says_stream =
      body.find("\"stream\":true") != std::string::npos || body.find("\"stream\": true") != std::string::npos;
  const bool says_whole =
      body.find("\"stream\":false") != std::string::npos || body.find("\"stream\": false") != std::string::npos;
  const bool streams = caller.call.streams_by_path || says_stream || (caller.call.streams_unless_told && !says_whole);
  const auto* frames = streams ? fixed_answers_.frames(caller.call.dialect, caller.call.framing) : nullptr;
  const std::string* whole = fixed_answers_.whole(caller.call.dialect);
  if (frames == nullptr) {
    exchange.answer(whole == nullptr ? net::error_response(404, "no fixed answer in this protocol")
                                     : net::json_response(200, *whole));
    co_return;
  }
  counters_.streams.fetch_add(1, std::memory_order_relaxed);
  net::AnswerHead head{.status = 200, .headers = {}};
  head.headers.add("Content-Type", std::string(genai::content_type(caller.call.framing)));
  exchange.begin(std::move(head));
  const base::TickTime start = clock_.tick();
  for (size_t i = 0; i < frames->size(); ++i) {
    if (config_.tokens_per_second > 0) {
      const auto due = milliseconds(static_cast<int64_t>(static_cast<double>(i) * 1000 / config_.tokens_per_second));
      const auto late = std::chrono::duration_cast<milliseconds>(start + due - clock_.tick());
      if (late.count() > 0 && !co_await exchange.loop().sleep(late, &exchange.cancel())) co_return;
    }
    if (!co_await exchange.write((*frames)[i])) co_return;
  }
  exchange.end();
}

}  // namespace godseye::model_simulator
