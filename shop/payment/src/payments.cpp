#include "payments.h"

#include <vcommerce/orders/checks.h>

namespace vcommerce::payment {

using base::Error;
using base::ErrorCode;

namespace {

Error busy() { return {ErrorCode::kUnavailable, "idempotency_key: another call with it is still running"}; }

base::Status check_amount(const Money& amount, int64_t units_max) {
  base::Result<Money> checked = runtime::checked(amount);
  if (!checked) return std::move(checked).error().within("amount");
  if (amount.negative() || amount.zero()) return Error(ErrorCode::kInvalidArgument, "amount: is above zero");
  if (runtime::rounded(amount) != amount) {
    return Error(ErrorCode::kInvalidArgument, "amount.nanos: " + amount.currency + " is paid to " +
                                                  std::to_string(runtime::minor_digits(amount.currency)) +
                                                  " digits after the point");
  }
  if (amount.units >= units_max) {
    return Error(ErrorCode::kInvalidArgument, "amount: is below " + std::to_string(units_max));
  }
  return base::ok();
}

bool outcome_unknown(const Error& error) {
  return error.code() == ErrorCode::kTimeout || error.code() == ErrorCode::kUnavailable;
}

Error not_known(std::string_view why) {
  return {ErrorCode::kUnavailable,
          "the payment gateway did not answer and the outcome is not known; ask again with the same key (" +
              std::string(why) + ")"};
}

}  // namespace

Payments::Payments(Config config, Gateway& gateway, Observer& observer, base::Clock clock,
                   std::unique_ptr<Ledger> ledger, std::unique_ptr<Vault> vault)
    : config_(std::move(config)),
      gateway_(gateway),
      observer_(observer),
      clock_(std::move(clock)),
      ledger_(std::move(ledger)),
      vault_(std::move(vault)),
      velocity_(config_.velocity) {}

base::Result<std::unique_ptr<Payments>> Payments::open(Config config, Gateway& gateway, Observer& observer,
                                                       base::Clock clock) {
  base::Result<std::unique_ptr<Ledger>> ledger = Ledger::open(config.directory + "/payments.sqlite");
  if (!ledger) return std::move(ledger).error();
  base::Result<std::unique_ptr<Vault>> vault = Vault::open(config.directory);
  if (!vault) return std::move(vault).error();
  return std::unique_ptr<Payments>(
      new Payments(std::move(config), gateway, observer, std::move(clock), *std::move(ledger), *std::move(vault)));
}

template <typename Call>
base::Result<Authorization> Payments::measured(std::string_view name, Call call) {
  const base::TickTime start = clock_.tick();
  base::Result<Authorization> answer = call();
  std::string_view outcome = "ok";
  if (answer) {
    if (answer->state == Authorization::State::kDeclined) outcome = "declined";
  } else if (answer.error().code() == ErrorCode::kTimeout) {
    outcome = "timeout";
  } else if (answer.error().code() == ErrorCode::kUnavailable) {
    outcome = "unavailable";
  } else if (answer.error().code() != ErrorCode::kNotFound) {
    outcome = "error";
  }
  observer_.gateway_called(name, clock_.tick() - start, outcome);
  return answer;
}

base::Result<SavedCard> Payments::save_card(const Card& card) {
  base::Result<ValidCard> valid = check_card(card, clock_.wall());
  if (!valid) {
    observer_.failed("invalid_card");
    return std::move(valid).error();
  }
  return vault_->save(*valid, clock_.wall());
}

base::Result<Charge> Payments::find(const std::string& key) {
  if (base::Status good = check_id(key, "idempotency_key"); !good) return std::move(good).error();
  base::Result<std::optional<Charge>> found = ledger_->find(key);
  if (!found) return std::move(found).error();
  if (!*found) return Error(ErrorCode::kNotFound, "idempotency_key: no payment has it");
  return **std::move(found);
}

base::Result<Charge> Payments::charge(const ChargeRequest& request) {
  if (base::Status good = check_id(request.key, "idempotency_key"); !good) return std::move(good).error();
  if (base::Status good = check_amount(request.amount, config_.units_max); !good) return std::move(good).error();
  if (base::Status good = check_id(request.card_token, "card_token"); !good) return std::move(good).error();
  const KeyGate::Pass pass = gate_.enter(request.key, config_.busy_wait);
  if (!pass) return busy();

  const std::string body = fingerprint(request.amount.currency + " " + std::to_string(request.amount.units) + " " +
                                       std::to_string(request.amount.nanos) + " " + request.card_token);
  base::Result<std::optional<Charge>> found = ledger_->find(request.key);
  if (!found) return std::move(found).error();
  if (!*found) return start(request, body);
  if (!(*found)->body.empty() && (*found)->body != body) {
    return Error(ErrorCode::kAlreadyExists, "idempotency_key: was used for another amount or card");
  }
  if ((*found)->state != ChargeState::kPending) return **std::move(found);
  return resume(**std::move(found), request.user);
}

base::Result<Charge> Payments::start(const ChargeRequest& request, const std::string& body) {
  base::Result<ValidCard> card = vault_->find(request.card_token, clock_.wall());
  if (!card) {
    if (card.error().code() != ErrorCode::kNotFound) return std::move(card).error();
    return Error(ErrorCode::kInvalidArgument, card.error().message());
  }
  Charge charge{
      .key = request.key, .body = body, .amount = request.amount, .refunded = {request.amount.currency, 0, 0}};
  charge.card_token = request.card_token;
  charge.brand = card->brand;
  charge.last_four = card->last_four();
  // On the disk before the gateway hears of it: a void must know that there may be something to undo.
  if (base::Status written = ledger_->put(charge, now_ms(), Sync::kPower); !written) {
    return std::move(written).error();
  }
  return judge_and_authorize(std::move(charge), *card, request.user);
}

// A charge that was begun and not ended: by a process that died, or when the gateway did not answer.
base::Result<Charge> Payments::resume(Charge charge, const std::string& user) {
  base::Result<Authorization> known = measured("state", [&] { return gateway_.state(charge.key); });
  if (known) return settle(std::move(charge), *known);
  if (known.error().code() != ErrorCode::kNotFound) return not_known(known.error().message());
  base::Result<ValidCard> card = vault_->find(charge.card_token, clock_.wall());
  if (!card) return decline(std::move(charge), "card_token_expired");
  return judge_and_authorize(std::move(charge), *card, user);
}

base::Result<Charge> Payments::judge_and_authorize(Charge charge, const ValidCard& card, const std::string& user) {
  const base::TickTime start = clock_.tick();
  observer_.before_fraud_check();
  std::string_view verdict = velocity_.attempt(vault_->card_fingerprint(card), user, clock_.tick());
  if (verdict.empty() && expired(card.month, card.year, clock_.wall())) verdict = "expired_card";
  observer_.fraud_checked(clock_.tick() - start, verdict.empty() ? "ok" : verdict);
  if (!verdict.empty()) return decline(std::move(charge), verdict);

  base::Result<Authorization> answer =
      measured("authorize", [&] { return gateway_.authorize(charge.key, charge.amount, card); });
  if (answer) return settle(std::move(charge), *answer);
  observer_.failed(base::error_code_name(answer.error().code()));
  return outcome_unknown(answer.error()) ? ask_state(std::move(charge))
                                         : base::Result<Charge>(not_known(answer.error().message()));
}

// After a time-out: the gateway may have charged. It is never asked to authorise again here.
base::Result<Charge> Payments::ask_state(Charge charge) {
  std::string why = "no answer";
  for (int question = 0; question < config_.state_questions; ++question) {
    base::Result<Authorization> known = measured("state", [&] { return gateway_.state(charge.key); });
    if (known) return settle(std::move(charge), *known);
    why = known.error().message();
    // It has not arrived, and may still be on its way: whoever asks again, or voids, finds out.
    if (known.error().code() == ErrorCode::kNotFound) break;
  }
  return not_known(why);
}

base::Result<Charge> Payments::settle(Charge charge, const Authorization& answer) {
  switch (answer.state) {
    case Authorization::State::kAuthorized:
      charge.state = ChargeState::kCharged;
      break;
    case Authorization::State::kDeclined:
      charge.state = ChargeState::kDeclined;
      charge.reason = answer.decline_reason;
      break;
    case Authorization::State::kVoided:
      charge.state = ChargeState::kVoided;
      break;
  }
  charge.transaction_id = answer.transaction_id;
  // Lost with the power it is pending again, and the gateway knows the outcome.
  if (base::Status written = ledger_->put(charge, now_ms(), Sync::kProcess); !written) {
    return std::move(written).error().within("the gateway's answer is not written down yet, ask again");
  }
  observer_.charged(charge);
  return charge;
}

base::Result<Charge> Payments::decline(Charge charge, std::string_view reason) {
  charge.state = ChargeState::kDeclined;
  charge.reason = reason;
  if (base::Status written = ledger_->put(charge, now_ms(), Sync::kProcess); !written)
    return std::move(written).error();
  observer_.charged(charge);
  return charge;
}

base::Result<Charge> Payments::void_charge(const std::string& key) {
  if (base::Status good = check_id(key, "idempotency_key"); !good) return std::move(good).error();
  const KeyGate::Pass pass = gate_.enter(key, config_.busy_wait);
  if (!pass) return busy();
  base::Result<std::optional<Charge>> found = ledger_->find(key);
  if (!found) return std::move(found).error();
  Charge charge = found->value_or(Charge{.key = key});
  if (charge.state == ChargeState::kDeclined || charge.state == ChargeState::kVoided) return charge;
  if (found->has_value()) {
    base::Result<Authorization> answer = measured("void", [&] { return gateway_.void_authorization(key); });
    if (!answer) return not_known(answer.error().message());
    // Declined in the meantime: nothing was charged either.
    return settle(std::move(charge), *answer);
  }
  charge.state = ChargeState::kVoided;
  charge.reason = "voided before it was charged";
  if (base::Status written = ledger_->put(charge, now_ms(), Sync::kPower); !written) {
    return std::move(written).error();
  }
  return charge;
}

base::Result<Charge> Payments::refund(const std::string& refund_key, const std::string& charge_key,
                                      const Money& amount) {
  if (base::Status good = check_id(refund_key, "idempotency_key"); !good) return std::move(good).error();
  if (base::Status good = check_id(charge_key, "charge_key"); !good) return std::move(good).error();
  if (base::Status good = check_amount(amount, config_.units_max); !good) return std::move(good).error();
  const KeyGate::Pass pass = gate_.enter(charge_key, config_.busy_wait);
  if (!pass) return busy();
  base::Result<Charge> charge = find(charge_key);
  if (!charge) return std::move(charge).error().within("charge_key");
  base::Result<std::optional<Refund>> known = ledger_->find_refund(refund_key);
  if (!known) return std::move(known).error();
  if (*known && ((*known)->charge_key != charge_key || (*known)->amount != amount)) {
    return Error(ErrorCode::kAlreadyExists, "idempotency_key: was used for another refund");
  }
  if (*known && (*known)->done) return charge;
  if (charge->state != ChargeState::kCharged) {
    return Error(ErrorCode::kPermissionDenied, "charge_key: nothing is charged under it");
  }
  base::Result<Money> together = runtime::add(charge->refunded, amount);
  if (!together) return std::move(together).error().within("amount");
  if (runtime::compare(*together, charge->amount) > 0) {
    return Error(ErrorCode::kPermissionDenied, "amount: more than is left of the charge");
  }
  Refund refund{refund_key, charge_key, amount, false};
  if (base::Status written = ledger_->put(refund, *charge, now_ms()); !written) return std::move(written).error();
  base::Result<Authorization> answer =
      measured("refund", [&] { return gateway_.refund(charge_key, refund_key, amount); });
  if (!answer) {
    return outcome_unknown(answer.error()) ? not_known(answer.error().message()) : std::move(answer).error();
  }
  refund.done = true;
  charge->refunded = *together;
  if (base::Status written = ledger_->put(refund, *charge, now_ms()); !written) return std::move(written).error();
  return charge;
}

}  // namespace vcommerce::payment
