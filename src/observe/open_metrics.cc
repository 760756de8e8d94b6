#include "observe/open_metrics.h"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

namespace eider::observe {
namespace {

constexpr std::string_view kTotal = "_total";

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out.push_back('\\');
    if (c == '\n') {
      out.append("\\n");
    } else {
      out.push_back(c);
    }
  }
  return out;
}

// Numbers always look like such of floating point.
std::string Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text.append(".0");
  return text;
}

std::string LabelsOf(const prometheus::ClientMetric& metric, std::string_view more = {}) {
  std::string out;
  for (const auto& label : metric.label) {
    out.append(out.empty() ? "" : ",").append(label.name).append("=\"").append(Escaped(label.value)).append("\"");
  }
  if (!more.empty()) out.append(out.empty() ? "" : ",").append(more);
  return out.empty() ? out : "{" + out + "}";
}

void AppendHistogram(std::string& out, const std::string& name, const prometheus::ClientMetric& metric) {
  for (const auto& bucket : metric.histogram.bucket) {
    const std::string bound = "le=\"" + Number(bucket.upper_bound) + "\"";
    out.append(fmt::format("{}_bucket{} {}\n", name, LabelsOf(metric, bound), bucket.cumulative_count));
  }
  const std::string labels = LabelsOf(metric);
  out.append(fmt::format("{}_count{} {}\n", name, labels, metric.histogram.sample_count));
  out.append(fmt::format("{}_sum{} {}\n", name, labels, Number(metric.histogram.sample_sum)));
}

void AppendFamily(std::string& out, const prometheus::MetricFamily& family) {
  using prometheus::MetricType;
  std::string name = family.name;
  // A counter's family is called without the ending of its samples.
  const bool counts = family.type == MetricType::Counter && name.ends_with(kTotal);
  if (counts) name.resize(name.size() - kTotal.size());
  const char* type = family.type == MetricType::Histogram ? "histogram" : counts ? "counter" : "gauge";
  out.append(fmt::format("# TYPE {} {}\n# HELP {} {}\n", name, type, name, Escaped(family.help)));
  for (const prometheus::ClientMetric& metric : family.metric) {
    if (family.type == MetricType::Histogram) {
      AppendHistogram(out, name, metric);
      continue;
    }
    const double value = family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value;
    out.append(fmt::format("{}{}{} {}\n", name, counts ? kTotal : "", LabelsOf(metric), Number(value)));
  }
}

}  // namespace

std::string OpenMetricsText(const std::vector<prometheus::MetricFamily>& families) {
  std::string out;
  for (const prometheus::MetricFamily& family : families) AppendFamily(out, family);
  return out + "# EOF\n";
}

}  // namespace eider::observe
