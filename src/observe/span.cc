#include "observe/span.h"

#include <utility>

namespace eider::observe {
namespace {

TraceRef& Current() {
  thread_local TraceRef current;
  return current;
}

bool IsRecorded(const TraceRef& trace) {
  return trace != nullptr && trace->tracer != nullptr && trace->context.sampled;
}

}  // namespace

std::string TraceIdOf(const TraceRef& trace) { return trace == nullptr ? "" : TraceIdText(trace->context); }

std::vector<std::string> TraceHeaders(const TraceRef& trace) {
  std::vector<std::string> headers;
  if (trace == nullptr) return headers;
  headers.push_back("traceparent: " + TraceparentOf(trace->context));
  if (!trace->context.state.empty()) headers.push_back("tracestate: " + trace->context.state);
  return headers;
}

Span::Span(const TraceRef& parent, std::string_view name, SpanKind kind) : point_(parent) {
  if (!IsRecorded(parent)) return;
  TracePoint point = *parent;
  point.context.span = Tracer::NewSpanId();
  point_ = std::make_shared<const TracePoint>(std::move(point));
  Open(name, kind, parent->context.span);
}

Span Span::Serve(Tracer* tracer, const std::optional<TraceContext>& incoming, std::string_view name) {
  Span span;
  if (tracer == nullptr && !incoming) return span;
  TracePoint point;
  point.context = tracer == nullptr ? *incoming : tracer->Begin(incoming);
  point.tracer = tracer;
  span.point_ = std::make_shared<const TracePoint>(std::move(point));
  if (IsRecorded(span.point_)) span.Open(name, SpanKind::kServer, incoming ? incoming->span : 0);
  return span;
}

Span& Span::operator=(Span&& other) noexcept {
  if (this == &other) return *this;
  End();
  point_ = std::move(other.point_);
  record_ = std::move(other.record_);
  return *this;
}

void Span::Open(std::string_view name, SpanKind kind, std::uint64_t parent) {
  record_ = std::make_unique<SpanRecord>();
  record_->context = point_->context;
  record_->parent = parent;
  record_->name = name;
  record_->kind = kind;
  record_->start = std::chrono::system_clock::now();
}

void Span::SetName(std::string_view name) {
  if (record_ != nullptr) record_->name = name;
}

void Span::Set(std::string_view attribute, std::string_view value) {
  if (record_ != nullptr) record_->attributes.emplace_back(attribute, std::string(value));
}

void Span::Set(std::string_view attribute, std::int64_t value) {
  if (record_ != nullptr) record_->attributes.emplace_back(attribute, value);
}

void Span::Fail() {
  if (record_ != nullptr) record_->failed = true;
}

void Span::End() {
  if (record_ == nullptr) return;
  record_->end = std::chrono::system_clock::now();
  point_->tracer->Record(std::move(*std::exchange(record_, nullptr)));
}

void RecordSpan(const TraceRef& parent, std::string_view name, Span::Time start, Span::Time end) {
  if (!IsRecorded(parent)) return;
  SpanRecord record;
  record.context = parent->context;
  record.context.span = Tracer::NewSpanId();
  record.parent = parent->context.span;
  record.name = name;
  record.start = start;
  record.end = end;
  parent->tracer->Record(std::move(record));
}

const TraceRef& CurrentTrace() { return Current(); }

TraceScope::TraceScope(TraceRef trace) : before_(std::exchange(Current(), std::move(trace))) {}

TraceScope::~TraceScope() { Current() = std::move(before_); }

}  // namespace eider::observe
