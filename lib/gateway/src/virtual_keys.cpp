#include "json_fields.h"

#include <algorithm>
#include <unordered_map>

#include <godseye/gateway/virtual_keys.h>

#include <sodium.h>

namespace godseye::gateway {

using base::Error;
using base::ErrorCode;
namespace json = boost::json;

namespace {

constexpr std::string_view kPrefix = "gsk-";
constexpr size_t kIdDigits = 12;
constexpr size_t kTextBytes = 4 + kIdDigits + 1 + 40;

bool is_hex(std::string_view text) { return text.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

std::string hex_of(const unsigned char* bytes, size_t size) {
  std::string text(2 * size + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes, size);
  text.pop_back();
  return text;
}

bool fits(const std::vector<std::string>& allowed, std::string_view name) {
  if (allowed.empty()) return true;
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& pattern) {
    if (pattern.ends_with('*')) return name.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
    return name == pattern;
  });
}

json::array array_of(const std::vector<std::string>& items) {
  json::array array;
  for (const std::string& item : items) array.emplace_back(item);
  return array;
}

}  // namespace

bool VirtualKey::allows_provider(std::string_view provider) const { return fits(providers, provider); }
bool VirtualKey::allows_model(std::string_view model) const { return fits(models, model); }

std::string virtual_key_id(std::string_view text) {
  if (text.size() != kTextBytes || !text.starts_with(kPrefix) || text[4 + kIdDigits] != '-') return {};
  if (!is_hex(text.substr(4, kIdDigits)) || !is_hex(text.substr(5 + kIdDigits))) return {};
  return "vk_" + std::string(text.substr(4, kIdDigits));
}

std::string virtual_key_hash(std::string_view text) {
  unsigned char hash[crypto_generichash_BYTES];
  crypto_generichash(hash, sizeof hash, reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr, 0);
  return hex_of(hash, sizeof hash);
}

std::string key_digest(std::string_view text) {
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hash, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return hex_of(hash, sizeof hash);
}

struct VirtualKeyTable::Keys {
  std::unordered_map<std::string, std::shared_ptr<const VirtualKey>> by_id;
};

VirtualKeyTable::VirtualKeyTable(base::Clock clock) : clock_(std::move(clock)), keys_(std::make_shared<const Keys>()) {}
VirtualKeyTable::~VirtualKeyTable() = default;

base::Result<std::shared_ptr<const VirtualKey>> VirtualKeyTable::check(std::string_view text) const {
  const std::string id = virtual_key_id(text);
  if (id.empty()) return Error(ErrorCode::kUnauthenticated, "this is no virtual key (gsk-…)");
  std::shared_ptr<const Keys> keys;
  {
    base::MutexLock lock(mutex_);
    keys = keys_;
  }
  const auto found = keys->by_id.find(id);
  const std::string hash = virtual_key_hash(text);
  if (found == keys->by_id.end() || found->second->hash.size() != hash.size() ||
      sodium_memcmp(found->second->hash.data(), hash.data(), hash.size()) != 0) {
    return Error(ErrorCode::kUnauthenticated, "unknown virtual key");
  }
  const VirtualKey& key = *found->second;
  if (key.disabled) return Error(ErrorCode::kUnauthenticated, "virtual key " + key.id + " is disabled");
  if (key.expires_s != 0 && key.expires_s <= base::unix_seconds(clock_.wall())) {
    return Error(ErrorCode::kUnauthenticated, "virtual key " + key.id + " has expired");
  }
  return found->second;
}

void VirtualKeyTable::replace(std::vector<VirtualKey> keys) {
  auto fresh = std::make_shared<Keys>();
  for (VirtualKey& key : keys) {
    std::string id = key.id;
    fresh->by_id.emplace(std::move(id), std::make_shared<const VirtualKey>(std::move(key)));
  }
  base::MutexLock lock(mutex_);
  keys_ = std::move(fresh);
}

size_t VirtualKeyTable::size() const {
  base::MutexLock lock(mutex_);
  return keys_->by_id.size();
}

std::string virtual_keys_json(const std::vector<VirtualKey>& keys) {
  json::array array;
  for (const VirtualKey& key : keys) {
    array.push_back(json::object{{"id", key.id},
                                 {"hash", key.hash},
                                 {"name", key.name},
                                 {"user", key.user},
                                 {"providers", array_of(key.providers)},
                                 {"models", array_of(key.models)},
                                 {"expires", key.expires_s},
                                 {"disabled", key.disabled}});
  }
  return json::serialize(array);
}

base::Result<std::vector<VirtualKey>> parse_virtual_keys(std::string_view text) {
  base::Result<json::array> array = parse_array(text, "virtual keys");
  if (!array) return std::move(array).error();
  if (array->size() > kVirtualKeysMax) return Error(ErrorCode::kTooLarge, "virtual keys: too many");
  std::vector<VirtualKey> keys;
  for (const json::value& value : *array) {
    if (!value.is_object()) return Error(ErrorCode::kInvalidArgument, "virtual keys: expected objects");
    Fields fields(value.as_object(), "virtual key");
    VirtualKey key;
    key.id = fields.text("id", "", 64);
    key.hash = fields.text("hash", "", 64);
    key.name = fields.text("name", "", 1000);
    key.user = fields.text("user", "", 1000);
    key.providers = fields.texts("providers", 1000, 1000);
    key.models = fields.texts("models", 1000, 1000);
    key.expires_s = fields.whole("expires", 0, 0, INT64_MAX);
    key.disabled = fields.flag("disabled", false);
    if (base::Status wrong = fields.finish(true); !wrong) return wrong.error();
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace godseye::gateway
