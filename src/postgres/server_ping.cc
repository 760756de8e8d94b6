#include "postgres/server_ping.h"

#include <libpq-fe.h>

#include <vector>

namespace eider::postgres {

bool TakesConnections(const Dsn& dsn) {
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : dsn.parameters) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back("connect_timeout");
  values.push_back("2");
  names.push_back(nullptr);
  values.push_back(nullptr);
  return PQpingParams(names.data(), values.data(), 0) == PQPING_OK;
}

}  // namespace eider::postgres
