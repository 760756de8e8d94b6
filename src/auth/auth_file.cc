#include "auth/auth_file.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "base/text.h"

namespace eider::auth {
namespace {

using std::chrono::milliseconds;

// One map of the file, whose members are read by name; what is left over at the end is unknown.
class Section {
 public:
  Section(const YAML::Node& node, std::string where, const std::string& file, const ValueSources& values)
      : node_(node),
        where_(std::move(where)),
        file_(file),
        values_(values) {}

  Error Refuse(const YAML::Node& at, const std::string& text) const {
    return {ErrorCode::kBadInput,
            fmt::format("{}:{}: {}{}", file_, at.Mark().is_null() ? 1 : at.Mark().line + 1, where_, text)};
  }

  Status Open() {
    if (node_.IsNull()) return {};
    if (!node_.IsMap()) return Refuse(node_, "must have members");
    for (const auto& member : node_) {
      if (!member.first.IsScalar()) return Refuse(member.first, "a member needs a name");
      std::string key = member.first.Scalar();
      for (char& c : key) c = c == '-' ? '_' : c;
      if (!members_.emplace(key, member.second).second) {
        return Refuse(member.first, fmt::format("\"{}\" is given twice", key));
      }
      places_.emplace(std::move(key), member.first);
    }
    return {};
  }

  // The member called `key`, which is then known; null when it is absent.
  const YAML::Node* Take(const std::string& key) {
    places_.erase(key);
    const auto found = members_.find(key);
    return found == members_.end() || found->second.IsNull() ? nullptr : &found->second;
  }

  Status Text(const std::string& key, std::string& to) {
    const YAML::Node* node = Take(key);
    if (node == nullptr) return {};
    if (!node->IsScalar()) return Refuse(*node, fmt::format("\"{}\" must be a text", key));
    EIDER_ASSIGN_OR_RETURN(to, Resolve(*node, key, node->Scalar()));
    return {};
  }

  Status Flag(const std::string& key, bool& to) {
    const YAML::Node* node = Take(key);
    if (node == nullptr) return {};
    std::string text;
    if (node->IsScalar()) {
      EIDER_ASSIGN_OR_RETURN(text, Resolve(*node, key, node->Scalar()));
    }
    text = LowerAscii(text);
    if (text != "true" && text != "false") return Refuse(*node, fmt::format("\"{}\" must be true or false", key));
    to = text == "true";
    return {};
  }

  Status Texts(const std::string& key, std::vector<std::string>& to) {
    const YAML::Node* node = Take(key);
    if (node == nullptr) return {};
    to.clear();
    if (node->IsScalar()) {
      EIDER_ASSIGN_OR_RETURN(std::string text, Resolve(*node, key, node->Scalar()));
      to.push_back(std::move(text));
      return {};
    }
    if (!node->IsSequence()) return Refuse(*node, fmt::format("\"{}\" must be a list of texts", key));
    for (const YAML::Node& item : *node) {
      if (!item.IsScalar()) return Refuse(item, fmt::format("\"{}\" must be a list of texts", key));
      EIDER_ASSIGN_OR_RETURN(std::string text, Resolve(item, key, item.Scalar()));
      to.push_back(std::move(text));
    }
    return {};
  }

  Status Duration(const std::string& key, milliseconds most, milliseconds& to) {
    const YAML::Node* node = Take(key);
    if (node == nullptr) return {};
    std::string text;
    if (node->IsScalar()) {
      EIDER_ASSIGN_OR_RETURN(text, Resolve(*node, key, node->Scalar()));
    }
    const auto duration = ReadDuration(text);
    if (!duration) return Refuse(*node, fmt::format("\"{}\" must be a duration such as 5s or 250ms", key));
    if (*duration > most) return Refuse(*node, fmt::format("\"{}\" must be at most {}s", key, most.count() / 1000));
    to = *duration;
    return {};
  }

