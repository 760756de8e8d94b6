#include "observe/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace eider::observe {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, SameNameAndLabelsAreOneMetric) {
  Metrics metrics;
  metrics.GetCounter("a_total", "A.", {{"code", "x"}}).Add(2);
  metrics.GetCounter("a_total", "A.", {{"code", "x"}}).Add();
  metrics.GetCounter("a_total", "A.", {{"code", "y"}}).Add();
  metrics.GetGauge("b", "B.").Set(-4);
  const std::string text = metrics.ToText();
  EXPECT_THAT(text,
              HasSubstr("# HELP a_total A.\n# TYPE a_total counter\na_total{code=\"x\"} 3\na_total{code=\"y\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE b gauge\nb -4\n"));
}

TEST(Metrics, HistogramCountsCumulatively) {
  Metrics metrics;
  Histogram& histogram = metrics.GetHistogram("t_seconds", "T.");
  histogram.Observe(std::chrono::microseconds(100));
  histogram.Observe(std::chrono::microseconds(101));
  histogram.Observe(std::chrono::hours(1));
  const std::string text = metrics.ToText();
  EXPECT_THAT(text, HasSubstr("t_seconds_bucket{le=\"0.0001\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("t_seconds_bucket{le=\"0.0002\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("t_seconds_bucket{le=\"50\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("t_seconds_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("t_seconds_count 3\n"));
}

TEST(Metrics, ReadGaugesVanishWithTheirRegistration) {
  Metrics metrics;
  {
    const auto registration =
        metrics.AddGauges("s", "S.", [] { return std::vector<Sample>{{{{"source", "a\"b"}}, 1.5}}; });
    EXPECT_THAT(metrics.ToText(), HasSubstr("s{source=\"a\\\"b\"} 1.5\n"));
  }
  EXPECT_THAT(metrics.ToText(), Not(HasSubstr("s{")));
}

TEST(Metrics, CountsFromSeveralThreads) {
  Metrics metrics;
  const auto count = [&metrics] {
    Counter& counter = metrics.GetCounter("c_total", "C.");
    for (int i = 0; i < 10'000; ++i) counter.Add();
  };
  std::thread other(count);
  count();
  other.join();
  EXPECT_EQ(metrics.GetCounter("c_total", "C.").value(), 20'000u);
}

TEST(Metrics, TellsAboutTheProcess) {
  Metrics metrics;
  const auto registrations = AddProcessMetrics(metrics, "1.2.3", "standalone");
  const std::string text = metrics.ToText();
  EXPECT_THAT(text, HasSubstr("eider_build_info{role=\"standalone\",version=\"1.2.3\"} 1\n"));
  for (const char* name : {"eider_up_seconds", "process_resident_memory_bytes", "process_cpu_seconds_total"}) {
    EXPECT_THAT(text, HasSubstr(name));
  }
}

}  // namespace
}  // namespace eider::observe
