#include "planner/temporal_input.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"

namespace eider::planner {

using catalog::ScalarKind;

namespace {

// Reads a text from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  bool done() const { return at_ == text_.size(); }
  std::string_view rest() const { return text_.substr(at_); }
  bool Take(char c) {
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // Reads between `least` and `most` digits.
  std::optional<std::int64_t> Digits(int least, int most) {
    std::int64_t value = 0;
    int count = 0;
    while (!done() && count < most && text_[at_] >= '0' && text_[at_] <= '9') {
      value = value * 10 + (text_[at_++] - '0');
      ++count;
    }
    if (count < least) return std::nullopt;
    return value;
  }
  char Next() { return done() ? '\0' : text_[at_++]; }
  char Peek() const { return done() ? '\0' : text_[at_]; }
  std::size_t position() const { return at_; }
  void Seek(std::size_t at) { at_ = at; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

struct Moment {
  std::int64_t year = 1970, month = 1, day = 1;
  std::int64_t hour = 0, minute = 0, second = 0, micros = 0;
  bool has_offset = false;
  std::int64_t offset = 0;
};

bool ReadDate(Reader& in, Moment& m) {
  const std::size_t start = in.position();
  if (auto day = in.Digits(2, 2); day && in.Take('.')) {  // 01.05.2024
    const auto month = in.Digits(2, 2);
    if (month && in.Take('.')) {
      const auto year = in.Digits(4, 6);
      if (!year) return false;
      m.day = *day, m.month = *month, m.year = *year;
      return true;
    }
  }
  in.Seek(start);
  const bool negative = in.Take('-');
  const auto year = in.Digits(4, 6);
  if (!year) return false;
  m.year = negative ? -*year : *year;
  if (!in.Take('-')) return true;
  const auto month = in.Digits(1, 2);
  if (!month) return false;
  m.month = *month;
  if (!in.Take('-')) return true;
  const auto day = in.Digits(1, 2);
  if (!day) return false;
  m.day = *day;
  return true;
}

bool ReadClock(Reader& in, Moment& m) {
  const auto hour = in.Digits(1, 2);
  if (!hour || !in.Take(':')) return false;
  const auto minute = in.Digits(2, 2);
  if (!minute) return false;
  m.hour = *hour, m.minute = *minute;
  if (!in.Take(':')) return true;
  const auto second = in.Digits(2, 2);
  if (!second) return false;
  m.second = *second;
  if (!in.Take('.')) return true;
  std::int64_t scale = 100000;
  if (in.Peek() < '0' || in.Peek() > '9') return false;
  while (in.Peek() >= '0' && in.Peek() <= '9') {
    m.micros += (in.Next() - '0') * scale;
    scale /= 10;
  }
  return true;
}

bool ReadOffset(Reader& in, Moment& m) {
  if (in.done()) return true;
  m.has_offset = true;
  if (in.Take('Z') || in.Take('z')) return in.done();
  in.Take(' ');
  const char sign = in.Next();
  if (sign != '+' && sign != '-') return false;
  const auto hours = in.Digits(2, 2);
  if (!hours) return false;
  in.Take(':');
  const std::int64_t minutes = in.done() ? 0 : in.Digits(2, 2).value_or(-1);
  if (minutes < 0 || !in.done()) return false;
  m.offset = (*hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
  return true;
}

bool IsReal(const Moment& m) {
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(m.year)),
                                         std::chrono::month(static_cast<unsigned>(m.month)),
                                         std::chrono::day(static_cast<unsigned>(m.day)));
  const bool day_ok =
      (m.year > 32767 || m.year < -32767) ? m.month >= 1 && m.month <= 12 && m.day >= 1 && m.day <= 31 : date.ok();
  return day_ok && m.hour <= 24 && m.minute < 60 && m.second <= 60;
}

std::optional<Moment> ReadMoment(std::string_view text) {
  Reader in(text);
  Moment m;
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && colon <= 2) {  // A time of day alone.
    if (!ReadClock(in, m) || !ReadOffset(in, m)) return std::nullopt;
    return IsReal(m) ? std::optional(m) : std::nullopt;
  }
  if (!ReadDate(in, m)) return std::nullopt;
  if (!in.done()) {
    if (!in.Take('T') && !in.Take(' ') && !in.Take('t')) return std::nullopt;
    if (!ReadClock(in, m) || !ReadOffset(in, m)) return std::nullopt;
  }
  return IsReal(m) ? std::optional(m) : std::nullopt;
}

std::int64_t EpochSeconds(const Moment& m) {
  // Days from the civil date, for any year (proleptic Gregorian).
  const std::int64_t y = m.month <= 2 ? m.year - 1 : m.year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t yoe = y - era * 400;
  const std::int64_t doy = (153 * (m.month + (m.month > 2 ? -3 : 9)) + 2) / 5 + m.day - 1;
  const std::int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  const std::int64_t days = era * 146097 + doe - 719468;
  return days * 86400 + m.hour * 3600 + m.minute * 60 + m.second;
}

Moment FromEpoch(std::int64_t seconds, std::int64_t micros) {
  Moment m;
  std::int64_t days = seconds / 86400;
  std::int64_t rest = seconds % 86400;
  if (rest < 0) rest += 86400, --days;
  m.hour = rest / 3600, m.minute = rest / 60 % 60, m.second = rest % 60, m.micros = micros;
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int64_t doe = days - era * 146097;
  const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const std::int64_t mp = (5 * doy + 2) / 153;
  m.day = doy - (153 * mp + 2) / 5 + 1;
  m.month = mp < 10 ? mp + 3 : mp - 9;
  m.year = yoe + era * 400 + (m.month <= 2 ? 1 : 0);
  return m;
}

// The number with zeros before it, `width` characters at least, the sign among them.
void AppendPadded(std::int64_t number, std::size_t width, std::string& out) {
  std::array<char, 24> digits;
  char* const end = std::to_chars(digits.begin(), digits.end(), std::abs(number)).ptr;
  if (number < 0) out.push_back('-');
  const std::size_t taken = static_cast<std::size_t>(end - digits.data()) + (number < 0 ? 1 : 0);
  if (taken < width) out.append(width - taken, '0');
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

void AppendTwo(std::int64_t number, std::string& out) {
  out.push_back(static_cast<char>('0' + number / 10));
  out.push_back(static_cast<char>('0' + number % 10));
}

void AppendDate(const Moment& m, std::string& out) {
  AppendPadded(m.year, 4, out);
  out.push_back('-');
  AppendTwo(m.month, out);
  out.push_back('-');
  AppendTwo(m.day, out);
}

void AppendClock(const Moment& m, std::string& out) {
  AppendTwo(m.hour, out);
  out.push_back(':');
  AppendTwo(m.minute, out);
  out.push_back(':');
  AppendTwo(m.second, out);
  out.push_back('.');
  AppendPadded(m.micros, 6, out);
}

std::string Format(const Moment& m, ScalarKind kind) {
  std::string out;
  out.reserve(sizeof "2024-05-01 10:00:00.000000+00");
  if (kind != ScalarKind::kTime) AppendDate(m, out);
  if (kind == ScalarKind::kDate) return out;
  if (kind != ScalarKind::kTime) out.push_back(' ');
  AppendClock(m, out);
  if (kind != ScalarKind::kTime && kind != ScalarKind::kDateTime) out.append("+00");
  return out;
}

}  // namespace

std::optional<std::string> NormalizeTemporal(std::string_view text, ScalarKind kind, const ZoneOffset& zone) {
  const bool is_word = text.ends_with('y') || text.ends_with('Y');
  if (is_word && kind != ScalarKind::kTime) {
    std::string lower = LowerAscii(text);
    if (lower == "infinity" || lower == "-infinity") return lower;
  }
  std::optional<Moment> m = ReadMoment(text);
  if (!m) return std::nullopt;
  if (kind != ScalarKind::kTimestamp) return Format(*m, kind);
  const std::int64_t local = EpochSeconds(*m);
  std::int64_t offset = m->offset;
  if (!m->has_offset && zone) {
    offset = zone(local);
    offset = zone(local - offset);
  }
  if (offset == 0) return Format(*m, kind);
  return Format(FromEpoch(local - offset, m->micros), kind);
}

std::optional<std::string> TemporalFromSeconds(double seconds, ScalarKind kind) {
  if (!std::isfinite(seconds) || std::abs(seconds) > 9.2e12) return std::nullopt;
  const double whole = std::floor(seconds);
  return Format(FromEpoch(static_cast<std::int64_t>(whole), std::llround((seconds - whole) * 1e6)), kind);
}

namespace {

struct Span {
  double months = 0, days = 0, seconds = 0;
};

std::string FormatSpan(const Span& span) {
  const double micros = std::round(span.seconds * 1e6 + (span.days - std::trunc(span.days)) * 86400e6);
  char text[128];
  std::snprintf(text, sizeof text, "%lld months %lld days %lld microseconds", static_cast<long long>(span.months),
                static_cast<long long>(std::trunc(span.days)), static_cast<long long>(micros));
  return text;
}

std::optional<double> Number(Reader& in) {
  const std::size_t start = in.position();
  const std::string_view rest = in.rest();
  std::size_t length = 0;
  while (length < rest.size() && ((rest[length] >= '0' && rest[length] <= '9') || rest[length] == '.' ||
                                  rest[length] == '-' || rest[length] == '+')) {
    ++length;
  }
  if (length == 0) return std::nullopt;
  in.Seek(start + length);
  char* end = nullptr;
  const std::string number(rest.substr(0, length));
  const double value = std::strtod(number.c_str(), &end);
  return end == number.c_str() + number.size() ? std::optional(value) : std::nullopt;
}

bool AddIso(Span& span, bool time, char unit, double value) {
  switch (unit) {
    case 'Y': return time ? false : (span.months += 12 * value, true);
    case 'M': return time ? (span.seconds += 60 * value, true) : (span.months += value, true);
    case 'W': return time ? false : (span.days += 7 * value, true);
    case 'D': return time ? false : (span.days += value, true);
    case 'H': return time ? (span.seconds += 3600 * value, true) : false;
    case 'S': return time ? (span.seconds += value, true) : false;
    default: return false;
  }
}

std::optional<std::string> IsoInterval(std::string_view text) {
  Reader in(text);
  const double sign = in.Take('-') ? -1 : 1;
  if (!in.Take('P') || in.done()) return std::nullopt;
  Span span;
  bool time = false;
  while (!in.done()) {
    if (in.Take('T')) {
      time = true;
      continue;
    }
    const auto value = Number(in);
    if (!value || !AddIso(span, time, in.Next(), sign * *value)) return std::nullopt;
  }
  return FormatSpan(span);
}

// Units as Go writes durations ("1h30m", "250ms").
std::optional<std::string> GoInterval(std::string_view text) {
  Reader in(text);
  Span span;
  while (!in.done()) {
    const auto value = Number(in);
    if (!value) return std::nullopt;
    const std::string_view rest = in.rest();
    double factor = 0;
    std::size_t length = 1;
    if (rest.starts_with("ms"))
      factor = 1e-3, length = 2;
    else if (rest.starts_with("us"))
      factor = 1e-6, length = 2;
    else if (rest.starts_with("ns"))
      factor = 1e-9, length = 2;
    else if (rest.starts_with("h"))
      factor = 3600;
    else if (rest.starts_with("m"))
      factor = 60;
    else if (rest.starts_with("s"))
      factor = 1;
    if (factor == 0) return std::nullopt;
    span.seconds += *value * factor;
    in.Seek(in.position() + length);
    if (in.Peek() >= 'a' && in.Peek() <= 'z') return std::nullopt;
  }
  return FormatSpan(span);
}

}  // namespace

std::string IntervalFromSeconds(double seconds) { return FormatSpan({0, 0, seconds}); }

std::optional<std::string> NormalizeInterval(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (auto iso = IsoInterval(text)) return iso;
  if (text.find(' ') == std::string_view::npos) {
    if (auto go = GoInterval(text)) return go;
  }
  for (const char c : text) {  // SQL style: checked by the engine, but never more than words and numbers.
    const bool fine = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ' ||
                      c == '.' || c == '-' || c == '+' || c == ':';
    if (!fine) return std::nullopt;
  }
  return std::string(text);
}

}  // namespace eider::planner
