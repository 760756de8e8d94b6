#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eider::sources {

// A column's type as pg_type tells it; a domain is given as what it is made of.
struct PgTypeName {
  std::string name;  // typname; of an array, that of its elements.
  char kind = 'b';   // typtype of the same.
  bool is_array = false;
  std::string composite;  // Of kind 'c': its key in Composites.
  std::string formatted;  // format_type, with modifiers: "geometry(Point,4326)", "vector(3)".
};

// The members of composite types by key.
using Composites = std::map<std::string, std::vector<std::pair<std::string, PgTypeName>>, std::less<>>;

// The type as the engine would print its counterpart: "TIMESTAMP WITH TIME ZONE[]". Empty when there is none.
std::string EngineTypeName(const PgTypeName& type, const Composites& composites);

// What `geometry(Point,4326)` says, as an SDL directive with a leading space; empty when it says nothing.
std::string GeometryDirective(std::string_view formatted);

}  // namespace eider::sources
