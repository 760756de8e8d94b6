#include "observe/tracer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "observe/otlp.h"
#include "observe/span.h"

namespace eider::observe {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

// What a test's sink was given, and what it answers.
struct Collector {
  Mutex mutex;
  std::vector<SpanRecord> spans;
  std::atomic<int> calls = 0;
  std::function<Status(const Deadline&, const StopToken&)> answer;
};

class CollectorSink final : public SpanSink {
 public:
  explicit CollectorSink(Collector& collector) : collector_(collector) {}
  Status Write(std::span<const SpanRecord> spans, const Deadline& deadline, const StopToken& stop) override {
    ++collector_.calls;
    if (collector_.answer) EIDER_RETURN_IF_ERROR(collector_.answer(deadline, stop));
    MutexLock lock(collector_.mutex);
    collector_.spans.insert(collector_.spans.end(), spans.begin(), spans.end());
    return {};
  }

 private:
  Collector& collector_;
};

class TracerTest : public ::testing::Test {
 protected:
  TracerTest() {
    options_.queue.gather = milliseconds(1);
    options_.queue.least_pause = milliseconds(1);
    options_.queue.at_stop = milliseconds(300);
  }
  void Open() { tracer_ = std::make_unique<Tracer>(options_, std::make_unique<CollectorSink>(collector_), metrics_); }
  std::uint64_t Count(const std::string& outcome) {
    return metrics_.GetCounter("eider_trace_spans_total", "", {{"outcome", outcome}}).value();
  }
  static SpanRecord Sample() {
    SpanRecord span;
    span.name = "x";
    return span;
  }

  Collector collector_;
  Metrics metrics_;
  TracerOptions options_;
  std::unique_ptr<Tracer> tracer_;
};

TEST_F(TracerTest, SpansOfARequestHangOnEachOther) {
  Open();
  {
    const Span request = Span::Serve(tracer_.get(), ParseTraceparent(kParent, "v=1"), "POST /query");
    Span call(request.point(), "node call", SpanKind::kClient);
    call.Set("eider.target", "b");
    call.Fail();
    EXPECT_THAT(TraceHeaders(call.point()), ElementsAre("traceparent: 00-0af7651916cd43dd8448eb211c80319c-" +
                                                            SpanIdText(call.point()->context.span) + "-01",
                                                        "tracestate: v=1"));
  }
  tracer_.reset();
  ASSERT_EQ(collector_.spans.size(), 2u);
  const SpanRecord& call = collector_.spans[0];
  const SpanRecord& request = collector_.spans[1];
  EXPECT_EQ(SpanIdText(request.parent), "b7ad6b7169203331");
  EXPECT_EQ(request.kind, SpanKind::kServer);
  EXPECT_EQ(call.parent, request.context.span);
  EXPECT_NE(call.context.span, request.context.span);
  EXPECT_TRUE(call.failed);
  EXPECT_LE(call.start, call.end);
  EXPECT_EQ(Count("exported"), 2u);
}

TEST_F(TracerTest, WithoutATracerATraceIsHandedOnAsItIs) {
  const Span request = Span::Serve(nullptr, ParseTraceparent(kParent, ""), "POST /query");
  const Span call(request.point(), "node call", SpanKind::kClient);
  EXPECT_THAT(TraceHeaders(call.point()), ElementsAre(std::string("traceparent: ") + kParent));
  const Span none = Span::Serve(nullptr, std::nullopt, "POST /query");
  EXPECT_EQ(none.point(), nullptr);
  EXPECT_TRUE(TraceHeaders(none.point()).empty());
}

TEST_F(TracerTest, WhatItsBeginnerDoesNotRecordIsNotRecorded) {
  Open();
  const auto unsampled = ParseTraceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", "");
  EXPECT_FALSE(Span::Serve(tracer_.get(), unsampled, "a").is_recorded());
  EXPECT_TRUE(Span::Serve(tracer_.get(), std::nullopt, "a").is_recorded());
}

TEST_F(TracerTest, TheRatioIsKept) {
  options_.ratio = 0.25;
  Open();
  int chosen = 0;
  for (int i = 0; i < 4000; ++i) chosen += tracer_->Begin(std::nullopt).sampled ? 1 : 0;
  EXPECT_NEAR(chosen, 1000, 150);
  EXPECT_TRUE(tracer_->Begin(ParseTraceparent(kParent, "")).sampled);
}

TEST_F(TracerTest, WhatFindsNoRoomIsDroppedAndNobodyWaits) {
  options_.queue.queue = 10;
  options_.queue.batch = 5;
  collector_.answer = [](const Deadline&, const StopToken& stop) -> Status {
    while (!stop.stop_requested()) std::this_thread::sleep_for(milliseconds(1));
    return Error(ErrorCode::kCancelled, "stopped");
  };
  Open();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) tracer_->Record(Sample());
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(200));
  EXPECT_GE(Count("dropped"), 1000u - options_.queue.queue - options_.queue.batch);
  // A sink that hangs ends with the time that is left at the end.
  tracer_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(3));
  EXPECT_EQ(Count("dropped") + Count("failed"), 1000u);
}

