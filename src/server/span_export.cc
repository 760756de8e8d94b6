#include "server/span_export.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/text.h"
#include "fetch/http_client.h"
#include "fetch/url.h"
#include "observe/otlp.h"
#include "server/data_node.h"
#include "server/option_mapping.h"

namespace eider::server {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kProtobuf = "http/protobuf";
constexpr std::string_view kJson = "http/json";
constexpr std::string_view kByParent = "parentbased_";
constexpr std::size_t kLargestAnswer = 1 << 20;
constexpr milliseconds kLongestConnect{5000};
constexpr std::int64_t kLongestTimeout = 600'000;

Error Refuse(std::string text) { return {ErrorCode::kBadInput, std::move(text)}; }

// Sends spans to one collector.
class OtlpSink final : public observe::SpanSink {
 public:
  struct Options {
    std::string url;
    std::vector<std::string> headers;
    bool as_json = false;
    observe::OtlpResource resource;
    milliseconds timeout{0};
  };

  explicit OtlpSink(Options options) : options_(std::move(options)) {
    fetch::PeerOptions peer;
    peer.connect_timeout = std::min(options_.timeout, kLongestConnect);
    peer.timeout = options_.timeout;
    peer.retries = 0;
    peer.max_redirects = 0;
    peer.max_bytes = kLargestAnswer;
    // The operator has named it; a collector of the machine itself may have such an address.
    peer.allow_link_local = true;
    peer_ = std::make_shared<fetch::Peer>(peer);
  }

  Status Write(std::span<const observe::SpanRecord> spans, const Deadline& deadline, const StopToken& stop) override {
    fetch::Request request;
    request.method = "POST";
    request.url = options_.url;
    request.headers = options_.headers;
    request.headers.emplace_back(options_.as_json ? "Content-Type: application/json"
                                                  : "Content-Type: application/x-protobuf");
    request.body = options_.as_json ? observe::OtlpJson(spans, options_.resource)
                                    : observe::OtlpProtobuf(spans, options_.resource);
    EIDER_ASSIGN_OR_RETURN(const fetch::Response answer, client_.Send(peer_, std::move(request), deadline, stop));
    if (answer.status >= 200 && answer.status < 300) return {};
    const bool may_pass = answer.status == 429 || answer.status == 502 || answer.status == 503 || answer.status == 504;
    return Error(may_pass ? ErrorCode::kSourceUnavailable : ErrorCode::kBadInput,
                 "the collector at " + fetch::ShownUrl(options_.url) + " answers " + std::to_string(answer.status));
  }

 private:
  const Options options_;
  std::shared_ptr<fetch::Peer> peer_;
  fetch::HttpClient client_;
};

Result<std::string> TracesUrl(std::string base) {
  const auto url = fetch::ParseUrl(base);
  if (!url || !url->query.empty() || !url->user.empty() || base.find('#') != std::string::npos) {
    return Refuse("OTEL_EXPORTER_OTLP_ENDPOINT must be a URL such as http://127.0.0.1:4318, without user and query: " +
                  fetch::ShownUrl(base));
  }
  while (base.ends_with('/')) base.pop_back();
  return base + "/v1/traces";
}

// No message shows a value, which may be a secret.
Result<std::string> HeaderLine(std::string_view text) {
  const std::size_t sign = text.find('=');
  std::string name(text.substr(0, sign));
  while (name.ends_with(' ')) name.pop_back();
  constexpr std::string_view kToken = "abcdefghijklmnopqrstuvwxyz0123456789-_.!#$%&'*+^`|~";
  const std::string lower = LowerAscii(name);
  if (sign == std::string_view::npos || name.empty() || lower.find_first_not_of(kToken) != std::string::npos) {
    return Refuse("OTEL_EXPORTER_OTLP_HEADERS must be name=value, comma-separated");
  }
  for (const char* own : {"content-type", "content-length", "host", "transfer-encoding", "connection"}) {
    if (lower == own) return Refuse("OTEL_EXPORTER_OTLP_HEADERS must not give the header " + name);
  }
  std::string value = UnescapePercent(text.substr(sign + 1));
  while (value.starts_with(' ')) value.erase(0, 1);
  if (std::ranges::any_of(value, [](unsigned char c) { return c < ' ' || c == 0x7f; })) {
    return Refuse("OTEL_EXPORTER_OTLP_HEADERS has a control character in the value of " + name);
  }
  return name + ": " + value;
}

Status ReadSampler(const config::Config& config, observe::TracerOptions& options) {
  std::string_view kind = config.otel_traces_sampler;
  options.follows_parent = kind.starts_with(kByParent);
  if (options.follows_parent) kind.remove_prefix(kByParent.size());
  if (kind == "always_on") return {};
  if (kind == "always_off") {
    options.ratio = 0;
    return {};
  }
  if (kind != "traceidratio") {
    return Refuse(
        "OTEL_TRACES_SAMPLER must be always_on, always_off or traceidratio, or one of these behind parentbased_: " +
        config.otel_traces_sampler);
  }
  const std::string& text = config.otel_traces_sampler_arg;
  if (text.empty()) return {};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), options.ratio);
  if (failed == std::errc() && end == text.data() + text.size() && options.ratio >= 0 && options.ratio <= 1) return {};
  return Refuse("OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1: " + text);
}

}  // namespace

Result<std::unique_ptr<observe::Tracer>> OpenTracer(const config::Config& config, observe::Metrics& metrics,
                                                    observe::Log& log) {
  if (config.otel_exporter_otlp_endpoint.empty()) return std::unique_ptr<observe::Tracer>();
  OtlpSink::Options sink;
  EIDER_ASSIGN_OR_RETURN(sink.url, TracesUrl(config.otel_exporter_otlp_endpoint));
  for (const std::string& header : config.otel_exporter_otlp_headers) {
    EIDER_ASSIGN_OR_RETURN(sink.headers.emplace_back(), HeaderLine(header));
  }
  sink.as_json = config.otel_exporter_otlp_protocol == kJson;
  if (!sink.as_json && config.otel_exporter_otlp_protocol != kProtobuf) {
    return Refuse("OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf or http/json: " +
                  config.otel_exporter_otlp_protocol);
  }
  if (config.otel_exporter_otlp_timeout < 1 || config.otel_exporter_otlp_timeout > kLongestTimeout) {
    return Refuse("OTEL_EXPORTER_OTLP_TIMEOUT must be a number of milliseconds from 1 to 600000");
  }
  sink.timeout = milliseconds(config.otel_exporter_otlp_timeout);
  sink.resource = {config.otel_service_name, NodeName(config), DataNode::version()};
  observe::TracerOptions options;
  EIDER_RETURN_IF_ERROR(ReadSampler(config, options));
  options.queue.timeout = sink.timeout;
  options.queue.on_problem = [&log](const std::string& problem) {
    log.Warn("spans are not taken by the collector", {{"reason", problem}});
  };
  return std::make_unique<observe::Tracer>(std::move(options), std::make_unique<OtlpSink>(std::move(sink)), metrics);
}

}  // namespace eider::server
