#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <godseye/base/mutex.h>
#include <godseye/net/framed_receiver.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace godseye::net {
namespace {

using ::testing::ElementsAre;

std::string framed(const std::string& packet) {
  std::string out;
  for (int i = 0; i < 4; ++i) out += static_cast<char>(packet.size() >> (8 * i) & 0xff);
  return out + packet;
}

class Client {
 public:
  explicit Client(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { ::close(fd_); }
  bool send(const std::string& bytes) const {
    return connected_ && ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  // True when the server closes within ten seconds.
  bool closed() const {
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    char byte = 0;
    const ssize_t got = ::recv(fd_, &byte, 1, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
  }

 private:
  int fd_;
  bool connected_ = false;
};

class FramedReceiverTest : public ::testing::Test {
 protected:
  void start(size_t connections_max = kFramedConnectionsMaxDefault) {
    path_ = ::testing::TempDir() + "framed-" + std::to_string(::getpid()) + ".sock";
    auto receiver =
        FramedReceiver::start({.address = *parse_listen_address("unix:" + path_), .connections_max = connections_max},
                              [this](std::span<const std::string_view> packets) {
                                base::MutexLock lock(mutex_);
                                for (const std::string_view packet : packets) packets_.emplace_back(packet);
                                changed_.notify_all();
                              });
    ASSERT_TRUE(receiver) << receiver.error().message();
    receiver_ = *std::move(receiver);
  }
  std::vector<std::string> wait_for(size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    base::MutexLock lock(mutex_);
    while (packets_.size() < count && changed_.wait_until(mutex_, deadline)) {
    }
    return packets_;
  }

  std::string path_;
  std::unique_ptr<FramedReceiver> receiver_;
  base::Mutex mutex_;
  base::ConditionVariable changed_;
  std::vector<std::string> packets_ GE_GUARDED_BY(mutex_);
};

TEST_F(FramedReceiverTest, TheExampleOfTheSpecification) {
  start();
  const Client client(path_);
  ASSERT_TRUE(client.send(std::string("\x0f\x00\x00\x00page.views:1|c\n", 19)));
  EXPECT_THAT(wait_for(1), ElementsAre("page.views:1|c\n"));
  // Clients run as other users.
  EXPECT_EQ(static_cast<int>(std::filesystem::status(path_).permissions()), 0722);
}

TEST_F(FramedReceiverTest, PacketsMayComeByteByByteAndManyAtOnce) {
  start();
  const Client slow(path_);
  for (const char c : framed("slow:1|c")) ASSERT_TRUE(slow.send(std::string(1, c)));
  const Client fast(path_);
  std::string many;
  for (int i = 0; i < 5000; ++i) many += framed("fast:" + std::to_string(i) + "|c");
  ASSERT_TRUE(fast.send(many));
  EXPECT_EQ(wait_for(5001).size(), 5001U);
  EXPECT_EQ(receiver_->stats().packets, 5001U);
  EXPECT_EQ(receiver_->stats().connections, 2U);
}

TEST_F(FramedReceiverTest, TheLargestPacketPassesAndALargerOneEndsItsConnectionAlone) {
  start();
  const Client good(path_);
  const Client bad(path_);
  ASSERT_TRUE(bad.send(framed("first:1|c") + framed(std::string(kFramedPacketBytesMax + 1, 'x'))));
  EXPECT_TRUE(bad.closed());
  ASSERT_TRUE(good.send(framed(std::string(kFramedPacketBytesMax, 'y'))));
  EXPECT_EQ(wait_for(2).size(), 2U);
  EXPECT_EQ(receiver_->stats().broken_frames, 1U);
}

TEST_F(FramedReceiverTest, ALengthOfZeroAndAnEndWithinAPacketAreBroken) {
  start();
  {
    const Client zero(path_);
    ASSERT_TRUE(zero.send(std::string(4, '\0')));
    EXPECT_TRUE(zero.closed());
    const Client half(path_);
    ASSERT_TRUE(half.send(framed("whole:1|c").substr(0, 7)));
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (receiver_->stats().broken_frames < 2 && std::chrono::steady_clock::now() < deadline) ::usleep(1000);
  EXPECT_EQ(receiver_->stats().broken_frames, 2U);
  EXPECT_EQ(receiver_->stats().connections_now, 0U);
}

TEST_F(FramedReceiverTest, ConnectionsBeyondTheLimitAreClosedAndCounted) {
  start(1);
  const Client first(path_);
  ASSERT_TRUE(first.send(framed("a:1|c")));
  wait_for(1);
  const Client second(path_);
  EXPECT_TRUE(second.closed());
  EXPECT_EQ(receiver_->stats().connections_refused, 1U);
}

TEST_F(FramedReceiverTest, StoppingTakesWhatHasArrivedAndRemovesTheSocket) {
  start();
  const Client client(path_);
  ASSERT_TRUE(client.send(framed("a:1|c")));
  receiver_->stop();
  EXPECT_EQ(wait_for(1).size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST(FramedReceiver, SaysWhichProcessConnected) {
  const std::string path = ::testing::TempDir() + "framed-sender-" + std::to_string(::getpid()) + ".sock";
  std::atomic<int64_t> process{-1};
  auto receiver = FramedReceiver::start(
      {.address = *parse_listen_address("unix:" + path),
       .by_sender = [&](int64_t sender, std::span<const std::string_view>) { process.store(sender); }},
      [](std::span<const std::string_view>) { FAIL() << "packets have a sender"; });
  ASSERT_TRUE(receiver) << receiver.error().message();
  {
    const Client client(path);
    ASSERT_TRUE(client.send(framed("a:1|c")));
  }
  (*receiver)->stop();
  EXPECT_EQ(process.load(), ::getpid());
}

}  // namespace
}  // namespace godseye::net
