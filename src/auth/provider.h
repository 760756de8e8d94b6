#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/credentials.h"
#include "auth/identity.h"

namespace eider::auth {

enum class Outcome {
  kSkip,     // No credential of this kind.
  kNotMine,  // A credential that this provider did not issue.
  kReject,   // Issued for this provider, but not valid.
  kAccept,   // An identity.
  kWait,     // Unknown without waiting for another server; asked again where waiting is allowed.
};

// Whether a provider may wait for other servers while it answers. Event loops must not.
enum class Patience { kNone, kMayWait };

// What a provider says about a request.
struct Verdict {
  Outcome outcome = Outcome::kSkip;
  std::string reason;  // Of kReject, for the client; of kNotMine, may replace the usual word.
  std::shared_ptr<const Identity> identity;

  static Verdict Skip() { return {}; }
  static Verdict NotMine(std::string reason = {}) { return {Outcome::kNotMine, std::move(reason), nullptr}; }
  static Verdict Reject(std::string reason) { return {Outcome::kReject, std::move(reason), nullptr}; }
  static Verdict Accept(std::shared_ptr<const Identity> identity) {
    return {Outcome::kAccept, {}, std::move(identity)};
  }
  static Verdict Wait() { return {Outcome::kWait, {}, nullptr}; }
};

inline constexpr std::string_view kTokenExpired = "token expired";
inline constexpr std::string_view kUnauthorized = "unauthorized";
inline constexpr std::string_view kForbidden = "forbidden";

// One kind of credential. Thread-safe; owned by the chain that asks it.
class Provider {
 public:
  virtual ~Provider() = default;

  virtual Verdict Authenticate(const Credentials& credentials, Patience patience) = 0;

  // Headers, in small letters, and cookies that hold its credential or decide about the identity.
  virtual std::vector<std::string> Headers() const { return {}; }
  virtual std::vector<std::string> Cookies() const { return {}; }

  // Renews what comes from other servers, if it is time. Called about once a second by a thread that may wait.
  virtual void Refresh() {}
};

}  // namespace eider::auth
