#include "graphql/introspection.h"

#include <fmt/format.h>

#include "graphql/introspection_program.h"
#include "graphql/introspection_writer.h"

namespace eider::graphql {
namespace {

GraphqlError TooLarge(const CollectContext& context, const CollectedField& field, const IntrospectionOptions& options) {
  return GraphqlError{fmt::format("Introspection result is larger than {} bytes", options.max_output_bytes),
                      {context.document.Locate(field.position())},
                      {}};
}

template <class Write>
GraphqlResult<void> WritePart(const CollectContext& context, const CollectedField& field,
                              const IntrospectionOptions& options, std::string* out, Write write) {
  auto program = introspection::Compile(context, field, 1, options.max_depth);
  if (!program) return tl::unexpected(std::move(program).error());
  introspection::Writer writer(context.schema, options, out);
  write(writer, **program);
  if (writer.overflowed()) return tl::unexpected(TooLarge(context, field, options));
  return {};
}

}  // namespace

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
  if (writer.overflowed()) return tl::unexpected(TooLarge(context, field, options));
  return {};
}

GraphqlResult<void> WriteTypeValue(const CollectContext& context, const CollectedField& field, TypeRef type,
                                   const IntrospectionOptions& options, std::string* out) {
  return WritePart(
      context, field, options, out,
      [type](introspection::Writer& writer, introspection::Program& program) { writer.WriteType(program, type); });
}

GraphqlResult<void> WriteFieldList(const CollectContext& context, const CollectedField& field, const Type& type,
                                   const IntrospectionOptions& options, std::string* out) {
  return WritePart(
      context, field, options, out,
      [&type](introspection::Writer& writer, introspection::Program& program) { writer.WriteFieldsOf(program, type); });
}

GraphqlResult<void> WriteInputValueList(const CollectContext& context, const CollectedField& field,
                                        std::span<const InputValue> values, const IntrospectionOptions& options,
                                        std::string* out) {
  return WritePart(context, field, options, out,
                   [values](introspection::Writer& writer, introspection::Program& program) {
                     writer.WriteInputValues(program, values);
                   });
}

}  // namespace eider::graphql
