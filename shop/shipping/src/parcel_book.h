#pragma once

#include "tracking.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <godseye/base/result.h>

#include <vcommerce/orders/sqlite.h>

// Every parcel by its key and its number, on disk before anybody is told of it. Threads: any.
namespace vcommerce::shipping {

// Parcels older than this are forgotten.
inline constexpr int64_t kKeptSeconds = 400LL * 86'400;

struct Parcel {
  Shipped shipped;
  int64_t cents = 0;
  bool refused = false;  // cancelled before anything was shipped under the key: nothing ever will be
};

class ParcelBook {
 public:
  // `path`: a file, or ":memory:". `serial`: a number below kTrackingSerials, never the same for long.
  static base::Result<std::unique_ptr<ParcelBook>> open(const std::string& path, std::function<uint64_t()> serial);

  // Writes the parcel down under `key`, with a new tracking number; if the key is there already, that one is the
  // answer. kAlreadyExists: the key was used with another `request` (any text that tells requests apart).
  base::Result<Parcel> ship(const std::string& key, const std::string& request, Parcel parcel);
  // kNotFound.
  base::Result<Parcel> by_tracking(const std::string& tracking);
  base::Result<Parcel> by_key(const std::string& key);
  // Of a parcel there is; the answer is the parcel, cancelled. Of one there is not: the key is refused from now on, and
  // kNotFound. What may be cancelled is the caller's to know.
  base::Result<Parcel> cancel(const std::string& key, int64_t now_unix_s);
  base::Status forget_before(int64_t unix_s);

 private:
  ParcelBook(std::unique_ptr<Database> database, std::function<uint64_t()> serial)
      : database_(std::move(database)), serial_(std::move(serial)) {}
  base::Result<std::optional<Parcel>> find(const char* sql, const std::string& value, std::string* request);

  std::unique_ptr<Database> database_;
  std::function<uint64_t()> serial_;
};

}  // namespace vcommerce::shipping
