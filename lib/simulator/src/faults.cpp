#include "json.h"

#include <charconv>
#include <cmath>

#include <godseye/simulator/faults.h>
#include <godseye/simulator/models.h>

namespace godseye::simulator {

namespace {

using base::Error;
using base::ErrorCode;

constexpr std::array<FaultInfo, kFaults> kKnown = {{
    {"status", 400, 599, "answer with this HTTP status and the provider's own error object"},
    {"retry_after", 0, 86400, "seconds in the retry headers of an error"},
    {"latency_ms", 0, 600'000, "before the answer's head: fixed, or the median when latency_sigma is given"},
    {"latency_sigma", 0, 4, "standard deviation of the logarithm of latency_ms (log-normal)"},
    {"latency_spike_rate", 0, 1, "share of requests that wait latency_spike_ms on top"},
    {"latency_spike_ms", 0, 600'000, "the spike; 5000 when only its rate is given"},
    {"ttft_ms", 0, 600'000, "between the head and the first token of a stream"},
    {"tokens_per_second", 0, 1'000'000, "speed of a stream; 0 is as fast as possible"},
    {"stall_after_tokens", 0, 1'000'000, "the stream falls silent after so many tokens"},
    {"stall_ms", 0, 600'000, "how long it is silent; without it for ten minutes"},
    {"end_after_tokens", 0, 1'000'000, "the stream ends there, without its closing events"},
    {"reset_after_bytes", 0, 1e9, "the connection is cut after so many bytes of the body"},
    {"error_after_tokens", 0, 1'000'000, "the provider's error event in the middle of the stream"},
    {"chunk_bytes", 1, 65536, "the body in pieces of this size, through characters and JSON"},
    {"malformed", 0, 1, "the answer's JSON (or one event of the stream) is cut in the middle"},
    {"malformed_tool", 0, 1, "arguments of tool calls are cut JSON, where the protocol has them as text"},
    {"quality", 0, 1, "quality of the answer, instead of the model's own"},
    {"quality_decay_per_hour", 0, 1000, "loss of quality per hour since the simulator started"},
    {"hallucinate", 0, 1, "share of answers that name an invented product"},
    {"wrong", 0, 1, "share of answers whose numbers are not those of the context"},
    {"ramble", 0, 1, "share of answers that wander off and repeat themselves"},
    {"refuse", 0, 1, "share of answers that decline"},
    {"rude", 0, 1, "share of answers that insult"},
    {"truncate", 0, 1, "share of answers that stop in the middle, as if the limit was reached"},
    {"leak", 0, 1, "share of answers that repeat the system prompt"},
    {"pii", 0, 1, "share of answers with invented personal data"},
    {"safety", 0, 1, "share of requests that the provider's safety system blocks"},
    {"no_usage", 0, 1, "no usage is reported"},
    {"input_tokens", 0, 1e9, "reported instead of the count"},
    {"output_tokens", 0, 1e9, "reported instead of the count"},
    {"cached_tokens", 0, 1e9, "reported as read from the provider's cache, at most the input"},
    {"reasoning_tokens", 0, 1e9, "reported as reasoning, part of the output"},
    {"answer_tokens", 1, 100'000, "about how long the answer is"},
}};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Error unknown_fault(std::string_view name) {
  std::string text = "unknown fault '" + std::string(name.substr(0, 80)) + "'; known:";
  for (const FaultInfo& info : kKnown) text.append(" ").append(info.name);
  return {ErrorCode::kInvalidArgument, text + " say code"};
}

std::string number_text(double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
  return {buffer, end.ptr};
}

base::Status set_number(FaultSet& faults, std::string_view name, double value) {
  for (size_t i = 0; i < kKnown.size(); ++i) {
    const FaultInfo& info = kKnown[i];
    if (info.name != name) continue;
    if (!(value >= info.min && value <= info.max)) {
      return Error{ErrorCode::kInvalidArgument, "fault '" + std::string(name) + "' takes a number from " +
                                                    number_text(info.min) + " to " + number_text(info.max)};
    }
    faults.set(static_cast<Fault>(i), value);
    return base::ok();
  }
  return unknown_fault(name);
}

base::Result<double> number_of(std::string_view name, std::string_view text) {
  if (text == "true" || text.empty()) return 1.0;
  if (text == "false") return 0.0;
  double value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc{} || end.ptr != text.data() + text.size() || !std::isfinite(value)) {
    return Error{ErrorCode::kInvalidArgument,
                 "fault '" + std::string(name) + "': '" + std::string(text.substr(0, 40)) + "' is no number"};
  }
  return value;
}

base::Status set_text(FaultSet& faults, std::string_view name, std::string_view text) {
  if (name == "say") {
    faults.say = std::string(text);
    return base::ok();
  }
  if (name == "code") {
    faults.code = std::string(text);
    return base::ok();
  }
  // The name first: a misspelt name with a wrong value is a misspelt name.
  if (base::Status known = set_number(faults, name, std::nan(""));
      !known && known.error().message().starts_with("unknown")) {
    return known;
  }
  auto value = number_of(name, text);
  if (!value) return std::move(value).error();
  return set_number(faults, name, *value);
}

// One member of an order that is not a fault. False when it is one.
base::Result<bool> set_order_member(FaultOrder& order, std::string_view name, const json::value& value) {
  if (name == "model") {
    if (!value.is_string()) return Error{ErrorCode::kInvalidArgument, "'model' takes a text"};
    order.model = std::string(plain_name(value.get_string()));
    return true;
  }
  if (name != "rate" && name != "expires_in_s") return false;
  const double max = name == "rate" ? 1 : kFaultExpirySecondsMax;
  const auto number = as_number(value);
  if (!number || !(*number >= 0 && *number <= max)) {
    return Error{ErrorCode::kInvalidArgument,
                 "'" + std::string(name) + "' takes a number from 0 to " + number_text(max)};
  }
  if (name == "rate") {
    order.rate = *number;
  } else {
    order.expires_in = *number;
  }
  return true;
}

base::Result<FaultOrder> order_of(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr) return Error{ErrorCode::kInvalidArgument, "an order of faults is a JSON object"};
  FaultOrder order;
  for (const auto& [key, member] : *object) {
    const auto taken = set_order_member(order, key, member);
    if (!taken) return taken.error();
    if (*taken) continue;
    base::Status set = base::ok();
    if (const json::string* text = member.if_string()) {
      set = set_text(order.faults, key, *text);
    } else if (const auto number = as_number(member)) {
      set = set_number(order.faults, key, *number);
    } else if (const bool* flag = member.if_bool()) {
      set = set_number(order.faults, key, *flag ? 1 : 0);
    } else {
      set = set_number(order.faults, key, std::nan(""));
    }
    if (!set) return std::move(set).error();
  }
  return order;
}

json::object object_of(const FaultOrder& order) {
  json::object object;
  for (size_t i = 0; i < kFaults; ++i) {
    if (const auto value = order.faults.get(static_cast<Fault>(i))) object[kKnown[i].name] = *value;
  }
  if (order.faults.say) object["say"] = *order.faults.say;
  if (order.faults.code) object["code"] = *order.faults.code;
  object["rate"] = order.rate;
  if (!order.model.empty()) object["model"] = order.model;
  return object;
}

}  // namespace

std::span<const FaultInfo, kFaults> known_faults() { return kKnown; }

bool FaultSet::empty() const {
  for (const auto& value : values_) {
    if (value) return false;
  }
  return !say && !code;
}

FaultSet FaultSet::over(const FaultSet& below) const {
  FaultSet both = *this;
  for (size_t i = 0; i < values_.size(); ++i) {
    if (!both.values_[i]) both.values_[i] = below.values_[i];
  }
  if (!both.say) both.say = below.say;
  if (!both.code) both.code = below.code;
  return both;
}

base::Result<FaultSet> parse_fault_header(std::string_view header) {
  if (header.size() > kFaultHeaderBytesMax) {
    return Error{ErrorCode::kTooLarge,
                 "x-simulator-fault is longer than " + std::to_string(kFaultHeaderBytesMax) + " bytes"};
  }
  FaultSet faults;
  while (!header.empty()) {
    const size_t end = std::min(header.find(';'), header.size());
    const std::string_view part = trimmed(header.substr(0, end));
    header.remove_prefix(std::min(end + 1, header.size()));
    if (part.empty()) continue;
    const size_t equals = std::min(part.find('='), part.size());
    const std::string_view name = trimmed(part.substr(0, equals));
    const std::string_view value = equals < part.size() ? trimmed(part.substr(equals + 1)) : std::string_view();
    if (base::Status set = set_text(faults, name, value); !set)
      return std::move(set).error().within("x-simulator-fault");
  }
  return faults;
}

base::Result<std::vector<FaultOrder>> parse_fault_orders(std::string_view text) {
  if (text.size() > kFaultBodyBytesMax) {
    return Error{ErrorCode::kTooLarge, "more than " + std::to_string(kFaultBodyBytesMax) + " bytes of faults"};
  }
  const auto value = parse_json(text);
  if (!value) return Error{ErrorCode::kInvalidArgument, "the faults are no JSON"};
  std::vector<FaultOrder> orders;
  const json::array* list = value->if_array();
  if (list != nullptr && list->size() > kFaultOrdersMax) {
    return Error{ErrorCode::kTooLarge, "more than " + std::to_string(kFaultOrdersMax) + " orders of faults"};
  }
  for (size_t i = 0; i < (list == nullptr ? 1 : list->size()); ++i) {
    auto order = order_of(list == nullptr ? *value : (*list)[i]);
    if (!order) return std::move(order).error();
    orders.push_back(*std::move(order));
  }
  return orders;
}

void FaultBoard::put(std::vector<FaultOrder> orders, base::TickTime now) {
  std::vector<Entry> entries;
  for (FaultOrder& order : orders) {
    std::optional<base::TickTime> ends;
    if (order.expires_in) {
      ends =
          now + std::chrono::duration_cast<base::TickTime::duration>(std::chrono::duration<double>(*order.expires_in));
    }
    entries.push_back({std::move(order), ends});
  }
  base::MutexLock lock(mutex_);
  entries_ = std::move(entries);
}

void FaultBoard::clear() {
  base::MutexLock lock(mutex_);
  entries_.clear();
}

FaultSet FaultBoard::draw(std::string_view model, base::TickTime now, base::Random& random) const {
  FaultSet drawn;
  base::MutexLock lock(mutex_);
  for (const Entry& entry : entries_) {
    if (entry.ends && now >= *entry.ends) continue;
    if (!entry.order.model.empty() && entry.order.model != plain_name(model)) continue;
    if (entry.order.rate < 1 && !random.chance(entry.order.rate)) continue;
    drawn = drawn.over(entry.order.faults);
  }
  return drawn;
}

std::string FaultBoard::json(base::TickTime now) const {
  json::array list;
  {
    base::MutexLock lock(mutex_);
    for (const Entry& entry : entries_) {
      if (entry.ends && now >= *entry.ends) continue;
      json::object object = object_of(entry.order);
      if (entry.ends) object["expires_in_s"] = std::chrono::duration<double>(*entry.ends - now).count();
      list.push_back(std::move(object));
    }
  }
  json::array known;
  for (const FaultInfo& info : kKnown) {
    known.push_back({{"name", info.name}, {"min", info.min}, {"max", info.max}, {"what", info.what}});
  }
  return json::serialize(json::object{{"faults", std::move(list)}, {"known", std::move(known)}});
}

}  // namespace godseye::simulator
