#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "columnar/base64_text.h"
#include "columnar/geojson_text.h"
#include "columnar/json_string.h"
#include "columnar/number_text.h"
#include "columnar/temporal_text.h"
#include "columnar/value_writer.h"
#include "geo/wkb.h"

// How one non-null scalar is written; each is a function object over (column, position with offset, sink).
namespace eider::columnar {

template <class T>
T ValueAt(const ArrowArray& column, std::int64_t position) {
  T value;
  std::memcpy(&value, static_cast<const char*>(column.buffers[1]) + position * static_cast<std::int64_t>(sizeof(T)),
              sizeof(T));
  return value;
}

template <class Offset>
std::string_view TextAt(const ArrowArray& column, std::int64_t position) {
  const auto* offsets = static_cast<const Offset*>(column.buffers[1]);
  const Offset from = offsets[position];
  return {static_cast<const char*>(column.buffers[2]) + from, static_cast<std::size_t>(offsets[position + 1] - from)};
}

struct BoolFormat {
  void operator()(const ArrowArray& column, std::int64_t at, JsonSink& sink) const {
    const auto* bits = static_cast<const std::uint8_t*>(column.buffers[1]);
    sink.Append((bits[at >> 3] >> (at & 7) & 1) != 0 ? "true" : "false");
  }
};

template <class T>
struct IntegerFormat {
  void operator()(const ArrowArray& column, std::int64_t at, JsonSink& sink) const {
    char* to = sink.Reserve(kNumberRoom);
    sink.Advance(WriteInteger(ValueAt<T>(column, at), to));
  }
};

template <class T>
struct FloatFormat {
  void operator()(const ArrowArray& column, std::int64_t at, JsonSink& sink) const {
    const T value = ValueAt<T>(column, at);
    if (!std::isfinite(value)) return sink.Append("null");
    char* to = sink.Reserve(kNumberRoom);
    sink.Advance(WriteFloat(value, to));
  }
};

struct DecimalFormat {
  int scale;
  void operator()(const ArrowArray& column, std::int64_t at, JsonSink& sink) const {
    char* to = sink.Reserve(kNumberRoom);
    sink.Advance(WriteDecimal(ValueAt<Int128>(column, at), scale, to));
  }
};

template <class Offset>
struct TextFormat {
  void operator()(const ArrowArray& column, std::int64_t at, JsonSink& sink) const {
    WriteJsonString(TextAt<Offset>(column, at), sink);
  }
};

// Text that is JSON already. An empty text would break the document around it.
template <class Offset>
struct InlineFormat {
  void operator()(const ArrowArray& column, std::int64_t at, JsonSink& sink) const {
    const std::string_view text = TextAt<Offset>(column, at);
    sink.Append(text.empty() ? "null" : text);
  }
};

template <class Offset>
struct BinaryFormat {
  void operator()(const ArrowArray& column, std::int64_t at, JsonSink& sink) const {
    sink.Put('"');
    WriteBase64(TextAt<Offset>(column, at), sink);
    sink.Put('"');
  }
};

// WKB, in hex when kHex, as a GeoJSON geometry.
template <class Offset, bool kHex>
struct GeometryFormat {
  void operator()(const ArrowArray& column, std::int64_t at, JsonSink& sink) const {
    const std::string_view text = TextAt<Offset>(column, at);
    const auto geometry = kHex ? geo::ReadWkb(geo::FromHex(text)) : geo::ReadWkb(text);
    if (!geometry) return sink.Append("null");
    WriteGeoJson(*geometry, sink);
  }
};

struct FixedBinaryFormat {
  std::int64_t size;
  void operator()(const ArrowArray& column, std::int64_t at, JsonSink& sink) const {
    sink.Put('"');
    WriteBase64({static_cast<const char*>(column.buffers[1]) + at * size, static_cast<std::size_t>(size)}, sink);
    sink.Put('"');
  }
};

// The engine marks the infinities of dates and timestamps by the ends of the integer's range.
template <class T>
bool WriteInfinity(T value, JsonSink& sink) {
  constexpr T kInfinity = std::numeric_limits<T>::max();
  if (value != kInfinity && value != -kInfinity) return false;
  sink.Append(value > 0 ? "\"infinity\"" : "\"-infinity\"");
  return true;
}

// `Days` reads a value of type T as whole days since 1970.
template <class T>
struct DateFormat {
  std::int64_t per_day;
  void operator()(const ArrowArray& column, std::int64_t at, JsonSink& sink) const {
    const T value = ValueAt<T>(column, at);
    if (WriteInfinity(value, sink)) return;
    std::int64_t days = value / per_day;
    if (value % per_day < 0) --days;
    char* to = sink.Reserve(kTemporalRoom);
    *to++ = '"';
    to = WriteDate(days, to);
    *to++ = '"';
    sink.Advance(to);
  }
};

template <class T>
struct TimeFormat {
  std::int64_t per_second;
  void operator()(const ArrowArray& column, std::int64_t at, JsonSink& sink) const {
    const Split split = SplitSeconds(ValueAt<T>(column, at), per_second);
    char* to = sink.Reserve(kTemporalRoom);
    *to++ = '"';
    to = WriteTime(split.seconds, split.nanos, to);
    *to++ = '"';
    sink.Advance(to);
  }
};

// A timestamp as RFC 3339 in `zone`, or as its day there.
template <class T, bool kDayOnly>
struct TimestampFormat {
  std::int64_t per_second;
  std::int64_t seconds_per_unit = 1;     // 86,400 for dates.
  std::shared_ptr<const TimeZone> zone;  // Null = not shifted.
  void operator()(const ArrowArray& column, std::int64_t at, JsonSink& sink) const {
    const T value = ValueAt<T>(column, at);
    if (WriteInfinity(value, sink)) return;
    Split split = SplitSeconds(value, per_second);
    split.seconds *= seconds_per_unit;
    const int offset = zone == nullptr ? 0 : zone->OffsetSeconds(split.seconds);
    char* to = sink.Reserve(kTemporalRoom);
    *to++ = '"';
    to = kDayOnly ? WriteDate(SplitSeconds(split.seconds + offset, 86'400).seconds, to)
                  : WriteTimestamp(split.seconds, split.nanos, offset, to);
    *to++ = '"';
    sink.Advance(to);
  }
};

// `Read` turns a position into months, days and nanoseconds.
template <class Read>
struct IntervalFormat {
  Read read;
  void operator()(const ArrowArray& column, std::int64_t at, JsonSink& sink) const {
    const auto [months, days, nanos] = read(column, at);
    char* to = sink.Reserve(kTemporalRoom);
    *to++ = '"';
    to = WriteInterval(months, days, nanos, to);
    *to++ = '"';
    sink.Advance(to);
  }
};

// Puts quotes around what another format writes bare.
template <class Format>
struct QuotedFormat {
  Format format;
  void operator()(const ArrowArray& column, std::int64_t at, JsonSink& sink) const {
    sink.Put('"');
    format(column, at, sink);
    sink.Put('"');
  }
};

// Adds the null check to a format.
template <class Format>
class ScalarWriter final : public ValueWriter {
 public:
  ScalarWriter(Format format, std::string null_text) : format_(std::move(format)), null_text_(null_text) {}

  void Write(const ArrowArray& column, std::int64_t index, JsonSink& sink) const override {
    const std::int64_t position = index + column.offset;
    if (IsNull(column, position)) return null_text_.WriteTo(sink);
    format_(column, position, sink);
  }

 private:
  const Format format_;
  const FixedText null_text_;
};

}  // namespace eider::columnar
