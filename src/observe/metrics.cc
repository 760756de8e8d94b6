#include "observe/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <bit>
#include <limits>
#include <sstream>
#include <tuple>
#include <variant>

#include "base/check.h"
#include "observe/open_metrics.h"

namespace eider::observe {
namespace {

// 1, 2, 5 of each decade from 100 us; in nanoseconds.
constexpr std::array<std::int64_t, Histogram::kBuckets - 1> kBounds = [] {
  std::array<std::int64_t, Histogram::kBuckets - 1> bounds{};
  std::int64_t decade = 100'000;
  for (std::size_t i = 0; i < bounds.size(); i += 3, decade *= 10) {
    bounds[i] = decade;
    bounds[i + 1] = 2 * decade;
    bounds[i + 2] = 5 * decade;
  }
  return bounds;
}();

using Cell = std::variant<std::monostate, Counter, Gauge, Histogram>;

struct Family {
  std::string help;
  prometheus::MetricType type = prometheus::MetricType::Untyped;
  std::map<Labels, Cell> cells;
};

struct ReadFamily {
  std::string name;
  std::string help;
  std::function<std::vector<Sample>()> read;
};

prometheus::ClientMetric WithLabels(const Labels& labels) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : labels) metric.label.push_back({name, value});
  return metric;
}

void FillHistogram(const Histogram& histogram, prometheus::ClientMetric& metric) {
  std::uint64_t total = 0;
  for (int i = 0; i < Histogram::kBuckets; ++i) {
    total += histogram.count(i);
    metric.histogram.bucket.push_back({total, Histogram::UpperBound(i)});
  }
  metric.histogram.sample_count = total;
  metric.histogram.sample_sum = histogram.sum_seconds();
}

prometheus::ClientMetric Read(const Labels& labels, const Cell& cell) {
  prometheus::ClientMetric metric = WithLabels(labels);
  if (const auto* counter = std::get_if<Counter>(&cell)) {
    metric.counter.value = static_cast<double>(counter->value());
  } else if (const auto* gauge = std::get_if<Gauge>(&cell)) {
    metric.gauge.value = static_cast<double>(gauge->value());
  } else if (const auto* histogram = std::get_if<Histogram>(&cell)) {
    FillHistogram(*histogram, metric);
  }
  return metric;
}

prometheus::MetricFamily Read(const std::string& name, const Family& family) {
  prometheus::MetricFamily out{name, family.help, family.type, {}};
  for (const auto& [labels, cell] : family.cells) out.metric.push_back(Read(labels, cell));
  return out;
}

prometheus::MetricFamily Read(const ReadFamily& family) {
  const bool counts = family.name.ends_with("_total");
  const auto type = counts ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
  prometheus::MetricFamily out{family.name, family.help, type, {}};
  for (const Sample& sample : family.read()) {
    out.metric.push_back(WithLabels(sample.labels));
    (counts ? out.metric.back().counter.value : out.metric.back().gauge.value) = sample.value;
  }
  return out;
}

}  // namespace

double Histogram::UpperBound(int index) {
  return index == kBuckets - 1 ? std::numeric_limits<double>::infinity() : static_cast<double>(kBounds[index]) * 1e-9;
}

void Histogram::Observe(std::chrono::nanoseconds duration) noexcept {
  const std::int64_t ns = duration.count();
  int bucket = 0;
  while (bucket < kBuckets - 1 && ns > kBounds[bucket]) ++bucket;
  counts_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_ns_.fetch_add(ns, std::memory_order_relaxed);
}

struct Metrics::State {
  template <class T>
  T& Get(const std::string& name, const std::string& help, const Labels& labels, prometheus::MetricType type) {
    MutexLock lock(mutex);
    Family& family = families[name];
    EIDER_CHECK(family.cells.empty() || family.type == type);
    family.type = type;
    family.help = help;
    Cell& cell = family.cells[labels];
    if (std::holds_alternative<std::monostate>(cell)) cell.emplace<T>();
    return std::get<T>(cell);
  }

  mutable Mutex mutex;
  std::map<std::string, Family> families GUARDED_BY(mutex);
  // Of its own lock, held while they are read, so that a registration's end waits for a reader.
  mutable Mutex read_mutex;
  std::map<std::uint64_t, ReadFamily> read_families GUARDED_BY(read_mutex);
  std::uint64_t last_id GUARDED_BY(read_mutex) = 0;
};

Metrics::Metrics() : state_(std::make_shared<State>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::GetCounter(const std::string& name, const std::string& help, const Labels& labels) {
  return state_->Get<Counter>(name, help, labels, prometheus::MetricType::Counter);
}

Gauge& Metrics::GetGauge(const std::string& name, const std::string& help, const Labels& labels) {
  return state_->Get<Gauge>(name, help, labels, prometheus::MetricType::Gauge);
}

Histogram& Metrics::GetHistogram(const std::string& name, const std::string& help, const Labels& labels) {
  return state_->Get<Histogram>(name, help, labels, prometheus::MetricType::Histogram);
}

Metrics::Registration Metrics::AddGauges(std::string name, std::string help,
                                         std::function<std::vector<Sample>()> read) {
  MutexLock lock(state_->read_mutex);
  const std::uint64_t id = ++state_->last_id;
  state_->read_families.emplace(id, ReadFamily{std::move(name), std::move(help), std::move(read)});
  return {state_, id};
}

Metrics::Registration Metrics::AddGauge(std::string name, std::string help, std::function<double()> read) {
  return AddGauges(std::move(name), std::move(help),
                   [read = std::move(read)] { return std::vector<Sample>{{{}, read()}}; });
}

Metrics::Registration::~Registration() {
  if (!state_) return;
  MutexLock lock(state_->read_mutex);
  state_->read_families.erase(id_);
}

std::string Metrics::ToText(Format format) const {
  std::vector<prometheus::MetricFamily> families;
  {
    MutexLock lock(state_->mutex);
    for (const auto& [name, family] : state_->families) families.push_back(Read(name, family));
  }
  {
    MutexLock lock(state_->read_mutex);
    for (const auto& [id, family] : state_->read_families) families.push_back(Read(family));
  }
  if (format == Format::kOpenMetrics) return OpenMetricsText(families);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace eider::observe
