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

TEST(Metrics, OpenMetricsHasItsOwnNamesAndNumbers) {
  Metrics metrics;
  metrics.GetCounter("a_total", "A \"b\"\n.", {{"code", "x\\\"\n"}}).Add(2);
  metrics.GetHistogram("t_seconds", "T.").Observe(std::chrono::seconds(1));
  const auto counts = metrics.AddGauges("c_total", "C.", [] { return std::vector<Sample>{{{}, 3}}; });
  const auto share = metrics.AddGauge("g", "G.", [] { return 1.5; });
  const std::string text = metrics.ToText(Metrics::Format::kOpenMetrics);
  EXPECT_THAT(text, HasSubstr("# TYPE a counter\n# HELP a A \\\"b\\\"\\n.\na_total{code=\"x\\\\\\\"\\n\"} 2.0\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE c counter\n# HELP c C.\nc_total 3.0\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE g gauge\n# HELP g G.\ng 1.5\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE t_seconds histogram\n"));
  EXPECT_THAT(text, HasSubstr("t_seconds_bucket{le=\"1.0\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("t_seconds_bucket{le=\"+Inf\"} 1\nt_seconds_count 1\nt_seconds_sum 1.0\n"));
  EXPECT_TRUE(text.ends_with("\n# EOF\n"));
  // The other format knows what it is, too.
  EXPECT_THAT(metrics.ToText(), HasSubstr("# TYPE c_total counter\nc_total 3\n"));
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
