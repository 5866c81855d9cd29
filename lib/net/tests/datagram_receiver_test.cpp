#include <atomic>
#include <chrono>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include <godseye/base/mutex.h>
#include <godseye/net/datagram_receiver.h>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace godseye::net {
namespace {

class Collected {
 public:
  void add(std::span<const std::string_view> packets) {
    base::MutexLock lock(mutex_);
    for (const std::string_view packet : packets) packets_.emplace_back(packet);
    changed_.notify_all();
  }
  // All packets once there are `count`, or what there is after ten seconds.
  std::vector<std::string> wait_for(size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    base::MutexLock lock(mutex_);
    while (packets_.size() < count && changed_.wait_until(mutex_, deadline)) {
    }
    return packets_;
  }

 private:
  base::Mutex mutex_;
  base::ConditionVariable changed_;
  std::vector<std::string> packets_ GE_GUARDED_BY(mutex_);
};

class Sender {
 public:
  explicit Sender(const ListenAddress& to) : fd_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(to.port);
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Sender() { ::close(fd_); }
  bool send(const std::string& packet) const {
    return connected_ && ::send(fd_, packet.data(), packet.size(), 0) == static_cast<ssize_t>(packet.size());
  }

 private:
  int fd_;
  bool connected_ = false;
};

std::unique_ptr<DatagramReceiver> start(Collected& collected, size_t buffer = kReceiveBufferBytesDefault) {
  auto receiver =
      DatagramReceiver::start({.address = *parse_listen_address("127.0.0.1:0"), .receive_buffer_bytes = buffer},
                              [&](std::span<const std::string_view> packets) { collected.add(packets); });
  EXPECT_TRUE(receiver.has_value());
  return *std::move(receiver);
}

TEST(DatagramReceiver, HandsOnEveryDatagramInOrder) {
  Collected collected;
  auto receiver = start(collected);
  ASSERT_NE(receiver->address().port, 0);
  const Sender sender(receiver->address());
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(sender.send("m:" + std::to_string(i) + "|c"));
  const std::vector<std::string> packets = collected.wait_for(500);
  ASSERT_EQ(packets.size(), 500U);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(packets[i], "m:" + std::to_string(i) + "|c");
  EXPECT_EQ(receiver->stats().packets, 500U);
  EXPECT_EQ(receiver->stats().dropped_by_kernel, 0U);
}

TEST(DatagramReceiver, CutsAndCountsWhatIsLongerThanItsBuffer) {
  Collected collected;
  auto receiver = start(collected);
  const Sender sender(receiver->address());
  ASSERT_TRUE(sender.send(std::string(kDatagramBytesMax, 'a')));
  ASSERT_TRUE(sender.send(std::string(kDatagramBytesMax + 1, 'b')));
  const std::vector<std::string> packets = collected.wait_for(2);
  ASSERT_EQ(packets.size(), 2U);
  EXPECT_EQ(packets[1].size(), kDatagramBytesMax);
  EXPECT_EQ(receiver->stats().truncated, 1U);
}

TEST(DatagramReceiver, StopTakesWhatIsAlreadyThere) {
  Collected collected;
  auto receiver = start(collected);
  const Sender sender(receiver->address());
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(sender.send("x"));
  receiver->stop();
  receiver->stop();
  EXPECT_EQ(collected.wait_for(200).size(), 200U);
}

TEST(DatagramReceiver, StopsUnderAFlood) {
  std::atomic<bool> flooding{true};
  std::atomic<uint64_t> taken{0};
  auto receiver = DatagramReceiver::start({.address = *parse_listen_address("127.0.0.1:0")},
                                          [&](std::span<const std::string_view> packets) { taken += packets.size(); });
  ASSERT_TRUE(receiver.has_value());
  std::thread flood([&flooding, to = (*receiver)->address()] {
    const Sender sender(to);
    // Bounded, should stop() hang.
    for (int i = 0; i < 3'000'000 && flooding; ++i) static_cast<void>(sender.send("m:1|c"));
  });
  while (taken == 0) std::this_thread::yield();
  (*receiver)->stop();
  EXPECT_TRUE(flooding.exchange(false));
  flood.join();
}

TEST(DatagramReceiver, NamesTheAddressItCannotHave) {
  Collected collected;
  auto first = start(collected);
  const auto second = DatagramReceiver::start({.address = first->address()}, [](std::span<const std::string_view>) {});
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().message().find(first->address().text()), std::string::npos);
  EXPECT_FALSE(DatagramReceiver::start({.address = *parse_listen_address("unix:/nowhere/x")}, {}).has_value());
}

