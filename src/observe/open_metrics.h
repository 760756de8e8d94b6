#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace eider::observe {

// `families` in the text format OpenMetrics 1.0, with its end.
std::string OpenMetricsText(const std::vector<prometheus::MetricFamily>& families);

}  // namespace eider::observe
