#include "change_audit.h"
#include "notification_json.h"
#include "route_help.h"

#include <godseye/api/notification_routes.h>
#include <godseye/notify/channel.h>
#include <godseye/registry/deliveries.h>

namespace godseye::api {

namespace {

using base::Error;
using base::ErrorCode;
using base::Status;
using net::HttpResponse;
using registry::ChannelRow;
using registry::DeliveryRow;
using registry::ReadSession;
using registry::WriteSession;

constexpr size_t kLogDefault = 50;
constexpr size_t kLogMax = 500;

Error missing(std::string_view what, std::string_view id) {
  return {ErrorCode::kNotFound, "no " + std::string(what) + " has the id " + std::string(id.substr(0, 40))};
}

class NotificationRoutes {
 public:
  explicit NotificationRoutes(NotificationParts parts) : parts_(std::move(parts)) {}

  HttpResponse list(const Request&) const {
    auto rows = registry().fetch<std::vector<ChannelRow>>(registry::list_channels);
    if (!rows) return error_response(rows.error());
    std::vector<notify::ChannelHealth> healths;
    for (const ChannelRow& row : *rows) healths.push_back(health_of(row));
    return net::json_response(200, channels_json(*rows, healths));
  }

  HttpResponse get(const Request& request) const {
    auto row = find(request);
    if (!row) return error_response(row.error());
    return net::json_response(200, channel_json(*row, health_of(*row)));
  }

  HttpResponse create(const Request& request) const {
    base::Result<notify::ChannelChange> change = notify::parse_channel(request.body(), nullptr);
    if (!change) return error_response(change.error());
    change->row.created_s = change->row.modified_s = now_s(parts_.management);
    auto row = registry().change<ChannelRow>([&](WriteSession& session) -> base::Result<ChannelRow> {
      if (Status added = registry::add_channel(session, change->row); !added) return added.error();
      return store(session, request, *change, "notification_channel.create", "");
    });
    if (!row) return error_response(row.error());
    changed(parts_.management, "notifications");
    return net::json_response(201, channel_json(*row, {}));
  }

  HttpResponse update(const Request& request) const {
    const std::optional<int64_t> id = whole_number(request.param("id"));
    if (!id) return error_response(missing("notification channel", request.param("id")));
    auto row = registry().change<ChannelRow>([&](WriteSession& session) -> base::Result<ChannelRow> {
      auto old = registry::find_channel(session, *id);
      if (!old) return std::move(old).error();
      if (!*old) return missing("notification channel", request.param("id"));
      base::Result<notify::ChannelChange> change = notify::parse_channel(request.body(), &**old);
      if (!change) return std::move(change).error();
      change->row.modified_s = now_s(parts_.management);
      if (Status updated = registry::update_channel(session, change->row); !updated) return updated.error();
      return store(session, request, *change, "notification_channel.update", channel_json(**old, {}));
    });
    if (!row) return error_response(row.error());
    changed(parts_.management, "notifications");
    wake();
    return net::json_response(200, channel_json(*row, health_of(*row)));
  }

  HttpResponse remove(const Request& request) const {
    const std::optional<int64_t> id = whole_number(request.param("id"));
    if (!id) return error_response(missing("notification channel", request.param("id")));
    Status removed = registry().write([&](WriteSession& session) -> Status {
      auto old = registry::find_channel(session, *id);
      if (!old) return std::move(old).error();
      if (!*old) return missing("notification channel", request.param("id"));
      if (Status gone = registry::delete_channel(session, *id); !gone) return gone;
      return audit_change(session, parts_.management, request, "notification_channel.delete", target(**old),
                          channel_json(**old, {}), "");
    });
    if (!removed) return error_response(removed.error());
    changed(parts_.management, "notifications");
    wake();
    return HttpResponse{.status = 204};
  }

  HttpResponse test(const Request& request) const {
    const std::optional<int64_t> id = whole_number(request.param("id"));
    if (!id) return error_response(missing("notification channel", request.param("id")));
    notify::Notifier* notifier = parts_.notifier();
    if (notifier == nullptr) return error_response(503, "starting");
    base::Result<notify::TestResult> result = notifier->test(*id);
    if (!result) return error_response(result.error());
    return net::json_response(200, test_json(*result));
  }

  HttpResponse deliveries(const Request& request) const {
    registry::DeliveryFilter filter{.kind = std::string(request.query("kind")),
                                    .channel = std::string(request.query("channel")),
                                    .incident_id = std::string(request.query("incident_id")),
                                    .count_max = number_parameter(request, "limit", kLogDefault, kLogMax)};
    filter.before_id = whole_number(request.query("before")).value_or(0);
    const std::string_view state = request.query("state");
    for (const auto one :
         {registry::DeliveryState::kPending, registry::DeliveryState::kDelivered, registry::DeliveryState::kFailed}) {
      if (state == delivery_state_name(one)) filter.state = static_cast<int>(one);
    }
    if (!state.empty() && filter.state < 0) {
      return error_response(400, "state: expected pending, delivered or failed");
    }
    auto rows = registry().fetch<std::vector<DeliveryRow>>(
        [&](ReadSession& session) { return registry::list_deliveries(session, filter); });
    if (!rows) return error_response(rows.error());
    const bool more = filter.count_max > 0 && rows->size() == filter.count_max;
    return net::json_response(200, deliveries_json(*rows, more ? rows->back().id : 0));
  }

