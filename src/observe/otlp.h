#pragma once

#include <span>
#include <string>
#include <string_view>

#include "observe/tracer.h"

namespace eider::observe {

// Who tells about its work.
struct OtlpResource {
  std::string service;   // service.name.
  std::string instance;  // service.instance.id: the node.
  std::string version;   // service.version.
};

// `spans` as an ExportTraceServiceRequest of OTLP 1, in its JSON form and in protobuf's bytes.
std::string OtlpJson(std::span<const SpanRecord> spans, const OtlpResource& resource);
std::string OtlpProtobuf(std::span<const SpanRecord> spans, const OtlpResource& resource);

}  // namespace eider::observe
