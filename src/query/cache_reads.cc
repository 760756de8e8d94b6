#include "query/cache_reads.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <set>
#include <span>

#include "base/text.h"
#include "catalog/placeholders.h"
#include "planner/access.h"
#include "planner/insert_check.h"

namespace eider::query {

using catalog::DataObject;
using catalog::FieldBinding;
using catalog::Relation;
using planner::BoundField;
using planner::BoundValue;

namespace {

constexpr std::string_view kIdentity = "$auth.";

std::string ObjectTag(const DataObject& object) { return "$obj:" + object.name; }
// Of what reads a source in a way that its objects do not tell: views and functions.
std::string WriteTag(const std::string& source) { return "$write:" + source; }

// Collects what a bound field reads.
class ReadCollector {
 public:
  explicit ReadCollector(const planner::Access* access) : access_(access) {}

  void Visit(const BoundField& field) {
    const DataObject* object = nullptr;
    if (const FieldBinding* binding = field.binding) {
      object = binding->object;
      AddObject(binding->object);
      AddRelation(binding->relation);
      AddFunction(binding->function);
      if (binding->call != nullptr) AddFunction(binding->call->function);
      if (binding->column != nullptr) AddSql(binding->column->sql);
      AddFieldRule(field);
    }
    for (const auto& [name, value] : field.arguments) VisitValue(value, object);
    for (const BoundField& child : field.children) Visit(child);
  }

  // What rules and SQL texts take of the identity, wherever in the statement they stand.
  void AddSession(std::span<const planner::SessionValue> values) {
    for (const planner::SessionValue& value : values) {
      AddItem(value.placeholder);
      AddSession(value.needed);
    }
  }

  CacheReads Take() {
    CacheReads reads;
    for (const DataObject* object : objects_) reads.tags.push_back(ObjectTag(*object));
    for (const catalog::Source* source : sources_) reads.tags.push_back(SourceTag(source->name));
    for (const catalog::Source* source : opaque_) reads.tags.push_back(WriteTag(source->name));
    std::ranges::sort(reads.tags);
    std::set<std::string> generations;
    for (const catalog::Source* source : sources_) generations.insert(source->name + "=" + source->generation + ";");
    for (const std::string& text : generations) reads.generations.append(text);
    for (const catalog::Source* source : sources_) reads.sources.push_back(source->name);
    reads.never = never_;
    reads.identity_unknown = identity_unknown_;
    reads.identity_items.assign(items_.begin(), items_.end());
    return reads;
  }

 private:
  void AddObject(const DataObject* object) {
    // Rows of functions are nothing that is stored.
    if (object == nullptr || object->source == nullptr || !objects_.insert(object).second) return;
    AddSource(object->source);
    if (access_ != nullptr) AddRule(access_->FilterOf(*object, auth::Operation::kQuery), *object);
    never_ = never_ || object->caching.never;
    if (object->kind == catalog::ObjectKind::kView) opaque_.insert(object->source);
    AddSql(object->view_sql);
    AddSql(object->soft_delete_cond);
    if (object->args != nullptr) AddArguments(object->args->members);
    for (const catalog::Column& column : object->columns) {
      AddSql(column.sql);
      // What may be shown to somebody is kept nowhere.
      never_ = never_ || column.secret != catalog::SecretKind::kNone;
    }
  }

  void AddFieldRule(const BoundField& field) {
    if (access_ == nullptr || field.parent == nullptr || field.def == nullptr) return;
    const DataObject* object = field.binding->relation == nullptr ? field.binding->object : field.binding->relation->to;
    const std::string* filter = access_->FilterOf(*field.parent, *field.def);
    if (filter != nullptr && object != nullptr) AddRule(*filter, *object);
  }

  // The objects that a rule's filter reaches through relations.
  void AddRule(const std::string& filter, const DataObject& object) {
    if (filter.empty()) return;
    rapidjson::Document document;
    document.Parse<rapidjson::kParseIterativeFlag>(filter.data(), filter.size());
    if (!document.HasParseError()) VisitRule(document, object);
  }

  void VisitRule(const rapidjson::Value& value, const DataObject& object) {
    if (value.IsArray()) {
      for (const auto& item : value.GetArray()) VisitRule(item, object);
    }
    if (!value.IsObject()) return;
    for (const auto& member : value.GetObject()) {
      const Relation* relation =
          object.FindRelation(std::string_view(member.name.GetString(), member.name.GetStringLength()));
      AddRelation(relation);
      VisitRule(member.value, relation == nullptr ? object : *relation->to);
    }
  }

  void AddRelation(const Relation* relation) {
    if (relation == nullptr) return;
    if (const std::string* filter = access_ == nullptr ? nullptr : access_->FilterOf(*relation)) {
      if (relations_.insert(relation).second) AddRule(*filter, *relation->to);
    }
    AddObject(relation->to);
    AddObject(relation->junction);
    if (!relation->join_sql.empty()) opaque_.insert(relation->from->source);
    AddSql(relation->join_sql);
    if (relation->call != nullptr) AddFunction(relation->call->function);
  }

  void AddFunction(const catalog::Function* function) {
    if (function == nullptr) return;
    AddSource(function->source);
    opaque_.insert(function->source);
    never_ = never_ || function->caching.never;
    AddSql(function->sql);
    AddArguments(function->arguments);
  }

  void AddArguments(const std::vector<catalog::InputType::Member>& members) {
    for (const catalog::InputType::Member& member : members) {
      AddItem(member.placeholder);
    }
  }

