#include "services.h"

#include <vcommerce/ads/service.h>
#include <vcommerce/catalogue/service.h>
#include <vcommerce/currency/service.h>
#include <vcommerce/recommendation/service.h>
#include <vcommerce/shipping/service.h>

namespace vcommerce {

std::span<const KnownService> known_services() {
  // Ports: frontend 0, productcatalogservice 1, cartservice 2, checkoutservice 3, paymentservice 4, currencyservice 5,
  // shippingservice 6, emailservice 7, recommendationservice 8, adservice 9, the bank's gateway 10; new ones from 11.
  static const KnownService kServices[] = {
      {1, catalogue::info()},      {5, currency::info()}, {6, shipping::info()},
      {8, recommendation::info()}, {9, ads::info()},
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
