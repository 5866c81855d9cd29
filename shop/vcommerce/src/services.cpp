#include "services.h"

#include <vcommerce/ads/service.h>
#include <vcommerce/cart/service.h>
#include <vcommerce/catalogue/service.h>
#include <vcommerce/checkout/service.h>
#include <vcommerce/currency/service.h>
#include <vcommerce/email/service.h>
#include <vcommerce/frontend/service.h>
#include <vcommerce/payment/service.h>
#include <vcommerce/recommendation/service.h>
#include <vcommerce/shipping/service.h>

namespace vcommerce {

std::span<const KnownService> known_services() {
  // Ports: frontend 0, productcatalogservice 1, cartservice 2, checkoutservice 3, paymentservice 4, currencyservice 5,
  // shippingservice 6, emailservice 7, recommendationservice 8, adservice 9, the bank's gateway 10; new ones from 11.
  static const KnownService kServices[] = {
      {0, frontend::info()},
      {1, catalogue::info()},
      {2, cart::info()},
      {3, checkout::info()},
      {4, payment::info()},
      {5, currency::info()},
      {6, shipping::info()},
      {7, email::info()},
      {8, recommendation::info()},
      {9, ads::info()},
      {10, payment::gateway_info()},
      {11, email::mailbox_info(), false},
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
