#include <godseye/gateway/settings.h>

#include <boost/json.hpp>

namespace godseye::gateway {

namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorCode;
using base::Status;

constexpr size_t kTextBytesMax = 256;
constexpr int64_t kGuardBudgetMsMax = 10'000;

constexpr std::string_view kModes[] = {"off", "observe", "redact", "block"};

Error expected(std::string_view field, std::string_view what) {
  return {ErrorCode::kInvalidArgument, std::string(field) + ": expected " + std::string(what)};
}

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

// Reads the fields of one object by name, and knows which of them nobody asked for.
class Fields {
 public:
  Fields(const json::object& object, std::string place) : object_(object), place_(std::move(place)) {}

  Status flag(std::string_view name, bool& into) {
    const json::value* value = take(name);
    if (value == nullptr) return base::ok();
    if (!value->is_bool()) return expected(place(name), "true or false");
    into = value->as_bool();
    return base::ok();
  }
  Status text(std::string_view name, std::string& into) {
    const json::value* value = take(name);
    if (value == nullptr) return base::ok();
    if (!value->is_string() || value->as_string().size() > kTextBytesMax) {
      return expected(place(name), "a text of at most 256 bytes");
    }
    into = view(value->as_string());
    return base::ok();
  }
  Status mode(std::string_view name, GuardMode& into) {
    const json::value* value = take(name);
    if (value == nullptr) return base::ok();
    for (size_t i = 0; i < std::size(kModes); ++i) {
      if (value->is_string() && view(value->as_string()) == kModes[i]) {
        into = static_cast<GuardMode>(i);
        return base::ok();
      }
    }
    return expected(place(name), "off, observe, redact or block");
  }
  Status fail(std::string_view name, FailMode& into) {
    const json::value* value = take(name);
    if (value == nullptr) return base::ok();
    const std::string_view word = value->is_string() ? view(value->as_string()) : std::string_view();
    if (word != "open" && word != "closed") return expected(place(name), "open or closed");
    into = word == "open" ? FailMode::kOpen : FailMode::kClosed;
    return base::ok();
  }
  Status fraction(std::string_view name, double& into) {
    const json::value* value = take(name);
    if (value == nullptr) return base::ok();
    boost::system::error_code failure;
    const double number = value->to_number<double>(failure);
    if (failure || !(number >= 0 && number <= 1)) return expected(place(name), "a number from 0 to 1");
    into = number;
    return base::ok();
  }
  Status texts(std::string_view name, size_t count_max, std::vector<std::string>& into) {
    const json::value* value = take(name);
    if (value == nullptr) return base::ok();
    const std::string wanted = "a list of at most " + std::to_string(count_max) + " texts";
    if (!value->is_array() || value->as_array().size() > count_max) return expected(place(name), wanted);
    into.clear();
    for (const json::value& item : value->as_array()) {
      if (!item.is_string() || item.as_string().size() > kTextBytesMax) return expected(place(name), wanted);
      into.emplace_back(view(item.as_string()));
    }
    return base::ok();
  }
  const json::value* take(std::string_view name) {
    ++known_;
    const json::value* value = object_.if_contains(name);
    if (value != nullptr) ++taken_;
    names_ += (names_.empty() ? "" : ", ") + std::string(name);
    return value;
  }
  // After all fields were asked for: one is left over that nobody knows.
  Status done() const {
    if (taken_ == object_.size()) return base::ok();
    for (const auto& field : object_) {
      const std::string_view key = field.key();
      if ((", " + names_ + ",").find(", " + std::string(key) + ",") == std::string::npos) {
        return Error(ErrorCode::kInvalidArgument, "unknown field " + place(key) + "; known are " + names_);
      }
    }
    return base::ok();
  }
  std::string place(std::string_view name) const {
    return place_.empty() ? std::string(name) : place_ + "." + std::string(name);
  }

