#include <vcommerce/runtime/money_proto.h>

namespace vcommerce::runtime {

base::Result<Money> from_proto(const v1::Money& money) {
  return checked({.currency = money.currency_code(), .units = money.units(), .nanos = money.nanos()});
}

v1::Money to_proto(const Money& money) {
  v1::Money out;
  out.set_currency_code(money.currency);
  out.set_units(money.units);
  out.set_nanos(money.nanos);
  return out;
}

}  // namespace vcommerce::runtime