  void AddSource(const catalog::Source* source) {
    if (!sources_.insert(source).second) return;
    // Others may pass the identity on.
    constexpr std::string_view kPlain[] = {"duckdb", "postgres", "mysql", "sqlite", "files", "ducklake"};
    if (std::ranges::find(kPlain, source->type) == std::end(kPlain)) identity_unknown_ = true;
  }

  void AddSql(std::string_view sql) {
    for (auto found = catalog::NextPlaceholder(sql, 0); found; found = catalog::NextPlaceholder(sql, found->end)) {
      AddItem(found->name);
    }
  }

  void AddItem(std::string_view placeholder) {
    if (placeholder.starts_with(kIdentity)) items_.emplace(placeholder.substr(kIdentity.size()));
  }

  // Filters and orders reach other objects through relations.
  void VisitValue(const BoundValue& value, const DataObject* object) {
    if (value.kind == planner::BoundKind::kText && object != nullptr) VisitPath(value.text, *object);
    for (const BoundValue& item : value.items) VisitValue(item, object);
    for (const planner::BoundMember& member : value.fields) {
      const Relation* relation = object == nullptr ? nullptr : object->FindRelation(member.name);
      AddRelation(relation);
      VisitValue(member.value, relation == nullptr ? object : relation->to);
    }
  }

  void VisitPath(std::string_view path, const DataObject& object) {
    const DataObject* at = &object;
    for (const std::string_view part : SplitText(path, '.')) {
      const Relation* relation = at->FindRelation(part);
      if (relation == nullptr) return;
      AddRelation(relation);
      at = relation->to;
    }
  }

  const planner::Access* const access_;
  std::set<const DataObject*> objects_;
  std::set<const Relation*> relations_;
  std::set<const catalog::Source*> sources_;
  std::set<const catalog::Source*> opaque_;
  std::set<std::string> items_;
  bool never_ = false;
  bool identity_unknown_ = false;
};

// All data objects that are the same rows, as several may stand for one table.
void AddObjectWrites(const DataObject& object, const catalog::Snapshot& snapshot, std::vector<std::string>& tags) {
  tags.push_back(ObjectTag(object));
  tags.push_back(WriteTag(object.source->name));
  for (const DataObject* other : snapshot.objects) {
    const bool same = other->source != nullptr && other->source->name == object.source->name && !object.table.empty() &&
                      other->table == object.table;
    if (!same) continue;
    tags.push_back(ObjectTag(*other));
    if (!other->caching.rule) continue;
    tags.insert(tags.end(), other->caching.rule->tags.begin(), other->caching.rule->tags.end());
  }
}

// The objects of rows that are inserted along.
void AddNestedWrites(const BoundValue& data, const DataObject& object, const catalog::Snapshot& snapshot,
                     std::vector<std::string>& tags) {
  for (const BoundValue& item : data.items) AddNestedWrites(item, object, snapshot, tags);
  for (const planner::BoundMember& member : data.fields) {
    const Relation* relation = planner::InsertedRelation(object, member);
    if (relation == nullptr) continue;
    AddObjectWrites(*relation->to, snapshot, tags);
    if (relation->junction != nullptr) AddObjectWrites(*relation->junction, snapshot, tags);
    AddNestedWrites(member.value, *relation->to, snapshot, tags);
  }
}

void AppendShape(const BoundField& field, bool is_root, std::string& out) {
  // The name of the root field in the answer is not part of its value.
  if (!is_root) out.append(field.response_name).push_back(':');
  if (field.parent != nullptr) out.append(field.parent->name).push_back('.');
  if (field.def != nullptr) out.append(field.def->name);
  if (field.with_deleted) out.push_back('^');
  if (field.unnest) out.push_back('/');
  if (field.at) out.append(field.at->is_version ? "@v" : "@t").append(field.at->text);
  out.push_back('{');
  for (const BoundField& child : field.children) AppendShape(child, false, out);
  out.push_back('}');
}

}  // namespace

std::string SourceTag(const std::string& source) { return "$src:" + source; }

CacheReads ReadsOf(const planner::BoundRoot& root, const planner::Plan& plan) {
  ReadCollector collector(root.field.access.get());
  collector.Visit(root.field);
  collector.AddSession(plan.session);
  CacheReads reads = collector.Take();
  const FieldBinding* binding = root.field.binding;
  if (binding == nullptr) return reads;
  if (binding->function != nullptr) {
    reads.rule = binding->function->caching.rule;
  } else if (binding->object != nullptr) {
    reads.rule = binding->object->caching.rule;
  }
  return reads;
}

std::vector<std::string> SourcesOf(const planner::BoundRoot& root) {
  ReadCollector collector(root.field.access.get());
  collector.Visit(root.field);
  return collector.Take().sources;
}

std::string ShapeOf(const BoundField& field) {
  std::string out;
  AppendShape(field, true, out);
  return out;
}

void AddWrites(const planner::BoundRoot& root, const catalog::Snapshot& snapshot, std::vector<std::string>& tags) {
  const FieldBinding* binding = root.field.binding;
  if (binding == nullptr || binding->object == nullptr) return;
  AddObjectWrites(*binding->object, snapshot, tags);
  if (const BoundValue* data = root.field.Argument("data")) AddNestedWrites(*data, *binding->object, snapshot, tags);
}

void AddSourceWrites(const std::string& source, const catalog::Snapshot& snapshot, std::vector<std::string>& tags) {
  tags.push_back(WriteTag(source));
  for (const DataObject* object : snapshot.objects) {
    if (object->source == nullptr || object->source->name != source) continue;
    tags.push_back(ObjectTag(*object));
    if (!object->caching.rule) continue;
    tags.insert(tags.end(), object->caching.rule->tags.begin(), object->caching.rule->tags.end());
  }
}

}  // namespace eider::query
