// Work on several threads, which live as long as the process: independent tasks (Pool::run, parallel), or phases that follow each
// other within a few microseconds (Pool::together).

#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <thread>

namespace {

int threadCount() {
  static const int count = [] {
    const char* given = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int wanted = given == nullptr ? 0 : std::atoi(given);
    return wanted > 0 ? wanted : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  }();
  return count;
}

// Lets another thread on the same core work while this one waits in a loop; after a while, any other thread.
inline void pauseIn(int tries) {
  if (tries > 2000) return std::this_thread::yield();
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// Phases of tasks, one after another, that a leader shares with helpers. Between two phases nobody sleeps: waking a thread takes longer
// than most phases of a small model. A phase ends when its tasks are done, so a helper that has no processor delays nothing.
class Team {
 public:
  // For the leader: runs `work(task)` for each task from 0 to count.
  template <typename Work>
  void phase(int64_t count, const Work& work) {
    if (count == 1) return work(0);
    work_ = &work;
    call_ = [](const void* given, int64_t task) { (*static_cast<const Work*>(given))(task); };
    left_.store(count, std::memory_order_relaxed);
    ticket_.store(ticketOf(++round_, count), std::memory_order_release);
    while (takeOne()) {
    }
    for (int tries = 0; left_.load(std::memory_order_acquire) > 0; ++tries) pauseIn(tries);
  }

  // For a helper: takes tasks until the leader closes the team.
  void help() {
    for (int tries = 0; !closed_.load(std::memory_order_acquire); ++tries) {
      if (takeOne()) tries = 0;
      else pauseIn(tries);
    }
  }

  void close() { closed_.store(true, std::memory_order_release); }

 private:
  // The round, the number of its tasks and the next one in one word, so that nobody takes a task of one round by the numbers of another.
  static uint64_t ticketOf(uint64_t round, uint64_t count) { return round << 48 | count << 24; }

  bool takeOne() {
    uint64_t ticket = ticket_.load(std::memory_order_acquire);
    const uint64_t mask = (1 << 24) - 1;
    do {
      if ((ticket & mask) >= (ticket >> 24 & mask)) return false;
    } while (!ticket_.compare_exchange_weak(ticket, ticket + 1, std::memory_order_acq_rel, std::memory_order_acquire));
    call_(work_, ticket & mask);
    left_.fetch_sub(1, std::memory_order_release);
    return true;
  }

  const void* work_ = nullptr;
  void (*call_)(const void*, int64_t) = nullptr;
  uint64_t round_ = 0;
  std::atomic<uint64_t> ticket_{0};
  std::atomic<int64_t> left_{0};
  std::atomic<bool> closed_{false};
};

class Pool {
 public:
  // Never destroyed: its threads wait while the process ends.
  static Pool& ofProcess() {
    static Pool* pool = new Pool(threadCount() - 1);
    return *pool;
  }

  // Runs `work(task)` for each task from 0 to count; each thread takes the next one when it is free.
  void run(int64_t count, const std::function<void(int64_t)>& work) {
    std::unique_lock<std::mutex> caller(caller_, std::try_to_lock);
    // A second thread that computes at the same time works alone.
    if (workers_ == 0 || count <= 1 || !caller.owns_lock()) {
      for (int64_t task = 0; task < count; ++task) work(task);
      return;
    }
    share(count, work);
  }

  // Runs `work(team)`, whose phases the pool's threads share; on this thread alone if `isSmall`, or if another thread computes.
  void together(bool isSmall, const std::function<void(Team&)>& work) {
    Team team;
    std::unique_lock<std::mutex> caller(caller_, std::try_to_lock);
    if (workers_ == 0 || isSmall || !caller.owns_lock()) return work(team);
    share(workers_ + 1, [&](int64_t task) {
      if (task > 0) return team.help();
      work(team);
      team.close();
    });
  }

 private:
  explicit Pool(int workers) : workers_(workers) {
    for (int index = 0; index < workers; ++index) std::thread([this] { serve(); }).detach();
  }

  void share(int64_t count, const std::function<void(int64_t)>& work) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      work_ = &work;
      count_ = count;
      next_.store(0, std::memory_order_relaxed);
      busy_ = workers_;
      ++round_;
    }
    started_.notify_all();
    take();
    std::unique_lock<std::mutex> lock(mutex_);
    finished_.wait(lock, [this] { return busy_ == 0; });
  }

  void take() {
    for (int64_t task = next_.fetch_add(1); task < count_; task = next_.fetch_add(1)) (*work_)(task);
  }

  void serve() {
    uint64_t seen = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      started_.wait(lock, [&] { return round_ != seen; });
      seen = round_;
      lock.unlock();
      take();
      lock.lock();
      if (--busy_ == 0) finished_.notify_one();
    }
  }

  const int workers_;
  std::mutex caller_, mutex_;
  std::condition_variable started_, finished_;
  const std::function<void(int64_t)>* work_ = nullptr;
  int64_t count_ = 0;
  std::atomic<int64_t> next_{0};
  int busy_ = 0;
  uint64_t round_ = 0;
};

// Runs `work(begin, end)` over 0 to count, in as many pieces as there are threads if each has enough to do: waking one takes about
// 20 microseconds.
void parallel(int64_t count, int64_t operationsEach, const std::function<void(int64_t, int64_t)>& work) {
  const int64_t worthAThread = 250000;
  const int64_t pieces = std::min<int64_t>({threadCount(), count, count * operationsEach / worthAThread});
  if (pieces <= 1) return work(0, count);
  Pool::ofProcess().run(pieces, [&](int64_t piece) { work(count * piece / pieces, count * (piece + 1) / pieces); });
}

}  // namespace