  // A map as JSON text.
  Status Json(const std::string& key, std::string& to) {
    const YAML::Node* node = Take(key);
    if (node == nullptr) return {};
    if (!node->IsMap()) return Refuse(*node, fmt::format("\"{}\" must have members", key));
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    EIDER_RETURN_IF_ERROR(WriteJson(*node, key, writer));
    to.assign(buffer.GetString(), buffer.GetSize());
    return {};
  }

  Section Inner(const YAML::Node& node, const std::string& name) const {
    return {node, where_ + name + ": ", file_, values_};
  }

  // Refuses members that nobody asked for.
  Status Close() const {
    if (places_.empty()) return {};
    const auto& [key, place] = *places_.begin();
    return Refuse(place, fmt::format("unknown key \"{}\"", place.Scalar()));
  }

 private:
  static std::optional<milliseconds> ReadDuration(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || number < 0 || number > 1'000'000) return std::nullopt;
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    if (unit == "ms") return milliseconds(number);
    if (unit.empty() || unit == "s") return std::chrono::seconds(number);
    if (unit == "m") return std::chrono::minutes(number);
    return std::nullopt;
  }

  Result<std::string> Resolve(const YAML::Node& at, const std::string& key, const std::string& text) const {
    if (text.starts_with("${") && text.ends_with('}')) {
      const std::string name = text.substr(2, text.size() - 3);
      auto value = values_.environment(name);
      if (!value) return Refuse(at, fmt::format("\"{}\" refers to {}, which is not set", key, name));
      return std::move(*value);
    }
    if (!text.starts_with("file:")) return text;
    auto content = values_.file(text.substr(5));
    if (!content) return Refuse(at, fmt::format("\"{}\": {}", key, content.error().message));
    while (content->ends_with('\n') || content->ends_with('\r')) content->pop_back();
    return std::move(*content);
  }

  template <class Writer>
  Status WriteJson(const YAML::Node& node, const std::string& key, Writer& writer) const {
    if (node.IsNull()) {
      writer.Null();
      return {};
    }
    if (node.IsSequence()) {
      writer.StartArray();
      for (const YAML::Node& item : node) EIDER_RETURN_IF_ERROR(WriteJson(item, key, writer));
      writer.EndArray();
      return {};
    }
    if (node.IsMap()) {
      writer.StartObject();
      for (const auto& member : node) {
        writer.Key(member.first.Scalar().c_str());
        EIDER_RETURN_IF_ERROR(WriteJson(member.second, key, writer));
      }
      writer.EndObject();
      return {};
    }
    return WriteScalar(node, key, writer);
  }

  template <class Writer>
  Status WriteScalar(const YAML::Node& node, const std::string& key, Writer& writer) const {
    EIDER_ASSIGN_OR_RETURN(const std::string text, Resolve(node, key, node.Scalar()));
    const bool quoted = node.Tag() == "!";
    std::int64_t number = 0;
    double real = 0;
    bool flag = false;
    if (!quoted && YAML::convert<bool>::decode(node, flag)) {
      writer.Bool(flag);
    } else if (!quoted && YAML::convert<std::int64_t>::decode(node, number)) {
      writer.Int64(number);
    } else if (!quoted && YAML::convert<double>::decode(node, real)) {
      writer.Double(real);
    } else {
      writer.String(text.c_str(), static_cast<rapidjson::SizeType>(text.size()));
    }
    return {};
  }

