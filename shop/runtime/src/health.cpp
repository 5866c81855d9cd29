#include "health.h"

namespace vcommerce::runtime {

Health::Health(Service& service, Context& context, std::function<void(bool)> report)
    : service_(service), context_(context), report_(std::move(report)), check_name_(context.service() + ".health") {}

void Health::check() {
  const base::TickTime now = context_.clock().tick();
  // While all is well, once in an interval is enough; a switch must be seen at once.
  const bool forced = context_.faults().on("unavailable");
  const bool due = !said_ || now >= next_;
  if (!due && serving_ && !forced) return;
  const bool healthy = !forced && service_.healthy();
  const bool changed = !said_ || healthy != serving_;
  serving_ = healthy;
  if (changed) report_(healthy);
  if (!changed && !due) return;
  said_ = true;
  next_ = now + kInterval;
  context_.metrics().service_check(check_name_, healthy ? sdk::CheckStatus::kOk : sdk::CheckStatus::kCritical,
                                   healthy  ? std::string_view()
                                   : forced ? std::string_view("the switch `unavailable` is on")
                                            : std::string_view("the service says that it cannot serve"));
}

}  // namespace vcommerce::runtime
