#include "observe/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <mutex>
#include <utility>

#include "base/text.h"

namespace eider::observe {
namespace {

std::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kTrace: return "trace";
    case LogLevel::kDebug: return "debug";
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarn: return "warn";
    case LogLevel::kError: return "error";
  }
  return "info";
}

// The present time as in 2024-05-01T12:00:00.123456Z.
std::string Timestamp() {
  const auto now = std::chrono::system_clock::now();
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count() % 1'000'000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z",
                     fmt::gmtime(std::chrono::time_point_cast<std::chrono::seconds>(now)), micros);
}

std::string ValueText(const LogField::Value& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return RedactSecrets(*text);
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("{:.6g}", *real);
  return std::get<bool>(value) ? "true" : "false";
}

void AppendMember(std::string& line, std::string_view key, std::string_view text) {
  line.append(line.empty() ? "{" : ",");
  AppendJsonString(line, key);
  line.push_back(':');
  AppendJsonString(line, text);
}

std::string JsonLine(LogLevel level, const std::string& node, std::string_view message,
                     std::initializer_list<LogField> fields) {
  std::string line;
  AppendMember(line, "ts", Timestamp());
  AppendMember(line, "level", LevelName(level));
  if (!node.empty()) AppendMember(line, "node", node);
  AppendMember(line, "msg", RedactSecrets(message));
  for (const LogField& field : fields) {
    if (field.key.empty()) continue;
    const std::string text = ValueText(field.value);
    if (std::holds_alternative<std::string_view>(field.value)) {
      AppendMember(line, field.key, text);
    } else {
      line.push_back(',');
      AppendJsonString(line, field.key);
      line.append(":").append(text);
    }
  }
  line.push_back('}');
  return line;
}

std::string TextLine(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  std::string line = fmt::format("{} {:5} {}", Timestamp(), LevelName(level), RedactSecrets(message));
  for (const LogField& field : fields) {
    if (!field.key.empty()) line.append(fmt::format(" {}={}", field.key, ValueText(field.value)));
  }
  // One event stays one line, also when a message of a database holds several.
  for (char& c : line) c = c == '\n' || c == '\r' ? ' ' : c;
  return line;
}

// Hands lines to a function, under the sink's lock.
class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(std::function<void(std::string_view)> take) : take_(std::move(take)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& line) override { take_({line.payload.data(), line.payload.size()}); }
  void flush_() override {}

  const std::function<void(std::string_view)> take_;
};

spdlog::sink_ptr MakeSink(const LogOptions& options) {
  if (options.sink) return std::make_shared<FunctionSink>(options.sink);
  return std::make_shared<spdlog::sinks::stdout_sink_mt>();
}

}  // namespace

struct Log::Output {
  explicit Output(const LogOptions& options) : logger("eider", MakeSink(options)) {
    logger.set_pattern("%v");
    logger.set_level(spdlog::level::trace);
    logger.flush_on(spdlog::level::trace);
  }
  spdlog::logger logger;
};

Log::Log(LogOptions options) : options_(std::move(options)), output_(std::make_unique<Output>(options_)) {}

Log::~Log() = default;

void Log::Write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!Enabled(level)) return;
  output_->logger.info(spdlog::string_view_t(options_.format == LogFormat::kJson
                                                 ? JsonLine(level, options_.node, message, fields)
                                                 : TextLine(level, message, fields)));
}

void Log::WriteLine(std::string_view line) { output_->logger.info(spdlog::string_view_t(line.data(), line.size())); }

}  // namespace eider::observe
