#include "bank.h"

#include <filesystem>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <vcommerce/payment/service.h>
#include <vcommerce/testing/test_host.h>
#include <vcommerce/v1/payment.grpc.pb.h>
#include <vcommerce/v1/payment_gateway.grpc.pb.h>

namespace vcommerce::payment {
namespace {

using grpc::StatusCode;
using namespace std::chrono_literals;

// paymentservice and its gateway, each in a host of its own, on disk.
class PaymentServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = ::testing::TempDir() + "pay_" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(directory_);
    gateway_ = testing::TestHost::start(gateway_info(), {.settings = {{"data-dir", directory_}}});
    ASSERT_NE(gateway_, nullptr);
    start();
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  void start() {
    host_.reset();
    host_ = testing::TestHost::start(info(), {.settings = {{"data-dir", directory_}, {"gateway-timeout-ms", "2000"}},
                                              .addresses = {{"paymentgateway", gateway_->address()}}});
    ASSERT_NE(host_, nullptr);
    stub_ = v1::PaymentService::NewStub(host_->channel());
  }
  grpc::Status save(const std::string& number) {
    v1::SaveCardRequest request;
    request.mutable_card()->set_number(number);
    request.mutable_card()->set_expiration_month(12);
    request.mutable_card()->set_expiration_year(2035);
    request.mutable_card()->set_cvc("123");
    grpc::ClientContext call;
    return stub_->SaveCard(&call, request, &card_);
  }
  grpc::Status charge(const std::string& key, int64_t units = 10) {
    v1::ChargeRequest request;
    request.set_idempotency_key(key);
    request.mutable_amount()->set_currency_code("EUR");
    request.mutable_amount()->set_units(units);
    request.set_card_token(card_.token());
    grpc::ClientContext call;
    return stub_->Charge(&call, request, &payment_);
  }
  ::testing::AssertionResult charged(const std::string& key) {
    const grpc::Status status = charge(key);
    if (status.ok()) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << status.error_code() << ": " << status.error_message();
  }
  int64_t authorized() {
    auto bank = Bank::open(directory_ + "/gateway.sqlite", base::system_clock());
    return bank ? *(*bank)->authorized() : -1;
  }

  std::string directory_;
  std::unique_ptr<testing::TestHost> gateway_, host_;
  std::unique_ptr<v1::PaymentService::Stub> stub_;
  v1::SavedCard card_;
  v1::Payment payment_;
};

TEST_F(PaymentServiceTest, ChargesOnceAndSaysSo) {
  ASSERT_TRUE(save("4242 4242 4242 4242").ok());
  EXPECT_EQ(card_.brand(), "visa");
  ASSERT_TRUE(charged("k"));
  EXPECT_EQ(payment_.state(), v1::Payment::CHARGED);
  const std::string transaction = payment_.transaction_id();
  start();
  ASSERT_TRUE(charged("k"));
  EXPECT_EQ(payment_.transaction_id(), transaction);
  EXPECT_EQ(charge("k", 11).error_code(), StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(authorized(), 1);
  ASSERT_TRUE(charge("k2").ok());
  EXPECT_TRUE(host_->metric_arrives("payment.transaction.count:1|c", "outcome:charged"));
  EXPECT_TRUE(host_->metric_arrives("payment.transaction.amount:10|d", "currency:EUR"));
  EXPECT_TRUE(host_->metric_arrives("payment.fraud_check.duration:", "verdict:ok"));
  EXPECT_TRUE(host_->metric_arrives("payment.gateway.latency:", "call:authorize"));
}

TEST_F(PaymentServiceTest, AGatewayThatAnswersTooLateChargesOnce) {
  ASSERT_TRUE(save("4242424242424242").ok());
  ASSERT_TRUE(gateway_->context().faults().set("gateway.silent_ms", 4000, 60s));
  ASSERT_TRUE(charged("k"));
  EXPECT_EQ(payment_.state(), v1::Payment::CHARGED);
  EXPECT_EQ(authorized(), 1);
  EXPECT_TRUE(host_->metric_arrives("payment.timeout.count:1|c", "call:authorize"));
  EXPECT_TRUE(host_->metric_arrives("payment.gateway.error.count:1|c", "kind:timeout"));
}

TEST_F(PaymentServiceTest, AGatewayThatIsAwayIsUnavailableAndAVoidHolds) {
  ASSERT_TRUE(save("4242424242424242").ok());
  ASSERT_TRUE(gateway_->context().faults().set("gateway.errors", 1, 60s));
  EXPECT_EQ(charge("k").error_code(), StatusCode::UNAVAILABLE);
  ASSERT_TRUE(gateway_->context().faults().clear(""));
  v1::PaymentKey key;
  key.set_idempotency_key("k");
  grpc::ClientContext call;
  ASSERT_TRUE(stub_->Void(&call, key, &payment_).ok());
  ASSERT_TRUE(charged("k"));
  EXPECT_EQ(payment_.state(), v1::Payment::VOIDED);
  EXPECT_EQ(authorized(), 0);
}

TEST_F(PaymentServiceTest, SwitchesMakeTheirAlertsMetrics) {
  ASSERT_TRUE(save("4242424242424242").ok());
  ASSERT_TRUE(host_->context().faults().set("payment.timeouts", 1, 60s));
  ASSERT_TRUE(charged("k"));
  EXPECT_EQ(payment_.state(), v1::Payment::CHARGED);
  EXPECT_TRUE(host_->metric_arrives("payment.timeout.count:1|c"));
  ASSERT_TRUE(host_->context().faults().clear(""));
  ASSERT_TRUE(host_->context().faults().set("payment.gateway_errors", 1, 60s));
  EXPECT_EQ(charge("k2").error_code(), StatusCode::UNAVAILABLE);
  EXPECT_TRUE(host_->metric_arrives("payment.gateway.error.count:1|c", "kind:unavailable"));
  EXPECT_TRUE(host_->metric_arrives("payment.error.by_type:1|c", "type:unavailable"));
  ASSERT_TRUE(gateway_->context().faults().set("gateway.decline", 1, 60s));
  ASSERT_TRUE(host_->context().faults().clear(""));
  ASSERT_TRUE(charge("k3").ok());
  EXPECT_EQ(payment_.state(), v1::Payment::DECLINED);
  EXPECT_EQ(payment_.decline_reason(), "issuer_unavailable");
}

TEST_F(PaymentServiceTest, RefusesBadCardsWithoutShowingThem) {
  const grpc::Status refused = save("4242424242424241");
  EXPECT_EQ(refused.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(refused.error_message().starts_with("card.number:")) << refused.error_message();
  EXPECT_EQ(refused.error_message().find("424"), std::string::npos);
  ASSERT_TRUE(save("4242424242424242").ok());
  ASSERT_TRUE(charged("k"));
  EXPECT_TRUE(host_->log_arrives("charged"));
  EXPECT_TRUE(host_->log_arrives("4242"));
  EXPECT_EQ(charge("", 1).error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(charge("k2", -1).error_code(), StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace vcommerce::payment
