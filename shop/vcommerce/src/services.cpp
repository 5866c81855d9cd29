#include "services.h"

#include <vcommerce/currency/service.h>
#include <vcommerce/shipping/service.h>

namespace vcommerce {

std::span<const KnownService> known_services() {
  static const KnownService kServices[] = {
      {5, currency::info()},
      {6, shipping::info()},
  };
  return kServices;
}

const KnownService* find_service(std::string_view name) {
  for (const KnownService& service : known_services()) {
    if (service.info.name == name) return &service;
  }
  return nullptr;
}

}  // namespace vcommerce
