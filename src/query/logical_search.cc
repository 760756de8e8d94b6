#include "query/logical_search.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "base/text.h"

namespace eider::query {

using catalog::DataObject;
using catalog::Relation;
using catalog::Source;

namespace {

// Finds what holds all words of a query, in the order of the schema.
class Search {
 public:
  Search(std::string_view query, const graphql::Value* kinds, std::size_t limit) : limit_(limit) {
    const std::string lower = LowerAscii(query);
    for (const std::string_view word : SplitText(lower, ' ')) {
      if (!word.empty()) words_.emplace_back(word);
    }
    if (kinds == nullptr) return;
    for (const graphql::Value& kind : kinds->items()) kinds_.insert(kind.text);
  }

  void Try(const LogicalMatch& match) {
    if (matches_.size() >= limit_ || words_.empty() || (!kinds_.empty() && !kinds_.contains(match.kind))) return;
    const std::string text = LowerAscii(std::string(match.name) + " " + std::string(match.description));
    const bool found =
        std::ranges::all_of(words_, [&](const std::string& word) { return text.find(word) != std::string::npos; });
    if (found) matches_.push_back(match);
  }

  std::vector<LogicalMatch> Take() { return std::move(matches_); }

 private:
  std::size_t limit_;
  std::vector<std::string> words_;
  std::set<std::string_view> kinds_;
  std::vector<LogicalMatch> matches_;
};

void TryObjects(const LogicalSchema& schema, Search& search) {
  for (const DataObject* object : schema.snapshot().objects) {
    if (!schema.Shows(*object)) continue;
    const graphql::Type* type = schema.schema().FindType(object->name);
    search.Try({.kind = "DATA_OBJECT",
                .name = object->name,
                .description = object->description,
                .parent = object->module,
                .object = object});
    for (const catalog::Column& column : object->columns) {
      if (!schema.ShowsField(type, column.name)) continue;
      search.Try({.kind = "FIELD",
                  .name = column.name,
                  .description = column.description,
                  .parent = object->name,
                  .object = object});
    }
    for (const Relation& relation : object->relations) {
      if (!schema.Shows(*object, relation)) continue;
      search.Try({.kind = "RELATION",
                  .name = relation.field,
                  .description = relation.description,
                  .parent = object->name,
                  .object = object});
    }
  }
}

}  // namespace

std::vector<LogicalMatch> FindMatches(const LogicalSchema& schema, const std::vector<FunctionEntry>& functions,
                                      std::string_view query, const graphql::Value* kinds, std::size_t limit) {
  Search search(query, kinds, limit);
  for (const Source* source : schema.snapshot().sources) {
    search.Try({.kind = "DATA_SOURCE", .name = source->name, .description = source->description, .source = source});
  }
  for (const auto& [path, module] : schema.modules().all()) {
    if (!path.empty() && schema.ShowsModule(path)) search.Try({.kind = "MODULE", .name = path, .module = &module});
  }
  TryObjects(schema, search);
  for (const FunctionEntry& function : functions) {
    if (!schema.Shows(function)) continue;
    search.Try({.kind = "FUNCTION",
                .name = function.field->name,
                .description = function.field->description,
                .parent = function.module,
                .function = &function});
  }
  for (const graphql::Type* type : schema.schema().types()) {
    if (!schema.IsInScope(*type, "OBJECTS") || schema.snapshot().FindObject(type->name) != nullptr) continue;
    search.Try({.kind = "TYPE", .name = type->name, .description = type->description, .parent = type->module});
  }
  return search.Take();
}

}  // namespace eider::query
