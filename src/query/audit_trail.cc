#include "query/audit_trail.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <set>
#include <utility>

#include "auth/audit.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/secret_text.h"
#include "base/text.h"
#include "catalog/model.h"

namespace eider::query {
namespace {

using observe::AuditOutcome;
using observe::AuditRecord;

constexpr std::size_t kMostVariables = 16 << 10;
constexpr std::string_view kInvalidate = "core.cache.invalidate";

struct ModuleAction {
  std::string_view prefix;
  std::string_view action;
};
constexpr std::array<ModuleAction, 9> kActions{{{"core.queries.", "kill"},
                                                {"core.cache.", "cache"},
                                                {"core.storage.", "storage"},
                                                {"core.cluster.", "cluster"},
                                                {"core.catalog.", "lifecycle"},
                                                {"core.db.", "lifecycle"},
                                                {"core.ducklake.", "lifecycle"},
                                                {"core.auth.", "permission_change"},
                                                {"core.", "lifecycle"}}};

// Arguments of functions of the node that name things, never secrets.
constexpr std::array<const char*, 6> kShown = {"id", "name", "reason", "user_id", "role", "older_than"};

std::string_view ActionOfTable(const catalog::DataObject& object) {
  if (object.source == nullptr || !object.source->internal) return "mutation";
  const std::string_view name = object.declared_name;
  if (name == "api_keys") return "key_change";
  if (name == "roles" || name == "role_permissions" || name == "role_limits") return "permission_change";
  return "lifecycle";
}

std::string_view FunctionName(const FunctionField& function) {
  const catalog::FieldBinding* binding = catalog::BindingOf(*function.field.definition);
  return binding == nullptr ? std::string_view() : std::string_view(binding->function_name);
}

void DescribeFunction(const FunctionField& function, AuditRecord& record) {
  const std::string_view name = FunctionName(function);
  record.action = "mutation";
  record.object = name;
  const auto* known =
      std::ranges::find_if(kActions, [&](const ModuleAction& each) { return name.starts_with(each.prefix); });
  if (known == kActions.end()) return;
  record.action = known->action;
  rapidjson::Document arguments;
  arguments.Parse(function.arguments.c_str());
  if (!arguments.IsObject()) return;
  for (const char* shown : kShown) {
    const auto found = arguments.FindMember(shown);
    if (found == arguments.MemberEnd() || !found->value.IsString()) continue;
    const std::string value(found->value.GetString(), found->value.GetStringLength());
    record.detail.append(" ").append(shown).append("=").append(value);
    if (record.action == "kill" && std::string_view(shown) == "id") record.object = value;
  }
}

bool LooksSecret(std::string_view name) {
  return IsSecretName(name) || LowerAscii(name).find("dsn") != std::string::npos;
}

// Replaces what looks like a secret. Values nest no deeper than their parser allowed.
void Redact(rapidjson::Value& value, rapidjson::Document::AllocatorType& memory) {
  if (value.IsArray()) {
    for (auto& item : value.GetArray()) Redact(item, memory);
  }
  if (!value.IsObject()) return;
  for (auto& member : value.GetObject()) {
    if (LooksSecret({member.name.GetString(), member.name.GetStringLength()})) {
      member.value.SetString(kRedacted.data(), static_cast<rapidjson::SizeType>(kRedacted.size()), memory);
    } else {
      Redact(member.value, memory);
    }
  }
}

// Whether some field is the node's own business, whose values are mostly secrets.
bool TouchesNode(const ResponsePlan& plan) {
  return std::ranges::any_of(plan.fields, [](const ResponseField& field) {
    if (const auto* function = std::get_if<FunctionField>(&field.what))
      return FunctionName(*function).starts_with("core.");
    const auto* mutation = std::get_if<MutationField>(&field.what);
    return mutation != nullptr && mutation->plan.bound->field.binding->object->source->internal;
  });
}

void AddObjects(const ResponsePlan& plan, std::set<std::string>& names) {
  constexpr std::string_view kObject = "$obj:";
  for (const ResponseField& field : plan.fields) {
    if (const auto* jq = std::get_if<JqField>(&field.what)) AddObjects(*jq->selection, names);
    if (const auto* function = std::get_if<FunctionField>(&field.what)) names.emplace(FunctionName(*function));
    if (field.reads == nullptr) continue;
    for (const std::string& tag : field.reads->tags) {
      if (tag.starts_with(kObject)) names.insert(tag.substr(kObject.size()));
    }
  }
}

class AuditedExecution final : public Execution {
 public:
  AuditedExecution(observe::AuditLog& log, AuditRecord record, std::unique_ptr<Execution> inner)
      : log_(log),
        record_(std::move(record)),
        inner_(std::move(inner)) {
    if (inner_->ready_body() != nullptr) Write({});
  }

