#include "courier.h"
#include "mailbox.h"
#include "order_mail.h"
#include "smtp_sender.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include <godseye/base/mutex.h>

#include <vcommerce/email/service.h>
#include <vcommerce/orders/checks.h>
#include <vcommerce/orders/data_folder.h>
#include <vcommerce/orders/status.h>
#include <vcommerce/runtime/money_proto.h>
#include <vcommerce/v1/email.grpc.pb.h>

namespace vcommerce::email {
namespace {

using base::Error;
using base::ErrorCode;

constexpr char kFailures[] = "email.failures";
constexpr char kStalled[] = "email.stalled";
// Mails of a quarter of a second go one after the other: waking the courier and the mail server for each would cost
// more than sending it.
constexpr std::chrono::milliseconds kLookIntoQueue{250};

// The outcomes of the last attempts, for the success rate.
class Outcomes {
 public:
  void add(bool sent) {
    base::MutexLock lock(mutex_);
    outcomes_[total_ % outcomes_.size()] = sent;
    ++total_;
  }
  // 1 while nothing was tried.
  double rate() const {
    base::MutexLock lock(mutex_);
    const size_t kept = std::min(total_, outcomes_.size());
    if (kept == 0) return 1;
    return static_cast<double>(std::count(outcomes_.begin(), outcomes_.begin() + static_cast<long>(kept), true)) /
           static_cast<double>(kept);
  }

 private:
  mutable base::Mutex mutex_;
  std::array<bool, 100> outcomes_ GE_GUARDED_BY(mutex_){};
  size_t total_ GE_GUARDED_BY(mutex_) = 0;
};

// A sender that a fault switch can break, and the metrics of each attempt.
class Attempts final : public Sender, public CourierObserver {
 public:
  Attempts(runtime::Context& context, std::unique_ptr<Sender> sender) : context_(context), sender_(std::move(sender)) {}

  base::Status send(const std::string& from, const std::string& to, const std::string& message) override {
    if (context_.faults().strikes(kFailures)) return Error(ErrorCode::kUnavailable, "failed by a fault switch");
    return sender_->send(from, to, message);
  }
  void sent(const QueuedMail& mail) override {
    outcomes_.add(true);
    context_.metrics().count("email.sent.count", 1);
    context_.log().info("mail sent", {{"key", mail.key}});
  }
  void failed(const QueuedMail& mail, std::string_view kind, const std::string& error) override {
    outcomes_.add(false);
    context_.metrics().count("email.failed.count", 1, {"kind:" + std::string(kind)});
    context_.log().error("mail failed", {{"key", mail.key}, {"kind", kind}, {"error", error}});
  }
  double success_rate() const { return outcomes_.rate(); }

 private:
  runtime::Context& context_;
  std::unique_ptr<Sender> sender_;
  Outcomes outcomes_;
};

OrderMail order_of(const v1::SendOrderConfirmationRequest& request) {
  const auto amount = [](const v1::Money& money) { return Money{money.currency_code(), money.units(), money.nanos()}; };
  OrderMail order;
  order.to = {request.to_name(), request.to_email()};
  order.order_id = request.order_id();
  for (const v1::MailLine& line : request.lines()) {
    order.lines.push_back({line.name(), line.size(), line.quantity(), amount(line.total())});
  }
  order.shipping = amount(request.shipping());
  order.total = amount(request.total());
  order.tracking_id = request.tracking_id();
  order.express = request.express();
  const v1::Address& address = request.address();
  std::string_view street = address.street();
  std::vector<std::string> lines{address.name()};
  while (!street.empty() && lines.size() < 10) {
    const size_t end = std::min(street.find('\n'), street.size());
    lines.emplace_back(street.substr(0, end));
    street.remove_prefix(std::min(street.size(), end + 1));
  }
  lines.push_back(address.postal_code() + " " + address.city());
  lines.push_back(address.region().empty() ? address.country() : address.region() + ", " + address.country());
  std::copy_if(lines.begin(), lines.end(), std::back_inserter(order.address),
               [](const std::string& line) { return !line.empty() && line != " "; });
  return order;
}

class EmailService final : public runtime::Service, public v1::EmailService::Service {
 public:
  EmailService(runtime::Context& context, DataFolder folder, std::unique_ptr<MailQueue> queue,
               std::unique_ptr<LocalMailbox> mailbox, std::unique_ptr<Sender> sender, std::string from)
      : context_(context),
        folder_(std::move(folder)),
        queue_(std::move(queue)),
        mailbox_(std::move(mailbox)),
        from_{"V-Commerce", std::move(from)},
        attempts_(context, std::move(sender)),
        courier_(*queue_, attempts_, attempts_, from_.address),
        thread_([this] { deliver(); }) {}
  ~EmailService() override { stop(); }

