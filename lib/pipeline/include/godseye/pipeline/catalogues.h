#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/base/result.h>

namespace godseye::guard {
class Catalogue;
struct Product;
}  // namespace godseye::guard

// `CatalogueBook` holds the live catalogues that answers are checked against, by name. A catalogue comes as lines of
// JSON, whole or in part; each change is a new version, built aside and then put in place, so that a check never sees
// half of one. Kept over a restart in a directory, one file a catalogue.
//
//   {"id":"P-1","name":"Fjellby Lamp","brand":"Fjellby","price":79.0,"currency":"USD","stock":4,
//    "attributes":{"color":"black"}}
//   {"id":"P-2","removed":true}            in a part: the product is gone
//
// Threads: every function from any thread; changes one after the other.
namespace godseye::pipeline {

inline constexpr size_t kCataloguesMax = 100;
inline constexpr size_t kCatalogueNameBytesMax = 100;
inline constexpr size_t kCatalogueProductsMax = 500'000;

struct CatalogueInfo {
  std::string name;
  size_t products = 0;
  uint64_t version = 0;   // 1 for the first
  int64_t updated_s = 0;  // Unix
};

class CatalogueBook {
 public:
  // Reads what an earlier process kept in `directory` (made when it is needed; empty: nothing is kept). A file that
  // cannot be read is left out and logged.
  CatalogueBook(std::string directory, base::Clock clock);
  ~CatalogueBook();
  CatalogueBook(const CatalogueBook&) = delete;
  CatalogueBook& operator=(const CatalogueBook&) = delete;

  // Replaces catalogue `name` by `lines`, or with `part` changes the products that `lines` name. kInvalidArgument names
  // the line and what is wrong with it; kTooLarge beyond the limits above; kIo, kNoSpace: it could not be kept. On
  // error nothing has changed.
  base::Result<CatalogueInfo> put(std::string_view name, std::string_view lines, bool part);
  // kNotFound when there is none.
  base::Status remove(std::string_view name);

  std::vector<CatalogueInfo> list() const;
  base::Result<CatalogueInfo> info(std::string_view name) const;
  // The whole catalogue as lines, as `put` takes them. kNotFound when there is none.
  base::Result<std::string> lines(std::string_view name) const;
  // Null when there is none.
  std::shared_ptr<const guard::Catalogue> find(std::string_view name) const;
  // The one that answers of an application are checked against: named like the application, like the service,
  // "default", or the only one there is.
  std::shared_ptr<const guard::Catalogue> for_application(std::string_view ml_app, std::string_view service) const;

 private:
  using Products = std::map<std::string, guard::Product>;
  struct Entry {
    CatalogueInfo info;
    std::shared_ptr<const Products> products;
    std::shared_ptr<const guard::Catalogue> catalogue;
  };

  void read_kept();
  base::Status keep(const CatalogueInfo& info, const Products& products) const;
  std::string path_of(std::string_view name) const;

  const std::string directory_;
  const base::Clock clock_;
  base::Mutex changing_;  // held by a change from beginning to end
  mutable base::Mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_ GE_GUARDED_BY(mutex_);
};

}  // namespace godseye::pipeline
