#include "request_checks.h"

#include <algorithm>

#include <godseye/base/log.h>

#include <vcommerce/orders/checks.h>

namespace vcommerce::shipping {
namespace {

base::Error wrong(std::string text) { return {base::ErrorCode::kInvalidArgument, std::move(text)}; }

base::Status checked_address(const v1::Address& address) {
  struct Line {
    const std::string& text;
    const char* field;
    bool optional;
  };
  for (const Line& line :
       {Line{address.name(), "address.name", false}, Line{address.city(), "address.city", false},
        Line{address.region(), "address.region", true}, Line{address.postal_code(), "address.postal_code", false}}) {
    if (base::Status good = check_text(line.text, line.field, kLineBytesMax, line.optional); !good) return good;
  }
  // Several lines, joined with LF.
  std::string street = address.street();
  std::ranges::replace(street, '\n', ' ');
  return check_text(street, "address.street", kLineBytesMax);
}

}  // namespace

base::Status checked_key(const std::string& key) { return check_id(key, "idempotency_key", kKeyBytesMax); }

base::Result<Zone> checked_country(const std::string& country, std::string_view field) {
  if (const auto zone = zone_of(country)) return *zone;
  return wrong(std::string(field) + ": " + base::quoted(country, 16) + " is no country of ISO 3166-1");
}

base::Result<int64_t> checked_weight(const Items& items) {
  if (items.empty()) return wrong("items: there are none");
  if (items.size() > kItemsMax) return wrong("items: more than " + std::to_string(kItemsMax));
  int64_t grams = 0;
  for (int i = 0; i < items.size(); ++i) {
    const v1::ShippedItem& item = items[i];
    const std::string field = "items[" + std::to_string(i) + "].";
    if (item.quantity() < 1 || item.quantity() > kQuantityMax) return wrong(field + "quantity: must be 1 to 99");
    if (item.weight_grams() < 0 || item.weight_grams() > kPieceGramsMax) {
      return wrong(field + "weight_grams: must be 0 to 30000");
    }
    grams += (item.weight_grams() == 0 ? kDefaultGrams : int64_t{item.weight_grams()}) * item.quantity();
  }
  if (grams > kParcelGramsMax) return wrong("items: weigh more than 100 kg in all");
  return grams;
}

base::Result<Parcel> checked_parcel(const v1::ShipOrderRequest& request) {
  if (base::Status good = checked_key(request.idempotency_key()); !good) return std::move(good).error();
  if (base::Status good = checked_address(request.address()); !good) return std::move(good).error();
  const auto zone = checked_country(request.address().country(), "address.country");
  if (!zone) return zone.error();
  const auto grams = checked_weight(request.items());
  if (!grams) return grams.error();
  if (request.speed() != v1::SPEED_STANDARD && request.speed() != v1::SPEED_EXPRESS) return wrong("speed: is none");
  const auto speed = static_cast<Speed>(request.speed());
  const auto found = tariff(*zone, *grams, speed);
  if (!found) return wrong("speed: express takes at most 30 kg");
  Parcel parcel{.cents = found->cents};
  parcel.shipped.zone = *zone;
  parcel.shipped.speed = speed;
  parcel.shipped.country = request.address().country();
  return parcel;
}

std::string request_text(const v1::ShipOrderRequest& request) {
  // Scalars and lists in field order: protobuf writes them the same way each time; there are no maps.
  v1::ShipOrderRequest without_key = request;
  without_key.clear_idempotency_key();
  without_key.DiscardUnknownFields();
  return fingerprint(without_key.SerializeAsString());
}

}  // namespace vcommerce::shipping
