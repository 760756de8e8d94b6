#include <map>

#include "catalog/compile/compilation.h"
#include "catalog/sdl/directive_rules.h"
#include "catalog/sdl/extension_rules.h"

namespace eider::catalog {
namespace {

using Columns = std::optional<std::vector<std::pair<std::string, std::string>>>;

// What the callbacks of a definition answered, by question.
struct Answers {
  std::map<std::string, Columns, std::less<>> columns;
  std::map<std::pair<std::string, std::string>, bool> generated;  // By object and column.
  std::map<std::string, std::int64_t, std::less<>> estimates;
  std::map<std::string, std::string, std::less<>> queries;
  std::map<std::string, std::optional<std::string>, std::less<>> functions;
};

// The answer that is known, else that of `ask`.
template <class Map, class Ask>
typename Map::mapped_type AnswerOf(Map& known, const typename Map::key_type& question, const Ask& ask) {
  const auto found = known.find(question);
  if (found != known.end()) return found->second;
  return known.emplace(question, ask()).first->second;
}

// `asked` with callbacks that keep their answers.
SourceDefinition Recording(const SourceDefinition& asked, const std::shared_ptr<Answers>& answers) {
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

// A definition that only has those answers.
SourceDefinition Recalling(const SourceDefinition& asked, const std::shared_ptr<const Answers>& answers) {
  SourceDefinition definition;
  definition.source = asked.source;
  if (asked.describe) {
    definition.describe = [answers](const DataObject& object) {
      const auto found = answers->columns.find(object.name);
      return found == answers->columns.end() ? Columns() : found->second;
    };
  }
  if (asked.is_generated) {
    definition.is_generated = [answers](const DataObject& object, const std::string& column) {
      const auto found = answers->generated.find({object.name, column});
      return found != answers->generated.end() && found->second;
    };
  }
  if (asked.estimate) {
    definition.estimate = [answers](const DataObject& object) {
      const auto found = answers->estimates.find(object.name);
      return found == answers->estimates.end() ? -1 : found->second;
    };
  }
  if (asked.qualify) {
    definition.qualify = [answers](const std::string& sql) {
      const auto found = answers->queries.find(sql);
      return found == answers->queries.end() ? sql : found->second;
    };
  }
  if (asked.find_function) {
    definition.find_function = [answers](const std::string& name) {
      const auto found = answers->functions.find(name);
      return found == answers->functions.end() ? std::nullopt : found->second;
    };
  }
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

}  // namespace

Result<std::shared_ptr<const CompiledSource>> CompileSource(const SourceDefinition& definition,
                                                            const CompileOptions& options) {
  auto compiled = std::make_shared<CompiledSource>();
  compiled->source = definition.source;
  EIDER_RETURN_IF_ERROR(CheckSource(compiled->source));
  EIDER_ASSIGN_OR_RETURN(DeclaredSource read, ReadSdl(definition, options.loaded));
  const auto declared = std::make_shared<const DeclaredSource>(std::move(read));
  EIDER_RETURN_IF_ERROR(CheckExtensionRules(*declared, compiled->source));
  EIDER_RETURN_IF_ERROR(CheckDirectives(*declared));
  const auto answers = std::make_shared<Answers>();
  const SourceDefinition recording = Recording(definition, answers);
  Compilation compilation{recording, options, *declared, *compiled, {}, {}, {}, {}, {}};
  EIDER_RETURN_IF_ERROR(Compile(compilation));
  compiled->definition = Recalling(definition, answers);
  compiled->declared = declared;
  return std::shared_ptr<const CompiledSource>(std::move(compiled));
}

Result<std::shared_ptr<CompiledSource>> CompileAgain(const CompiledSource& source, const CompileOptions& options,
                                                     const std::set<std::string_view>& suspended) {
  auto compiled = std::make_shared<CompiledSource>();
  compiled->source = source.source;
  compiled->definition = source.definition;
  compiled->declared = source.declared;
  Compilation compilation{source.definition, options, *source.declared, *compiled, {}, {}, {}, {}, {}, suspended};
  EIDER_RETURN_IF_ERROR(Compile(compilation));
  return compiled;
}

}  // namespace eider::catalog
