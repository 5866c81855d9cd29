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
      {0, frontend::info(), 3},
      {1, catalogue::info(), 0},
      {2, cart::info(), 1},
      {3, checkout::info(), 2},
      {4, payment::info(), 1},
      {5, currency::info(), 0},
      {6, shipping::info(), 1},
      {7, email::info(), 1},
      {8, recommendation::info(), 1},
      {9, ads::info(), 1},
      {10, payment::gateway_info(), 0},
      {11, email::mailbox_info(), 0, false},
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