  const YAML::Node node_;
  const std::string where_;
  const std::string& file_;
  const ValueSources& values_;
  std::map<std::string, YAML::Node> members_;
  std::map<std::string, YAML::Node> places_;
};

Status ReadIdentityHeaders(Section& section, IdentityHeaders& headers) {
  const YAML::Node* node = section.Take("headers");
  if (node == nullptr) return {};
  Section inner = section.Inner(*node, "headers");
  EIDER_RETURN_IF_ERROR(inner.Open());
  EIDER_RETURN_IF_ERROR(inner.Text("role", headers.role));
  EIDER_RETURN_IF_ERROR(inner.Text("user_id", headers.user_id));
  EIDER_RETURN_IF_ERROR(inner.Text("user_name", headers.user_name));
  headers = {LowerAscii(headers.role), LowerAscii(headers.user_id), LowerAscii(headers.user_name)};
  return inner.Close();
}

Status ReadClaimNames(Section& section, ClaimNames& claims) {
  const YAML::Node* node = section.Take("claims");
  if (node == nullptr) return {};
  Section inner = section.Inner(*node, "claims");
  EIDER_RETURN_IF_ERROR(inner.Open());
  EIDER_RETURN_IF_ERROR(inner.Text("role", claims.role));
  EIDER_RETURN_IF_ERROR(inner.Text("user_id", claims.user_id));
  EIDER_RETURN_IF_ERROR(inner.Text("user_name", claims.user_name));
  return inner.Close();
}

Status ReadStaticKey(Section& section, const YAML::Node& node, StaticKeySettings& key) {
  EIDER_RETURN_IF_ERROR(section.Open());
  std::string plain;
  std::string digest;
  EIDER_RETURN_IF_ERROR(section.Text("key", plain));
  EIDER_RETURN_IF_ERROR(section.Text("key_sha256", digest));
  EIDER_RETURN_IF_ERROR(section.Text("header", key.header));
  EIDER_RETURN_IF_ERROR(section.Text("default_role", key.default_role));
  EIDER_RETURN_IF_ERROR(section.Texts("allowed_roles", key.allowed_roles));
  EIDER_RETURN_IF_ERROR(ReadIdentityHeaders(section, key.headers));
  EIDER_RETURN_IF_ERROR(section.Json("claims", key.claims));
  EIDER_RETURN_IF_ERROR(section.Close());
  key.header = LowerAscii(key.header);
  if (plain.empty() == digest.empty()) return section.Refuse(node, "needs either key or key_sha256");
  if (!plain.empty()) {
    key.digest = Sha256(plain);
    return {};
  }
  const auto bytes = DigestFromHex(digest);
  if (!bytes) return section.Refuse(node, "\"key_sha256\" must be 64 hex digits");
  key.digest = *bytes;
  return {};
}

Status ReadRequiredClaims(Section& section, std::map<std::string, std::string>& required) {
  const YAML::Node* node = section.Take("required_claims");
  if (node == nullptr) return {};
  if (!node->IsMap()) return section.Refuse(*node, "\"required_claims\" must have members");
  for (const auto& member : *node) {
    if (!member.second.IsScalar()) return section.Refuse(member.second, "a required claim must be a text");
    required[member.first.Scalar()] = member.second.Scalar();
  }
  return {};
}

Status CheckJwt(const Section& section, const YAML::Node& node, const JwtSettings& jwt) {
  const int keys = static_cast<int>(!jwt.public_key.empty()) + static_cast<int>(!jwt.jwks_url.empty()) +
                   static_cast<int>(!jwt.jwks_file.empty()) + static_cast<int>(!jwt.hs_secret.empty());
  if (keys != 1) {
    return section.Refuse(node, "needs exactly one of public_key, jwks_url, jwks_file and hs_secret");
  }
  if (!jwt.hs_secret.empty() && jwt.hs_secret.size() < 32) {
    return section.Refuse(node, "\"hs_secret\" must have at least 32 bytes");
  }
  static const std::set<std::string> kKnown = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
                                               "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512"};
  for (const std::string& algorithm : jwt.algorithms) {
    if (!kKnown.contains(algorithm)) return section.Refuse(node, "unknown algorithm \"" + algorithm + "\"");
    if (algorithm.starts_with("HS") == jwt.hs_secret.empty()) {
      return section.Refuse(node, "algorithm " + algorithm + " does not fit the kind of key");
    }
  }
  return {};
}

