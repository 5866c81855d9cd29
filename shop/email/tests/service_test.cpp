#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <vcommerce/email/service.h>
#include <vcommerce/testing/test_host.h>
#include <vcommerce/v1/email.grpc.pb.h>

namespace vcommerce::email {
namespace {

using grpc::StatusCode;
using namespace std::chrono_literals;

class EmailServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = ::testing::TempDir() + "mail_" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(directory_);
    host_ = testing::TestHost::start(info(), {.settings = {{"data-dir", directory_}}});
    ASSERT_NE(host_, nullptr);
    stub_ = v1::EmailService::NewStub(host_->channel());
  }
  void TearDown() override {
    host_.reset();
    std::filesystem::remove_all(directory_);
  }
  static v1::SendOrderConfirmationRequest request(const std::string& name = "Zo\xc3\xab") {
    v1::SendOrderConfirmationRequest request;
    request.set_key("o-1");
    request.set_to_email("zoe@example.com");
    request.set_to_name(name);
    request.set_order_id("o-1");
    v1::MailLine& line = *request.add_lines();
    line.set_name("Shirt");
    line.set_quantity(2);
    for (v1::Money* money : {line.mutable_total(), request.mutable_shipping(), request.mutable_total()}) {
      money->set_currency_code("EUR");
      money->set_units(5);
    }
    request.mutable_address()->set_street("Street 1\nBackyard");
    request.mutable_address()->set_city("Berlin");
    return request;
  }
  grpc::Status send(const v1::SendOrderConfirmationRequest& request) {
    grpc::ClientContext call;
    return stub_->SendOrderConfirmation(&call, request, &mail_);
  }
  v1::QueuedMail::State state() {
    v1::MailKey key;
    key.set_key("o-1");
    grpc::ClientContext call;
    return stub_->GetMail(&call, key, &mail_).ok() ? mail_.state() : v1::QueuedMail::UNKNOWN;
  }
  bool becomes(v1::QueuedMail::State wanted) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (state() != wanted && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(10ms);
    return state() == wanted;
  }
  std::vector<std::string> mailbox() {
    std::vector<std::string> mails;
    for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/mailbox")) {
      std::ifstream file(entry.path(), std::ios::binary);
      mails.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return mails;
  }

  std::string directory_;
  std::unique_ptr<testing::TestHost> host_;
  std::unique_ptr<v1::EmailService::Stub> stub_;
  v1::QueuedMail mail_;
};

TEST_F(EmailServiceTest, AStalledQueueKeepsItsMailsUntilTheSwitchIsOff) {
  ASSERT_TRUE(host_->context().faults().set("email.stalled", 1, 60s));
  ASSERT_TRUE(send(request()).ok());
  EXPECT_TRUE(host_->metric_arrives("email.queue.depth:1|g"));
  EXPECT_EQ(state(), v1::QueuedMail::QUEUED);
  ASSERT_TRUE(host_->context().faults().clear("email.stalled"));
  EXPECT_TRUE(becomes(v1::QueuedMail::SENT));
}

TEST_F(EmailServiceTest, AMailArrivesInTheLocalMailboxOnce) {
  ASSERT_TRUE(send(request()).ok());
  ASSERT_TRUE(becomes(v1::QueuedMail::SENT));
  ASSERT_TRUE(send(request()).ok());
  EXPECT_EQ(mail_.state(), v1::QueuedMail::SENT);
  ASSERT_EQ(mailbox().size(), 1U);
  EXPECT_NE(mailbox()[0].find("To: =?UTF-8?B?Wm/Dqw==?=\r\n <zoe@example.com>"), std::string::npos) << mailbox()[0];
  EXPECT_NE(mailbox()[0].find("Backyard"), std::string::npos);
  EXPECT_TRUE(host_->metric_arrives("email.sent.count:1|c"));
  EXPECT_TRUE(host_->metric_arrives("email.render.duration:"));
  EXPECT_TRUE(host_->metric_arrives("email.queue.depth:"));
  EXPECT_TRUE(host_->metric_arrives("email.delivery.success_rate:1|g"));
}

TEST_F(EmailServiceTest, HostileNamesAreRefusedOrHarmless) {
  const grpc::Status refused = send(request("a\r\nBcc: all@example.com"));
  EXPECT_EQ(refused.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(refused.error_message().starts_with("to_name:")) << refused.error_message();
  v1::SendOrderConfirmationRequest wrong = request();
  wrong.set_to_email("zoe@example.com>\r\nRCPT TO:<all@example.com");
  EXPECT_EQ(send(wrong).error_code(), StatusCode::INVALID_ARGUMENT);
  ASSERT_TRUE(send(request("<script>alert(1)</script>\" <x@example.com>, \"")).ok());
  ASSERT_TRUE(becomes(v1::QueuedMail::SENT));
  ASSERT_EQ(mailbox().size(), 1U);
  EXPECT_NE(mailbox()[0].find("Delivered-To: zoe@example.com\r\nFrom:"), std::string::npos);
  EXPECT_EQ(mailbox()[0].substr(mailbox()[0].find("text/html")).find("<script"), std::string::npos);
}

TEST_F(EmailServiceTest, TheSwitchFailsMailsWhichWaitAndGoLater) {
  ASSERT_TRUE(host_->context().faults().set("email.failures", 1, 60s));
  ASSERT_TRUE(send(request()).ok());
  EXPECT_TRUE(host_->metric_arrives("email.failed.count:1|c", "kind:temporary"));
  EXPECT_EQ(state(), v1::QueuedMail::QUEUED);
  EXPECT_TRUE(host_->metric_arrives("email.delivery.success_rate:0|g"));
  EXPECT_TRUE(host_->metric_arrives("email.queue.depth:1|g"));
  ASSERT_TRUE(host_->context().faults().clear(""));
  EXPECT_TRUE(becomes(v1::QueuedMail::SENT));
}

TEST(Mailbox, IsAServiceOfItsOwn) {
  EXPECT_NE(testing::TestHost::start(mailbox_info(), {.settings = {{"smtp-port", "0"}}}), nullptr);
}

}  // namespace
}  // namespace vcommerce::email
