#pragma once

#include <string_view>

namespace eider::auth {

// What a request shows of itself to those who tell its identity. Names are in small letters; the views live as long as
// the request.
class Credentials {
 public:
  virtual ~Credentials() = default;

  // The value of a header; empty when it is absent. Of a repeated header, the first.
  virtual std::string_view Header(std::string_view lower_name) const = 0;

  // How often the header occurs.
  virtual int Count(std::string_view lower_name) const = 0;

  // What follows `scheme` ("bearer") in Authorization; empty when that has another scheme or is absent.
  std::string_view Authorization(std::string_view lower_scheme) const;

  // The value of a cookie without quotes; empty when it is absent. Of a repeated cookie, the first.
  std::string_view Cookie(std::string_view name) const;
};

// Whether `text` is UTF-8 without control characters, as names of users and roles must be.
bool IsCleanText(std::string_view text);

}  // namespace eider::auth
