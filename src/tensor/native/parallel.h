// Work on several threads, which live as long as the process.

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

 private:
  explicit Pool(int workers) : workers_(workers) {
    for (int index = 0; index < workers; ++index) std::thread([this] { serve(); }).detach();
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
