#include "tracer_core.h"

#include <algorithm>
#include <random>

namespace godseye::sdk {
namespace {

constexpr size_t kPartialFlushSpans = 1000;
constexpr size_t kTagsUsual = 8;  // room from the start, the ones of session and user among them
// Datadog's samplers agree on a trace by this product (modulo 2^64) over its low half.
constexpr uint64_t kSamplingFactor = 1'111'111'111'111'111'111;

thread_local const SpanState* active = nullptr;

// Vigna's splitmix64: what a counter says, well mixed. One for all threads, begun at random: to seed a generator costs
// more than a call, and a server may make a thread for one.
uint64_t random_id() {
  static std::atomic<uint64_t> counter = [] {
    std::random_device device;
    return static_cast<uint64_t>(device()) << 32 | device();
  }();
  // 63 bits, so that languages without unsigned integers can hold it; never zero.
  for (;;) {
    uint64_t id = counter.fetch_add(0x9e3779b97f4a7c15, std::memory_order_relaxed);
    id = (id ^ (id >> 30)) * 0xbf58476d1ce4e5b9;
    id = (id ^ (id >> 27)) * 0x94d049bb133111eb;
    id = (id ^ (id >> 31)) >> 1;
    if (id != 0) return id;
  }
}

bool keeps(uint64_t trace_id, double rate) {
  if (rate >= 1) return true;
  return static_cast<double>(trace_id * kSamplingFactor) < rate * 18446744073709551616.0;
}

// At most `limit` bytes, cut where a character begins.
std::string cut(std::string_view text, size_t limit) {
  if (text.size() > limit) {
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
    text = text.substr(0, limit);
  }
  return std::string(text);
}

void set_pair(std::vector<std::pair<std::string, std::string>>& pairs, std::string_view key, std::string value) {
  const auto found = std::ranges::find(pairs, key, &std::pair<std::string, std::string>::first);
  if (found != pairs.end()) {
    found->second = std::move(value);
  } else {
    pairs.emplace_back(std::string(key), std::move(value));
  }
}

}  // namespace

std::string_view trace_tag(const SpanContext& context, std::string_view key) {
  for (const auto& [name, value] : context.trace_tags) {
    if (name == key) return value;
  }
  return {};
}

void set_trace_tag(SpanContext& context, std::string_view key, std::string value) {
  set_pair(context.trace_tags, key, std::move(value));
}

std::string_view SpanContext::baggage_item(std::string_view key) const {
  for (const auto& [name, value] : baggage) {
    if (name == key) return value;
  }
  return {};
}

std::string SpanContext::trace_id_hex() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out(32, '0');
  for (size_t i = 0; i < 16; ++i) {
    out[15 - i] = kDigits[(trace_id_high >> (4 * i)) & 15];
    out[31 - i] = kDigits[(trace_id_low >> (4 * i)) & 15];
  }
  return out;
}

TracerCore::TracerCore(const Settings& settings, base::Clock clock) : settings_(settings), clock_(std::move(clock)) {}

int64_t TracerCore::now_ns() const { return clock_.wall().time_since_epoch().count(); }

int64_t TracerCore::tick_ns() const {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(clock_.tick().time_since_epoch()).count();
}

void TracerCore::decide(TraceSegment& segment, SpanContext& context, std::string_view service) {
  if (context.priority) {
    segment.priority = *context.priority;
    return;
  }
  // Mechanisms of `_dd.p.dm`: 0 nobody said anything, 1 the Agent's rate, 3 a rule of the user's.
  const char* mechanism = "-0";
  if (settings_.sample_rate) {
    mechanism = "-3";
    segment.rule_rate = *settings_.sample_rate;
    segment.priority = keeps(context.trace_id_low, segment.rule_rate) ? 2 : -1;
  } else {
    double rate = 1;
    bool told = false;
    {
      base::MutexLock lock(mutex_);
      auto found =
          rates_.empty() ? rates_.end() : rates_.find("service:" + std::string(service) + ",env:" + settings_.env);
      if (found == rates_.end()) found = rates_.find("service:,env:");
      if (found != rates_.end()) {
        rate = found->second;
        told = true;
      }
    }
    if (told) {
      mechanism = "-1";
      segment.agent_rate = rate;
    }
    segment.priority = keeps(context.trace_id_low, rate) ? 1 : 0;
  }
  context.priority = segment.priority;
  if (segment.priority > 0) set_trace_tag(context, "dm", mechanism);
}