  std::vector<grpc::Service*> grpc_services() override { return {this}; }

  void tick() override {
    if (const auto waiting = queue_->waiting(); waiting) {
      context_.metrics().gauge("email.queue.depth", static_cast<double>(*waiting));
    }
    context_.metrics().gauge("email.delivery.success_rate", attempts_.success_rate());
  }

  void stop() override {
    {
      base::MutexLock lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  grpc::Status SendOrderConfirmation(grpc::ServerContext*, const v1::SendOrderConfirmationRequest* request,
                                     v1::QueuedMail* answer) override {
    if (auto failure = runtime::injected_failure()) return *failure;
    if (base::Status good = check_id(request->key(), "key"); !good) return order_status(good.error());
    const OrderMail order = order_of(*request);
    if (base::Status good = check(order); !good) return order_status(good.error());
    const base::TickTime start = context_.clock().tick();
    const Mail mail = order_mail(order, from_, request->key());
    const std::string message = render(mail, context_.clock().wall());
    const std::chrono::duration<double> took = context_.clock().tick() - start;
    context_.metrics().distribution("email.render.duration", took.count());
    return show(queue_->add(request->key(), fingerprint(mail.text + mail.html), order.to.address, message), *answer);
  }

  grpc::Status GetMail(grpc::ServerContext*, const v1::MailKey* request, v1::QueuedMail* answer) override {
    if (base::Status good = check_id(request->key(), "key"); !good) return order_status(good.error());
    return show(queue_->find(request->key()), *answer);
  }

 private:
  static grpc::Status show(const base::Result<QueuedMail>& mail, v1::QueuedMail& answer) {
    if (!mail) return order_status(mail.error());
    answer.set_key(mail->key);
    answer.set_state(static_cast<v1::QueuedMail::State>(mail->state));
    answer.set_attempts(static_cast<int32_t>(mail->attempts));
    answer.set_last_error(mail->last_error);
    return grpc::Status::OK;
  }

  bool stopping() {
    base::MutexLock lock(mutex_);
    return stopping_;
  }

  bool stalled() { return context_.faults().on(kStalled); }

  void deliver() {
    while (!stopping()) {
      const base::Result<int> tried = courier_.run_once([this] { return stopping() || stalled(); });
      if (!tried) context_.log().error("the mail queue failed", {{"error", tried.error().message()}});
      if (tried && *tried > 0) continue;
      base::MutexLock lock(mutex_);
      if (!stopping_) wake_.wait_until(mutex_, std::chrono::steady_clock::now() + kLookIntoQueue);
    }
  }

  runtime::Context& context_;
  DataFolder folder_;
  std::unique_ptr<MailQueue> queue_;
  std::unique_ptr<LocalMailbox> mailbox_;
  Mailbox from_;
  Attempts attempts_;
  Courier courier_;
  base::Mutex mutex_;
  base::ConditionVariable wake_;
  bool stopping_ GE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

static_assert(static_cast<int>(v1::QueuedMail::QUEUED) == static_cast<int>(MailState::kQueued));
static_assert(static_cast<int>(v1::QueuedMail::SENT) == static_cast<int>(MailState::kSent));
static_assert(static_cast<int>(v1::QueuedMail::FAILED) == static_cast<int>(MailState::kFailed));

base::Result<std::unique_ptr<runtime::Service>> make(const runtime::Settings& settings, runtime::Context& context) {
  const std::string from = settings.text("mail-from");
  if (base::Status good = check_address(from, "--mail-from"); !good) return std::move(good).error();
  base::Result<DataFolder> folder = DataFolder::open(settings.text("data-dir"));
  if (!folder) return std::move(folder).error();
  base::Result<std::unique_ptr<MailQueue>> queue =
      MailQueue::open(folder->path() + "/mail.sqlite", QueueLimits{}, context.clock());
  if (!queue) return std::move(queue).error();
  std::unique_ptr<LocalMailbox> mailbox;
  std::string url = settings.text("smtp");
  if (url.empty()) {
    base::Result<std::unique_ptr<LocalMailbox>> started =
        LocalMailbox::start({.directory = folder->path() + "/mailbox"}, context.clock());
    if (!started) return std::move(started).error();
    mailbox = *std::move(started);
    url = "smtp://127.0.0.1:" + std::to_string(mailbox->port());
  }
  base::Result<std::unique_ptr<Sender>> sender =
      smtp_sender({.url = url, .user = settings.text("smtp-user"), .password = settings.text("smtp-password")});
  if (!sender) return std::move(sender).error();
  return std::unique_ptr<runtime::Service>(std::make_unique<EmailService>(
      context, *std::move(folder), *std::move(queue), std::move(mailbox), *std::move(sender), from));
}

// The mailbox alone, for whoever wants to read mails of more than one shop.
class MailboxService final : public runtime::Service {
 public:
  MailboxService(DataFolder folder, std::unique_ptr<LocalMailbox> mailbox)
      : folder_(std::move(folder)), mailbox_(std::move(mailbox)) {}
  std::vector<grpc::Service*> grpc_services() override { return {}; }

 private:
  DataFolder folder_;
  std::unique_ptr<LocalMailbox> mailbox_;
};

base::Result<std::unique_ptr<runtime::Service>> make_mailbox(const runtime::Settings& settings,
                                                             runtime::Context& context) {
  const auto port = settings.whole("smtp-port", 0, 65535);
  if (!port) return port.error();
  base::Result<DataFolder> folder = DataFolder::open(settings.text("data-dir"));
  if (!folder) return std::move(folder).error();
  base::Result<std::unique_ptr<LocalMailbox>> mailbox =
      LocalMailbox::start({.directory = folder->path() + "/mailbox", .port = static_cast<int>(*port)}, context.clock());
  if (!mailbox) return std::move(mailbox).error();
  context.log().info("the mailbox listens", {{"smtp", "smtp://127.0.0.1:" + std::to_string((*mailbox)->port())},
                                             {"directory", folder->path() + "/mailbox"}});
  return std::unique_ptr<runtime::Service>(std::make_unique<MailboxService>(*std::move(folder), *std::move(mailbox)));
}

}  // namespace

runtime::ServiceInfo info() {
  return {.name = "emailservice",
          .what = "mails about orders, by SMTP",
          .settings = {{"smtp", "", "smtp://HOST:PORT or smtps://HOST:PORT; empty: a mailbox in the data folder"},
                       {"smtp-user", "", "name at the mail server; empty: none is given"},
                       {"smtp-password", "", "password at the mail server"},
                       {"mail-from", "shop@vcommerce.example", "the address that mails come from"},
                       {"data-dir", "", "folder of what must survive a restart; empty: nothing does"}},
          .faults = {{kFailures, "that share of attempts to send fails"},
                     {kStalled, "nothing is sent: mails wait in the queue"}},
          .make = make};
}

runtime::ServiceInfo mailbox_info() {
  return {.name = "mailbox",
          .what = "a local mailbox: takes mail on loopback and writes .eml files",
          .settings = {{"smtp-port", "7125", "port on loopback; 0 takes a free one"},
                       {"data-dir", "", "its folder mailbox gets the files; empty: a temporary one"}},
          .faults = {},
          .make = make_mailbox};
}

}  // namespace vcommerce::email