  HttpResponse delivery(const Request& request) const {
    const std::optional<int64_t> id = whole_number(request.param("id"));
    if (!id) return error_response(missing("delivery", request.param("id")));
    std::optional<DeliveryRow> row;
    std::vector<registry::AttemptRow> attempts;
    Status read = registry().read([&](ReadSession& session) -> Status {
      auto found = registry::find_delivery(session, *id);
      if (!found) return std::move(found).error();
      row = *std::move(found);
      auto log = registry::list_attempts(session, *id);
      if (!log) return std::move(log).error();
      attempts = *std::move(log);
      return base::ok();
    });
    if (!read) return error_response(read.error());
    if (!row) return error_response(missing("delivery", request.param("id")));
    return net::json_response(200, delivery_json(*row, attempts));
  }

  HttpResponse resend(const Request& request) const {
    const std::optional<int64_t> id = whole_number(request.param("id"));
    if (!id) return error_response(missing("delivery", request.param("id")));
    const int64_t now_ms = base::unix_millis(parts_.management.clock.wall());
    Status owed = registry().write([&](WriteSession& session) -> Status {
      if (Status again = registry::resend_delivery(session, *id, now_ms); !again) return again;
      return audit_change(session, parts_.management, request, "delivery.resend", "delivery:" + std::to_string(*id), "",
                          "");
    });
    if (!owed) return error_response(owed.error());
    wake();
    return net::json_response(202, "{\"id\":" + std::to_string(*id) + "}");
  }

 private:
  registry::Registry& registry() const { return parts_.management.registry; }
  static std::string target(const ChannelRow& row) { return "notification_channel:" + std::to_string(row.id); }

  notify::ChannelHealth health_of(const ChannelRow& row) const {
    const notify::Notifier* notifier = parts_.notifier();
    return notifier == nullptr ? notify::ChannelHealth() : notifier->health(row.kind, row.name);
  }
  void wake() const {
    if (notify::Notifier* notifier = parts_.notifier(); notifier != nullptr) notifier->wake();
  }

  base::Result<ChannelRow> find(const Request& request) const {
    const std::optional<int64_t> id = whole_number(request.param("id"));
    if (!id) return missing("notification channel", request.param("id"));
    auto row = registry().fetch<std::optional<ChannelRow>>(
        [&](ReadSession& session) { return registry::find_channel(session, *id); });
    if (!row) return std::move(row).error();
    if (!*row) return missing("notification channel", request.param("id"));
    return **std::move(row);
  }

  // Secrets and the audit entry, in the transaction of the change. Gives the row as it is now.
  base::Result<ChannelRow> store(WriteSession& session, const Request& request, const notify::ChannelChange& change,
                                 std::string action, std::string before) const {
    notify::Secrets secrets;
    const int64_t id = change.row.id;
    if (parts_.vault) {
      base::Result<std::string> opened = registry::channel_secrets(session, *parts_.vault, id);
      // Secrets under a lost key are replaced, not mourned: what is not named anew is asked for below.
      if (opened) secrets = notify::decode_secrets(*opened);
    }
    for (const auto& [name, value] : change.secrets) {
      if (value) secrets[name] = *value;
      if (!value) secrets.erase(name);
    }
    if (Status enough = notify::check_secrets(change.row, secrets); !enough) return std::move(enough).error();
    if (!parts_.vault && !secrets.empty()) {
      return Error(ErrorCode::kUnimplemented, "secrets cannot be stored: the server has no key for them");
    }
    if (parts_.vault && !change.secrets.empty()) {
      Status sealed = registry::set_channel_secrets(session, *parts_.vault, id, notify::secret_names(secrets),
                                                    notify::encode_secrets(secrets));
      if (!sealed) return std::move(sealed).error();
    }
    auto row = registry::find_channel(session, id);
    if (!row) return std::move(row).error();
    Status audited = audit_change(session, parts_.management, request, std::move(action), target(**row),
                                  std::move(before), channel_json(**row, {}));
    if (!audited) return std::move(audited).error();
    return **std::move(row);
  }

  const NotificationParts parts_;
};

}  // namespace

void add_notification_routes(Router& router, const NotificationParts& parts) {
  const auto routes = std::make_shared<const NotificationRoutes>(parts);
  const auto add = [&](std::string_view method, const std::string& path, auto member) {
    router.add(RouteClass::kManagement, method, "/api/godseye/v1/notifications" + path,
               [routes, member](const Request& r) { return ((*routes).*member)(r); });
  };
  add("GET", "/channels", &NotificationRoutes::list);
  add("POST", "/channels", &NotificationRoutes::create);
  add("GET", "/channels/{id}", &NotificationRoutes::get);
  add("PATCH", "/channels/{id}", &NotificationRoutes::update);
  add("DELETE", "/channels/{id}", &NotificationRoutes::remove);
  add("POST", "/channels/{id}/test", &NotificationRoutes::test);
  add("GET", "/deliveries", &NotificationRoutes::deliveries);
  add("GET", "/deliveries/{id}", &NotificationRoutes::delivery);
  add("POST", "/deliveries/{id}/resend", &NotificationRoutes::resend);
}

}  // namespace godseye::api
