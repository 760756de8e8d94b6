#include "http/request.h"

namespace eider::http {

std::string_view Request::Header(std::string_view lower_name) const {
  const std::string_view text = text_;
  for (const Field& field : fields_) {
    if (text.substr(field.name_at, field.name_size) == lower_name) return text.substr(field.value_at, field.value_size);
  }
  return {};
}

std::string_view Request::LastHeader(std::string_view lower_name) const {
  const std::string_view text = text_;
  for (auto field = fields_.rbegin(); field != fields_.rend(); ++field) {
    if (text.substr(field->name_at, field->name_size) != lower_name) continue;
    return text.substr(field->value_at, field->value_size);
  }
  return {};
}

int Request::Count(std::string_view lower_name) const {
  const std::string_view text = text_;
  int count = 0;
  for (const Field& field : fields_) {
    if (text.substr(field.name_at, field.name_size) == lower_name) ++count;
  }
  return count;
}

void Request::AddHeader(std::string_view name, std::string_view value) {
  Field field{};
  field.name_at = static_cast<std::uint32_t>(text_.size());
  field.name_size = static_cast<std::uint32_t>(name.size());
  for (const char c : name) text_.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  field.value_at = static_cast<std::uint32_t>(text_.size());
  field.value_size = static_cast<std::uint32_t>(value.size());
  text_.append(value);
  fields_.push_back(field);
}

void Request::Clear() {
  // One large body must not stay with an idle connection.
  constexpr std::size_t kKeepBytes = 64 << 10;
  if (body.capacity() > kKeepBytes) std::string().swap(body);
  method.clear();
  target.clear();
  body.clear();
  text_.clear();
  fields_.clear();
  keep_alive = true;
  http10 = false;
  expects_continue = false;
}

}  // namespace eider::http
