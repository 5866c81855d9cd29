#pragma once

#include "parcel_book.h"
#include "tariff.h"

#include <string>

#include <vcommerce/v1/shipping.pb.h>

// What is asked of requests, field by field, and the parcel that one describes. Errors are kInvalidArgument and name
// the field. Pure.
namespace vcommerce::shipping {

inline constexpr int kItemsMax = 100;
inline constexpr int kQuantityMax = 99;
inline constexpr size_t kKeyBytesMax = 128;
inline constexpr size_t kLineBytesMax = 200;  // of each line of an address

using Items = google::protobuf::RepeatedPtrField<v1::ShippedItem>;

base::Status checked_key(const std::string& key);
base::Result<Zone> checked_country(const std::string& country, std::string_view field);
// In grams, of all pieces.
base::Result<int64_t> checked_weight(const Items& items);
// All of a request but the time.
base::Result<Parcel> checked_parcel(const v1::ShipOrderRequest& request);
// The same text for the same request, and another for another; with the key left out.
std::string request_text(const v1::ShipOrderRequest& request);

}  // namespace vcommerce::shipping
