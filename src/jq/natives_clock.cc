// The dates of jq: seconds, "broken down" arrays, and text by strftime and strptime.
#include <chrono>
#include <cmath>
#include <ctime>

#include "columnar/json_encoder.h"
#include "jq/interpreter.h"
#include "jq/natives.h"

namespace eider::jq {
namespace {

using Arguments = std::span<const Value>;

constexpr double kMaxSeconds = 60e9 * 60 * 24;  // Beyond what years of 32 bits hold nothing is asked of the C library.

Value Broken(const std::tm& time, double seconds) {
  Array parts;
  for (const int part : {time.tm_year + 1900, time.tm_mon, time.tm_mday, time.tm_hour, time.tm_min}) {
    parts.push_back(Value::Int(part));
  }
  parts.push_back(Value::Double(seconds));
  parts.push_back(Value::Int(time.tm_wday));
  parts.push_back(Value::Int(time.tm_yday));
  return Value::Of(std::move(parts));
}

// Seconds as a calendar shows them, `zone` seconds east of Greenwich at that moment.
bool BreakDown(Interpreter& run, const char* name, double seconds, bool local, std::tm* time, double* fraction) {
  if (!(std::abs(seconds) < kMaxSeconds))
    return run.Fail(std::string("error converting number of seconds since epoch to datetime in ") + name);
  const double whole = std::floor(seconds);
  auto moment = static_cast<std::time_t>(whole);
  if (local && run.options().zone != nullptr) moment += run.options().zone->OffsetSeconds(moment);
  if (gmtime_r(&moment, time) == nullptr) return run.Fail(std::string(name) + ": the time is out of range");
  *fraction = seconds - whole;
  return true;
}

bool ToCalendar(Interpreter& run, const Value& input, const char* name, bool local, Value* out) {
  if (!input.IsNumber()) return run.Fail(std::string(name) + "() requires a number");
  std::tm time{};
  double fraction = 0;
  if (!BreakDown(run, name, input.number(), local, &time, &fraction)) return false;
  *out = Broken(time, time.tm_sec + fraction);
  return true;
}

bool GmTime(Interpreter& run, const Value& input, Arguments, Value* out) {
  return ToCalendar(run, input, "gmtime", false, out);
}
bool LocalTime(Interpreter& run, const Value& input, Arguments, Value* out) {
  return ToCalendar(run, input, "localtime", true, out);
}

bool ReadBroken(Interpreter& run, const Value& input, const char* name, std::tm* time) {
  const std::string refusal = std::string(name) + " requires parsed datetime inputs";
  if (!input.IsArray() || input.array().size() < 6) return run.Fail(refusal);
  int parts[8] = {};
  for (std::size_t i = 0; i < input.array().size() && i < 8; ++i) {
    const Value& part = input.array()[i];
    if (!part.IsNumber() || !(std::abs(part.number()) < 1e9)) return run.Fail(refusal);
    parts[i] = static_cast<int>(std::floor(part.number()));
  }
  time->tm_year = parts[0] - 1900;
  time->tm_mon = parts[1];
  time->tm_mday = parts[2];
  time->tm_hour = parts[3];
  time->tm_min = parts[4];
  time->tm_sec = parts[5];
  time->tm_wday = parts[6];
  time->tm_yday = parts[7];
  // strftime indexes names by these.
  const bool in_range = time->tm_wday >= 0 && time->tm_wday < 7 && time->tm_mon >= 0 && time->tm_mon < 12;
  return in_range || run.Fail(refusal);
}

bool MkTime(Interpreter& run, const Value& input, Arguments, Value* out) {
  std::tm time{};
  if (!ReadBroken(run, input, "mktime", &time)) return false;
  *out = Value::Int(timegm(&time));
  return true;
}

bool WriteTime(Interpreter& run, const Value& input, const Value& format, const char* name, bool local, Value* out) {
  if (!format.IsString()) return run.Fail(std::string(name) + "/1 requires a string format");
  std::tm time{};
  double fraction = 0;
  const std::string shown = std::string(name) + "/1";
  if (input.IsNumber() ? !BreakDown(run, name, input.number(), local, &time, &fraction)
                       : !ReadBroken(run, input, shown.c_str(), &time)) {
    return false;
  }
  time.tm_zone = "UTC";
  if (local && run.options().zone != nullptr) {
    std::tm copy = time;
    const std::time_t moment = timegm(&copy);
    time.tm_gmtoff = run.options().zone->OffsetSeconds(moment);
    if (time.tm_gmtoff != 0) time.tm_zone = "";
  }
  if (format.text().empty()) return *out = Value::Text(""), true;
  std::string text(4096, '\0');
  const std::size_t size = std::strftime(text.data(), text.size(), format.text().c_str(), &time);
  if (size == 0) return run.Fail(shown + ": unknown system failure");
  text.resize(size);
  *out = Value::Text(std::move(text));
  return true;
}

bool StrFTime(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  return WriteTime(run, input, arguments[0], "strftime", false, out);
}
bool StrFLocalTime(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  return WriteTime(run, input, arguments[0], "strflocaltime", true, out);
}

bool StrPTime(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  if (!input.IsString()) return run.Fail("strptime/1 requires string inputs and arguments");
  if (!arguments[0].IsString()) return run.Fail("strptime/1 requires string inputs and arguments");
  std::tm time{};
  time.tm_wday = 8;
  time.tm_yday = 367;
  const char* end = strptime(input.text().c_str(), arguments[0].text().c_str(), &time);
  if (end == nullptr || *end != '\0') {
    return run.Fail("date \"" + input.text() + "\" does not match format \"" + arguments[0].text() + "\"");
  }
  if (time.tm_wday == 8 || time.tm_yday == 367) {
    std::tm copy = time;
    copy.tm_gmtoff = 0;
    timegm(&copy);
    time.tm_wday = copy.tm_wday;
    time.tm_yday = copy.tm_yday;
  }
  *out = Broken(time, time.tm_sec);
  return true;
}

bool Now(Interpreter&, const Value&, Arguments, Value* out) {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  *out = Value::Double(std::chrono::duration<double>(since).count());
  return true;
}

constexpr Native kTable[] = {
    {"gmtime", 0, GmTime},     {"localtime", 0, LocalTime},         {"mktime", 0, MkTime}, {"strftime", 1, StrFTime},
    {"strptime", 1, StrPTime}, {"strflocaltime", 1, StrFLocalTime}, {"now", 0, Now},
};

}  // namespace

std::span<const Native> ClockNatives() { return kTable; }

}  // namespace eider::jq
