#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <vcommerce/runtime/service.h>

// Every service that this program can be.
namespace vcommerce {

struct KnownService {
  uint16_t port_offset;  // from --base-port; never reused, so that addresses stay what people remember
  runtime::ServiceInfo info;
  int stage;  // `vcommerce all` starts it when those of lower stages answer, so that nobody calls into the void
  bool with_all = true;  // `vcommerce all` starts it
};

std::span<const KnownService> known_services();
// Null when there is none of that name.
const KnownService* find_service(std::string_view name);

// Of `vcommerce all`, and where a service looks for the others unless it is told.
inline constexpr uint16_t kBasePort = 7100;

}  // namespace vcommerce
