#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace eider::observe {

enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError };
enum class LogFormat { kJson, kText };

// One member of a log line beside its message, such as {"source", name}; one without key is left out. Borrows its text
// for the call.
struct LogField {
  using Value = std::variant<std::string_view, std::int64_t, double, bool>;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
  template <class Integer>
    requires std::is_integral_v<Integer>
  LogField(std::string_view k, Integer v) : key(k),
                                            value(static_cast<std::int64_t>(v)) {}

  std::string_view key;
  Value value;
};

struct LogOptions {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kJson;
  std::string node;                            // Written into every line.
  std::function<void(std::string_view)> sink;  // Takes whole lines without line feed; empty = standard output.
};

// Writes one line an event, JSON or text, each flushed. Secrets are redacted from the message and from every text
// field. Owned by the composition root, outlives every other part. All methods may be called from any thread.
class Log {
 public:
  explicit Log(LogOptions options);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // True when a line of this level would be written; lets a caller skip costly fields.
  bool Enabled(LogLevel level) const { return level >= options_.level; }

  void Write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

  // Writes a line as it is, whatever the level; the caller has redacted it.
  void WriteLine(std::string_view line);

  void Debug(std::string_view message, std::initializer_list<LogField> fields = {}) {
    Write(LogLevel::kDebug, message, fields);
  }
  void Info(std::string_view message, std::initializer_list<LogField> fields = {}) {
    Write(LogLevel::kInfo, message, fields);
  }
  void Warn(std::string_view message, std::initializer_list<LogField> fields = {}) {
    Write(LogLevel::kWarn, message, fields);
  }
  void Error(std::string_view message, std::initializer_list<LogField> fields = {}) {
    Write(LogLevel::kError, message, fields);
  }

 private:
  struct Output;
  const LogOptions options_;
  std::unique_ptr<Output> output_;
};

}  // namespace eider::observe
