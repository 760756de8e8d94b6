#include <map>

#include "catalog/compile/compilation.h"
#include "catalog/sdl/directive_rules.h"
#include "catalog/sdl/extension_rules.h"

namespace eider::catalog {
namespace {

// The answer that is known, else that of `ask`.
template <class Map, class Ask>
typename Map::mapped_type AnswerOf(Map& known, const typename Map::key_type& question, const Ask& ask) {
  const auto found = known.find(question);
  if (found != known.end()) return found->second;
  return known.emplace(question, ask()).first->second;
}

// `asked` with callbacks that keep their answers.
SourceDefinition Recording(const SourceDefinition& asked, const std::shared_ptr<SourceAnswers>& answers) {
  SourceDefinition definition;
  definition.source = asked.source;
  if (asked.describe) {
    definition.describe = [&asked, answers](const DataObject& object) {
      return AnswerOf(answers->columns, object.name, [&] { return asked.describe(object); });
    };
  }
  if (asked.is_generated) {
    definition.is_generated = [&asked, answers](const DataObject& object, const std::string& column) {
      return AnswerOf(answers->generated, {object.name, column}, [&] { return asked.is_generated(object, column); });
    };
  }
  if (asked.estimate) {
    definition.estimate = [&asked, answers](const DataObject& object) {
      return AnswerOf(answers->estimates, object.name, [&] { return asked.estimate(object); });
    };
  }
  if (asked.qualify) {
    definition.qualify = [&asked, answers](const std::string& sql) {
      return AnswerOf(answers->queries, sql, [&] { return asked.qualify(sql); });
    };
  }
  if (asked.find_function) {
    definition.find_function = [&asked, answers](const std::string& name) {
      return AnswerOf(answers->functions, name, [&] { return asked.find_function(name); });
    };
  }
  return definition;
}

// What only has those answers, to the questions that `asked` answers.
SourceDefinition Recalling(const SourceDefinition& asked, const std::shared_ptr<const SourceAnswers>& answers) {
  SourceDefinition definition;
  definition.source = asked.source;
  AnswerBy(definition, answers);
  if (!asked.describe) definition.describe = nullptr;
  if (!asked.is_generated) definition.is_generated = nullptr;
  if (!asked.estimate) definition.estimate = nullptr;
  if (!asked.qualify) definition.qualify = nullptr;
  if (!asked.find_function) definition.find_function = nullptr;
  return definition;
}

// Fills the model. What an extension adds to others is tied when all sources are known.
Status Compile(Compilation& compilation) {
  compilation.out.documents = compilation.declared.documents;
  EIDER_RETURN_IF_ERROR(DeclareTypes(compilation));
  EIDER_RETURN_IF_ERROR(CompileEnums(compilation));
  EIDER_RETURN_IF_ERROR(CompileInputs(compilation));
  EIDER_RETURN_IF_ERROR(CompileStructs(compilation));
  EIDER_RETURN_IF_ERROR(CompileObjects(compilation));
  DescribeColumns(compilation);
  EIDER_RETURN_IF_ERROR(CompileFunctions(compilation));
  if (!compilation.out.source.IsExtension()) {
    EIDER_RETURN_IF_ERROR(CompileReferences(compilation));
    EIDER_RETURN_IF_ERROR(CompileJoins(compilation));
    EIDER_RETURN_IF_ERROR(CompileCalls(compilation));
  }
  return CheckPlaceholders(compilation);
}

// The answer to `question`, or `none`.
template <class Map>
typename Map::mapped_type Recall(const Map& known, const typename Map::key_type& question,
                                 typename Map::mapped_type none) {
  const auto found = known.find(question);
  return found == known.end() ? std::move(none) : found->second;
}

}  // namespace

void AnswerBy(SourceDefinition& definition, const std::shared_ptr<const SourceAnswers>& answers) {
  definition.describe = [answers](const DataObject& object) {
    return Recall(answers->columns, object.name, std::nullopt);
  };
  definition.is_generated = [answers](const DataObject& object, const std::string& column) {
    return Recall(answers->generated, {object.name, column}, false);
  };
  definition.estimate = [answers](const DataObject& object) { return Recall(answers->estimates, object.name, -1); };
  definition.qualify = [answers](const std::string& sql) { return Recall(answers->queries, sql, sql); };
  definition.find_function = [answers](const std::string& name) {
    return Recall(answers->functions, name, std::nullopt);
  };
}

Result<std::shared_ptr<const CompiledSource>> CompileSource(const SourceDefinition& definition,
                                                            const CompileOptions& options) {
  auto compiled = std::make_shared<CompiledSource>();
  compiled->source = definition.source;
  EIDER_RETURN_IF_ERROR(CheckSource(compiled->source));
  EIDER_ASSIGN_OR_RETURN(DeclaredSource read, ReadSdl(definition, options.loaded));
  const auto declared = std::make_shared<const DeclaredSource>(std::move(read));
  EIDER_RETURN_IF_ERROR(CheckExtensionRules(*declared, compiled->source));
  EIDER_RETURN_IF_ERROR(CheckDirectives(*declared));
  const auto answers = std::make_shared<SourceAnswers>();
  const SourceDefinition recording = Recording(definition, answers);
  Compilation compilation{recording, options, *declared, *compiled, {}, {}, {}, {}, {}};
  EIDER_RETURN_IF_ERROR(Compile(compilation));
  compiled->definition = Recalling(definition, answers);
  compiled->answers = answers;
  compiled->declared = declared;
  return std::shared_ptr<const CompiledSource>(std::move(compiled));
}

Result<std::shared_ptr<CompiledSource>> CompileAgain(const CompiledSource& source, const CompileOptions& options,
                                                     const std::set<std::string_view>& suspended) {
  auto compiled = std::make_shared<CompiledSource>();
  compiled->source = source.source;
  compiled->definition = source.definition;
  compiled->answers = source.answers;
  compiled->declared = source.declared;
  Compilation compilation{source.definition, options, *source.declared, *compiled, {}, {}, {}, {}, {}, suspended};
  EIDER_RETURN_IF_ERROR(Compile(compilation));
  return compiled;
}

}  // namespace eider::catalog
