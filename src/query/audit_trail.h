#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "observe/audit_log.h"
#include "query/response_plan.h"
#include "query/service.h"

// What of requests the audit log is told (docs/audit.md).
namespace eider::query {

// A record with who asks and how; `action` and what follows is the caller's.
observe::AuditRecord RecordOf(const RequestContext& context);

// Names action and object of a field that changes something, and what its arguments say without secrets.
void DescribeChange(const ResponseField& field, observe::AuditRecord& record);

// Whether a field of a query changes something nevertheless.
bool IsChangingFunction(const FunctionField& function);

// What the records of a mutation tell of its operation and its variables: a hash of them, or what they are without
// secrets when `options` say so. Variables of the node's own tables are hashed in any case.
std::string AuditNote(const observe::AuditOptions& options, std::string_view operation,
                      const rapidjson::Value& variables, const ResponsePlan& plan);

// Sets what a failure says about its record.
void DescribeFailure(const Error& error, observe::AuditRecord& record);

// Writes down that a role may not do what it asked for.
void RecordDenial(observe::AuditLog& log, const RequestContext& context, bool is_mutation, std::string object);

// `inner`, a query, with a record of it when it has ended.
std::unique_ptr<Execution> Audited(observe::AuditLog& log, observe::AuditRecord record,
                                   std::unique_ptr<Execution> inner);

// The names of what a plan reads, for such a record.
std::string ObjectsOf(const ResponsePlan& plan);

}  // namespace eider::query