Status ReadJwt(Section& section, const YAML::Node& node, JwtSettings& jwt) {
  EIDER_RETURN_IF_ERROR(section.Open());
  EIDER_RETURN_IF_ERROR(section.Text("issuer", jwt.issuer));
  EIDER_RETURN_IF_ERROR(section.Texts("audience", jwt.audience));
  EIDER_RETURN_IF_ERROR(section.Text("public_key", jwt.public_key));
  EIDER_RETURN_IF_ERROR(section.Text("jwks_url", jwt.jwks_url));
  EIDER_RETURN_IF_ERROR(section.Text("jwks_file", jwt.jwks_file));
  EIDER_RETURN_IF_ERROR(section.Text("hs_secret", jwt.hs_secret));
  EIDER_RETURN_IF_ERROR(section.Texts("algorithms", jwt.algorithms));
  EIDER_RETURN_IF_ERROR(section.Text("cookie_name", jwt.cookie_name));
  EIDER_RETURN_IF_ERROR(section.Text("scope_role_prefix", jwt.scope_role_prefix));
  EIDER_RETURN_IF_ERROR(section.Text("role_header", jwt.role_header));
  EIDER_RETURN_IF_ERROR(section.Text("default_role", jwt.default_role));
  EIDER_RETURN_IF_ERROR(ReadRequiredClaims(section, jwt.required_claims));
  EIDER_RETURN_IF_ERROR(ReadClaimNames(section, jwt.claims));
  EIDER_RETURN_IF_ERROR(section.Duration("leeway", std::chrono::minutes(5), jwt.leeway));
  EIDER_RETURN_IF_ERROR(section.Duration("timeout", std::chrono::minutes(1), jwt.timeout));
  EIDER_RETURN_IF_ERROR(section.Flag("allow_no_exp", jwt.allow_no_exp));
  EIDER_RETURN_IF_ERROR(section.Flag("tls_insecure", jwt.tls_insecure));
  EIDER_RETURN_IF_ERROR(section.Close());
  jwt.role_header = LowerAscii(jwt.role_header);
  return CheckJwt(section, node, jwt);
}

Status ReadOidc(Section& section, const YAML::Node& node, OidcSettings& oidc) {
  EIDER_RETURN_IF_ERROR(section.Open());
  EIDER_RETURN_IF_ERROR(section.Text("issuer", oidc.issuer));
  EIDER_RETURN_IF_ERROR(section.Text("client_id", oidc.client_id));
  EIDER_RETURN_IF_ERROR(section.Text("client_secret", oidc.client_secret));
  EIDER_RETURN_IF_ERROR(section.Text("redirect_url", oidc.redirect_url));
  EIDER_RETURN_IF_ERROR(section.Text("cookie_name", oidc.cookie_name));
  EIDER_RETURN_IF_ERROR(section.Text("scopes", oidc.scopes));
  EIDER_RETURN_IF_ERROR(section.Text("scope_role_prefix", oidc.scope_role_prefix));
  EIDER_RETURN_IF_ERROR(section.Text("default_role", oidc.default_role));
  EIDER_RETURN_IF_ERROR(ReadClaimNames(section, oidc.claims));
  EIDER_RETURN_IF_ERROR(section.Duration("timeout", std::chrono::minutes(1), oidc.timeout));
  EIDER_RETURN_IF_ERROR(section.Flag("tls_insecure", oidc.tls_insecure));
  EIDER_RETURN_IF_ERROR(section.Flag("skip_audience", oidc.skip_audience));
  EIDER_RETURN_IF_ERROR(section.Flag("userinfo", oidc.userinfo));
  EIDER_RETURN_IF_ERROR(section.Close());
  if (oidc.issuer.empty()) return section.Refuse(node, "needs an issuer");
  return {};
}

