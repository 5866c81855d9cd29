#include "cart_store.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <tuple>

#include <vcommerce/orders/checks.h>

namespace vcommerce::cart {

using base::Error;
using base::ErrorCode;

namespace {

constexpr char kActive[] = "carts:active";
constexpr char kTooMany[] = "GE_TOO_MANY";
constexpr char kTooMuch[] = "GE_TOO_MUCH";

// In every script: KEYS are carts:active and one or two carts; ARGV[1] now in ms, [2] ttl in s, [3] items_max,
// [4] quantity_max. A field's value begins with its quantity, which tonumber(match) reads.
constexpr char kAdd[] = R"(
local old = redis.call('HGET', KEYS[2], ARGV[5])
local quantity = tonumber(ARGV[6])
if old then quantity = quantity + tonumber(string.match(old, '^%d+')) end
if quantity > tonumber(ARGV[4]) then return redis.error_reply('GE_TOO_MUCH') end
if not old and redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[3]) then return redis.error_reply('GE_TOO_MANY') end
redis.call('HSET', KEYS[2], ARGV[5], string.format('%d', quantity) .. ARGV[7])
redis.call('EXPIRE', KEYS[2], ARGV[2])
redis.call('ZADD', KEYS[1], ARGV[1], KEYS[2])
return redis.call('HGETALL', KEYS[2]))";

constexpr char kRemove[] = R"(
local old = redis.call('HGET', KEYS[2], ARGV[5])
if old then
  local left = 0
  if ARGV[6] ~= '0' then left = tonumber(string.match(old, '^%d+')) - tonumber(ARGV[6]) end
  if left > 0 then
    redis.call('HSET', KEYS[2], ARGV[5], (string.gsub(old, '^%d+', string.format('%d', left))))
  else
    redis.call('HDEL', KEYS[2], ARGV[5])
  end
  if redis.call('EXISTS', KEYS[2]) == 1 then
    redis.call('EXPIRE', KEYS[2], ARGV[2])
    redis.call('ZADD', KEYS[1], ARGV[1], KEYS[2])
  else
    redis.call('ZREM', KEYS[1], KEYS[2])
  end
end
return redis.call('HGETALL', KEYS[2]))";

// KEYS[3]: the order that emptied it last; ARGV[5]: the order, empty for none.
constexpr char kEmpty[] = R"(
if ARGV[5] ~= '' then
  if redis.call('GET', KEYS[3]) == ARGV[5] then return 0 end
  redis.call('SET', KEYS[3], ARGV[5], 'EX', 86400)
end
redis.call('ZREM', KEYS[1], KEYS[2])
return redis.call('DEL', KEYS[2]))";

constexpr char kMerge[] = R"(
local from = redis.call('HGETALL', KEYS[2])
local fields = redis.call('HLEN', KEYS[3])
for i = 1, #from, 2 do
  if redis.call('HEXISTS', KEYS[3], from[i]) == 0 then fields = fields + 1 end
end
if fields > tonumber(ARGV[3]) then return redis.error_reply('GE_TOO_MANY') end
for i = 1, #from, 2 do
  local quantity = tonumber(string.match(from[i + 1], '^%d+'))
  local old = redis.call('HGET', KEYS[3], from[i])
  if old then quantity = quantity + tonumber(string.match(old, '^%d+')) end
  quantity = math.min(quantity, tonumber(ARGV[4]))
  redis.call('HSET', KEYS[3], from[i], (string.gsub(from[i + 1], '^%d+', string.format('%d', quantity))))
end
redis.call('DEL', KEYS[2])
redis.call('ZREM', KEYS[1], KEYS[2])
if #from > 0 then
  redis.call('EXPIRE', KEYS[3], ARGV[2])
  redis.call('ZADD', KEYS[1], ARGV[1], KEYS[3])
end
return redis.call('HGETALL', KEYS[3]))";

// ARGV[5]: unchanged since before this; [6]: at most so many. A cart that expired meanwhile was abandoned as well.
constexpr char kAbandoned[] = R"(
local carts = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[5], 'LIMIT', 0, ARGV[6])
for _, cart in ipairs(carts) do redis.call('ZREM', KEYS[1], cart) end
return #carts)";

std::string key_of(const std::string& cart) { return "cart:{" + cart + "}"; }

std::string field_of(const Item& item) { return item.product_id + "|" + item.variant; }

std::string price_of(const Item& item) {
  return "|" + std::to_string(item.price.units) + "|" + std::to_string(item.price.nanos) + "|" + item.price.currency;
}

template <typename Number>
bool take_number(std::string_view& rest, Number& number) {
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (error != std::errc() || end == rest.data() + rest.size() || *end != '|') return false;
  rest.remove_prefix(static_cast<size_t>(end - rest.data()) + 1);
  return true;
}

