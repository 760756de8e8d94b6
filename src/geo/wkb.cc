#include "geo/wkb.h"

#include "base/encoding.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <optional>

namespace eider::geo {
namespace {

constexpr std::uint32_t kFlagZ = 0x80000000U;
constexpr std::uint32_t kFlagM = 0x40000000U;
constexpr std::uint32_t kFlagSrid = 0x20000000U;

static_assert(std::endian::native == std::endian::little);

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::optional<Geometry> Read(int depth) {
    if (depth > kMaxNesting || bytes_.empty()) return std::nullopt;
    const bool big_endian = bytes_[0] == 0;
    if (!big_endian && bytes_[0] != 1) return std::nullopt;
    bytes_.remove_prefix(1);
    swap_ = big_endian;
    std::uint32_t code = 0;
    if (!Take(code)) return std::nullopt;
    Layout layout;
    Geometry geometry;
    if (!ReadHead(code, layout, geometry)) return std::nullopt;
    geometry.has_z = layout.has_z;
    if (!ReadBody(layout, geometry, depth)) return std::nullopt;
    return geometry;
  }

  bool at_end() const { return bytes_.empty(); }

 private:
  struct Layout {
    bool has_z = false;
    bool has_m = false;
    std::size_t size() const { return 16U + (has_z ? 8U : 0U) + (has_m ? 8U : 0U); }
  };

  template <class T>
  bool Take(T& value) {
    if (bytes_.size() < sizeof(T)) return false;
    char raw[sizeof(T)];
    for (std::size_t i = 0; i < sizeof(T); ++i) raw[swap_ ? sizeof(T) - 1 - i : i] = bytes_[i];
    std::memcpy(&value, raw, sizeof(T));
    bytes_.remove_prefix(sizeof(T));
    return true;
  }

  bool ReadHead(std::uint32_t code, Layout& layout, Geometry& geometry) {
    std::uint32_t srid = 0;
    if ((code & kFlagSrid) != 0 && !Take(srid)) return false;
    layout.has_z = (code & kFlagZ) != 0;
    layout.has_m = (code & kFlagM) != 0;
    code &= 0x0FFFFFFFU;
    const std::uint32_t dimensions = code / 1000;
    if (dimensions > 3) return false;
    layout.has_z = layout.has_z || dimensions == 1 || dimensions == 3;
    layout.has_m = layout.has_m || dimensions >= 2;
    code %= 1000;
    if (code < 1 || code > 7) return false;
    geometry.kind = static_cast<Kind>(code);
    return true;
  }

  bool ReadBody(const Layout& layout, Geometry& geometry, int depth) {
    if (geometry.kind == Kind::kPoint) {
      Position position;
      if (!ReadPosition(layout, position)) return false;
      // An empty point is written as one without numbers.
      if (!std::isnan(position.x) || !std::isnan(position.y)) geometry.paths.push_back({position});
      return true;
    }
    if (geometry.kind == Kind::kLineString) {
      Path path;
      if (!ReadPath(layout, path)) return false;
      if (!path.empty()) geometry.paths.push_back(std::move(path));
      return true;
    }
    std::uint32_t count = 0;
    // Every ring takes four bytes at least, every part nine.
    if (!Take(count) || count > bytes_.size() / 4) return false;
    if (geometry.kind == Kind::kPolygon) {
      geometry.paths.resize(count);
      for (Path& path : geometry.paths) {
        if (!ReadPath(layout, path)) return false;
      }
      return true;
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      auto part = Read(depth + 1);
      if (!part || !Fits(geometry.kind, part->kind)) return false;
      geometry.parts.push_back(std::move(*part));
    }
    return true;
  }

  static bool Fits(Kind whole, Kind part) {
    return whole == Kind::kCollection || static_cast<int>(part) + 3 == static_cast<int>(whole);
  }

  bool ReadPath(const Layout& layout, Path& path) {
    std::uint32_t count = 0;
    if (!Take(count) || count > bytes_.size() / layout.size()) return false;
    path.resize(count);
    for (Position& position : path) {
      if (!ReadPosition(layout, position)) return false;
    }
    return true;
  }

  bool ReadPosition(const Layout& layout, Position& position) {
    double m = 0;
    return Take(position.x) && Take(position.y) && (!layout.has_z || Take(position.z)) && (!layout.has_m || Take(m));
  }

  std::string_view bytes_;
  bool swap_ = false;
};

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void Write(const Geometry& geometry) {
    out_.push_back(1);
    Put(static_cast<std::uint32_t>(geometry.kind) + (geometry.has_z ? 1000U : 0U));
    if (geometry.kind == Kind::kPoint) {
      const Position none{std::nan(""), std::nan(""), std::nan("")};
      return PutPosition(geometry.paths.empty() ? none : geometry.paths[0][0], geometry.has_z);
    }
    if (geometry.kind == Kind::kLineString)
      return PutPath(geometry.paths.empty() ? Path() : geometry.paths[0], geometry);
    if (geometry.kind == Kind::kPolygon) {
      Put(static_cast<std::uint32_t>(geometry.paths.size()));
      for (const Path& path : geometry.paths) PutPath(path, geometry);
      return;
    }
    Put(static_cast<std::uint32_t>(geometry.parts.size()));
    for (const Geometry& part : geometry.parts) Write(part);
  }

 private:
  template <class T>
  void Put(T value) {
    char raw[sizeof(T)];
    std::memcpy(raw, &value, sizeof(T));
    out_.append(raw, sizeof(T));
  }
  void PutPosition(const Position& position, bool has_z) {
    Put(position.x);
    Put(position.y);
    if (has_z) Put(position.z);
  }
  void PutPath(const Path& path, const Geometry& geometry) {
    Put(static_cast<std::uint32_t>(path.size()));
    for (const Position& position : path) PutPosition(position, geometry.has_z);
  }

  std::string& out_;
};

}  // namespace

Result<Geometry> ReadWkb(std::string_view bytes) {
  Reader reader(bytes);
  auto geometry = reader.Read(0);
  if (!geometry || !reader.at_end()) return Error(ErrorCode::kBadInput, "the bytes are no WKB of a known kind");
  return std::move(*geometry);
}

std::string WriteWkb(const Geometry& geometry) {
  std::string out;
  Writer(out).Write(geometry);
  return out;
}

std::string ToHex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(kDigits[byte >> 4U]);
    out.push_back(kDigits[byte & 15U]);
  }
  return out;
}

std::string FromHex(std::string_view text) {
  std::string out;
  if (text.size() % 2 != 0) return out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return {};
    out.push_back(static_cast<char>(high * 16 + low));
  }
  return out;
}

}  // namespace eider::geo
