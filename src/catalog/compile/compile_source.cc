#include "catalog/compile/compilation.h"
#include "catalog/sdl/directive_rules.h"

namespace eider::catalog {

Result<std::shared_ptr<const CompiledSource>> CompileSource(const SourceDefinition& definition,
                                                            const CompileOptions& options) {
  auto compiled = std::make_shared<CompiledSource>();
  compiled->source = definition.source;
  EIDER_RETURN_IF_ERROR(CheckSource(compiled->source));
  EIDER_ASSIGN_OR_RETURN(DeclaredSource declared, ReadSdl(definition, options.loaded));
  EIDER_RETURN_IF_ERROR(CheckDirectives(declared));
  compiled->documents = declared.documents;
  Compilation compilation{definition, options, std::move(declared), *compiled, {}, {}, {}, {}, {}};
  EIDER_RETURN_IF_ERROR(DeclareTypes(compilation));
  EIDER_RETURN_IF_ERROR(CompileEnums(compilation));
  EIDER_RETURN_IF_ERROR(CompileInputs(compilation));
  EIDER_RETURN_IF_ERROR(CompileStructs(compilation));
  EIDER_RETURN_IF_ERROR(CompileObjects(compilation));
  DescribeColumns(compilation);
  EIDER_RETURN_IF_ERROR(CompileFunctions(compilation));
  EIDER_RETURN_IF_ERROR(CompileReferences(compilation));
  EIDER_RETURN_IF_ERROR(CompileJoins(compilation));
  EIDER_RETURN_IF_ERROR(CompileCalls(compilation));
  EIDER_RETURN_IF_ERROR(CheckPlaceholders(compilation));
  return std::shared_ptr<const CompiledSource>(std::move(compiled));
}

}  // namespace eider::catalog
