#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "geo/check_geometry.h"
#include "geo/parse.h"

namespace eider::geo {
namespace {

Error Bad(std::string message) { return {ErrorCode::kBadInput, std::move(message)}; }

struct Word {
  std::string_view text;
  Kind kind;
};
constexpr std::array<Word, 7> kWords = {{{"POINT", Kind::kPoint},
                                         {"LINESTRING", Kind::kLineString},
                                         {"POLYGON", Kind::kPolygon},
                                         {"MULTIPOINT", Kind::kMultiPoint},
                                         {"MULTILINESTRING", Kind::kMultiLineString},
                                         {"MULTIPOLYGON", Kind::kMultiPolygon},
                                         {"GEOMETRYCOLLECTION", Kind::kCollection}}};

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Geometry> Parse() {
    SkipSrid();
    EIDER_ASSIGN_OR_RETURN(Geometry geometry, ParseTagged(0));
    SkipSpace();
    if (at_ != text_.size()) return Unexpected("end");
    return geometry;
  }

 private:
  Error Unexpected(std::string_view wanted) const {
    return Bad("WKT has no " + std::string(wanted) + " at character " + std::to_string(at_ + 1));
  }

  void SkipSpace() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
  }
  bool Take(char c) {
    SkipSpace();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // The next word in upper case; left where it is when it is not wanted.
  std::string PeekWord() {
    SkipSpace();
    std::string word;
    for (std::size_t i = at_; i < text_.size() && std::isalpha(static_cast<unsigned char>(text_[i])) != 0; ++i) {
      word.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(text_[i]))));
    }
    return word;
  }
  void SkipSrid() {
    const std::size_t end = text_.find(';');
    if (end != std::string_view::npos && PeekWord() == "SRID") at_ = end + 1;
  }

  Result<Geometry> ParseTagged(int depth) {
    if (depth > kMaxNesting) return Bad("WKT nests too deep");
    std::string word = PeekWord();
    const std::size_t length = word.size();
    Geometry geometry;
    bool tagged_z = false;
    if (!FindKind(word, geometry.kind) && word.ends_with('Z')) {  // POINTZ
      word.pop_back();
      tagged_z = true;
    }
    if (!FindKind(word, geometry.kind)) return Unexpected("kind of geometry");
    at_ += length;
    word = PeekWord();
    if (word == "Z") {
      tagged_z = true;
      at_ += 1;
    } else if (word == "M" || word == "ZM") {
      return Bad("WKT has M values, which are not supported");
    }
    if (PeekWord() == "EMPTY") {
      at_ += 5;
      geometry.has_z = tagged_z;
      return geometry;
    }
    EIDER_RETURN_IF_ERROR(ParseBody(geometry, depth));
    if (tagged_z && !geometry.has_z) return Bad("WKT says Z but has positions of two numbers");
    return geometry;
  }

  static bool FindKind(std::string_view word, Kind& kind) {
    for (const Word& known : kWords) {
      if (known.text != word) continue;
      kind = known.kind;
      return true;
    }
    return false;
  }

  Status ParseBody(Geometry& geometry, int depth) {
    switch (geometry.kind) {
      case Kind::kPoint:
      case Kind::kLineString: {
        geometry.paths.emplace_back();
        EIDER_RETURN_IF_ERROR(ParsePath(geometry.paths.back(), geometry));
        if (geometry.kind == Kind::kPoint && geometry.paths[0].size() != 1) return Bad("a point has one position");
        return {};
      }
      case Kind::kPolygon:
        return ParseList([&]() -> Status {
          geometry.paths.emplace_back();
          return ParsePath(geometry.paths.back(), geometry);
        });
      default: return ParseList([&]() -> Status { return ParsePart(geometry, depth); });
    }
  }

  Status ParsePart(Geometry& geometry, int depth) {
    if (geometry.kind == Kind::kCollection) {
      EIDER_ASSIGN_OR_RETURN(Geometry part, ParseTagged(depth + 1));
      geometry.has_z = geometry.has_z || part.has_z;
      geometry.parts.push_back(std::move(part));
      return {};
    }
    Geometry part;
    part.kind = static_cast<Kind>(static_cast<int>(geometry.kind) - 3);
    if (PeekWord() == "EMPTY") {
      at_ += 5;
    } else if (part.kind == Kind::kPoint && !PeekParenthesis()) {  // MULTIPOINT (1 2, 3 4)
      part.paths.emplace_back();
      EIDER_RETURN_IF_ERROR(ParsePosition(part.paths[0], part));
    } else {
      EIDER_RETURN_IF_ERROR(ParseBody(part, depth));
    }
    geometry.has_z = geometry.has_z || part.has_z;
    geometry.parts.push_back(std::move(part));
    return {};
  }

  bool PeekParenthesis() {
    SkipSpace();
    return at_ < text_.size() && text_[at_] == '(';
  }

  template <class ParseItem>
  Status ParseList(ParseItem parse) {
    if (!Take('(')) return Unexpected("\"(\"");
    do {
      EIDER_RETURN_IF_ERROR(parse());
    } while (Take(','));
    if (!Take(')')) return Unexpected("\")\"");
    return {};
  }

  Status ParsePath(Path& path, Geometry& geometry) {
    return ParseList([&] { return ParsePosition(path, geometry); });
  }

  Status ParsePosition(Path& path, Geometry& geometry) {
    Position position;
    const auto x = ParseNumber();
    const auto y = x ? ParseNumber() : std::nullopt;
    if (!y) return Unexpected("number");
    position.x = *x;
    position.y = *y;
    const auto z = ParseNumber();
    if (z && ParseNumber()) return Bad("WKT has positions of four numbers, which are not supported");
    if (z) position.z = *z;
    geometry.has_z = geometry.has_z || z.has_value();
    path.push_back(position);
    return {};
  }

  std::optional<double> ParseNumber() {
    SkipSpace();
    const char* from = text_.data() + at_;
    const char* end = text_.data() + text_.size();
    if (from != end && *from == '+') ++from;
    double value = 0;
    const auto [to, code] = std::from_chars(from, end, value);
    if (code != std::errc()) return std::nullopt;
    at_ = static_cast<std::size_t>(to - text_.data());
    return value;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<Geometry> ParseWkt(std::string_view text) {
  EIDER_ASSIGN_OR_RETURN(Geometry geometry, Parser(text).Parse());
  EIDER_RETURN_IF_ERROR(CheckGeometry(geometry));
  return geometry;
}

}  // namespace eider::geo
