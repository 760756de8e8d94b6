#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eider::http {

// One HTTP request as it was read. Reused from request to request of a connection, so that it stops allocating.
class Request {
 public:
  std::string method;
  std::string target;  // As sent, with its query string.
  std::string body;
  bool keep_alive = true;
  bool http10 = false;
  bool expects_continue = false;

  bool is_read() const { return method == "GET" || method == "HEAD"; }

  // The path of the target without query string; not percent-decoded.
  std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }

  // What follows the first "?" of the target.
  std::string_view query_string() const {
    const std::size_t mark = target.find('?');
    return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
  }

  // The value of the first header of that name; empty when there is none. `lower_name` is in small letters.
  std::string_view Header(std::string_view lower_name) const;

  // The value of the last header of that name, which the nearest proxy has written.
  std::string_view LastHeader(std::string_view lower_name) const;

  // How often that header occurs.
  int Count(std::string_view lower_name) const;

  void AddHeader(std::string_view name, std::string_view value);
  void Clear();

 private:
  struct Field {
    std::uint32_t name_at, name_size, value_at, value_size;
  };
  std::string text_;  // Names in small letters and values, one behind the other.
  std::vector<Field> fields_;
};

}  // namespace eider::http
