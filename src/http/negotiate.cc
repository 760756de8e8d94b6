#include "http/negotiate.h"

#include <charconv>

#include "base/text.h"

namespace eider::http {
namespace {

std::string_view Trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && LowerAscii(text) == lower;
}

// Takes the next element off a comma list: its name without parameters, and its weight (1 when none is given).
bool TakeElement(std::string_view& list, std::string_view& name, double& weight) {
  if (list.empty()) return false;
  const std::size_t comma = list.find(',');
  std::string_view element = list.substr(0, comma);
  list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  weight = 1;
  const std::size_t mark = element.find(';');
  name = Trim(element.substr(0, mark));
  while (!element.empty()) {
    const std::size_t semicolon = element.find(';');
    element.remove_prefix(semicolon == std::string_view::npos ? element.size() : semicolon + 1);
    const std::string_view parameter = Trim(element.substr(0, element.find(';')));
    if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) continue;
    if (std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), weight).ec != std::errc())
      weight = 0;
  }
  return true;
}

// How much a client wants each encoding; negative where it does not say.
struct Weights {
  double brotli = -1;
  double gzip = -1;
  double identity = -1;
};

Weights WeightsOf(std::string_view accept_encoding) {
  Weights weights;
  double others = -1;
  std::string_view name;
  double weight = 0;
  while (TakeElement(accept_encoding, name, weight)) {
    if (EqualsIgnoringCase(name, "br")) weights.brotli = weight;
    if (EqualsIgnoringCase(name, "gzip") || EqualsIgnoringCase(name, "x-gzip")) weights.gzip = weight;
    if (EqualsIgnoringCase(name, "identity")) weights.identity = weight;
    if (name == "*") others = weight;
  }
  if (weights.brotli < 0) weights.brotli = others;
  if (weights.gzip < 0) weights.gzip = others;
  return weights;
}

}  // namespace

Encoding ChooseEncoding(std::string_view accept_encoding) {
  const Weights weights = WeightsOf(accept_encoding);
  if (weights.brotli <= 0 && weights.gzip <= 0) return Encoding::kIdentity;
  if (weights.identity > weights.brotli && weights.identity > weights.gzip) return Encoding::kIdentity;
  return weights.brotli >= weights.gzip ? Encoding::kBrotli : Encoding::kGzip;
}

bool AcceptsGzip(std::string_view accept_encoding) { return WeightsOf(accept_encoding).gzip > 0; }

std::string_view EncodingName(Encoding encoding) {
  switch (encoding) {
    case Encoding::kIdentity: return "";
    case Encoding::kGzip: return "gzip";
    case Encoding::kBrotli: return "br";
  }
  return "";
}

MediaType ChooseMediaType(std::string_view accept) {
  double json = 0;
  double graphql = 0;
  std::string_view name;
  double weight = 0;
  while (TakeElement(accept, name, weight)) {
    if (EqualsIgnoringCase(name, "application/json") || name == "*/*" || EqualsIgnoringCase(name, "application/*")) {
      json = std::max(json, weight);
    }
    if (EqualsIgnoringCase(name, "application/graphql-response+json")) graphql = weight;
  }
  return graphql > 0 && graphql >= json ? MediaType::kGraphqlResponse : MediaType::kJson;
}

bool WantsEvents(std::string_view accept) {
  std::string_view name;
  double weight = 0;
  while (TakeElement(accept, name, weight)) {
    if (EqualsIgnoringCase(name, "text/event-stream")) return true;
  }
  return false;
}

bool WantsOpenMetrics(std::string_view accept) {
  double open_metrics = 0;
  double plain = 0;
  std::string_view name;
  double weight = 0;
  while (TakeElement(accept, name, weight)) {
    if (EqualsIgnoringCase(name, "application/openmetrics-text")) open_metrics = std::max(open_metrics, weight);
    if (EqualsIgnoringCase(name, "text/plain") || EqualsIgnoringCase(name, "text/*")) plain = std::max(plain, weight);
  }
  return open_metrics > 0 && open_metrics >= plain;
}

}  // namespace eider::http
