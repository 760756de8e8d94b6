#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/response_plan.h"
#include "query/service.h"

namespace eider::query {

// The member `extensions` of an answer: values at the paths of fields. The parts of a path are nested by `children`.
class ResponseExtensions {
 public:
  // Sets the JSON text `value` as `key` of the field at the dotted `path`; of the whole answer for an empty path.
  void Set(std::string_view path, std::string_view key, std::string value);
  bool empty() const { return root_.values.empty() && root_.children.empty(); }
  void Append(std::string& out) const;

 private:
  struct Node {
    std::vector<std::pair<std::string, std::string>> values;
    std::vector<std::pair<std::string, std::unique_ptr<Node>>> children;
  };
  static void AppendNode(const Node& node, bool is_root, std::string& out);
  Node root_;
};

// What an answer tells beside its data: truncated lists, results of jq, times and what ran where.
ResponseExtensions CollectExtensions(const ResponsePlan& plan, const RequestContext& context);

// The times of a field, or of the operation, as JSON.
std::string TimesJson(std::string_view name, const FieldTimes& times);
std::string TimesJson(std::string_view name, const FieldTimes& times, std::int64_t parse_ns, std::int64_t total_ns);

}  // namespace eider::query
