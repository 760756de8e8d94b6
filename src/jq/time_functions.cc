// What the language has beyond jq: times as RFC 3339 text, who asks, and nested requests.
#include <cmath>
#include <memory>

#include "base/text.h"
#include "columnar/json_encoder.h"
#include "jq/interpreter.h"
#include "jq/moment.h"
#include "jq/natives.h"

namespace eider::jq {
namespace {

using Arguments = std::span<const Value>;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr double kMaxSeconds = 250e9;  // Some 7,900 years in both directions.

std::string Shown(const Value& value) { return std::string(TypeName(value)) + " (" + Excerpt(value) + ")"; }

// The zone that Unix seconds are looked at in: the argument, or the request's.
bool ZoneOf(Interpreter& run, const char* name, const Value* argument, std::shared_ptr<const columnar::TimeZone>* owner,
            const columnar::TimeZone** zone) {
  *zone = run.options().zone;
  if (argument == nullptr || argument->IsNull()) return true;
  if (!argument->IsString()) return run.Fail(std::string(name) + ": the time zone must be a string");
  auto loaded = columnar::LoadTimeZone(argument->text());
  if (!loaded) return run.Fail(std::string(name) + ": " + loaded.error().message);
  *owner = std::move(*loaded);
  *zone = owner->get();
  return true;
}

struct Time {
  Moment moment;
  std::shared_ptr<const columnar::TimeZone> owner;
  const columnar::TimeZone* zone = nullptr;  // Follows changes of the clocks; null with a fixed offset.
  bool fixed = false;                        // The offset stood in the text.
};

bool ReadTime(Interpreter& run, const char* name, const Value& input, const Value* zone, Time* time) {
  if (!ZoneOf(run, name, zone, &time->owner, &time->zone)) return false;
  if (input.IsNumber() && std::abs(input.number()) < kMaxSeconds) {
    const double whole = std::floor(input.number());
    time->moment.seconds = static_cast<std::int64_t>(whole);
    time->moment.nanos = std::llround((input.number() - whole) * 1e6) * 1000;
    if (time->moment.nanos >= kSecond) {
      time->moment.nanos -= kSecond;
      ++time->moment.seconds;
    }
    time->moment.offset = OffsetAt(time->zone, time->moment.seconds);
    return true;
  }
  if (!input.IsString() || !ReadMoment(input.text(), run.options().zone, &time->moment)) {
    return run.Fail(std::string(name) + ": " + Shown(input) + " is no time; give RFC 3339 text or Unix seconds");
  }
  time->fixed = true;
  return true;
}

// The moment when the clocks of the time's zone show `local` seconds since 1970.
Moment AtLocal(const Time& time, std::int64_t local) {
  Moment moment;
  moment.offset = time.moment.offset;
  if (time.fixed) {
    moment.seconds = local - moment.offset;
  } else {
    moment.seconds = FromLocal(time.zone, local);
    moment.offset = OffsetAt(time.zone, moment.seconds);
  }
  return moment;
}

bool ToLocal(Interpreter& run, const Value& input, Arguments, Value* out) {
  Time time;
  if (!ReadTime(run, "localTime", input, nullptr, &time)) return false;
  time.moment.offset = OffsetAt(run.options().zone, time.moment.seconds);
  *out = Value::Text(WriteMoment(time.moment));
  return true;
}

bool ToUtc(Interpreter& run, const Value& input, Arguments, Value* out) {
  Time time;
  if (!ReadTime(run, "utcTime", input, nullptr, &time)) return false;
  time.moment.offset = 0;
  *out = Value::Text(WriteMoment(time.moment));
  return true;
}

bool ToUnix(Interpreter& run, const Value& input, Arguments, Value* out) {
  Time time;
  if (!ReadTime(run, "unixTime", input, nullptr, &time)) return false;
  *out = time.moment.nanos == 0
             ? Value::Int(time.moment.seconds)
             : Value::Double(static_cast<double>(time.moment.seconds) + static_cast<double>(time.moment.nanos) * 1e-9);
  return true;
}

// The multiple of `step` nanoseconds since 1970 that is nearest; halves go up.
Moment Nearest(const Moment& moment, std::int64_t step) {
  __extension__ using Wide = __int128;
  const Wide whole = Wide{moment.seconds} * kSecond + moment.nanos;
  Wide rest = whole % step;
  if (rest < 0) rest += step;
  const Wide rounded = whole - rest + (rest * 2 >= step ? step : 0);
  Moment out = moment;
  out.seconds = static_cast<std::int64_t>(rounded / kSecond);
  out.nanos = static_cast<std::int64_t>(rounded % kSecond);
  if (out.nanos < 0) {
    out.nanos += kSecond;
    --out.seconds;
  }
  return out;
}

int WeekdayOf(std::string_view name) {
  constexpr std::string_view kNames[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
  for (int i = 0; i < 7; ++i) {
    if (kNames[i] == name) return i + 1;
  }
  return 0;
}

// The start of the period that the calendar day lies in, in seconds since 1970 of its own clocks.
bool StartOf(const CalendarDay& now, std::string_view period, std::int64_t* local) {
  constexpr std::int64_t kDay = 86'400;
  const std::int64_t today = DaysTo(now.year, now.month, now.day) * kDay;
  if (period == "hour" || period == "hours") {
    *local = today + now.second_of_day / 3600 * 3600;
  } else if (period == "day" || period == "days") {
    *local = today;
  } else if (period == "month" || period == "months") {
    *local = DaysTo(now.year, now.month, 1) * kDay;
  } else if (period == "year" || period == "years") {
    *local = DaysTo(now.year, 1, 1) * kDay;
  } else if (const int weekday = WeekdayOf(period); weekday != 0) {
    *local = today - (now.weekday - weekday + 7) % 7 * kDay;
  } else {
    return false;
  }
  return true;
}

bool Round(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  Time time;
  const Value* zone = arguments.size() > 1 ? &arguments[1] : nullptr;
  if (!ReadTime(run, "roundTime", input, zone, &time)) return false;
  if (!arguments[0].IsString()) return run.Fail("roundTime: the period must be a string");
  const std::string period = LowerAscii(arguments[0].text());
  std::int64_t local = 0;
  std::int64_t nanos = 0;
  Moment rounded;
  if (period == "second" || period == "seconds") {
    rounded = Nearest(time.moment, kSecond);
  } else if (period == "minute" || period == "minutes") {
    rounded = Nearest(time.moment, 60 * kSecond);
  } else if (StartOf(CalendarOf(time.moment), period, &local)) {
    rounded = AtLocal(time, local);
  } else if (ReadDuration(period, &nanos) && nanos > 0) {
    rounded = Nearest(time.moment, nanos);
  } else {
    return run.Fail("roundTime: unknown period \"" + arguments[0].text() + "\"");
  }
  *out = Value::Text(WriteMoment(rounded));
  return true;
}

bool Add(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  Time time;
  const Value* zone = arguments.size() > 1 ? &arguments[1] : nullptr;
  if (!ReadTime(run, "timeAdd", input, zone, &time)) return false;
  std::int64_t nanos = 0;
  if (!arguments[0].IsString() || !ReadDuration(arguments[0].text(), &nanos)) {
    return run.Fail("timeAdd: " + Shown(arguments[0]) + " is no duration such as 1h30m");
  }
  Moment moved = time.moment;
  moved.seconds += nanos / kSecond;
  moved.nanos += nanos % kSecond;
  if (moved.nanos < 0 || moved.nanos >= kSecond) {
    const int carry = moved.nanos < 0 ? -1 : 1;
    moved.nanos -= carry * kSecond;
    moved.seconds += carry;
  }
  if (!time.fixed) moved.offset = OffsetAt(time.zone, moved.seconds);
  *out = Value::Text(WriteMoment(moved));
  return true;
}

bool Part(Interpreter& run, const Value& input, Arguments arguments, Value* out) {
  Time time;
  const Value* zone = arguments.size() > 1 ? &arguments[1] : nullptr;
  if (!ReadTime(run, "datePart", input, zone, &time)) return false;
  if (!arguments[0].IsString()) return run.Fail("datePart: the part must be a string");
  const std::string part = LowerAscii(arguments[0].text());
  const CalendarDay now = CalendarOf(time.moment);
  if (part == "second") return *out = Value::Int(now.second_of_day % 60), true;
  if (part == "minute") return *out = Value::Int(now.second_of_day / 60 % 60), true;
  if (part == "hour") return *out = Value::Int(now.second_of_day / 3600), true;
  if (part == "day") return *out = Value::Int(now.day), true;
  if (part == "month") return *out = Value::Int(now.month), true;
  if (part == "year") return *out = Value::Int(now.year), true;
  if (part == "weekday") return *out = Value::Int(now.weekday), true;
  if (part == "yearday") return *out = Value::Int(now.year_day), true;
  return run.Fail("datePart: unknown part \"" + arguments[0].text() + "\"");
}

bool AuthInfo(Interpreter& run, const Value&, Arguments, Value* out) {
  std::string problem;
  return ParseJson(run.options().identity, out, &problem) || run.Fail("authInfo: " + problem);
}

bool QueryHugr(Interpreter& run, const Value&, Arguments arguments, Value* out) {
  if (!arguments[0].IsString()) return run.Fail("queryHugr: the query must be a string");
  if (!run.options().query) return run.Fail("queryHugr: no requests can be made here");
  std::string variables;
  if (arguments.size() > 1 && !arguments[1].IsNull()) {
    if (!arguments[1].IsObject()) return run.Fail("queryHugr: the variables must be an object");
    variables = ToJson(arguments[1]);
  }
  auto answer = run.options().query(arguments[0].text(), variables);
  if (!answer) return run.Fail("queryHugr: " + answer.error().message);
  std::string problem;
  return ParseJson(*answer, out, &problem) || run.Fail("queryHugr: " + problem);
}

constexpr Native kTable[] = {
    {"localTime", 0, ToLocal}, {"utcTime", 0, ToUtc},     {"unixTime", 0, ToUnix},     {"roundTime", 1, Round},
    {"roundTime", 2, Round},   {"timeAdd", 1, Add},       {"timeAdd", 2, Add},         {"datePart", 1, Part},
    {"datePart", 2, Part},     {"authInfo", 0, AuthInfo}, {"queryHugr", 1, QueryHugr}, {"queryHugr", 2, QueryHugr},
};

}  // namespace

std::span<const Native> TimeNatives() { return kTable; }

}  // namespace eider::jq
