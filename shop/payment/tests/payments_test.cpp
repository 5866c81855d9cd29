#include "payments.h"

#include "bank.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace vcommerce::payment {
namespace {

using base::ErrorCode;
using namespace std::chrono_literals;

struct Hands {
  base::WallTime wall = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21);
  base::TickTime tick{};
  base::Clock clock() {
    return {[this] { return wall; }, [this] { return tick; }};
  }
};

// A real bank behind a line that can break before or after the bank did its work.
class Line : public Gateway {
 public:
  explicit Line(Bank& bank) : bank_(bank) {}
  enum class Break { kNone, kBefore, kAfter };
  Break authorize_breaks = Break::kNone;
  int state_breaks = 0;  // so many questions get no answer
  Break void_breaks = Break::kNone;
  int authorize_calls = 0;

  base::Result<Authorization> authorize(const std::string& key, const Money& amount, const ValidCard& card) override {
    ++authorize_calls;
    return over(authorize_breaks, [&] { return bank_.authorize(key, amount, card); });
  }
  base::Result<Authorization> state(const std::string& key) override {
    if (state_breaks > 0) {
      --state_breaks;
      return base::Error(ErrorCode::kTimeout, "no answer");
    }
    return bank_.state(key);
  }
  base::Result<Authorization> void_authorization(const std::string& key) override {
    return over(void_breaks, [&] { return bank_.void_authorization(key); });
  }
  base::Result<Authorization> refund(const std::string& key, const std::string& refund_key,
                                     const Money& amount) override {
    return over(refund_breaks, [&] { return bank_.refund(key, refund_key, amount); });
  }
  Break refund_breaks = Break::kNone;

 private:
  template <typename Call>
  base::Result<Authorization> over(Break how, Call call) {
    if (how == Break::kBefore) return base::Error(ErrorCode::kUnavailable, "no connection");
    base::Result<Authorization> answer = call();
    if (how == Break::kAfter) return base::Error(ErrorCode::kTimeout, "no answer");
    return answer;
  }
  Bank& bank_;
};

struct Notes : Observer {
  void fraud_checked(std::chrono::nanoseconds, std::string_view verdict) override { verdicts.emplace_back(verdict); }
  void gateway_called(std::string_view call, std::chrono::nanoseconds, std::string_view outcome) override {
    calls.push_back(std::string(call) + ":" + std::string(outcome));
  }
  void charged(const Charge&) override { ++ended; }
  void failed(std::string_view type) override { failures.emplace_back(type); }
  std::vector<std::string> verdicts, calls, failures;
  int ended = 0;
};

class PaymentsTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = testing::TempDir() + "payments_" + testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    bank_ = *Bank::open(directory_ + "/bank.sqlite", hands_.clock());
    line_ = std::make_unique<Line>(*bank_);
    restart();
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  // As after a kill: everything in memory is gone.
  void restart() {
    payments_.reset();
    auto opened = Payments::open({.directory = directory_}, *line_, notes_, hands_.clock());
    ASSERT_TRUE(opened) << opened.error().message();
    payments_ = *std::move(opened);
  }
  std::string token(const std::string& number = "4242424242424242") {
    auto saved = payments_->save_card({number, 12, 2030, "123"});
    return saved ? saved->token : saved.error().message();
  }
  ChargeRequest request(std::string key, int64_t units = 10) {
    return {.key = std::move(key), .amount = {"EUR", units, 500'000'000}, .card_token = token_, .user = "u"};
  }
  int64_t charged() { return *bank_->authorized(); }

  Hands hands_;
  std::string directory_;
  std::unique_ptr<Bank> bank_;
  std::unique_ptr<Line> line_;
  Notes notes_;
  std::unique_ptr<Payments> payments_;
  std::string token_;
};

