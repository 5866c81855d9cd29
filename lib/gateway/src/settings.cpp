#include <godseye/gateway/settings.h>

#include <boost/json.hpp>

namespace godseye::gateway {

namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorCode;
using base::Status;

constexpr size_t kTextBytesMax = 256;
constexpr int64_t kGuardMsMax = 10'000;
constexpr int64_t kSecondsMax = 10 * 365 * 86'400LL;

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
  // Guards without anything to take out know no redact.
  Status plain_mode(std::string_view name, GuardMode& into) {
    GuardMode read = into;
    if (Status status = mode(name, read); !status) return status;
    if (read == GuardMode::kRedact) return expected(place(name), "off, observe or block");
    into = read;
    return base::ok();
  }
  Status fail(std::string_view name, bool& closed) {
    const json::value* value = take(name);
    if (value == nullptr) return base::ok();
    const std::string_view word = value->is_string() ? view(value->as_string()) : std::string_view();
    if (word != "open" && word != "closed") return expected(place(name), "open or closed");
    closed = word == "closed";
    return base::ok();
  }
  template <typename Number>
  Status whole(std::string_view name, int64_t least, int64_t most, Number& into) {
    const json::value* value = take(name);
    if (value == nullptr) return base::ok();
    boost::system::error_code failure;
    const auto number = value->to_number<int64_t>(failure);
    if (failure || number < least || number > most) {
      return expected(place(name), "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    into = Number(number);
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

Status read_guards(Fields& fields, RouteSettings& into) {
  GE_TRY(fields.plain_mode("injection", into.injection));
  if (const GuardMode before = into.pii_prompt; true) {
    GuardMode both = before;
    GE_TRY(fields.mode("pii", both));
    if (both != before) into.pii_prompt = into.pii_answer = both;
  }
  GE_TRY(fields.mode("pii_prompt", into.pii_prompt));
  GE_TRY(fields.mode("pii_answer", into.pii_answer));
  GE_TRY(fields.plain_mode("images", into.images));
  if (const GuardMode before = into.leak; true) {
    GuardMode all = before;
    GE_TRY(fields.plain_mode("answers", all));
    if (all != before) into.leak = into.toxicity = into.products = all;
  }
  GE_TRY(fields.plain_mode("leak", into.leak));
  GE_TRY(fields.plain_mode("toxicity", into.toxicity));
  GE_TRY(fields.plain_mode("products", into.products));
  return base::ok();
}

Status read_route(const json::value& value, const std::string& place, bool named, RouteSettings& into) {
  if (!value.is_object()) return expected(place, "an object");
  Fields fields(value.as_object(), place);
  if (named) {
    GE_TRY(fields.text("name", into.name));
    GE_TRY(fields.text("path", into.path));
    GE_TRY(fields.text("service", into.service));
    GE_TRY(fields.text("model", into.model));
    GE_TRY(fields.text("provider", into.provider));
    GE_TRY(fields.text("key", into.key));
  }
  GE_TRY(read_guards(fields, into));
  GE_TRY(fields.fail("fail", into.fail_closed));
  GE_TRY(fields.whole("guard_ms_max", 1, kGuardMsMax, into.guard_ms_max));
  GE_TRY(fields.whole("image_ms_max", 1, kGuardMsMax, into.image_ms_max));
  GE_TRY(fields.flag("shadow", into.shadow));
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

Status read_thresholds(const json::value& value, GatewaySettings& into) {
  if (!value.is_object()) return expected("thresholds", "an object");
  Fields fields(value.as_object(), "thresholds");
  GE_TRY(fields.fraction("suspicious", into.suspicious_score));
  GE_TRY(fields.fraction("refuse", into.refuse_score));
  return fields.done();
}

Status read_auto_block(const json::value& value, AutoBlockConfig& into) {
  if (!value.is_object()) return expected("auto_block", "an object");
  Fields fields(value.as_object(), "auto_block");
  GE_TRY(fields.whole("refused_count", 1, kAutoBlockCountMax, into.refused_count));
  GE_TRY(fields.whole("refused_window_s", 1, kSecondsMax, into.refused_window));
  GE_TRY(fields.whole("suspicious_max", 1, kAutoBlockCountMax - 1, into.suspicious_max));
  GE_TRY(fields.whole("suspicious_window_s", 1, kSecondsMax, into.suspicious_window));
  GE_TRY(fields.whole("hostile_uploads_max", 1, kAutoBlockCountMax - 1, into.hostile_uploads_max));
  GE_TRY(fields.whole("hostile_uploads_window_s", 1, kSecondsMax, into.hostile_uploads_window));
  GE_TRY(fields.whole("duration_s", 1, kSecondsMax, into.duration));
  GE_TRY(fields.whole("duration_max_s", 1, kSecondsMax, into.duration_max));
  GE_TRY(fields.whole("remember_s", 0, kSecondsMax, into.remember));
  return fields.done();
}

Status read_settings(const json::value& value, GatewaySettings& into) {
  if (!value.is_object()) return expected("settings", "an object");
  Fields fields(value.as_object(), "");
  GE_TRY(fields.flag("automatic_blocking", into.auto_block.enabled));
  GE_TRY(fields.flag("shadow", into.shadow));
  GE_TRY(fields.flag("require_virtual_key", into.require_virtual_key));
  if (const json::value* thresholds = fields.take("thresholds")) GE_TRY(read_thresholds(*thresholds, into));
  if (const json::value* rules = fields.take("auto_block")) GE_TRY(read_auto_block(*rules, into.auto_block));
  if (const json::value* route = fields.take("default")) GE_TRY(read_route(*route, "default", false, into.fallback));
  if (const json::value* routes = fields.take("routes")) GE_TRY(read_routes(*routes, into.fallback, into.routes));
  if (const json::value* models = fields.take("models")) GE_TRY(read_models(*models, into.models));
  GE_TRY(fields.flag("count_stream_usage", into.count_stream_usage));
  GE_TRY(fields.whole("exempt_s", 0, kSecondsMax, into.exempt));
  GE_TRY(fields.whole("audit_days", 1, 3650, into.audit_days));
  into.auto_block.shadow = into.shadow;
  return fields.done();
}

#undef GE_TRY

json::object write_route(const RouteSettings& route, bool named) {
  json::object out;
  if (named) {
    out["name"] = route.name;
    if (!route.path.empty()) out["path"] = route.path;
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
  out["fail"] = route.fail_closed ? "closed" : "open";
  out["guard_ms_max"] = route.guard_ms_max;
  out["image_ms_max"] = route.image_ms_max;
  out["shadow"] = route.shadow;
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

const RouteSettings& route_for(const GatewaySettings& settings, const RouteKey& call) {
  for (const RouteSettings& route : settings.routes) {
    if (pattern_matches(route.path, call.path) && pattern_matches(route.service, call.service) &&
        pattern_matches(route.model, call.model) && pattern_matches(route.provider, call.provider) &&
        pattern_matches(route.key, call.key)) {
      return route;
    }
  }
  return settings.fallback;
}

base::Result<GatewaySettings> parse_settings(std::string_view text) {
  if (text.size() > kSettingsBytesMax) return Error(ErrorCode::kTooLarge, "settings are larger than 256 KiB");
  boost::system::error_code failure;
  json::monotonic_resource memory;
  const json::value value = json::parse(text, failure, &memory);
  if (failure) return Error(ErrorCode::kInvalidArgument, "settings are not JSON: " + failure.message());
  GatewaySettings settings;
  if (Status read = read_settings(value, settings); !read) return std::move(read).error();
  return settings;
}

std::string settings_json(const GatewaySettings& settings) {
  const AutoBlockConfig& rules = settings.auto_block;
  json::object out;
  out["automatic_blocking"] = rules.enabled;
  out["shadow"] = settings.shadow;
  out["require_virtual_key"] = settings.require_virtual_key;
  out["thresholds"] = json::object{{"suspicious", settings.suspicious_score}, {"refuse", settings.refuse_score}};
  out["auto_block"] = json::object{{"refused_count", rules.refused_count},
                                   {"refused_window_s", rules.refused_window.count()},
                                   {"suspicious_max", rules.suspicious_max},
                                   {"suspicious_window_s", rules.suspicious_window.count()},
                                   {"hostile_uploads_max", rules.hostile_uploads_max},
                                   {"hostile_uploads_window_s", rules.hostile_uploads_window.count()},
                                   {"duration_s", rules.duration.count()},
                                   {"duration_max_s", rules.duration_max.count()},
                                   {"remember_s", rules.remember.count()}};
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
  out["count_stream_usage"] = settings.count_stream_usage;
  out["exempt_s"] = settings.exempt.count();
  out["audit_days"] = settings.audit_days;
  return json::serialize(out);
}

}  // namespace godseye::gateway