TEST(DatagramReceiver, TakesDatagramsFromAUnixSocket) {
  const std::string path = ::testing::TempDir() + "datagrams-" + std::to_string(::getpid()) + ".sock";
  const auto listen = [&](Collected& collected) {
    return DatagramReceiver::start({.address = *parse_listen_address("unix:" + path)},
                                   [&](std::span<const std::string_view> packets) { collected.add(packets); });
  };
  // What a killed process left behind is replaced; a socket in use and a file are not.
  const int left = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(left, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(left);
  Collected collected;
  auto receiver = listen(collected);
  ASSERT_TRUE(receiver.has_value()) << receiver.error().message();
  EXPECT_FALSE(listen(collected).has_value());

  const int sender = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  ASSERT_EQ(::connect(sender, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const std::string large(kDatagramBytesMax + 100, 'x');
  ASSERT_EQ(::send(sender, "m:1|c", 5, 0), 5);
  ASSERT_EQ(::send(sender, large.data(), large.size(), 0), static_cast<ssize_t>(large.size()));
  ::close(sender);
  const std::vector<std::string> packets = collected.wait_for(2);
  ASSERT_EQ(packets.size(), 2U);
  EXPECT_EQ(packets[0], "m:1|c");
  EXPECT_EQ(packets[1].size(), kDatagramBytesMax);
  EXPECT_EQ((*receiver)->stats().truncated, 1U);
  (*receiver)->stop();
  EXPECT_NE(::access(path.c_str(), F_OK), 0) << "the socket file goes with the receiver";
}

// A burst larger than the smallest buffer, sent while the sink is held: nothing vanishes unseen.
TEST(DatagramReceiver, CountsWhatTheKernelDrops) {
  Collected collected;
  std::latch released(1);
  auto receiver =
      DatagramReceiver::start({.address = *parse_listen_address("127.0.0.1:0"), .receive_buffer_bytes = 4096},
                              [&](std::span<const std::string_view> packets) {
                                released.wait();
                                collected.add(packets);
                              });
  ASSERT_TRUE(receiver.has_value());
  const Sender sender((*receiver)->address());
  constexpr uint64_t kSent = 2000;
  for (uint64_t i = 0; i < kSent; ++i) ASSERT_TRUE(sender.send(std::string(100, 'x')));
  released.count_down();
  // The kernel tells its count with the next datagram that fits.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  uint64_t extra = 0;
  while (std::chrono::steady_clock::now() < deadline) {
    const DatagramReceiverStats stats = (*receiver)->stats();
    if (stats.dropped_by_kernel > 0 && stats.packets + stats.dropped_by_kernel >= kSent + extra) break;
    ASSERT_TRUE(sender.send("x"));
    ++extra;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const DatagramReceiverStats stats = (*receiver)->stats();
  EXPECT_GT(stats.dropped_by_kernel, 0U);
  EXPECT_EQ(stats.packets + stats.dropped_by_kernel, kSent + extra);
}

TEST(DatagramReceiver, SaysWhichProcessSent) {
  const std::string path = ::testing::TempDir() + "datagrams-sender-" + std::to_string(::getpid()) + ".sock";
  std::atomic<int64_t> process{-1};
  std::atomic<size_t> count{0};
  auto receiver = DatagramReceiver::start({.address = {.family = ListenAddress::Family::kUnix, .path = path},
                                           .by_sender =
                                               [&](int64_t sender, std::span<const std::string_view> packets) {
                                                 process.store(sender);
                                                 count += packets.size();
                                               }},
                                          [](std::span<const std::string_view>) { FAIL() << "packets have a sender"; });
  ASSERT_TRUE(receiver) << receiver.error().message();
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  path.copy(to.sun_path, sizeof to.sun_path - 1);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(::sendto(fd, "a:1|c", 5, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to), 5);
  }
  ::close(fd);
  (*receiver)->stop();
  EXPECT_EQ(process.load(), ::getpid());
  EXPECT_EQ(count.load(), 3U);
}

}  // namespace
}  // namespace godseye::net
