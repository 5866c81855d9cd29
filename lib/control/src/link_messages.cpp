#include "link_messages.h"

#include <boost/json.hpp>

namespace godseye::control {

using base::Error;
using base::ErrorCode;
namespace json = boost::json;

namespace {

base::Result<json::object> object_of(std::string_view text, std::string_view what) {
  boost::system::error_code failed;
  json::value value = json::parse(text, failed);
  if (failed || !value.is_object()) {
    return Error(ErrorCode::kCorrupt, std::string(what) + ": expected a JSON object" +
                                          (failed ? " (" + failed.message() + ")" : std::string()));
  }
  return std::move(value.as_object());
}

uint64_t number_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  boost::system::error_code failed;
  const uint64_t number = value != nullptr && value->is_number() ? value->to_number<uint64_t>(failed) : 0;
  return failed ? 0 : number;
}

base::Result<std::vector<gateway::Block>> blocks_of(const json::object& object) {
  const json::value* blocks = object.if_contains("blocks");
  if (blocks == nullptr) return std::vector<gateway::Block>();
  return gateway::parse_blocks(json::serialize(*blocks));
}

}  // namespace

base::Result<WatchMessage> parse_watch(std::string_view text) {
  base::Result<json::object> object = object_of(text, "event of blocks");
  if (!object) return std::move(object).error();
  WatchMessage message{.version = number_of(*object, "version")};
  if (message.version == 0 && !object->contains("version")) {
    return Error(ErrorCode::kCorrupt, "event of blocks: it has no version");
  }
  const json::value* settings = object->if_contains("settings");
  message.settings = settings != nullptr && settings->is_bool() && settings->as_bool();
  base::Result<std::vector<gateway::Block>> blocks = blocks_of(*object);
  if (!blocks) return std::move(blocks).error();
  message.blocks = *std::move(blocks);
  return message;
}

base::Result<SyncMessage> parse_sync(std::string_view text) {
  base::Result<json::object> object = object_of(text, "settings of the server");
  if (!object) return std::move(object).error();
  SyncMessage message{.version = number_of(*object, "version")};
  const json::value* settings = object->if_contains("settings");
  if (settings == nullptr) return Error(ErrorCode::kCorrupt, "settings of the server: they are missing");
  base::Result<gateway::GatewaySettings> parsed = gateway::parse_settings(json::serialize(*settings));
  if (!parsed) return std::move(parsed).error().within("settings of the server");
  message.settings = *std::move(parsed);
  message.settings.version = number_of(*object, "settings_version");
  if (const json::value* keys = object->if_contains("virtual_keys")) {
    base::Result<std::vector<gateway::VirtualKey>> read = gateway::parse_virtual_keys(json::serialize(*keys));
    if (!read) return std::move(read).error();
    message.virtual_keys = *std::move(read);
  }
  const json::value* exemptions = object->if_contains("exemptions");
  if (exemptions == nullptr || !exemptions->is_array()) return message;
  for (const json::value& item : exemptions->as_array()) {
    if (!item.is_object()) continue;
    const json::value* session = item.as_object().if_contains("session");
    if (session == nullptr || !session->is_string()) continue;
    message.exemptions.push_back({.session = std::string(session->as_string()),
                                  .until_s = static_cast<int64_t>(number_of(item.as_object(), "until"))});
  }
  return message;
}

namespace {

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

// Calls take(item) for the objects of the list `name`.
template <typename Take>
base::Status each_of(std::string_view text, std::string_view name, Take take) {
  base::Result<json::object> object = object_of(text, name);
  if (!object) return std::move(object).error();
  const json::value* list = object->if_contains(name);
  if (list == nullptr || !list->is_array()) {
    return Error(ErrorCode::kCorrupt, std::string(name) + ": the list is missing");
  }
  for (const json::value& item : list->as_array()) {
    if (item.is_object()) take(item.as_object());
  }
  return base::ok();
}

}  // namespace

base::Result<std::vector<SealedKey>> parse_sealed_keys(std::string_view text) {
  std::vector<SealedKey> keys;
  base::Status read = each_of(text, "keys", [&](const json::object& item) {
    SealedKey key{.provider = text_of(item, "provider"),
                  .name = text_of(item, "name"),
                  .expires_s = static_cast<int64_t>(number_of(item, "expires")),
                  .sealed = text_of(item, "sealed")};
    if (!key.provider.empty()) keys.push_back(std::move(key));
  });
  if (!read) return std::move(read).error();
  return keys;
}

base::Result<std::vector<CatalogueVersion>> parse_catalogues(std::string_view text) {
  std::vector<CatalogueVersion> catalogues;
  base::Status read = each_of(text, "catalogues", [&](const json::object& item) {
    CatalogueVersion one{
        .name = text_of(item, "name"), .version = number_of(item, "version"), .updated = text_of(item, "updated")};
    if (!one.name.empty()) catalogues.push_back(std::move(one));
  });
  if (!read) return std::move(read).error();
  return catalogues;
}

uint64_t parse_version(std::string_view text) {
  base::Result<json::object> object = object_of(text, "answer");
  return object ? number_of(*object, "version") : 0;
}

std::string saved_policy_json(const SavedPolicy& policy, int64_t now_s) {
  std::string out = "{\"version\":" + std::to_string(policy.version) + ",\"blocks\":[";
  for (const gateway::Block& block : policy.blocks) {
    if (out.back() != '[') out += ',';
    out += gateway::block_json(block, now_s);
  }
  return out + "],\"sync\":" + (policy.sync.empty() ? "null" : policy.sync) + "}\n";
}

base::Result<SavedPolicy> parse_saved_policy(std::string_view text) {
  base::Result<json::object> object = object_of(text, "saved policy");
  if (!object) return std::move(object).error();
  SavedPolicy policy{.version = number_of(*object, "version")};
  base::Result<std::vector<gateway::Block>> blocks = blocks_of(*object);
  if (!blocks) return std::move(blocks).error();
  policy.blocks = *std::move(blocks);
  const json::value* sync = object->if_contains("sync");
  if (sync != nullptr && sync->is_object()) policy.sync = json::serialize(*sync);
  return policy;
}

}  // namespace godseye::control
