// Any bytes as a token, a key, a key set, an auth file, a path, and as the headers of a request.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "auth/auth_file.h"
#include "auth/authenticator.h"
#include "auth/client_address.h"
#include "auth/token.h"
#include "auth/verification_key.h"

namespace {

class AnyCredentials final : public eider::auth::Credentials {
 public:
  explicit AnyCredentials(std::string_view text) : text_(text) {}
  std::string_view Header(std::string_view name) const override {
    return name == "authorization" || name == "cookie" ? text_ : std::string_view();
  }
  int Count(std::string_view /*name*/) const override { return 1; }

 private:
  const std::string_view text_;
};

// Nobody can know this secret: whatever comes is not accepted, and never anonymous.
void CheckNobodyComesIn(std::string_view text) {
  static auto* const kAuthenticator = [] {
    eider::auth::AuthSettings settings;
    eider::auth::JwtSettings jwt;
    jwt.hs_secret = std::string(64, 'k');
    jwt.cookie_name = "session";
    settings.jwt["p"] = jwt;
    settings.secret_key = std::string(64, 's');
    auto* made = new eider::auth::Authenticator({}, {0, 0, 0});
    if (!made->Configure(settings, {true, "public"})) std::abort();
    return made;
  }();
  const AnyCredentials credentials(text);
  const auto decision = kAuthenticator->Decide(credentials, {"127.0.0.1", "/query"}, eider::auth::Patience::kNone);
  if (!text.empty() && decision.status == 200) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto token = eider::auth::ParseToken(text)) {
    (void)eider::auth::FindClaim(*token->claims, text.substr(0, 16));
  }
  (void)eider::auth::ReadPublicKey(text);
  (void)eider::auth::ReadKeySet(text);
  eider::auth::AuthSettings settings;
  const eider::auth::ValueSources values = {[](const std::string&) { return std::optional<std::string>("x"); },
                                            [](const std::string&) { return eider::Result<std::string>("x"); }};
  (void)eider::auth::ReadAuthText(text, "f", values, settings);
  const std::string path = eider::auth::NormalisePath(text);
  if (path.empty() || path.front() != '/' || path.find("/../") != std::string::npos) std::abort();
  (void)eider::auth::TrustedProxies::Parse({std::string(text)});
  CheckNobodyComesIn(text);
  return 0;
}
