#include "planner/find_row.h"

#include <algorithm>

#include "base/text.h"
#include "planner/assigned.h"

namespace eider::planner {

using catalog::Column;
using catalog::ScalarKind;

namespace {

// Numbers with a fraction, moments and documents may be read differently from what was written.
bool IsExact(const Column& column) {
  if (column.is_list || !column.sql.empty()) return false;
  switch (column.kind) {
    case ScalarKind::kInt:
    case ScalarKind::kBigInt:
    case ScalarKind::kString:
    case ScalarKind::kBoolean:
    case ScalarKind::kDate:
    case ScalarKind::kId: return true;
    default: return false;
  }
}

class Finder {
 public:
  Finder(const InsertRequest& request, const NewRow& row) : request_(request), row_(row) {}

  FindRow Compile() {
    const auto& key = request_.object.primary_key;
    const bool by_key = !key.empty() && std::all_of(key.begin(), key.end(),
                                                    [&](const Column* column) { return AddCondition(*column); });
    if (!by_key) {
      for (const Column& column : request_.object.columns) {
        if (!column.is_pk && IsExact(column)) AddCondition(column);
      }
    }
    std::string list;
    for (const Column* column : request_.returned) {
      list.append(list.empty() ? "" : ", ")
          .append("CAST(")
          .append(QuoteIdentifier(column->column))
          .append(" AS VARCHAR)");
    }
    std::string order;
    for (const Column* column : key) {
      order.append(order.empty() ? " ORDER BY " : ", ").append(QuoteIdentifier(column->column)).append(" DESC");
    }
    out_.sql = "SELECT " + list + " FROM " + WriterOf(request_.object).TableName(request_.object) +
               (conditions_.empty() ? "" : " WHERE " + conditions_) + order + " LIMIT 1";
    return std::move(out_);
  }

 private:
  // Appends "column = value" when a value was given.
  bool AddCondition(const Column& column) {
    const std::string name = QuoteIdentifier(column.column);
    const BoundValue* given = row_.data->Find(column.name);
    const auto key = row_.keys.find(&column);
    if (given != nullptr && given->IsNull()) {
      Add(name + " IS NULL");
    } else if (given != nullptr && given->kind == BoundKind::kParameter) {
      Add(name + " = " + Parameter(request_.parameters[static_cast<std::size_t>(given->parameter)]));
    } else if (given != nullptr && given->kind == BoundKind::kText) {
      Add(name + " = " + (column.kind == ScalarKind::kBoolean ? given->text : Parameter(given->text)));
    } else if (given == nullptr && key != row_.keys.end()) {
      Add(name + " = " + Parameter(key->second));
    } else {
      return false;
    }
    return true;
  }

  void Add(const std::string& condition) { conditions_.append(conditions_.empty() ? "" : " AND ").append(condition); }

  std::string Parameter(engine::Value value) {
    out_.parameters.push_back(std::move(value));
    return "$" + std::to_string(out_.parameters.size());
  }

  const InsertRequest& request_;
  const NewRow& row_;
  std::string conditions_;
  FindRow out_;
};

}  // namespace

FindRow CompileFindRow(const InsertRequest& request, const NewRow& row) { return Finder(request, row).Compile(); }

bool KnowsReturned(const InsertRequest& request, const NewRow& row) {
  return std::all_of(request.returned.begin(), request.returned.end(),
                     [&](const Column* column) { return row.keys.contains(column); });
}

}  // namespace eider::planner
