#include "graphql/introspection.h"

#include <fmt/format.h>

#include "graphql/introspection_program.h"
#include "graphql/introspection_writer.h"

namespace eider::graphql {

bool IsIntrospection(const Schema& schema, const CollectedField& field) {
  return field.definition == schema.schema_field() || field.definition == schema.type_field();
}

GraphqlResult<void> WriteIntrospection(const CollectContext& context, const CollectedField& field,
                                       const IntrospectionOptions& options, std::string* out) {
  auto program = introspection::Compile(context, field, 1, options.max_depth);
  if (!program) return tl::unexpected(std::move(program).error());
  introspection::Writer writer(context.schema, options, out);
  if (field.definition == context.schema.schema_field()) {
    writer.WriteSchema(**program);
  } else {
    auto arguments = ResolveArguments(field.definition->arguments, field.node().arguments, context.variables,
                                      context.variables.arena());
    if (!arguments) return tl::unexpected(std::move(arguments).error());
    writer.WriteType(**program, TypeRef(context.schema.FindType(arguments->front().value->text)));
  }
  if (writer.overflowed()) {
    return tl::unexpected(
        GraphqlError{fmt::format("Introspection result is larger than {} bytes", options.max_output_bytes),
                     {context.document.Locate(field.position())},
                     {}});
  }
  return {};
}

}  // namespace eider::graphql