Status ReadAnonymous(Section& section, AuthSettings& settings) {
  EIDER_RETURN_IF_ERROR(section.Open());
  bool allowed = settings.anonymous_allowed.value_or(false);
  const bool given = section.Take("allowed") != nullptr;
  EIDER_RETURN_IF_ERROR(section.Flag("allowed", allowed));
  EIDER_RETURN_IF_ERROR(section.Text("role", settings.anonymous_role));
  if (given) settings.anonymous_allowed = allowed;
  return section.Close();
}

// Reads each named member of a map, such as the keys or the JWT providers.
template <class Item, class Read>
Status ReadNamed(Section& root, const std::string& key, std::map<std::string, Item>& to, Read read) {
  const YAML::Node* node = root.Take(key);
  if (node == nullptr) return {};
  if (!node->IsMap()) return root.Refuse(*node, fmt::format("\"{}\" must have members, each with a name", key));
  for (const auto& member : *node) {
    const std::string& name = member.first.Scalar();
    if (to.contains(name)) return root.Refuse(member.first, fmt::format("\"{}\" is given twice", name));
    Section inner = root.Inner(member.second, key + "." + name);
    EIDER_RETURN_IF_ERROR(read(inner, member.second, to[name]));
  }
  return {};
}

Status ReadRoot(const YAML::Node& node, const std::string& file, const ValueSources& values, AuthSettings& settings) {
  Section root(node, "", file, values);
  EIDER_RETURN_IF_ERROR(root.Open());
  if (const YAML::Node* anonymous = root.Take("anonymous")) {
    Section section = root.Inner(*anonymous, "anonymous");
    EIDER_RETURN_IF_ERROR(ReadAnonymous(section, settings));
  }
  EIDER_RETURN_IF_ERROR(root.Text("secret_key", settings.secret_key));
  EIDER_RETURN_IF_ERROR(root.Flag("managed_api_keys", settings.managed_api_keys));
  EIDER_RETURN_IF_ERROR(ReadNamed(root, "api_keys", settings.api_keys, ReadStaticKey));
  EIDER_RETURN_IF_ERROR(ReadNamed(root, "jwt", settings.jwt, ReadJwt));
  if (const YAML::Node* oidc = root.Take("oidc")) {
    Section section = root.Inner(*oidc, "oidc");
    EIDER_RETURN_IF_ERROR(ReadOidc(section, *oidc, settings.oidc));
  }
  EIDER_RETURN_IF_ERROR(root.Texts("redirect_login_paths", settings.redirect_login_paths));
  EIDER_RETURN_IF_ERROR(root.Text("login_url", settings.login_url));
  EIDER_RETURN_IF_ERROR(root.Text("redirect_url", settings.redirect_url));
  return root.Close();
}

Result<std::string> ReadWholeFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error(ErrorCode::kBadInput, "the file cannot be read: " + path);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

}  // namespace

ValueSources ValueSources::OfProcess() {
  return {[](const std::string& name) -> std::optional<std::string> {
            const char* value = std::getenv(name.c_str());
            return value == nullptr ? std::nullopt : std::optional<std::string>(value);
          },
          ReadWholeFile};
}

Status ReadAuthText(std::string_view text, const std::string& file, const ValueSources& values,
                    AuthSettings& settings) {
  try {
    return ReadRoot(YAML::Load(std::string(text)), file, values, settings);
  } catch (const YAML::Exception& e) {
    return Error(ErrorCode::kBadInput, fmt::format("{}:{}: {}", file, e.mark.is_null() ? 1 : e.mark.line + 1, e.msg));
  }
}

Status ReadAuthFile(const std::string& path, AuthSettings& settings) {
  if (!path.ends_with(".json") && !path.ends_with(".yaml") && !path.ends_with(".yml")) {
    return Error(ErrorCode::kBadInput, "AUTH_CONFIG_FILE must end in .json, .yaml or .yml: " + path);
  }
  EIDER_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(path));
  return ReadAuthText(text, path, ValueSources::OfProcess(), settings);
}

}  // namespace eider::auth