  const std::string* ready_body() const override { return inner_->ready_body(); }
  WorkClass work_class() const override { return inner_->work_class(); }
  Status Run(ResponseSink& sink) override {
    Status status = inner_->Run(sink);
    Write(status);
    return status;
  }
  bool StartCoalesced(std::function<void(std::string body)> done) override {
    return inner_->StartCoalesced([this, done = std::move(done)](std::string body) {
      Write({});
      done(std::move(body));
    });
  }
  bool StartShared(Sharing sharing) override {
    auto done = std::move(sharing.done);
    sharing.done = [this, done = std::move(done)](std::string body) {
      Write({});
      done(std::move(body));
    };
    return inner_->StartShared(std::move(sharing));
  }
  std::optional<AnswerReads> Reads() const override { return inner_->Reads(); }
  std::vector<std::string> Sources() const override { return inner_->Sources(); }
  const ExecutionStats& stats() const override { return inner_->stats(); }

 private:
  void Write(const Status& status) {
    AuditRecord record = record_;
    const ExecutionStats& stats = inner_->stats();
    record.duration = std::chrono::system_clock::now() - record.ts;
    record.rows = stats.rows;
    record.code = stats.error_code;
    if (!status) DescribeFailure(status.error(), record);
    if (!record.code.empty())
      record.outcome = record.code == "FORBIDDEN" ? AuditOutcome::kDenied : AuditOutcome::kError;
    log_.Write(std::move(record));
  }

  observe::AuditLog& log_;
  const AuditRecord record_;
  const std::unique_ptr<Execution> inner_;
};

}  // namespace

AuditRecord RecordOf(const RequestContext& context) {
  AuditRecord record;
  record.request_id = context.request_id;
  record.client_ip = context.client_ip;
  record.protocol = context.protocol;
  auth::Describe(*context.identity, record);
  return record;
}

void DescribeChange(const ResponseField& field, AuditRecord& record) {
  if (const auto* function = std::get_if<FunctionField>(&field.what)) {
    record.detail.append("field=").append(function->field.name());
    DescribeFunction(*function, record);
  } else if (const auto* mutation = std::get_if<MutationField>(&field.what)) {
    const planner::BoundField& bound = mutation->plan.bound->field;
    record.action = ActionOfTable(*bound.binding->object);
    record.object = bound.binding->object->name;
    record.detail.append("field=").append(bound.def->name);
  } else {
    record.action = "mutation";
    record.object = field.path;
  }
}

bool IsChangingFunction(const FunctionField& function) { return FunctionName(function) == kInvalidate; }

std::string AuditNote(const observe::AuditOptions& options, std::string_view operation,
                      const rapidjson::Value& variables, const ResponsePlan& plan) {
  std::string note;
  if (!operation.empty()) note.append(" operation=").append(operation);
  if (!variables.IsObject() || variables.ObjectEmpty()) return note;
  const std::string json = JsonTextOf(variables);
  if (!options.variables || TouchesNode(plan)) {
    return note.append(" variables_hmac=").append(HexText(HmacSha256(options.hash_key, json)));
  }
  rapidjson::Document copy;
  copy.CopyFrom(variables, copy.GetAllocator());
  Redact(copy, copy.GetAllocator());
  return note.append(" variables=").append(JsonTextOf(copy).substr(0, kMostVariables));
}

void DescribeFailure(const Error& error, AuditRecord& record) {
  record.outcome = error.code == ErrorCode::kForbidden ? AuditOutcome::kDenied : AuditOutcome::kError;
  record.code = ErrorCodeName(error.code);
  if (!error.hidden.empty()) record.object = error.hidden;
}

void RecordDenial(observe::AuditLog& log, const RequestContext& context, bool is_mutation, std::string object) {
  AuditRecord record = RecordOf(context);
  record.action = is_mutation ? "mutation" : "query";
  record.object = std::move(object);
  record.outcome = AuditOutcome::kDenied;
  record.code = "FORBIDDEN";
  log.Write(std::move(record));
}

std::unique_ptr<Execution> Audited(observe::AuditLog& log, AuditRecord record, std::unique_ptr<Execution> inner) {
  return std::make_unique<AuditedExecution>(log, std::move(record), std::move(inner));
}

std::string ObjectsOf(const ResponsePlan& plan) {
  std::set<std::string> names;
  AddObjects(plan, names);
  std::string out;
  for (const std::string& name : names) out.append(out.empty() ? "" : ",").append(name);
  return out;
}

}  // namespace eider::query
