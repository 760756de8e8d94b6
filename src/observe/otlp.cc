#include "observe/otlp.h"

#include <cstdint>
#include <vector>

#include "base/text.h"

namespace eider::observe {
namespace {

constexpr std::string_view kScope = "eider";
constexpr int kFailed = 2;  // STATUS_CODE_ERROR.

std::uint64_t Nanoseconds(SpanRecord::Time time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

std::vector<SpanAttribute> AttributesOf(const OtlpResource& resource) {
  return {{"service.name", resource.service},
          {"service.instance.id", resource.instance},
          {"service.version", resource.version}};
}

// --- JSON: ids are hexadecimal, 64 bit numbers are texts.

void AppendAttributes(std::string& out, const std::vector<SpanAttribute>& attributes) {
  out.append("\"attributes\":[");
  for (const auto& [key, value] : attributes) {
    out.append(out.back() == '[' ? "{\"key\":" : ",{\"key\":");
    AppendJsonString(out, key);
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      out.append(",\"value\":{\"intValue\":\"").append(std::to_string(*number)).append("\"}}");
      continue;
    }
    out.append(",\"value\":{\"stringValue\":");
    AppendJsonString(out, std::get<std::string>(value));
    out.append("}}");
  }
  out.push_back(']');
}

void AppendSpan(std::string& out, const SpanRecord& span) {
  out.append("{\"traceId\":\"").append(TraceIdText(span.context));
  out.append("\",\"spanId\":\"").append(SpanIdText(span.context.span)).append("\"");
  if (span.parent != 0) out.append(",\"parentSpanId\":\"").append(SpanIdText(span.parent)).append("\"");
  if (!span.context.state.empty()) {
    out.append(",\"traceState\":");
    AppendJsonString(out, span.context.state);
  }
  out.append(",\"name\":");
  AppendJsonString(out, span.name);
  out.append(",\"kind\":").append(std::to_string(static_cast<int>(span.kind)));
  out.append(",\"startTimeUnixNano\":\"").append(std::to_string(Nanoseconds(span.start)));
  out.append("\",\"endTimeUnixNano\":\"").append(std::to_string(Nanoseconds(span.end))).append("\",");
  AppendAttributes(out, span.attributes);
  if (span.failed) out.append(",\"status\":{\"code\":").append(std::to_string(kFailed)).append("}");
  out.push_back('}');
}

// --- protobuf: messages of opentelemetry/proto/trace/v1, by the numbers of their fields.

enum WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2 };

void PutVarint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>((value & 0x7f) | 0x80));
  out.push_back(static_cast<char>(value));
}

void PutTag(std::string& out, unsigned field, WireType type) { PutVarint(out, (field << 3) | type); }

void PutBytes(std::string& out, unsigned field, std::string_view bytes) {
  PutTag(out, field, kBytes);
  PutVarint(out, bytes.size());
  out.append(bytes);
}

void PutNumber(std::string& out, unsigned field, std::uint64_t value) {
  PutTag(out, field, kVarint);
  PutVarint(out, value);
}

void PutFixed64(std::string& out, unsigned field, std::uint64_t value) {
  PutTag(out, field, kFixed64);
  for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

void AppendBigEndian(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

std::string IdBytes(std::uint64_t value) {
  std::string bytes;
  AppendBigEndian(bytes, value);
  return bytes;
}

void PutAttributes(std::string& out, unsigned field, const std::vector<SpanAttribute>& attributes) {
  for (const auto& [key, value] : attributes) {
    std::string any;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      PutNumber(any, 3, static_cast<std::uint64_t>(*number));
    } else {
      PutBytes(any, 1, std::get<std::string>(value));
    }
    std::string pair;
    PutBytes(pair, 1, key);
    PutBytes(pair, 2, any);
    PutBytes(out, field, pair);
  }
}

std::string SpanMessage(const SpanRecord& span) {
  std::string out;
  PutBytes(out, 1, IdBytes(span.context.trace_high) + IdBytes(span.context.trace_low));
  PutBytes(out, 2, IdBytes(span.context.span));
  if (!span.context.state.empty()) PutBytes(out, 3, span.context.state);
  if (span.parent != 0) PutBytes(out, 4, IdBytes(span.parent));
  PutBytes(out, 5, span.name);
  PutNumber(out, 6, static_cast<std::uint64_t>(span.kind));
  PutFixed64(out, 7, Nanoseconds(span.start));
  PutFixed64(out, 8, Nanoseconds(span.end));
  PutAttributes(out, 9, span.attributes);
  if (span.failed) {
    std::string status;
    PutNumber(status, 3, kFailed);
    PutBytes(out, 15, status);
  }
  return out;
}

}  // namespace

std::string OtlpJson(std::span<const SpanRecord> spans, const OtlpResource& resource) {
  std::string out = R"({"resourceSpans":[{"resource":{)";
  AppendAttributes(out, AttributesOf(resource));
  out.append(R"(},"scopeSpans":[{"scope":{"name":)");
  AppendJsonString(out, kScope);
  out.append(R"(},"spans":[)");
  for (const SpanRecord& span : spans) {
    if (out.back() != '[') out.push_back(',');
    AppendSpan(out, span);
  }
  return out + "]}]}]}";
}

std::string OtlpProtobuf(std::span<const SpanRecord> spans, const OtlpResource& resource) {
  std::string who;
  PutAttributes(who, 1, AttributesOf(resource));
  std::string scope;
  PutBytes(scope, 1, kScope);
  std::string of_scope;
  PutBytes(of_scope, 1, scope);
  for (const SpanRecord& span : spans) PutBytes(of_scope, 2, SpanMessage(span));
  std::string of_resource;
  PutBytes(of_resource, 1, who);
  PutBytes(of_resource, 2, of_scope);
  std::string out;
  PutBytes(out, 1, of_resource);
  return out;
}

}  // namespace eider::observe
