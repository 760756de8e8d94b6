#include "fetch/url.h"

#include <curl/curl.h>

#include <memory>

namespace eider::fetch {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Handle = std::unique_ptr<CURLU, FreeUrl>;

std::string Part(const Handle& url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return {};
  std::string out = text;
  curl_free(text);
  return out;
}

Error NoUrl(std::string_view text) {
  return Error(ErrorCode::kBadInput, "not an http or https URL: " + ShownUrl(text));
}

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::string Url::Shown() const {
  const bool usual = (scheme == "http" && port == "80") || (scheme == "https" && port == "443");
  return scheme + "://" + host + (usual ? "" : ":" + port) + path;
}

Result<Url> ParseUrl(std::string_view text) {
  const Handle handle(curl_url());
  const std::string whole(text);
  // The library takes a path for the host where there is none.
  if (text.find(":///") != std::string_view::npos && text.find(":///") < text.find('?')) return NoUrl(text);
  if (curl_url_set(handle.get(), CURLUPART_URL, whole.c_str(), 0) != CURLUE_OK) return NoUrl(text);
  Url url;
  url.scheme = Part(handle, CURLUPART_SCHEME);
  url.host = Part(handle, CURLUPART_HOST);
  if ((url.scheme != "http" && url.scheme != "https") || url.host.empty()) return NoUrl(text);
  url.port = Part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  url.user = Part(handle, CURLUPART_USER, CURLU_URLDECODE);
  url.password = Part(handle, CURLUPART_PASSWORD, CURLU_URLDECODE);
  url.path = Part(handle, CURLUPART_PATH);
  url.query = Part(handle, CURLUPART_QUERY);
  return url;
}

Result<std::string> ResolveUrl(const std::string& base, const std::string& reference) {
  const Handle handle(curl_url());
  if (curl_url_set(handle.get(), CURLUPART_URL, base.c_str(), 0) != CURLUE_OK) return NoUrl(base);
  if (curl_url_set(handle.get(), CURLUPART_URL, reference.c_str(), 0) != CURLUE_OK) return NoUrl(reference);
  std::string resolved = Part(handle, CURLUPART_URL);
  EIDER_ASSIGN_OR_RETURN(const Url checked, ParseUrl(resolved));
  return resolved;
}

std::string ShownUrl(std::string_view text) {
  text = text.substr(0, text.find_first_of("?#"));
  const std::size_t scheme = text.find("://");
  const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t slash = std::min(text.find('/', host), text.size());
  const std::size_t at = text.substr(0, slash).rfind('@');
  std::string out(text.substr(0, host));
  out.append(text.substr(at == std::string_view::npos || at < host ? host : at + 1));
  return out;
}

std::string EncodeUrl(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (IsPlain(c)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
  return out;
}

}  // namespace eider::fetch
