#pragma once

#include <string>
#include <vector>

#include "sources/http/openapi/reader.h"
#include "sources/http/openapi/schemas.h"

namespace eider::sources::openapi {

// Turns the operations below `paths` into functions.
class Operations {
 public:
  // `prefix`: what stands between the base URL and every path.
  Operations(const References& references, Schemas& schemas, std::string prefix)
      : references_(references),
        schemas_(schemas),
        prefix_(std::move(prefix)) {}

  Status AddAll(const Site& paths);

  // The functions so far as SDL.
  std::string Sdl() const;

 private:
  struct Parameter {
    std::string key;
    std::string in;
    std::string argument;
    bool is_list = false;
    bool joined = false;  // A list with commas between.
  };
  // One operation on its way.
  struct Operation {
    std::string method;
    std::string path;
    std::string name;
    std::string arguments;
    std::vector<Parameter> parameters;
    NameScope names;
    bool has_body = false;
    std::string body_type;  // Its content type when that is not JSON.
  };

  Status Add(const Site& item, const Site& site, std::string method, std::string path);
  Status AddParameters(const Site& list, Operation& operation);
  Status AddParameter(const Site& parameter, Operation& operation);
  Status AddBody(const Site& site, Operation& operation);
  Result<TypeUse> ResultOf(const Site& site, const Operation& operation);
  static void AddArgument(const std::string& name, const std::string& type, const std::string& description,
                          Operation& operation);
  static std::string HeadersSql(const Operation& operation);
  std::string CallSql(const Operation& operation) const;
  std::string PathSql(const Operation& operation) const;

  const References& references_;
  Schemas& schemas_;
  const std::string prefix_;
  NameScope queries_;
  NameScope mutations_;
  std::string query_sdl_;
  std::string mutation_sdl_;
};

}  // namespace eider::sources::openapi
