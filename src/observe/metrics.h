#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace eider::observe {

// A number that only grows. Lock-free.
class Counter {
 public:
  void Add(std::uint64_t by = 1) noexcept { value_.fetch_add(by, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// A number that goes up and down. Lock-free.
class Gauge {
 public:
  void Add(std::int64_t by) noexcept { value_.fetch_add(by, std::memory_order_relaxed); }
  void Set(std::int64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Counts durations in fixed buckets from 100 us to 100 s. Lock-free.
class Histogram {
 public:
  static constexpr int kBuckets = 19;  // Upper bounds 1, 2, 5 of each decade; the last is open.

  // The upper bound of bucket `index` in seconds; infinite for the last.
  static double UpperBound(int index);

  void Observe(std::chrono::nanoseconds duration) noexcept;
  std::uint64_t count(int bucket) const noexcept { return counts_[bucket].load(std::memory_order_relaxed); }
  double sum_seconds() const noexcept { return static_cast<double>(sum_ns_.load(std::memory_order_relaxed)) * 1e-9; }

 private:
  std::atomic<std::uint64_t> counts_[kBuckets] = {};
  std::atomic<std::int64_t> sum_ns_{0};
};

using Labels = std::map<std::string, std::string>;

// One value of a family that is computed when it is read.
struct Sample {
  Labels labels;
  double value = 0;
};

// All metrics of a node by name and labels. Owned by the composition root and outlives whoever holds one of its
// metrics. Any thread may call any method; a hot path resolves its metric once and keeps the reference.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The metric of that name and those labels, made when it is new. REQUIRES: one name has one kind.
  Counter& GetCounter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge& GetGauge(const std::string& name, const std::string& help, const Labels& labels = {});
  Histogram& GetHistogram(const std::string& name, const std::string& help, const Labels& labels = {});

  // Adds a family whose samples `read` gives whenever the metrics are written: counters when its name ends in _total,
  // else gauges. `read` must not block and must stay valid until the registration is destroyed.
  class Registration;
  [[nodiscard]] Registration AddGauges(std::string name, std::string help, std::function<std::vector<Sample>()> read);
  // The same with one unlabelled value.
  [[nodiscard]] Registration AddGauge(std::string name, std::string help, std::function<double()> read);

  // Everything in a text format.
  enum class Format { kPrometheus, kOpenMetrics };
  std::string ToText(Format format = Format::kPrometheus) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// Removes its gauge family when it is destroyed.
class Metrics::Registration {
 public:
  Registration() = default;
  Registration(std::shared_ptr<State> state, std::uint64_t id) : state_(std::move(state)), id_(id) {}
  Registration(Registration&& other) noexcept { *this = std::move(other); }
  Registration& operator=(Registration&& other) noexcept {
    std::swap(state_, other.state_);
    std::swap(id_, other.id_);
    return *this;
  }
  ~Registration();

 private:
  std::shared_ptr<State> state_;
  std::uint64_t id_ = 0;
};

// Adds process_* (memory, CPU, descriptors, start time) and eider_build_info, eider_up_seconds.
[[nodiscard]] std::vector<Metrics::Registration> AddProcessMetrics(Metrics& metrics, const std::string& version,
                                                                   const std::string& role);

}  // namespace eider::observe