Span TracerCore::start(std::string_view name, const SpanOptions& options) {
  if (settings_.traces == Exporter::kNone) return {};
  auto state = std::make_unique<SpanState>();
  state->core = shared_from_this();
  const SpanState* local = options.new_trace ? nullptr : active;
  if (options.parent != nullptr && (local == nullptr || &local->context != options.parent)) local = nullptr;
  const SpanContext* parent = options.parent != nullptr ? options.parent : local != nullptr ? &local->context : nullptr;

  if (options.service != settings_.service) state->service = options.service;
  if (parent != nullptr) state->context = *parent;
  const bool joins = parent != nullptr && parent->valid();
  const uint64_t parent_id = joins ? parent->span_id : 0;
  const int64_t now = now_ns();
  state->context.span_id = random_id();
  if (!joins) {
    // The upper half begins with the time in seconds, as Datadog's do.
    state->context.trace_id_low = random_id();
    state->context.trace_id_high = static_cast<uint64_t>(now / 1'000'000'000) << 32;
  }
  // A segment ends with its last open span; a child of a context alone begins another one.
  bool shares = false;
  if (local != nullptr && joins) {
    base::MutexLock lock(local->segment->mutex);
    if (local->segment->open > 0) {
      ++local->segment->open;
      shares = true;
    }
  }
  if (shares) {
    state->segment = local->segment;
  } else {
    state->segment = std::make_shared<TraceSegment>();
    decide(*state->segment, state->context, state->service.empty() ? settings_.service : state->service);
    base::MutexLock lock(state->segment->mutex);
    state->segment->open = 1;
  }

  state->data = std::make_unique<SpanData>();
  SpanData& data = *state->data;
  data.trace_id_high = state->context.trace_id_high;
  data.trace_id_low = state->context.trace_id_low;
  data.span_id = state->context.span_id;
  data.parent_id = parent_id;
  data.start_ns = now;
  data.name = cut(name, 100);
  data.resource = cut(options.resource.empty() ? name : options.resource, 5000);
  data.type = cut(options.type, 100);
  data.service = state->service;
  data.origin = state->context.origin;
  data.top_level = local == nullptr || local->service != state->service;
  data.tags.reserve(kTagsUsual);
  if (!options.kind.empty()) data.tags.emplace_back("span.kind", options.kind);
  state->started_tick_ns = tick_ns();
  return Span(std::move(state));
}

void TracerCore::finish(SpanState& state) {
  std::unique_ptr<SpanData> data = std::move(state.data);
  data->duration_ns = std::max<int64_t>(0, tick_ns() - state.started_tick_ns);
  if (const std::string_view session = state.context.baggage_item("session.id"); !session.empty()) {
    data->session_id = session;
    data->tags.emplace_back("session_id", session);
  }
  if (const std::string_view user = state.context.baggage_item("user.id"); !user.empty()) {
    data->tags.emplace_back("usr.id", user);
  }
  const bool room = !closed_.load(std::memory_order_relaxed) && held_.fetch_add(1) < settings_.spans_max;
  if (!room) {
    held_.fetch_sub(1);
    dropped_.fetch_add(1, std::memory_order_relaxed);
  }
  std::vector<std::unique_ptr<SpanData>> ready;
  {
    base::MutexLock lock(state.segment->mutex);
    if (room) state.segment->done.push_back(std::move(data));
    --state.segment->open;
    if (state.segment->open == 0 || state.segment->done.size() >= kPartialFlushSpans) ready.swap(state.segment->done);
  }
  if (!ready.empty()) enqueue(*state.segment, std::move(ready), state.context);
}

void TracerCore::enqueue(TraceSegment& segment, std::vector<std::unique_ptr<SpanData>> spans,
                         const SpanContext& context) {
  TraceChunk chunk{.spans = std::move(spans), .priority = segment.priority, .trace_tags = context.trace_tags};
  chunk.agent_rate = segment.agent_rate;
  chunk.rule_rate = segment.rule_rate;
  std::erase_if(chunk.trace_tags, [](const auto& tag) { return tag.first.starts_with("llmobs_"); });
  base::MutexLock lock(mutex_);
  queue_.push_back(std::move(chunk));
}

std::vector<TraceChunk> TracerCore::take() {
  base::MutexLock lock(mutex_);
  return std::exchange(queue_, {});
}

void TracerCore::sent(size_t spans) { held_.fetch_sub(spans); }

void TracerCore::set_rates(std::map<std::string, double> rates) {
  base::MutexLock lock(mutex_);
  rates_ = std::move(rates);
}

// Span

Span::Span(std::unique_ptr<SpanState> state) : state_(std::move(state)) {}
Span::Span() = default;
Span::Span(Span&&) noexcept = default;

Span& Span::operator=(Span&& other) noexcept {
  if (this != &other) {
    finish();
    state_ = std::move(other.state_);
  }
  return *this;
}

Span::~Span() { finish(); }

void Span::finish() {
  if (state_ && state_->data) state_->core->finish(*state_);
}

void Span::set_resource(std::string_view resource) {
  if (state_ && state_->data) state_->data->resource = cut(resource, 5000);
}

void Span::set_tag(std::string_view key, std::string_view value) {
  if (!state_ || !state_->data || key.empty()) return;
  const Settings& settings = state_->core->settings();
  auto& tags = state_->data->tags;
  const auto found = std::ranges::find(tags, key, &std::pair<std::string, std::string>::first);
  if (found != tags.end()) {
    found->second = cut(value, settings.text_bytes_max);
  } else if (tags.size() < settings.span_tags_max) {
    tags.emplace_back(cut(key, 200), cut(value, settings.text_bytes_max));
  }
}

void Span::set_metric(std::string_view key, double value) {
  if (!state_ || !state_->data || key.empty()) return;
  auto& metrics = state_->data->metrics;
  const auto found = std::ranges::find(metrics, key, &std::pair<std::string, double>::first);
  if (found != metrics.end()) {
    found->second = value;
  } else if (metrics.size() < state_->core->settings().span_tags_max) {
    metrics.emplace_back(cut(key, 200), value);
  }
}

void Span::set_error(std::string_view type, std::string_view message, std::string_view stack) {
  if (!state_ || !state_->data) return;
  state_->data->error = true;
  set_tag("error.type", type);
  set_tag("error.message", message);
  if (!stack.empty()) set_tag("error.stack", stack);
}

void Span::add_event(std::string_view name) {
  if (!state_ || !state_->data) return;
  if (state_->data->events.size() >= state_->core->settings().span_tags_max) return;
  state_->data->events.push_back({state_->core->now_ns(), cut(name, state_->core->settings().text_bytes_max)});
}

void Span::add_link(const SpanContext& to) {
  if (!state_ || !state_->data || !to.valid()) return;
  if (state_->data->links.size() >= state_->core->settings().span_tags_max) return;
  state_->data->links.push_back({to.trace_id_high, to.trace_id_low, to.span_id});
}

void Span::set_session(std::string_view session_id) {
  if (state_) set_pair(state_->context.baggage, "session.id", cut(session_id, 200));
}

void Span::set_user(std::string_view user_id) {
  if (state_) set_pair(state_->context.baggage, "user.id", cut(user_id, 200));
}

void Span::set_llm(LlmData llm) {
  if (!state_ || !state_->data) return;
  const size_t limit = state_->core->settings().text_bytes_max;
  for (auto* messages : {&llm.input_messages, &llm.output_messages}) {
    for (LlmMessage& message : *messages) message.content = cut(message.content, limit);
  }
  SpanData& data = *state_->data;
  if (!data.llm) {
    // The nearest LLM span above, in this process or another, is the parent; below, this one is.
    const std::string_view parent = trace_tag(state_->context, "llmobs_parent_id");
    const std::string_view trace = trace_tag(state_->context, "llmobs_trace_id");
    data.llm_parent_id = parent.empty() ? "undefined" : std::string(parent);
    data.llm_trace_id = trace.empty() ? state_->context.trace_id_hex() : std::string(trace);
    set_trace_tag(state_->context, "llmobs_parent_id", std::to_string(data.span_id));
    set_trace_tag(state_->context, "llmobs_trace_id", data.llm_trace_id);
  }
  data.type = "llm";
  data.llm = std::make_unique<LlmData>(std::move(llm));
}

const SpanContext& Span::context() const {
  static const SpanContext kNone;
  return state_ ? state_->context : kNone;
}

// Scope

Scope::Scope(const Span& span) : before_(active) {
  if (span.state_) active = span.state_.get();
}

Scope::~Scope() { active = before_; }

const SpanContext* active_context() { return active != nullptr ? &active->context : nullptr; }

Tracer::Tracer(std::shared_ptr<TracerCore> core) : core_(std::move(core)) {}

Span Tracer::start(std::string_view name, const SpanOptions& options) { return core_->start(name, options); }

}  // namespace godseye::sdk
