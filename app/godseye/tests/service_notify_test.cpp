#include "service_notify.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace godseye::app {
namespace {

// What a service manager would hear.
class Manager {
 public:
  Manager() {
    std::string pattern = (std::filesystem::temp_directory_path() / "godseye-notify-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  ~Manager() {
    ::close(fd_);
    std::filesystem::remove_all(directory_);
  }
  std::string path() const { return directory_ + "/notify"; }
  std::string heard() {
    char text[512];
    const ssize_t size = ::recv(fd_, text, sizeof text, MSG_DONTWAIT);
    return size < 0 ? "" : std::string(text, static_cast<size_t>(size));
  }

 private:
  std::string directory_;
  int fd_ = -1;
};

TEST(ServiceNotify, TellsTheManagerWhatItAsksFor) {
  Manager manager;
  const ServiceNotify notify(manager.path(), "120000000");
  EXPECT_EQ(notify.alive_every(), std::chrono::seconds(60));
  ASSERT_TRUE(notify.ready("http=127.0.0.1:1\nREADY=0"));
  EXPECT_EQ(manager.heard(), "READY=1\nSTATUS=http=127.0.0.1:1 READY=0");
  ASSERT_TRUE(notify.alive());
  EXPECT_EQ(manager.heard(), "WATCHDOG=1");
  ASSERT_TRUE(notify.stopping());
  EXPECT_EQ(manager.heard(), "STOPPING=1");
}

TEST(ServiceNotify, DoesNothingWithoutAManager) {
  const ServiceNotify notify("", "120000000");
  EXPECT_FALSE(notify.wanted());
  EXPECT_EQ(notify.alive_every().count(), 0);
  EXPECT_TRUE(notify.ready("x"));
}

TEST(ServiceNotify, AManagerThatIsGoneOrNonsenseIsAnErrorNotACrash) {
  EXPECT_FALSE(ServiceNotify("/nowhere/at/all", "").alive());
  EXPECT_FALSE(ServiceNotify("relative", "x").alive());
  EXPECT_FALSE(ServiceNotify("/" + std::string(200, 'a'), "-5").alive());
}

}  // namespace
}  // namespace godseye::app