 private:
  const json::object& object_;
  const std::string place_;
  std::string names_;
  size_t known_ = 0;
  size_t taken_ = 0;
};

#define GE_TRY(step) \
  if (Status read = (step); !read) return read

Status read_route(const json::value& value, const std::string& place, bool named, RouteSettings& into) {
  if (!value.is_object()) return expected(place, "an object");
  Fields fields(value.as_object(), place);
  if (named) {
    GE_TRY(fields.text("name", into.name));
    GE_TRY(fields.text("service", into.service));
    GE_TRY(fields.text("model", into.model));
    GE_TRY(fields.text("provider", into.provider));
    GE_TRY(fields.text("key", into.key));
  }
  GE_TRY(fields.mode("injection", into.injection));
  GE_TRY(fields.mode("pii_prompt", into.pii_prompt));
  GE_TRY(fields.mode("pii_answer", into.pii_answer));
  GE_TRY(fields.mode("images", into.images));
  GE_TRY(fields.mode("leak", into.leak));
  GE_TRY(fields.mode("toxicity", into.toxicity));
  GE_TRY(fields.mode("products", into.products));
  GE_TRY(fields.fail("fail", into.fail));
  GE_TRY(fields.fraction("injection_refuse", into.injection_refuse));
  GE_TRY(fields.fraction("toxicity_refuse", into.toxicity_refuse));
  GE_TRY(fields.texts("canaries", kCanariesMax, into.canaries));
  return fields.done();
}

Status read_routes(const json::value& value, const RouteSettings& fallback, std::vector<RouteSettings>& into) {
  if (!value.is_array() || value.as_array().size() > kRoutesMax) {
    return expected("routes", "a list of at most " + std::to_string(kRoutesMax) + " objects");
  }
  for (const json::value& item : value.as_array()) {
    RouteSettings route = fallback;
    route.name.clear();
    const std::string place = "routes[" + std::to_string(into.size()) + "]";
    GE_TRY(read_route(item, place, true, route));
    if (route.name.empty()) return expected(place + ".name", "a name");
    into.push_back(std::move(route));
  }
  return base::ok();
}

Status read_models(const json::value& value, std::vector<ModelRoute>& into) {
  if (!value.is_array() || value.as_array().size() > kModelRoutesMax) {
    return expected("models", "a list of at most " + std::to_string(kModelRoutesMax) + " objects");
  }
  for (const json::value& item : value.as_array()) {
    const std::string place = "models[" + std::to_string(into.size()) + "]";
    if (!item.is_object()) return expected(place, "an object");
    Fields fields(item.as_object(), place);
    ModelRoute route;
    GE_TRY(fields.text("model", route.model));
    GE_TRY(fields.text("provider", route.provider));
    GE_TRY(fields.text("as", route.as));
    GE_TRY(fields.done());
    if (route.model.empty() || route.provider.empty()) return expected(place, "a model and a provider");
    into.push_back(std::move(route));
  }
  return base::ok();
}

Status read_settings(const json::value& value, GatewaySettings& into) {
  if (!value.is_object()) return expected("settings", "an object");
  Fields fields(value.as_object(), "");
  GE_TRY(fields.flag("shadow", into.shadow));
  GE_TRY(fields.flag("automatic_blocks", into.automatic_blocks));
  GE_TRY(fields.flag("count_stream_usage", into.count_stream_usage));
  if (const json::value* budget = fields.take("guard_budget_ms")) {
    boost::system::error_code failure;
    const auto ms = budget->to_number<int64_t>(failure);
    if (failure || ms < 1 || ms > kGuardBudgetMsMax) {
      return expected("guard_budget_ms", "a whole number from 1 to " + std::to_string(kGuardBudgetMsMax));
    }
    into.guard_budget = std::chrono::milliseconds(ms);
  }
  if (const json::value* route = fields.take("default")) GE_TRY(read_route(*route, "default", false, into.fallback));
  // A route says what differs from the default.
  if (const json::value* routes = fields.take("routes")) GE_TRY(read_routes(*routes, into.fallback, into.routes));
  if (const json::value* models = fields.take("models")) GE_TRY(read_models(*models, into.models));
  return fields.done();
}

#undef GE_TRY

json::object write_route(const RouteSettings& route, bool named) {
  json::object out;
  if (named) {
    out["name"] = route.name;
    if (!route.service.empty()) out["service"] = route.service;
    if (!route.model.empty()) out["model"] = route.model;
    if (!route.provider.empty()) out["provider"] = route.provider;
    if (!route.key.empty()) out["key"] = route.key;
  }
  out["injection"] = guard_mode_name(route.injection);
  out["pii_prompt"] = guard_mode_name(route.pii_prompt);
  out["pii_answer"] = guard_mode_name(route.pii_answer);
  out["images"] = guard_mode_name(route.images);
  out["leak"] = guard_mode_name(route.leak);
  out["toxicity"] = guard_mode_name(route.toxicity);
  out["products"] = guard_mode_name(route.products);
  out["fail"] = route.fail == FailMode::kOpen ? "open" : "closed";
  out["injection_refuse"] = route.injection_refuse;
  out["toxicity_refuse"] = route.toxicity_refuse;
  json::array canaries;
  for (const std::string& canary : route.canaries) canaries.emplace_back(canary);
  out["canaries"] = std::move(canaries);
  return out;
}

}  // namespace

std::string_view guard_mode_name(GuardMode mode) { return kModes[static_cast<size_t>(mode)]; }

bool pattern_matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty() || pattern == "*") return true;
  const bool open_front = pattern.front() == '*';
  const bool open_back = pattern.back() == '*';
  if (open_front) pattern.remove_prefix(1);
  if (open_back) pattern.remove_suffix(1);
  if (open_front && open_back) return text.find(pattern) != std::string_view::npos;
  if (open_front) return text.ends_with(pattern);
  if (open_back) return text.starts_with(pattern);
  return text == pattern;
}

const RouteSettings& route_for(const GatewaySettings& settings, std::string_view service, std::string_view model,
                               std::string_view provider, std::string_view key) {
  for (const RouteSettings& route : settings.routes) {
    if (pattern_matches(route.service, service) && pattern_matches(route.model, model) &&
        pattern_matches(route.provider, provider) && pattern_matches(route.key, key)) {
      return route;
    }
  }
  return settings.fallback;
}

base::Result<GatewaySettings> parse_settings(std::string_view text) {
  boost::system::error_code failure;
  json::monotonic_resource memory;
  const json::value value = json::parse(text, failure, &memory);
  if (failure) return Error(ErrorCode::kInvalidArgument, "settings are not JSON: " + failure.message());
  GatewaySettings settings;
  if (Status read = read_settings(value, settings); !read) return std::move(read).error();
  return settings;
}

std::string settings_json(const GatewaySettings& settings) {
  json::object out;
  out["shadow"] = settings.shadow;
  out["automatic_blocks"] = settings.automatic_blocks;
  out["count_stream_usage"] = settings.count_stream_usage;
  out["guard_budget_ms"] = settings.guard_budget.count();
  out["default"] = write_route(settings.fallback, false);
  json::array routes;
  for (const RouteSettings& route : settings.routes) routes.push_back(write_route(route, true));
  out["routes"] = std::move(routes);
  json::array models;
  for (const ModelRoute& route : settings.models) {
    json::object model{{"model", route.model}, {"provider", route.provider}};
    if (!route.as.empty()) model["as"] = route.as;
    models.push_back(std::move(model));
  }
  out["models"] = std::move(models);
  return json::serialize(out);
}

}  // namespace godseye::gateway
