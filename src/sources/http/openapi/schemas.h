#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sources/graphql_name.h"
#include "sources/http/openapi/reader.h"

namespace eider::sources::openapi {

// A schema as a type of SDL.
struct TypeUse {
  std::string name = "JSON";
  bool is_list = false;

  std::string Text() const { return is_list ? "[" + name + "]" : name; }
};

// Turns schemas into types, each of which is written once. What has no type of its own (maps, lists of lists, choices
// between unlike things, what holds itself) is JSON.
class Schemas {
 public:
  Schemas(const References& references, const rapidjson::Value& document);

  // The type of what an answer holds; `wanted` names an object that has no name.
  Result<TypeUse> Output(const Site& schema, const std::string& wanted);
  // The type of what a request holds.
  Result<TypeUse> Input(const Site& schema, const std::string& wanted);

  // All types so far as SDL.
  std::string Sdl() const;

 private:
  struct Property {
    std::string key;
    Site schema;
    bool required = false;
  };
  // An object's properties, of all that it consists of. Not an object: nothing.
  struct Members {
    bool is_object = false;
    bool is_open = false;  // A map, or a choice that has no common form.
    int steps = 0;         // Schemas that were looked at; parts may name each other many times over.
    std::string description;
    std::vector<Property> properties;
  };
  enum class Use { kOutput, kInput };

  Result<TypeUse> TypeOf(const Site& schema, const std::string& wanted, Use use, int depth);
  Result<TypeUse> TypeOfObject(const Site& schema, const std::string& wanted, Use use, int depth);
  Result<TypeUse> ListOf(const Site& schema, const std::string& wanted, Use use, int depth);
  Status Collect(const Site& schema, Members& members, int depth, bool optional);
  Status CollectChoice(const Site& choice, Members& members, int depth);
  Result<Site> OnlyChoice(Site schema) const;
  std::string Define(const Members& members, const std::string& name, const std::vector<TypeUse>& types, Use use);
  TypeUse EnumOf(const Site& schema, const std::string& wanted);
  bool IsNamed(const Site& schema) const { return names_.contains(schema.value); }

  const References& references_;
  NameScope scope_;
  std::map<const rapidjson::Value*, std::string> names_;              // Of the document's own schemas.
  std::map<std::pair<const rapidjson::Value*, Use>, TypeUse> known_;  // Finished ones.
  std::set<const rapidjson::Value*> open_;                            // Those on the way down.
  std::vector<std::string> definitions_;
};

}  // namespace eider::sources::openapi