TEST_F(TracerTest, IsTriedAgainUnlessItNeverWorks) {
  std::vector<std::string> problems;
  options_.queue.on_problem = [&](const std::string& problem) { problems.push_back(problem); };
  collector_.answer = [this](const Deadline&, const StopToken&) -> Status {
    if (collector_.calls < 3) return Error(ErrorCode::kSourceUnavailable, "away");
    return {};
  };
  Open();
  tracer_->Record(Sample());
  for (int i = 0; i < 1000 && Count("exported") == 0; ++i) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(Count("exported"), 1u);
  EXPECT_EQ(collector_.calls, 3);
  collector_.answer = [](const Deadline&, const StopToken&) -> Status { return Error(ErrorCode::kBadInput, "no"); };
  tracer_->Record(Sample());
  for (int i = 0; i < 1000 && Count("failed") == 0; ++i) std::this_thread::sleep_for(milliseconds(5));
  tracer_.reset();
  EXPECT_EQ(collector_.calls, 4);
  EXPECT_EQ(Count("failed"), 1u);
  EXPECT_THAT(problems, ElementsAre("away", "no"));
}

SpanRecord KnownSpan() {
  SpanRecord span;
  span.context = *ParseTraceparent(kParent, "");
  span.parent = 0x1122334455667788;
  span.name = "a \"b\"";
  span.kind = SpanKind::kServer;
  span.start = SpanRecord::Time(std::chrono::seconds(1));
  span.end = SpanRecord::Time(std::chrono::seconds(2));
  span.attributes = {{"n", std::int64_t{300}}};
  span.failed = true;
  return span;
}

TEST(Otlp, Json) {
  const SpanRecord span = KnownSpan();
  const std::string json = OtlpJson(std::span(&span, 1), {"eider", "n1", "1.0"});
  EXPECT_THAT(json, HasSubstr(R"({"key":"service.instance.id","value":{"stringValue":"n1"}})"));
  EXPECT_THAT(json, HasSubstr(R"({"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331",)"
                              R"("parentSpanId":"1122334455667788","name":"a \"b\"","kind":2,)"
                              R"("startTimeUnixNano":"1000000000","endTimeUnixNano":"2000000000",)"
                              R"("attributes":[{"key":"n","value":{"intValue":"300"}}],"status":{"code":2}})"));
}

TEST(Otlp, Protobuf) {
  const SpanRecord span = KnownSpan();
  const std::string bytes = OtlpProtobuf(std::span(&span, 1), {"eider", "n1", "1.0"});
  const auto has = [&](std::string_view part) { return bytes.find(part) != std::string::npos; };
  using namespace std::string_view_literals;
  // Field 1, 16 bytes; field 2, 8 bytes.
  EXPECT_TRUE(has("\x0a\x10\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c"sv));
  EXPECT_TRUE(has("\x12\x08\xb7\xad\x6b\x71\x69\x20\x33\x31"sv));
  EXPECT_TRUE(has("\x22\x08\x11\x22\x33\x44\x55\x66\x77\x88"sv));
  EXPECT_TRUE(has("\x30\x02\x39\x00\xca\x9a\x3b\x00\x00\x00\x00"sv));  // Kind; start, little-endian.
  EXPECT_TRUE(has("\x4a\x08\x0a\x01n\x12\x03\x18\xac\x02"sv));         // The attribute: 300 as varint.
  EXPECT_TRUE(has("\x7a\x02\x18\x02"sv));                              // The status.
}

}  // namespace
}  // namespace eider::observe
