#pragma once

#include <memory>

#include "base/result.h"
#include "config/config.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "observe/tracer.h"

namespace eider::server {

// What sends spans to OTEL_EXPORTER_OTLP_ENDPOINT; null when there is none. Fails with kBadInput for options that
// cannot be kept, for the operator. `log` and `metrics` outlive it.
Result<std::unique_ptr<observe::Tracer>> OpenTracer(const config::Config& config, observe::Metrics& metrics,
                                                    observe::Log& log);

}  // namespace eider::server
