#include "planner/foreign_view.h"

#include <algorithm>

#include "base/text.h"
#include "catalog/placeholders.h"
#include "planner/dialect.h"
#include "planner/foreign_numbers.h"

namespace eider::planner {
namespace {

const catalog::InputType::Member* FindMember(const catalog::DataObject& object, std::string_view name) {
  if (object.args == nullptr || !name.starts_with('$')) return nullptr;
  const auto& members = object.args->members;
  const auto found = std::ranges::find(members, name.substr(1), &catalog::InputType::Member::name);
  return found == members.end() ? nullptr : &*found;
}

// An expression of the engine whose value is a literal of the server's.
std::string LiteralOf(const std::string& sql, catalog::ScalarKind kind) {
  const std::string type = QuoteLiteral("::" + std::string(Postgres().TypeOf(kind)));
  return "coalesce('''' || replace(CAST(" + sql + " AS VARCHAR), '''', '''''') || '''', 'NULL') || " + type;
}

// The same for a list. Read twice, so that an empty list does not become NULL.
std::string ListLiteralOf(const std::string& sql, catalog::ScalarKind kind) {
  const std::string type = QuoteLiteral("::" + std::string(Postgres().TypeOf(kind)) + "[]");
  const std::string items = "list_transform(" + sql +
                            ", lambda v: coalesce('''' || replace(CAST(v AS VARCHAR), '''', '''''') || '''', 'NULL'))";
  return "CASE WHEN " + sql + " IS NULL THEN 'NULL' ELSE 'ARRAY[' || coalesce(array_to_string(" + items +
         ", ','), '') || ']' END || " + type;
}

}  // namespace

std::string ForeignViewSql(const catalog::DataObject& object, const ResolvePlaceholder& resolve) {
  const std::string_view sql = object.view_sql;
  std::string text;  // Of the query so far, since the last argument.
  std::string query;
  const auto flush = [&](const std::string& argument) {
    query.append(query.empty() ? "" : " || ").append(QuoteLiteral(text));
    if (!argument.empty()) query.append(" || ").append(argument);
    text.clear();
  };
  std::size_t done = 0;
  for (auto found = catalog::NextPlaceholder(sql, 0); found; found = catalog::NextPlaceholder(sql, found->end)) {
    const bool qualifies = sql.substr(found->end).starts_with('.');
    const auto* member = FindMember(object, found->name);
    const bool is_identity = catalog::IsIdentityPlaceholder(found->name);
    const bool is_catalog = found->name == "$catalog";
    if (!is_identity && !is_catalog && member == nullptr) continue;
    text.append(sql.substr(done, found->begin - done));
    done = found->end;
    if (is_catalog) {
      const std::string name = Postgres().CatalogName(*object.source, qualifies);
      text.append(name);
      if (name.empty() && qualifies) ++done;
      continue;
    }
    if (is_identity) {
      const bool is_number = found->name == "$auth.user_id_int";
      flush(LiteralOf(resolve(found->name, qualifies).value_or("NULL"),
                      is_number ? catalog::ScalarKind::kBigInt : catalog::ScalarKind::kString));
      continue;
    }
    const std::string value = resolve(found->name, qualifies).value_or("NULL");
    flush(member->is_list ? ListLiteralOf(value, member->kind) : LiteralOf(value, member->kind));
  }
  text.append(sql.substr(done));
  flush({});
  return HeldQuery(object, query);
}

}  // namespace eider::planner
