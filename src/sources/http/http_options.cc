#include "sources/http/http_options.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/encoding.h"
#include "base/text.h"
#include "fetch/url.h"

namespace eider::sources {
namespace {

std::optional<std::int64_t> Number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "250ms", "30s", "2m" or a number of seconds.
std::optional<std::chrono::milliseconds> Duration(std::string_view text) {
  std::int64_t unit = 1000;
  if (text.ends_with("ms")) {
    unit = 1;
    text.remove_suffix(2);
  } else if (text.ends_with('s') || text.ends_with('m')) {
    if (text.ends_with('m')) unit = 60'000;
    text.remove_suffix(1);
  }
  const auto value = Number(text);
  if (!value || *value <= 0 || *value > 86'400) return std::nullopt;
  return std::chrono::milliseconds(*value * unit);
}

// "8MB", "64KB" or a number of bytes.
std::optional<std::size_t> Size(std::string_view text) {
  std::int64_t unit = 1;
  if (text.ends_with("KB")) unit = 1 << 10;
  if (text.ends_with("MB")) unit = 1 << 20;
  if (unit > 1) text.remove_suffix(2);
  const auto value = Number(text);
  if (!value || *value <= 0 || *value > (std::int64_t{1} << 30) / unit) return std::nullopt;
  return static_cast<std::size_t>(*value * unit);
}

bool ReadCount(std::string_view text, std::int64_t least, std::int64_t most, int& target) {
  const auto value = Number(text);
  if (!value || *value < least || *value > most) return false;
  target = static_cast<int>(*value);
  return true;
}

template <class T>
bool Store(std::optional<T> value, T& target) {
  if (value) target = *value;
  return value.has_value();
}

bool ReadFlag(std::string_view text, bool& target) {
  target = text == "true";
  return target || text == "false";
}

struct Option {
  std::string_view name;
  std::string_view expects;
  bool (*read)(const std::string& text, HttpOptions& options);
};

bool NotEmpty(const std::string& text, std::string& target) {
  target = text;
  return !text.empty();
}

constexpr Option kOptions[] = {
    {"x-hugr-spec-path", "a path", [](const std::string& t, HttpOptions& o) { return NotEmpty(t, o.spec_path); }},
    {"x-hugr-spec-url", "a URL", [](const std::string& t, HttpOptions& o) { return NotEmpty(t, o.spec_url); }},
    {"x-hugr-server", "a URL", [](const std::string& t, HttpOptions& o) { return NotEmpty(t, o.server); }},
    {"x-hugr-security", "JSON", [](const std::string& t, HttpOptions& o) { return NotEmpty(t, o.security); }},
    {"x-eider-concurrency", "a number from 1 to 256",
     [](const std::string& t, HttpOptions& o) { return ReadCount(t, 1, 256, o.peer.max_concurrent); }},
    {"x-eider-retries", "a number from 0 to 10",
     [](const std::string& t, HttpOptions& o) { return ReadCount(t, 0, 10, o.peer.retries); }},
    {"x-eider-redirects", "a number from 0 to 20",
     [](const std::string& t, HttpOptions& o) { return ReadCount(t, 0, 20, o.peer.max_redirects); }},
    {"x-eider-timeout", "a duration such as 30s",
     [](const std::string& t, HttpOptions& o) { return Store(Duration(t), o.peer.timeout); }},
    {"x-eider-connect-timeout", "a duration such as 5s",
     [](const std::string& t, HttpOptions& o) { return Store(Duration(t), o.peer.connect_timeout); }},
    {"x-eider-max-response", "a size up to 1024MB, such as 64MB",
     [](const std::string& t, HttpOptions& o) { return Store(Size(t), o.peer.max_bytes); }},
    {"x-eider-allow-link-local", "true or false",
     [](const std::string& t, HttpOptions& o) { return ReadFlag(t, o.peer.allow_link_local); }},
};

std::string KnownOptions() {
  std::string names;
  for (const Option& option : kOptions) names.append(names.empty() ? "" : ", ").append(option.name);
  return names;
}

Status ReadOption(const std::string& name, const std::string& value, HttpOptions& options) {
  const auto* const option = std::ranges::find(kOptions, name, &Option::name);
  if (option == std::end(kOptions)) {
    return Error(ErrorCode::kBadInput,
                 "unknown option of an HTTP source: " + name + " (known: " + KnownOptions() + ")");
  }
  if (option->read(value, options)) return {};
  return Error(ErrorCode::kBadInput, "option " + name + " takes " + std::string(option->expects));
}

std::string Decoded(std::string_view text) {
  std::string plus(text);
  std::ranges::replace(plus, '+', ' ');
  return UnescapePercent(plus);
}

// Splits options off the query; the rest stays.
Status ReadQuery(const std::string& query, HttpOptions& options) {
  for (const std::string_view part : SplitText(query, '&')) {
    const std::size_t sign = std::min(part.find('='), part.size());
    const std::string name = LowerAscii(Decoded(part.substr(0, sign)));
    if (name.starts_with("x-hugr-") || name.starts_with("x-eider-")) {
      const std::string_view value = sign == part.size() ? std::string_view() : part.substr(sign + 1);
      EIDER_RETURN_IF_ERROR(ReadOption(name, Decoded(value), options));
    } else if (!part.empty()) {
      options.query.append(options.query.empty() ? "" : "&").append(part);
    }
  }
  return {};
}

void SetBase(const fetch::Url& url, HttpOptions& options) {
  options.base_url = url.Shown();
  while (options.base_url.ends_with('/')) options.base_url.pop_back();
}

// curl refuses spaces and others that people put into the JSON of an option.
std::string Escaped(std::string_view path) {
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte > 0x20 && byte < 0x7F && c != '"' && c != '#' && c != '<' && c != '>';
    out.append(plain ? std::string(1, c) : fetch::EncodeUrl(std::string_view(&c, 1)));
  }
  return out;
}

}  // namespace

Result<std::string> HttpOptions::SpecUrl() const {
  if (!spec_url.empty()) return fetch::ResolveUrl(base_url + "/", spec_url);
  if (spec_path.empty()) return std::string();
  if (spec_path.find("://") != std::string::npos) {
    return Error(ErrorCode::kBadInput,
                 "x-hugr-spec-path is a path below the server; a URL is given by x-hugr-spec-url");
  }
  const std::string url = base_url + (spec_path.starts_with('/') ? "" : "/") + spec_path;
  return query.empty() ? url : url + (url.find('?') == std::string::npos ? "?" : "&") + query;
}

Result<HttpOptions> ParseHttpPath(std::string_view path, const fetch::PeerOptions& defaults) {
  HttpOptions options;
  options.peer = defaults;
  auto url = fetch::ParseUrl(Escaped(path));
  if (!url) {
    return Error(ErrorCode::kBadInput,
                 "the path of an HTTP source is its base URL, such as https://api.example.com/v1");
  }
  options.user = url->user;
  options.password = url->password;
  EIDER_RETURN_IF_ERROR(ReadQuery(url->query, options));
  SetBase(*url, options);
  if (!options.server.empty()) {
    // A server may be a path of the same host, as in OpenAPI documents.
    EIDER_ASSIGN_OR_RETURN(const std::string server,
                           fetch::ResolveUrl(options.base_url + "/", Escaped(options.server)));
    EIDER_ASSIGN_OR_RETURN(const fetch::Url parsed, fetch::ParseUrl(server));
    SetBase(parsed, options);
  }
  return options;
}

}  // namespace eider::sources
