// The process that kill_test kills: appends numbered batches as fast as asked and says on standard output which ones
// were acknowledged. Usage: store_kill_writer DATA_DIR STORE_PROGRAM FIRST_NUMBER SEED
//   "engine <pid>"  the child was started (again)
//   "ack <number>"    batch <number> of metrics was acknowledged
//   "spans <number>"  batch <number> of spans was acknowledged
// Ends only by being killed, or at the end of standard input.
#include "fakes/batches.h"
#include "fakes/kill_plan.h"
#include "fakes/spans.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include <godseye/store/store.h>

#include <poll.h>
#include <unistd.h>

int main(int argc, char** argv) {
  using namespace godseye;
  using namespace std::chrono_literals;
  if (argc != 5) return 2;
  uint64_t number = std::strtoull(argv[3], nullptr, 10);
  const uint64_t seed = std::strtoull(argv[4], nullptr, 10);
  store::StoreConfig config;
  config.data_dir = argv[1];
  config.store_program = argv[2];
  config.retention_days = 3650;
  config.rotate_interval = 50ms;
  config.rollup_interval = 20ms;
  config.insert_settings = store::testing::replay_settings(seed);
  config.derive = store::testing::derive;
  auto opened = store::Store::open(config, base::system_clock());
  if (!opened) {
    std::fprintf(stderr, "%s\n", opened.error().message().c_str());
    return 2;
  }
  store::Store& store = **opened;
  int64_t engine = 0;
  while (true) {
    if (const int64_t now = store.stats().engine_process; now != engine) {
      engine = now;
      std::printf("engine %lld\n", static_cast<long long>(engine));
    }
    if (store.append(store::testing::batch(number, store::testing::points_of(number)))) {
      std::printf("ack %llu\n", static_cast<unsigned long long>(number));
    }
    if (store.append(store::testing::spans(number, store::testing::spans_of(number)))) {
      std::printf("spans %llu\n", static_cast<unsigned long long>(number));
    }
    std::fflush(stdout);
    ++number;
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (::poll(&input, 1, 2) > 0) return 0;  // the test ended
  }
}
