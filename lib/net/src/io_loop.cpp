#include "loop_core.h"

#include <optional>
#include <system_error>

#include <godseye/base/log.h>
#include <godseye/base/scheduling.h>
#include <godseye/net/io_loop.h>

#include <sys/resource.h>

namespace godseye::net {
namespace {

// The frame that owns a spawned task. Starts at once and frees itself.
struct Spawned {
  struct promise_type {
    Spawned get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }  // `ended` must not throw
  };
};

Spawned run_spawned(Task<> task, std::function<void()> ended) {
  try {
    // Moved into a local, so that the task's frame is gone before `ended` tells anybody.
    Task<> mine = std::move(task);
    co_await std::move(mine);
  } catch (const std::exception& failure) {
    spdlog::error("a task on an I/O loop failed: {}", base::quoted(failure.what()));
  } catch (...) {
    spdlog::error("a task on an I/O loop failed");
  }
  if (ended) ended();
}

}  // namespace

void Cancel::request() {
  if (requested_) return;
  requested_ = true;
  while (newest_) {
    CancelListener* listener = newest_;
    newest_ = listener->older_;
    if (newest_) newest_->newer_ = nullptr;
    listener->cancel_ = nullptr;
    // The call may destroy the listener and with it the function: run a function that nobody else holds.
    const std::function<void()> on_cancel = std::move(listener->on_cancel_);
    on_cancel();
  }
}

CancelListener::CancelListener(Cancel* cancel, std::function<void()> on_cancel)
    : cancel_(cancel && !cancel->requested() ? cancel : nullptr), on_cancel_(std::move(on_cancel)) {
  if (!cancel_) return;
  older_ = cancel_->newest_;
  if (older_) older_->newer_ = this;
  cancel_->newest_ = this;
}

CancelListener::~CancelListener() {
  if (!cancel_) return;
  if (older_) older_->newer_ = newer_;
  (newer_ ? newer_->older_ : cancel_->newest_) = older_;
}

IoLoop::IoLoop(size_t index, const std::string& thread_name)
    : core_(std::make_unique<LoopCore>(index, thread_name + ".l" + std::to_string(index))) {}
IoLoop::~IoLoop() = default;

void IoLoop::post(std::function<void()> task) { core_->post(std::move(task)); }

void IoLoop::spawn(Task<> task, std::function<void()> ended) {
  if (on_this_thread()) {
    run_spawned(std::move(task), std::move(ended));
    return;
  }
  auto holder = std::make_shared<Task<>>(std::move(task));
  post([holder, ended = std::move(ended)]() mutable { run_spawned(std::move(*holder), std::move(ended)); });
}

bool IoLoop::on_this_thread() const { return core_->on_this_thread(); }
size_t IoLoop::index() const { return core_->index(); }
base::TickTime IoLoop::now() const { return core_->now(); }

struct IoLoop::Sleep::State {
  State(LoopCore& core, std::chrono::milliseconds time_in, Cancel* cancel_in)
      : time(time_in), cancel(cancel_in), loop(core), timer(core, [this] { wake(); }) {}

  void wake() {
    if (!waiting) return;
    loop.resume_soon(std::exchange(waiting, {}));
  }

  const std::chrono::milliseconds time;
  Cancel* const cancel;
  LoopCore& loop;
  Timer timer;
  std::coroutine_handle<> waiting;
  std::optional<CancelListener> listener;
};

IoLoop::Sleep IoLoop::sleep(std::chrono::milliseconds time, Cancel* cancel) { return {*this, time, cancel}; }

IoLoop::Sleep::Sleep(IoLoop& loop, std::chrono::milliseconds time, Cancel* cancel)
    : state_(std::make_unique<State>(loop.core(), time, cancel)) {}
IoLoop::Sleep::~Sleep() = default;

bool IoLoop::Sleep::await_ready() const { return state_->cancel && state_->cancel->requested(); }

void IoLoop::Sleep::await_suspend(std::coroutine_handle<> waiting) {
  state_->waiting = waiting;
  // From the real time, not from the loop's: a turn may have lasted, and the sleep must not end early.
  state_->timer.arm_at(std::chrono::steady_clock::now() + state_->time);
  state_->listener.emplace(state_->cancel, [state = state_.get()] { state->wake(); });
}

bool IoLoop::Sleep::await_resume() const { return !(state_->cancel && state_->cancel->requested()); }

IoLoops::IoLoops(const IoLoopsConfig& config) {
  for (size_t i = 0; i < std::max(1U, config.threads); ++i) {
    loops_.push_back(std::unique_ptr<IoLoop>(new IoLoop(i, config.thread_name)));
  }
}

base::Result<std::unique_ptr<IoLoops>> IoLoops::start(IoLoopsConfig config) {
  std::unique_ptr<IoLoops> loops(new IoLoops(config));
  for (auto& loop : loops->loops_) {
    if (base::Status opened = loop->core().open(); !opened) return std::move(opened).error().within("an I/O loop");
  }
  try {
    for (auto& loop : loops->loops_) loop->core().start_thread(config.short_turns);
  } catch (const std::system_error& failure) {
    return base::Error(base::ErrorCode::kIo, std::string("starting an I/O loop: ") + failure.what());
  }
  return loops;
}

IoLoops::~IoLoops() { stop(); }

void IoLoops::stop() {
  if (std::exchange(stopped_, true)) return;
  for (auto& loop : loops_) loop->core().stop();
}

void IoLoops::on_each(const std::function<void(IoLoop&)>& work) {
  struct Gate {
    base::Mutex mutex;
    base::ConditionVariable changed;
    size_t left GE_GUARDED_BY(mutex) = 0;
  };
  Gate gate;
  {
    base::MutexLock lock(gate.mutex);
    gate.left = loops_.size();
  }
  for (auto& loop : loops_) {
    loop->post([&gate, &work, &at = *loop] {
      work(at);
      base::MutexLock lock(gate.mutex);
      if (--gate.left == 0) gate.changed.notify_all();
    });
  }
  base::MutexLock lock(gate.mutex);
  while (gate.left > 0) gate.changed.wait(gate.mutex);
}

std::optional<std::chrono::nanoseconds> IoLoops::waited_for_processor() const {
  std::chrono::nanoseconds all{0};
  for (const auto& loop : loops_) {
    const pid_t thread = loop->core().kernel_thread();
    if (thread == 0) continue;
    const auto one = base::waited_for_processor(thread);
    if (!one) return std::nullopt;
    all += *one;
  }
  return all;
}

size_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
  (void)getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace godseye::net
