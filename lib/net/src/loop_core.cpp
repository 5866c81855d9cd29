#include "loop_core.h"

#include <algorithm>
#include <cerrno>
#include <csignal>

#include <godseye/base/assert.h>
#include <godseye/base/scheduling.h>
#include <godseye/net/worker_pool.h>

#include <sys/eventfd.h>
#include <unistd.h>

namespace godseye::net {
namespace {

// A turn resumes tasks until none is ready; one that is ready again and again waits for the next turn after this many.
constexpr int kReadyRoundsMax = 16;

}  // namespace

void Timer::arm(std::chrono::milliseconds after) { arm_at(core_.now_ + after); }

void Timer::arm_at(base::TickTime when) {
  due_ = when;
  if (place_ != kOut) {
    if (when >= key_) return;  // the heap's key is early: looked at again then
    key_ = when;
    core_.sift_up(place_);
    return;
  }
  key_ = when;
  core_.heap_.push_back(this);
  place_ = core_.heap_.size() - 1;
  core_.sift_up(place_);
}

void Timer::take_out() {
  if (place_ == kOut) return;
  const size_t at = place_;
  place_ = kOut;
  Timer* last = core_.heap_.back();
  core_.heap_.pop_back();
  if (last == this) return;
  core_.place(at, last);
  core_.sift_up(at);
  core_.sift_down(last->place_);
}

LoopCore::LoopCore(size_t index, std::string thread_name) : index_(index), thread_name_(std::move(thread_name)) {}

LoopCore::~LoopCore() {
  if (event_ >= 0) close(event_);
  if (epoll_ >= 0) close(epoll_);
}

base::Status LoopCore::open() {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) return base::errno_error("epoll_create1", errno);
  event_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (event_ < 0) return base::errno_error("eventfd", errno);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, event_, &event) != 0) return base::errno_error("epoll_ctl", errno);
  return base::ok();
}

void LoopCore::start_thread(bool short_turns) {
  thread_ = std::thread([this, short_turns] {
    name_this_thread(thread_name_);
    if (short_turns) base::take_short_turns();
    // A TLS write to a connection that the peer has reset raises it; the write's error is enough.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    thread_id_.store(std::this_thread::get_id());
    kernel_thread_.store(gettid(), std::memory_order_relaxed);
    run();
  });
}

void LoopCore::stop() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake();
  if (thread_.joinable()) thread_.join();
}

void LoopCore::wake() {
  const uint64_t one = 1;
  (void)!write(event_, &one, sizeof(one));
}

void LoopCore::post(std::function<void()> task) {
  bool wake_it = false;
  {
    base::MutexLock lock(mutex_);
    posted_.push_back(std::move(task));
    wake_it = !woken_;
    woken_ = true;
  }
  if (wake_it) wake();
}

void LoopCore::watch(int fd, uint32_t events, FdWatcher& watcher) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watcher;
  // Fails only without kernel memory; the connection then meets its deadline.
  (void)epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

void LoopCore::unwatch(int fd, FdWatcher& watcher) {
  (void)epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  for (int i = events_at_; i < events_count_; ++i) {
    if (events_[static_cast<size_t>(i)].data.ptr == &watcher) events_[static_cast<size_t>(i)].data.ptr = nullptr;
  }
}

void LoopCore::at_turn_end(TurnEnd& what) {
  if (what.queued_) return;
  what.queued_ = true;
  what.queued_at_ = turn_ends_.size();
  turn_ends_.push_back(&what);
}

void LoopCore::forget_turn_end(TurnEnd& what) {
  if (!what.queued_) return;
  what.queued_ = false;
  turn_ends_[what.queued_at_] = nullptr;
}

void LoopCore::lend(std::string& buffer) {
  if (spares_.empty() || buffer.capacity() > std::string().capacity()) return;
  buffer = std::move(spares_.back());
  spares_.pop_back();
}

void LoopCore::give_back(std::string& buffer) {
  const bool has_memory = buffer.capacity() > std::string().capacity();
  if (has_memory && buffer.capacity() <= kSpareBytesMax && spares_.size() < kSparesMax) {
    buffer.clear();
    spares_.push_back(std::move(buffer));
  }
  buffer = std::string();
}

void LoopCore::run() {
  while (true) {
    take_events(wait_ms());
    fire_timers();
    run_posted();
    // Sending may let a waiting writer go on, whose task writes more.
    for (int round = 0; round < kReadyRoundsMax && !(ready_.empty() && turn_ends_.empty()); ++round) {
      run_ready();
      run_turn_ends();
    }
    base::MutexLock lock(mutex_);
    if (stopping_ && posted_.empty()) return;
  }
}

int LoopCore::wait_ms() const {
  if (!ready_.empty() || !turn_ends_.empty()) return 0;
  if (heap_.empty()) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(heap_.front()->key_ - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, 60'000));
}

void LoopCore::take_events(int timeout_ms) {
  const int count = epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), timeout_ms);
  now_ = std::chrono::steady_clock::now();
  events_count_ = std::max(count, 0);
  for (events_at_ = 0; events_at_ < events_count_;) {
    const epoll_event event = events_[static_cast<size_t>(events_at_++)];
    if (event.data.ptr) {
      static_cast<FdWatcher*>(event.data.ptr)->on_events(event.events);
    }
  }
  events_count_ = 0;
}

void LoopCore::fire_timers() {
  while (!heap_.empty() && heap_.front()->key_ <= now_) {
    Timer* timer = heap_.front();
    if (!timer->armed()) {
      timer->take_out();
    } else if (timer->due_ > now_) {
      timer->key_ = timer->due_;
      sift_down(0);
    } else {
      timer->take_out();
      timer->disarm();
      timer->on_due_();
    }
  }
}

void LoopCore::run_posted() {
  std::vector<std::function<void()>> tasks;
  {
    base::MutexLock lock(mutex_);
    if (!woken_) return;
    woken_ = false;
    uint64_t ignored = 0;
    (void)!read(event_, &ignored, sizeof(ignored));
    tasks.swap(posted_);
  }
  for (auto& task : tasks) task();
}

void LoopCore::run_ready() {
  running_.swap(ready_);
  for (const auto task : running_) task.resume();
  running_.clear();
}

void LoopCore::run_turn_ends() {
  // By index: what runs may add to the list, and entries of what was destroyed are null.
  for (size_t i = 0; i < turn_ends_.size(); ++i) {
    TurnEnd* what = turn_ends_[i];
    if (!what) continue;
    what->queued_ = false;
    turn_ends_[i] = nullptr;
    what->at_turn_end();
  }
  turn_ends_.clear();
}

void LoopCore::place(size_t at, Timer* timer) {
  heap_[at] = timer;
  timer->place_ = at;
}

void LoopCore::sift_up(size_t at) {
  Timer* timer = heap_[at];
  while (at > 0) {
    const size_t parent = (at - 1) / 2;
    if (heap_[parent]->key_ <= timer->key_) break;
    place(at, heap_[parent]);
    at = parent;
  }
  place(at, timer);
}

void LoopCore::sift_down(size_t at) {
  Timer* timer = heap_[at];
  while (true) {
    size_t child = at * 2 + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->key_ < heap_[child]->key_) ++child;
    if (timer->key_ <= heap_[child]->key_) break;
    place(at, heap_[child]);
    at = child;
  }
  place(at, timer);
}

}  // namespace godseye::net