base::Result<Item> parse_item(std::string_view field, std::string_view value) {
  const size_t bar = field.find('|');
  Item item;
  if (bar == std::string_view::npos || !take_number(value, item.quantity) || !take_number(value, item.price.units) ||
      !take_number(value, item.price.nanos)) {
    return Error(ErrorCode::kCorrupt, "a cart in Redis holds what this service did not write");
  }
  item.product_id = field.substr(0, bar);
  item.variant = field.substr(bar + 1);
  item.price.currency = value;
  return item;
}

}  // namespace

base::Status check_cart_id(std::string_view id, std::string_view field) { return check_id(id, field); }

base::Status check_item(const Item& item, const CartLimits& limits, bool zero) {
  if (base::Status good = check_id(item.product_id, "item.product_id"); !good) return good;
  if (base::Status good = check_text(item.variant, "item.variant", 64, true); !good) return good;
  if (item.variant.find('|') != std::string::npos) {
    return Error(ErrorCode::kInvalidArgument, "item.variant: holds a |");
  }
  if (item.quantity < (zero ? 0 : 1) || item.quantity > limits.quantity_max) {
    return Error(ErrorCode::kInvalidArgument,
                 "item.quantity: is " + std::string(zero ? "0" : "1") + " to " + std::to_string(limits.quantity_max));
  }
  return base::ok();
}

CartStore::CartStore(Redis& redis, CartLimits limits, base::Clock clock)
    : redis_(redis), limits_(limits), clock_(std::move(clock)) {}

base::Result<RedisReply> CartStore::script(const char* body, const std::vector<std::string>& keys,
                                           std::vector<std::string> arguments) {
  std::vector<std::string> words{"EVAL", body, std::to_string(keys.size() + 1), kActive};
  words.insert(words.end(), keys.begin(), keys.end());
  words.push_back(std::to_string(base::unix_millis(clock_.wall())));
  words.push_back(std::to_string(limits_.ttl.count()));
  words.push_back(std::to_string(limits_.items_max));
  words.push_back(std::to_string(limits_.quantity_max));
  std::move(arguments.begin(), arguments.end(), std::back_inserter(words));
  base::Result<RedisReply> reply = redis_.command(words);
  if (reply || reply.error().code() != ErrorCode::kInternal) return reply;
  if (reply.error().message().find(kTooMany) != std::string::npos) {
    return Error(ErrorCode::kTooLarge, "the cart holds " + std::to_string(limits_.items_max) + " positions at most");
  }
  if (reply.error().message().find(kTooMuch) != std::string::npos) {
    return Error(ErrorCode::kTooLarge,
                 "the cart holds " + std::to_string(limits_.quantity_max) + " of one item at most");
  }
  return reply;
}

base::Result<std::vector<Item>> CartStore::items_of(base::Result<RedisReply> reply) {
  if (!reply) return std::move(reply).error();
  std::vector<Item> items;
  for (size_t i = 0; i + 1 < reply->elements.size(); i += 2) {
    base::Result<Item> item = parse_item(reply->elements[i].text, reply->elements[i + 1].text);
    if (!item) return std::move(item).error();
    items.push_back(*std::move(item));
  }
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return std::tie(a.product_id, a.variant) < std::tie(b.product_id, b.variant);
  });
  return items;
}

base::Result<std::vector<Item>> CartStore::add(const std::string& cart, const Item& item) {
  return items_of(script(kAdd, {key_of(cart)}, {field_of(item), std::to_string(item.quantity), price_of(item)}));
}

base::Result<std::vector<Item>> CartStore::remove(const std::string& cart, const Item& item) {
  return items_of(script(kRemove, {key_of(cart)}, {field_of(item), std::to_string(item.quantity)}));
}

base::Result<std::vector<Item>> CartStore::get(const std::string& cart) {
  return items_of(redis_.command({"HGETALL", key_of(cart)}));
}

base::Status CartStore::empty(const std::string& cart, const std::string& order) {
  base::Result<RedisReply> reply = script(kEmpty, {key_of(cart), key_of(cart) + ":emptied"}, {order});
  if (!reply) return std::move(reply).error();
  return base::ok();
}

base::Result<std::vector<Item>> CartStore::merge(const std::string& from, const std::string& into) {
  if (from == into) return get(into);
  return items_of(script(kMerge, {key_of(from), key_of(into)}, {}));
}

base::Result<int64_t> CartStore::abandoned(std::chrono::seconds after, int64_t count_max) {
  const int64_t before = base::unix_millis(clock_.wall() - after);
  base::Result<RedisReply> reply = script(kAbandoned, {}, {std::to_string(before), std::to_string(count_max)});
  if (!reply) return std::move(reply).error();
  return reply->integer;
}

}  // namespace vcommerce::cart
