#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "base/stop_token.h"
#include "observe/metrics.h"
#include "observe/send_queue.h"
#include "observe/trace_context.h"

namespace eider::observe {

// The numbers are those of OTLP.
enum class SpanKind { kInternal = 1, kServer = 2, kClient = 3 };

// What is told about a span beside its name; names as in OpenTelemetry's semantic conventions where there is one.
using SpanAttribute = std::pair<std::string, std::variant<std::string, std::int64_t>>;

// A piece of work that is over.
struct SpanRecord {
  using Time = std::chrono::system_clock::time_point;
  TraceContext context;
  std::uint64_t parent = 0;  // 0 = the trace begins here.
  std::string name;          // Of a bounded set.
  SpanKind kind = SpanKind::kInternal;
  Time start;
  Time end;
  std::vector<SpanAttribute> attributes;
  bool failed = false;
};

// Where spans go. Called by one thread.
class SpanSink {
 public:
  virtual ~SpanSink() = default;
  // Hands on all of `spans`; gives up at `deadline` and on a stop. Fails with kBadInput when they will never be taken,
  // else it is worth another try.
  virtual Status Write(std::span<const SpanRecord> spans, const Deadline& deadline, const StopToken& stop) = 0;
};

struct TracerOptions {
  SendQueueOptions queue;
  double ratio = 1;            // Of the traces that begin here, how many are recorded.
  bool follows_parent = true;  // Others are recorded when whoever began them says so; else by `ratio` too.
};

// Decides which traces are recorded, and hands their spans on through a queue, which counts in eider_trace_spans_total.
// Owned by the composition root and outlives every span. Thread-safe.
class Tracer {
 public:
  Tracer(TracerOptions options, std::unique_ptr<SpanSink> sink, Metrics& metrics);

  // A place for the root of a new trace, or for a span that goes on from `incoming`: a span id of its own, and whether
  // it is recorded.
  TraceContext Begin(const std::optional<TraceContext>& incoming) const;

  // A new span id.
  static std::uint64_t NewSpanId();

  void Record(SpanRecord span) { queue_.Put(std::move(span)); }

 private:
  bool IsChosen(const TraceContext& context) const;

  const double ratio_;
  const bool follows_parent_;
  const std::unique_ptr<SpanSink> sink_;
  SendQueue<SpanRecord> queue_;
};

}  // namespace eider::observe
