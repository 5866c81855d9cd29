#include "courier.h"
#include "mailbox.h"
#include "smtp_sender.h"
#include "smtp_session.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace vcommerce::email {
namespace {

using base::ErrorCode;
using namespace std::chrono_literals;

struct FakeSender : Sender {
  base::Status send(const std::string&, const std::string& to, const std::string& message) override {
    tried.push_back(to);
    if (failure != ErrorCode{}) return base::Error(failure, "no");
    messages.push_back(message);
    return base::ok();
  }
  ErrorCode failure{};
  std::vector<std::string> tried, messages;
};

struct Notes : CourierObserver {
  void sent(const QueuedMail&) override { ++sent_count; }
  void failed(const QueuedMail&, std::string_view kind, const std::string&) override { failures.emplace_back(kind); }
  int sent_count = 0;
  std::vector<std::string> failures;
};

struct Queue {
  base::WallTime wall = std::chrono::sys_days(std::chrono::year(2026) / 1 / 5);
  base::Clock clock{[this] { return wall; }, [] { return base::TickTime{}; }};
  std::unique_ptr<MailQueue> queue = *MailQueue::open(":memory:", {.waiting_max = 3}, clock);
  FakeSender sender;
  Notes notes;
  Courier courier{*queue, sender, notes, "shop@vcommerce.example"};
  int run() {
    return *courier.run_once([] { return false; });
  }
};

TEST(MailQueue, AKeyIsOneMail) {
  Queue q;
  ASSERT_TRUE(q.queue->add("k", "f", "a@example.com", "text"));
  ASSERT_TRUE(q.queue->add("k", "f", "a@example.com", "text"));
  EXPECT_EQ(q.queue->add("k", "other", "a@example.com", "text").error().code(), ErrorCode::kAlreadyExists);
  EXPECT_EQ(q.run(), 1);
  EXPECT_EQ(q.run(), 0);
  EXPECT_EQ(q.queue->add("k", "f", "a@example.com", "text")->state, MailState::kSent);
  EXPECT_EQ(q.run(), 0);
  EXPECT_EQ(q.sender.messages.size(), 1U);
}

TEST(MailQueue, IsBounded) {
  Queue q;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(q.queue->add(std::to_string(i), "f", "a@example.com", "text"));
  EXPECT_EQ(q.queue->add("4", "f", "a@example.com", "text").error().code(), ErrorCode::kQueueFull);
  EXPECT_EQ(*q.queue->waiting(), 3);
}

TEST(Courier, TriesAgainLaterAndLater) {
  Queue q;
  q.sender.failure = ErrorCode::kUnavailable;
  ASSERT_TRUE(q.queue->add("k", "f", "a@example.com", "text"));
  for (const auto pause : {5s, 10s, 20s, 40s}) {
    EXPECT_EQ(q.run(), 1);
    q.wall += pause - 1s;
    EXPECT_EQ(q.run(), 0);
    q.wall += 1s;
  }
  q.sender.failure = {};
  EXPECT_EQ(q.run(), 1);
  EXPECT_EQ(q.notes.sent_count, 1);
  EXPECT_EQ(q.queue->find("k")->attempts, 5);
}

TEST(Courier, ARefusalForGoodAndTooMuchAgeEndIt) {
  Queue q;
  q.sender.failure = ErrorCode::kInvalidArgument;
  ASSERT_TRUE(q.queue->add("refused", "f", "a@example.com", "text"));
  EXPECT_EQ(q.run(), 1);
  EXPECT_EQ(q.queue->find("refused")->state, MailState::kFailed);
  q.sender.failure = ErrorCode::kTimeout;
  ASSERT_TRUE(q.queue->add("old", "f", "a@example.com", "text"));
  EXPECT_EQ(q.run(), 1);
  q.wall += 49h;
  EXPECT_EQ(q.run(), 1);
  EXPECT_EQ(q.queue->find("old")->state, MailState::kFailed);
  EXPECT_EQ(q.notes.failures, (std::vector<std::string>{"permanent", "temporary", "given_up"}));
  EXPECT_EQ(*q.queue->waiting(), 0);
}

TEST(SmtpSession, TakesAMailAndUnstuffsDots) {
  std::vector<ReceivedMail> got;
  SmtpSession session([&](const ReceivedMail& mail) {
    got.push_back(mail);
    return true;
  });
  std::string answers;
  // A byte at a time: the worst network there is.
  for (const char c : std::string("EHLO x\r\nMAIL FROM:<a@example.com> SIZE=3\r\nrcpt to:<b@example.com>\r\nDATA\r\n"
                                  "Subject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n")) {
    answers += session.on_bytes({&c, 1});
  }
  ASSERT_EQ(got.size(), 1U) << answers;
  EXPECT_EQ(got[0].from, "a@example.com");
  EXPECT_EQ(got[0].to, std::vector<std::string>{"b@example.com"});
  EXPECT_EQ(got[0].message, "Subject: x\r\n\r\n.dot\r\n");
  EXPECT_TRUE(session.closed());
}

TEST(SmtpSession, IsBounded) {
  int kept = 0;
  SmtpSession session([&](const ReceivedMail&) {
    ++kept;
    return true;
  });
  EXPECT_EQ(session.on_bytes(std::string(5000, 'x') + "\r\n"), "500 the line is too long\r\n");
  EXPECT_TRUE(session.on_bytes("DATA\r\n").starts_with("503"));
  session.on_bytes("MAIL FROM:<a@b>\r\n");
  for (int i = 0; i < 50; ++i) EXPECT_EQ(session.on_bytes("RCPT TO:<c@d>\r\n"), "250 ok\r\n");
  EXPECT_TRUE(session.on_bytes("RCPT TO:<c@d>\r\n").starts_with("452"));
  session.on_bytes("DATA\r\n");
  for (int i = 0; i < 2000; ++i) session.on_bytes(std::string(900, 'y') + "\r\n");
  EXPECT_TRUE(session.on_bytes(".\r\n").starts_with("552"));
  EXPECT_EQ(kept, 0);
  for (int i = 0; i < 200 && !session.closed(); ++i) session.on_bytes("nonsense\r\n");
  EXPECT_TRUE(session.closed());
}

class MailboxTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = testing::TempDir() + "mailbox_" + testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(directory_);
    auto started = LocalMailbox::start({.directory = directory_, .files_max = 2}, base::system_clock());
    ASSERT_TRUE(started) << started.error().message();
    mailbox_ = *std::move(started);
  }
  void TearDown() override {
    mailbox_.reset();
    std::filesystem::remove_all(directory_);
  }
  std::unique_ptr<Sender> sender() {
    return *smtp_sender({.url = "smtp://127.0.0.1:" + std::to_string(mailbox_->port()), .timeout = 5s});
  }
  std::vector<std::string> files() {
    std::vector<std::string> texts;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      std::ifstream file(entry.path(), std::ios::binary);
      texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return texts;
  }
  std::string directory_;
  std::unique_ptr<LocalMailbox> mailbox_;
};

