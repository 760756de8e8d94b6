#include "catalog/system_names.h"

#include <algorithm>
#include <array>

#include "catalog/scalars.h"

namespace eider::catalog {
namespace {

constexpr std::array<std::string_view, 36> kFixed = {"Query",
                                                     "Mutation",
                                                     "Subscription",
                                                     "Function",
                                                     "MutationFunction",
                                                     "OperationResult",
                                                     "OrderByField",
                                                     "OrderDirection",
                                                     "TimeBucket",
                                                     "TimeExtract",
                                                     "GeometryTransform",
                                                     "VectorSearchInput",
                                                     "VectorDistanceType",
                                                     "_join",
                                                     "_spatial",
                                                     "_join_aggregation",
                                                     "_spatial_aggregation",
                                                     "_h3_query",
                                                     "_h3_data_query",
                                                     "_distribution_by",
                                                     "_distribution_by_bucket",
                                                     "GeometryMeasurementTypes",
                                                     "GeometrySpatialQueryType",
                                                     "_Module",
                                                     "_DataObject",
                                                     "_DataObjectType",
                                                     "_DataObjectProperties",
                                                     "_DataObjectQuery",
                                                     "_Relation",
                                                     "_RelationDirection",
                                                     "_RelationKind",
                                                     "_Function",
                                                     "_DataSource",
                                                     "_TypesScope",
                                                     "_SearchKind",
                                                     "_SearchResult"};

constexpr std::array<std::string_view, 6> kSuffixes = {
    "", "Filter", "ListFilter", "Aggregation", "SubAggregation", "SubAggregationSubAggregation"};

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

}  // namespace

bool IsSystemType(std::string_view name) {
  if (name.starts_with("__") || name.starts_with("_module_")) return true;
  if (std::ranges::find(kFixed, name) != kFixed.end()) return true;
  return std::ranges::any_of(kSuffixes, [&](std::string_view suffix) {
    return name.ends_with(suffix) && ScalarByName(name.substr(0, name.size() - suffix.size())).has_value();
  });
}

bool IsUsableName(std::string_view name) {
  if (name.empty() || name.starts_with("__") || !IsLetter(name.front())) return false;
  return std::ranges::all_of(name, [](char c) { return IsLetter(c) || (c >= '0' && c <= '9'); });
}

}  // namespace eider::catalog
