#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "graphql/lexer.h"
#include "graphql/parser.h"

namespace eider::graphql {

// Collects the members of one list on a stack shared by all lists of that type, so that nested lists need no
// vectors of their own. Lists must end in reverse order of their beginning.
template <class T>
class ListScope {
 public:
  explicit ListScope(std::vector<T>& stack) : stack_(stack), start_(stack.size()) {}
  ~ListScope() { stack_.erase(stack_.begin() + static_cast<std::ptrdiff_t>(start_), stack_.end()); }
  ListScope(const ListScope&) = delete;
  ListScope& operator=(const ListScope&) = delete;

  void Add(const T& item) { stack_.push_back(item); }
  // Copies the members into `arena`.
  std::span<const T> Finish(Arena& arena) const { return arena.Copy(std::span<const T>(stack_).subspan(start_)); }

 private:
  std::vector<T>& stack_;
  size_t start_;
};

// Recursive-descent parser over one text. Parse methods return false once a syntax error is recorded; error()
// then tells it. Used by one thread for one text.
class Parser {
 public:
  Parser(std::string_view text, Arena& arena, const ParseLimits& limits)
      : lexer_(text, arena),
        arena_(arena),
        limits_(limits) {}

  // Parses everything into `document`. With `sdl_only`, executable definitions are errors.
  bool ParseDocument(Document* document, bool sdl_only);
  // Parses one value, respectively one type, up to the end of the text.
  bool ParseOnlyValue(const Value** value);
  bool ParseOnlyType(const TypeNode** type);

  const std::string& message() const { return message_; }
  Position error_position() const { return error_position_; }
  // The arena of `document`, which this parser has to be made with.
  static Arena& ArenaOf(Document& document) { return document.arena_; }

 private:
  // What a TypeRef can hold.
  static constexpr int kMaxTypeLists = 7;

  // Counts nesting; `ok()` is false, with the error recorded, when it gets too deep.
  class Nesting {
   public:
    explicit Nesting(Parser& parser) : parser_(parser), ok_(++parser.nesting_ <= parser.limits_.max_nesting) {
      if (!ok_) parser_.FailNesting();
    }
    ~Nesting() { --parser_.nesting_; }
    bool ok() const { return ok_; }

   private:
    Parser& parser_;
    bool ok_;
  };

  // Tokens (parser.cc).
  bool Advance();
  bool Peek(TokenKind kind) const { return token_.kind == kind; }
  bool PeekKeyword(std::string_view word) const { return token_.kind == TokenKind::kName && token_.text == word; }
  bool Expect(TokenKind kind);
  bool ExpectKeyword(std::string_view word);
  // Skips an optional token; `*found` tells whether it was there.
  bool Skip(TokenKind kind, bool* found);
  bool SkipKeyword(std::string_view word, bool* found);
  bool ParseName(std::string_view* name);
  bool ParseNameNode(NameNode* name);
  bool Fail(Position position, std::string message);
  bool FailUnexpected();
  void FailNesting();
  bool ParseDefinition(bool sdl_only);
  void Finish(Document* document);

  // Values, types and directives (parser_values.cc).
  bool ParseValue(bool is_const, Value* value);
  bool ParseNameValue(Value* value);
  bool ParseVariable(bool is_const, Value* value);
  bool ParseListValue(bool is_const, Value* value);
  bool ParseObjectValue(bool is_const, Value* value);
  bool ParseNamedValue(bool is_const, NamedValue* value);
  bool ParseArguments(bool is_const, std::span<const Argument>* arguments);
  bool ParseDirectives(bool is_const, std::span<const Directive>* directives);
  bool ParseTypeNode(const TypeNode** type);
  bool ParseInnerType(TypeNode* type);

  // Executable definitions (parser_executable.cc).
  bool ParseOperation();
  bool ParseVariables(std::span<const VariableDefinition>* variables);
  bool ParseVariableDefinition(VariableDefinition* variable);
  bool ParseSelectionSet(SelectionSet* selections);
  bool ParseSelection(Selection* selection);
  bool ParseField(Selection* selection);
  bool ParseSpread(Selection* selection);
  bool ParseFragment();
  bool CountField(const FieldNode& field);

  // Type-system definitions (parser_sdl.cc).
  bool ParseTypeSystem(std::string_view description, bool is_extension, bool* known);
  bool ParseExtension();
  bool ParseSchema(SchemaDefinition definition);
  bool ParseTypeDefinition(TypeKind kind, TypeDefinition definition);
  bool ParseTypeBody(TypeDefinition* definition);
  bool ParseDirectiveDefinition(std::string_view description);
  bool ParseDirectiveLocations(std::span<const NameNode>* locations);
  bool ParseDescription(std::string_view* description);
  bool ParseImplements(std::span<const NameNode>* interfaces);
  bool ParseUnionMembers(std::span<const NameNode>* members);
  bool ParseDelimited(TokenKind separator, std::span<const NameNode>* names);
  bool ParseFieldDefinitions(std::span<const FieldDefinition>* fields);
  bool ParseInputValues(TokenKind open, TokenKind close, std::span<const InputValueDefinition>* values);
  bool ParseEnumValues(std::span<const EnumValueDefinition>* values);

  Lexer lexer_;
  Arena& arena_;
  const ParseLimits limits_;
  Token token_;
  size_t tokens_ = 0;
  size_t nesting_ = 0;
  int type_lists_ = 0;
  size_t fields_ = 0;
  size_t aliases_ = 0;
  uint32_t fragment_count_ = 0;
  bool failed_ = false;
  std::string message_;
  Position error_position_ = 0;

  std::vector<Definition> definitions_;
  std::vector<Selection> selections_;
  std::vector<Argument> arguments_;
  std::vector<Directive> directives_;
  std::vector<Value> values_;
  std::vector<VariableDefinition> variables_;
  std::vector<NameNode> names_;
  std::vector<FieldDefinition> field_definitions_;
  std::vector<InputValueDefinition> input_values_;
  std::vector<EnumValueDefinition> enum_values_;
  std::vector<RootOperation> root_operations_;
};

}  // namespace eider::graphql