TEST_F(MailboxTest, KeepsWhatARealClientSends) {
  const std::string message = "Subject: x\r\n\r\n.\r\n.a line with a dot\r\nend\r\n";
  const base::Status sent = sender()->send("shop@vcommerce.example", "ada@example.com", message);
  ASSERT_TRUE(sent) << sent.error().message();
  ASSERT_EQ(files().size(), 1U);
  EXPECT_EQ(files()[0], "Return-Path: <shop@vcommerce.example>\r\nDelivered-To: ada@example.com\r\n" + message);
}

TEST_F(MailboxTest, ASenderKeepsItsConnectionAndMakesANewOneWhenTheServerWentAndCameBack) {
  const auto out = sender();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(out->send("a@example.com", "b@example.com", "x\r\n"));
  EXPECT_FALSE(out->send("a@example.com", "b c@example.com", "x\r\n"));
  ASSERT_TRUE(out->send("a@example.com", "b@example.com", "x\r\n"));
  EXPECT_EQ(mailbox_->received(), 4);
  EXPECT_LE(mailbox_->conversations(), 2);  // one more where a refusal ends it
  const int port = mailbox_->port();
  mailbox_.reset();
  auto again = LocalMailbox::start({.directory = directory_, .port = port}, base::system_clock());
  ASSERT_TRUE(again) << again.error().message();
  mailbox_ = *std::move(again);
  const base::Status sent = out->send("a@example.com", "b@example.com", "x\r\n");
  ASSERT_TRUE(sent) << sent.error().message();
  EXPECT_EQ(mailbox_->received(), 1);
}

TEST_F(MailboxTest, ForgetsTheOldest) {
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(sender()->send("a@example.com", "b@example.com", "x\r\n"));
  EXPECT_EQ(files().size(), 2U);
  EXPECT_EQ(mailbox_->received(), 4);
}

TEST_F(MailboxTest, ItsAbsenceIsTemporaryAndItsRefusalIsNot) {
  const auto out = sender();
  EXPECT_EQ(out->send("a@example.com", "b c@example.com", "x\r\n").error().code(), ErrorCode::kInvalidArgument);
  mailbox_.reset();
  EXPECT_EQ(out->send("a@example.com", "b@example.com", "x\r\n").error().code(), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace vcommerce::email
