#include "observe/tracer.h"

#include <random>

namespace eider::observe {
namespace {

constexpr const char* kName = "eider_trace_spans_total";
constexpr const char* kHelp = "Spans by what became of them: exported, dropped for want of room, failed to be sent.";
constexpr int kRatioBits = 53;  // What a double tells apart.

std::uint64_t RandomId() {
  thread_local std::mt19937_64 random = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  std::uint64_t id = 0;
  while (id == 0) id = random();
  return id;
}

}  // namespace

Tracer::Tracer(TracerOptions options, std::unique_ptr<SpanSink> sink, Metrics& metrics)
    : ratio_(options.ratio),
      follows_parent_(options.follows_parent),
      sink_(std::move(sink)),
      queue_(std::move(options.queue),
             [sink = sink_.get()](const SendQueue<SpanRecord>::Batch& batch, const Deadline& deadline,
                                  const StopToken& stop) { return sink->Write(batch.records, deadline, stop); },
             {metrics.GetCounter(kName, kHelp, {{"outcome", "exported"}}),
              metrics.GetCounter(kName, kHelp, {{"outcome", "dropped"}}),
              metrics.GetCounter(kName, kHelp, {{"outcome", "failed"}})}) {}

std::uint64_t Tracer::NewSpanId() { return RandomId(); }

// The same for all spans of a trace, and for all nodes with the same ratio.
bool Tracer::IsChosen(const TraceContext& context) const {
  const double position =
      static_cast<double>(context.trace_low >> (64 - kRatioBits)) / static_cast<double>(1ULL << kRatioBits);
  return position < ratio_;
}

TraceContext Tracer::Begin(const std::optional<TraceContext>& incoming) const {
  TraceContext context;
  if (incoming) {
    context = *incoming;
    if (!follows_parent_) context.sampled = IsChosen(context);
  } else {
    context.trace_high = RandomId();
    context.trace_low = RandomId();
    context.sampled = IsChosen(context);
  }
  context.span = RandomId();
  return context;
}

}  // namespace eider::observe
