#include "postgres/dsn.h"

#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include "base/text.h"

namespace eider::postgres {
namespace {

constexpr std::string_view kPoolSize = "pool_max_conns";
constexpr int kMaxPoolSize = 10'000;
constexpr int kMaxConnectSeconds = 600;

struct DefaultParameter {
  std::string_view name;
  std::string_view value;
};

// What a peer that vanishes without a word needs to be noticed by.
constexpr DefaultParameter kDefaults[] = {
    {"application_name", "eider"}, {"keepalives_idle", "30"},     {"keepalives_interval", "10"},
    {"keepalives_count", "3"},     {"tcp_user_timeout", "30000"}, {"gssencmode", "disable"},
};

bool IsUrl(std::string_view text) { return text.starts_with("postgres://") || text.starts_with("postgresql://"); }

Result<int> ReadCount(std::string_view name, std::string_view text, int most) {
  int value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || value < 1 || value > most) {
    return Error(ErrorCode::kBadInput,
                 std::string(name) + " of a PostgreSQL path must be a number from 1 to " + std::to_string(most));
  }
  return value;
}

// Takes `kPoolSize` out of the text, since libpq refuses names that it does not know.
std::optional<std::string> TakePoolSize(std::string& text) {
  const bool is_url = IsUrl(text);
  const std::size_t query = is_url ? text.find('?') : 0;
  if (query == std::string::npos) return std::nullopt;
  const std::size_t name = text.find(std::string(kPoolSize) + "=", query);
  if (name == std::string::npos) return std::nullopt;
  const std::size_t value = name + kPoolSize.size() + 1;
  const std::size_t end = std::min(text.find(is_url ? '&' : ' ', value), text.size());
  std::string size = text.substr(value, end - value);
  text.erase(name, std::min(end + 1, text.size()) - name);
  if (is_url && (text.back() == '?' || text.back() == '&')) text.pop_back();
  return size;
}

const std::string* FindParameter(const Dsn& dsn, std::string_view name) {
  const auto it = std::find_if(dsn.parameters.begin(), dsn.parameters.end(),
                               [&](const auto& parameter) { return parameter.first == name; });
  return it == dsn.parameters.end() ? nullptr : &it->second;
}

std::string Quoted(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + "'";
}

}  // namespace

std::string Dsn::ToConnectionText() const {
  std::string text;
  for (const auto& [name, value] : parameters) text.append(name).append("=").append(Quoted(value)).append(" ");
  return text.append("connect_timeout=").append(std::to_string(connect_timeout.count()));
}

std::string Dsn::Address() const {
  const auto part = [this](std::string_view name, std::string_view otherwise) {
    const std::string* value = FindParameter(*this, name);
    return value == nullptr ? std::string(otherwise) : *value;
  };
  return part("host", part("hostaddr", "localhost")) + ":" + part("port", "5432") + "/" + part("dbname", "");
}

Result<Dsn> ParseDsn(const std::string& text) {
  if (!IsUrl(text) && text.find('=') == std::string::npos) {
    return Error(ErrorCode::kBadInput,
                 "the path of a PostgreSQL source must be postgres://USER:PASSWORD@HOST:PORT/DATABASE or libpq's "
                 "key=value text");
  }
  Dsn dsn;
  std::string rest = text;
  if (const auto size = TakePoolSize(rest)) {
    EIDER_ASSIGN_OR_RETURN(const int count, ReadCount(kPoolSize, *size, kMaxPoolSize));
    dsn.max_sessions = static_cast<std::size_t>(count);
  }
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(rest.c_str(), &message),
                                                                             PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> problem(message, PQfreemem);
  if (options == nullptr) {
    return Error(ErrorCode::kBadInput,
                 "the path of a PostgreSQL source cannot be read; it must be "
                 "postgres://USER:PASSWORD@HOST:PORT/DATABASE or libpq's key=value text");
  }
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    if (option->keyword == std::string_view("connect_timeout")) {
      EIDER_ASSIGN_OR_RETURN(const int seconds, ReadCount("connect_timeout", option->val, kMaxConnectSeconds));
      dsn.connect_timeout = std::chrono::seconds(seconds);
    } else {
      dsn.parameters.emplace_back(option->keyword, option->val);
    }
  }
  for (const DefaultParameter& parameter : kDefaults) {
    if (FindParameter(dsn, parameter.name) == nullptr) dsn.parameters.emplace_back(parameter.name, parameter.value);
  }
  return dsn;
}

}  // namespace eider::postgres
