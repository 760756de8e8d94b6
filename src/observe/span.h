#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "observe/tracer.h"

namespace eider::observe {

// A place in a trace that further work hangs on.
struct TracePoint {
  TraceContext context;
  Tracer* tracer = nullptr;  // Null = this node records no spans, and hands on what it was given.
};

// Null = the work belongs to no trace.
using TraceRef = std::shared_ptr<const TracePoint>;

// The trace's id for log lines; empty without one.
std::string TraceIdOf(const TraceRef& trace);

// The headers traceparent and tracestate as "Name: value"; none without a trace.
std::vector<std::string> TraceHeaders(const TraceRef& trace);

// A piece of work that a trace tells of: recorded from its making to its end. Costs next to nothing when its trace is
// not recorded. One thread at a time.
class Span {
 public:
  using Time = SpanRecord::Time;

  Span() = default;  // Tells nothing.
  // A part of `parent`, which may be null.
  Span(const TraceRef& parent, std::string_view name, SpanKind kind);
  Span(Span&& other) noexcept { *this = std::move(other); }
  Span& operator=(Span&& other) noexcept;
  ~Span() { End(); }

  // A request that came in, in the trace of `incoming` or, when spans are recorded, in a new one.
  static Span Serve(Tracer* tracer, const std::optional<TraceContext>& incoming, std::string_view name);

  // What its own parts hang on; null without a trace.
  const TraceRef& point() const { return point_; }
  bool is_recorded() const { return record_ != nullptr; }

  void SetName(std::string_view name);
  void Set(std::string_view attribute, std::string_view value);
  void Set(std::string_view attribute, std::int64_t value);
  void Fail();
  // Hands it on; the rest of its life changes nothing.
  void End();

 private:
  void Open(std::string_view name, SpanKind kind, std::uint64_t parent);

  TraceRef point_;
  std::unique_ptr<SpanRecord> record_;  // Null = not recorded.
};

// Records a part of `parent` whose times are known.
void RecordSpan(const TraceRef& parent, std::string_view name, Span::Time start, Span::Time end);

// The trace that the calling thread works for; null outside of any TraceScope.
const TraceRef& CurrentTrace();

// Makes `trace` the calling thread's for as long as it lives.
class TraceScope {
 public:
  explicit TraceScope(TraceRef trace);
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  TraceRef before_;
};

}  // namespace eider::observe