TEST_F(PaymentsTest, SameKeyIsOneChargeWithTheSameAnswer) {
  token_ = token();
  const auto first = payments_->charge(request("k"));
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(first->state, ChargeState::kCharged);
  EXPECT_EQ(first->last_four, "4242");
  const auto again = payments_->charge(request("k"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->transaction_id, first->transaction_id);
  restart();
  EXPECT_EQ(payments_->charge(request("k"))->transaction_id, first->transaction_id);
  EXPECT_EQ(charged(), 1);
  EXPECT_EQ(line_->authorize_calls, 1);
  EXPECT_EQ(notes_.ended, 1);
}

TEST_F(PaymentsTest, SameKeyWithAnotherBodyIsRefused) {
  token_ = token();
  ASSERT_TRUE(payments_->charge(request("k")));
  const auto other = payments_->charge(request("k", 11));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code(), ErrorCode::kAlreadyExists);
  EXPECT_EQ(charged(), 1);
}

TEST_F(PaymentsTest, AfterATimeOutTheStateIsAskedForInsteadOfChargingAgain) {
  token_ = token();
  line_->authorize_breaks = Line::Break::kAfter;
  line_->state_breaks = 2;
  const auto charge = payments_->charge(request("k"));
  ASSERT_TRUE(charge) << charge.error().message();
  EXPECT_EQ(charge->state, ChargeState::kCharged);
  EXPECT_EQ(line_->authorize_calls, 1);
  EXPECT_EQ(charged(), 1);
  EXPECT_EQ(notes_.failures, std::vector<std::string>{"timeout"});
}

TEST_F(PaymentsTest, AnOutcomeThatNobodyTellsStaysPendingAndIsFoundLater) {
  token_ = token();
  line_->authorize_breaks = Line::Break::kAfter;
  line_->state_breaks = 3;
  const auto lost = payments_->charge(request("k"));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(payments_->find("k")->state, ChargeState::kPending);
  restart();
  line_->authorize_breaks = Line::Break::kNone;
  EXPECT_EQ(payments_->charge(request("k"))->state, ChargeState::kCharged);
  EXPECT_EQ(line_->authorize_calls, 1);
  EXPECT_EQ(charged(), 1);
}

TEST_F(PaymentsTest, ARequestThatNeverArrivedIsMadeWhenTheKeyIsTriedAgain) {
  token_ = token();
  line_->authorize_breaks = Line::Break::kBefore;
  EXPECT_FALSE(payments_->charge(request("k")));
  EXPECT_EQ(charged(), 0);
  line_->authorize_breaks = Line::Break::kNone;
  EXPECT_EQ(payments_->charge(request("k"))->state, ChargeState::kCharged);
  EXPECT_EQ(charged(), 1);
}

TEST_F(PaymentsTest, ADeclinedCardIsAnAnswerAndStaysOne) {
  token_ = token("4000000000000002");
  const auto declined = payments_->charge(request("k"));
  ASSERT_TRUE(declined);
  EXPECT_EQ(declined->state, ChargeState::kDeclined);
  EXPECT_EQ(declined->reason, "card_declined");
  EXPECT_EQ(payments_->charge(request("k"))->state, ChargeState::kDeclined);
  EXPECT_EQ(line_->authorize_calls, 1);
}

TEST_F(PaymentsTest, TooManyAttemptsWithACardNeverReachTheGateway) {
  token_ = token();
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(payments_->charge(request("k" + std::to_string(i)))->state, ChargeState::kCharged);
  const auto sixth = payments_->charge(request("k6"));
  ASSERT_TRUE(sixth);
  EXPECT_EQ(sixth->state, ChargeState::kDeclined);
  EXPECT_EQ(sixth->reason, "card_velocity");
  EXPECT_EQ(line_->authorize_calls, 5);
}

TEST_F(PaymentsTest, AVoidBeforeTheChargeForbidsIt) {
  token_ = token();
  EXPECT_EQ(payments_->void_charge("k")->state, ChargeState::kVoided);
  EXPECT_EQ(payments_->charge(request("k"))->state, ChargeState::kVoided);
  EXPECT_EQ(charged(), 0);
}

