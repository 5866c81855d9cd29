#include "confine.h"

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace godseye::image_decoder {
namespace {

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "the numbers of system calls differ by processor: add this one"
#endif

bool limit(int resource, uint64_t soft, uint64_t hard) {
  const rlimit value{soft, hard};
  return ::setrlimit(static_cast<__rlimit_resource>(resource), &value) == 0;
}

// A filter is a straight list of instructions; calls that are in no rule fall through to the last one, which kills.
class Filter {
 public:
  Filter() {
    load(offsetof(seccomp_data, arch));
    skip_unless_equal(kArchitecture, 0, 1);
    jump_over(1);
    kill();
    load(offsetof(seccomp_data, nr));
  }

  void allow(long call) {
    skip_unless_equal(static_cast<uint32_t>(call), 0, 1);
    answer(SECCOMP_RET_ALLOW);
  }

  // `call` with its argument `index` equal to `value`.
  void allow_if_equal(long call, unsigned index, uint32_t value) {
    skip_unless_equal(static_cast<uint32_t>(call), 0, 4);
    load(argument(index));
    skip_unless_equal(value, 0, 1);
    answer(SECCOMP_RET_ALLOW);
    kill();
  }

  // `call` with none of `never` and all of `always` in the bits of two arguments.
  void allow_if_bits(long call, unsigned never_index, uint32_t never, unsigned always_index, uint32_t always) {
    skip_unless_equal(static_cast<uint32_t>(call), 0, 6);
    load(argument(never_index));
    add(BPF_JMP | BPF_JSET | BPF_K, never, 3, 0);
    load(argument(always_index));
    add(BPF_JMP | BPF_JSET | BPF_K, always, 0, 1);
    answer(SECCOMP_RET_ALLOW);
    kill();
  }

  bool install() {
    kill();
    sock_fprog program{static_cast<unsigned short>(size_), list_.data()};
    return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
  }

 private:
  // The kernel takes these arguments as 32 bits; both processors store the low half first.
  static uint32_t argument(unsigned index) {
    return static_cast<uint32_t>(offsetof(seccomp_data, args) + sizeof(uint64_t) * index);
  }
  void add(uint16_t code, uint32_t value, uint8_t if_true = 0, uint8_t if_false = 0) {
    if (size_ < list_.size()) list_[size_++] = {code, if_true, if_false, value};
  }
  void load(uint32_t offset) { add(BPF_LD | BPF_W | BPF_ABS, offset); }
  void skip_unless_equal(uint32_t value, uint8_t if_true, uint8_t if_false) {
    add(BPF_JMP | BPF_JEQ | BPF_K, value, if_true, if_false);
  }
  void jump_over(uint32_t count) { add(BPF_JMP | BPF_JA, count); }
  void answer(uint32_t action) { add(BPF_RET | BPF_K, action); }
  void kill() { answer(SECCOMP_RET_KILL_PROCESS); }

  std::array<sock_filter, 64> list_{};
  size_t size_ = 0;
};

bool install_filter(int status_descriptor) {
  Filter filter;
  filter.allow(__NR_brk);
  filter.allow(__NR_munmap);
  filter.allow(__NR_mremap);
  filter.allow(__NR_madvise);
  filter.allow(__NR_exit_group);
  filter.allow(__NR_exit);
  filter.allow(__NR_sysinfo);    // qsort of the C library asks how much memory there is
  filter.allow(__NR_getrandom);  // the allocator of newer C libraries asks once
  filter.allow_if_bits(__NR_mmap, 2, PROT_EXEC, 3, MAP_ANONYMOUS);
  filter.allow_if_bits(__NR_mprotect, 2, PROT_EXEC, 2, PROT_READ);
  filter.allow_if_equal(__NR_write, 0, STDOUT_FILENO);
  if (status_descriptor >= 0) filter.allow_if_equal(__NR_pread64, 0, static_cast<uint32_t>(status_descriptor));
  return filter.install();
}

}  // namespace

int open_own_status() { return ::open("/proc/self/status", O_RDONLY | O_CLOEXEC); }

bool confine(const Confinement& how, int status_descriptor) {
  const bool limited = limit(RLIMIT_AS, how.memory_bytes, how.memory_bytes) &&
                       limit(RLIMIT_CPU, how.cpu_seconds, how.cpu_seconds + 1) && limit(RLIMIT_FSIZE, 0, 0) &&
                       limit(RLIMIT_NOFILE, 0, 0) && limit(RLIMIT_NPROC, 0, 0) && limit(RLIMIT_CORE, 0, 0) &&
                       limit(RLIMIT_MEMLOCK, 0, 0);
  return limited && ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::prctl(PR_SET_DUMPABLE, 0) == 0 &&
         ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && install_filter(status_descriptor);
}

uint64_t peak_memory_bytes(int status_descriptor) {
  std::array<char, 4096> text{};
  if (status_descriptor < 0 || ::pread(status_descriptor, text.data(), text.size() - 1, 0) <= 0) return 0;
  const char* line = std::strstr(text.data(), "VmHWM:");
  return line == nullptr ? 0 : std::strtoull(line + 6, nullptr, 10) * 1024;
}

}  // namespace godseye::image_decoder