TEST_F(PaymentsTest, AVoidUndoesAChargeWhoseAnswerWasLost) {
  token_ = token();
  line_->authorize_breaks = Line::Break::kAfter;
  line_->state_breaks = 3;
  EXPECT_FALSE(payments_->charge(request("k")));
  EXPECT_EQ(charged(), 1);
  line_->void_breaks = Line::Break::kAfter;
  EXPECT_FALSE(payments_->void_charge("k"));
  line_->void_breaks = Line::Break::kNone;
  EXPECT_EQ(payments_->void_charge("k")->state, ChargeState::kVoided);
  EXPECT_EQ(payments_->void_charge("k")->state, ChargeState::kVoided);
  EXPECT_EQ(charged(), 0);
}

TEST_F(PaymentsTest, RefundsAddUpToTheChargeAndNoFurther) {
  token_ = token();
  ASSERT_TRUE(payments_->charge(request("k")));
  EXPECT_EQ(payments_->refund("r1", "k", {"EUR", 10, 0})->refunded, (Money{"EUR", 10, 0}));
  EXPECT_EQ(payments_->refund("r1", "k", {"EUR", 10, 0})->refunded, (Money{"EUR", 10, 0}));
  EXPECT_EQ(payments_->refund("r1", "k", {"EUR", 9, 0}).error().code(), ErrorCode::kAlreadyExists);
  EXPECT_EQ(payments_->refund("r2", "k", {"EUR", 1, 0}).error().code(), ErrorCode::kPermissionDenied);
  EXPECT_EQ(payments_->refund("r3", "k", {"USD", 1, 0}).error().code(), ErrorCode::kInvalidArgument);
  line_->refund_breaks = Line::Break::kAfter;
  EXPECT_FALSE(payments_->refund("r4", "k", {"EUR", 0, 500'000'000}));
  line_->refund_breaks = Line::Break::kNone;
  restart();
  EXPECT_EQ(payments_->refund("r4", "k", {"EUR", 0, 500'000'000})->refunded, (Money{"EUR", 10, 500'000'000}));
  EXPECT_EQ(payments_->refund("r5", "nobody", {"EUR", 1, 0}).error().code(), ErrorCode::kNotFound);
}

TEST_F(PaymentsTest, BadAmountsKeysAndTokensAreNamed) {
  token_ = token();
  const Money bad[] = {{"EUR", 0, 0},
                       {"EUR", -1, 0},
                       {"eur", 1, 0},
                       {"", 1, 0},
                       {"EUR", 1, -5},
                       {"EUR", 1'000'000, 0},
                       {"EUR", 1, 1'000'000'000},
                       {"EUR", 0, 1},
                       {"JPY", 1, 500'000'000},
                       {"EUR", INT64_MAX, 0},
                       {"EUR", INT64_MIN, 0}};
  for (const Money& amount : bad) {
    const auto refused = payments_->charge({"k", amount, token_, "u"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_TRUE(refused.error().message().starts_with("amount")) << refused.error().message();
  }
  EXPECT_EQ(payments_->charge({"", {"EUR", 1, 0}, token_, ""}).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(payments_->charge({"k", {"EUR", 1, 0}, "nobody's", ""}).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(payments_->charge({"k", {"EUR", 1, 0}, "card_0", ""}).error().code(), ErrorCode::kInvalidArgument);
}

TEST_F(PaymentsTest, NoFileHoldsACardNumberAndSavedCardsEnd) {
  token_ = token();
  ASSERT_TRUE(payments_->charge(request("k")));
  restart();
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(bytes.find("4242424242"), std::string::npos) << entry.path();
  }
  hands_.wall += 25h;
  EXPECT_EQ(payments_->charge(request("later")).error().code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace vcommerce::payment
