#include "graphql/parser.h"

#include <fmt/format.h>
#include <algorithm>

#include "graphql/parser_state.h"
#include "graphql/unicode.h"

namespace eider::graphql {

bool Parser::Fail(Position position, std::string message) {
  if (!failed_) {
    failed_ = true;
    error_position_ = position;
    message_ = std::move(message);
  }
  return false;
}

bool Parser::FailUnexpected() { return Fail(token_.position, "Unexpected " + TokenText(token_)); }

void Parser::FailNesting() {
  Fail(token_.position, fmt::format("Document is nested deeper than {} levels", limits_.max_nesting));
}

bool Parser::Advance() {
  if (++tokens_ > limits_.max_tokens + 1) {
    return Fail(token_.position, fmt::format("Document contains more than {} tokens", limits_.max_tokens));
  }
  if (lexer_.Next(&token_)) return true;
  return Fail(lexer_.error_position(), lexer_.message());
}

bool Parser::Expect(TokenKind kind) {
  if (token_.kind == kind) return Advance();
  return Fail(token_.position, fmt::format("Expected {}, found {}", TokenKindText(kind), TokenText(token_)));
}

bool Parser::ExpectKeyword(std::string_view word) {
  if (PeekKeyword(word)) return Advance();
  return Fail(token_.position, fmt::format("Expected \"{}\", found {}", word, TokenText(token_)));
}

bool Parser::Skip(TokenKind kind, bool* found) {
  *found = token_.kind == kind;
  return !*found || Advance();
}

bool Parser::SkipKeyword(std::string_view word, bool* found) {
  *found = PeekKeyword(word);
  return !*found || Advance();
}

bool Parser::ParseName(std::string_view* name) {
  *name = token_.text;
  return Expect(TokenKind::kName);
}

bool Parser::ParseNameNode(NameNode* name) {
  name->position = token_.position;
  return ParseName(&name->name);
}

bool Parser::ParseDefinition(bool sdl_only) {
  const bool is_executable = Peek(TokenKind::kBraceLeft) || PeekKeyword("query") || PeekKeyword("mutation") ||
                             PeekKeyword("subscription") || PeekKeyword("fragment");
  if (is_executable) {
    if (sdl_only) return FailUnexpected();
    return PeekKeyword("fragment") ? ParseFragment() : ParseOperation();
  }
  if (PeekKeyword("extend")) return ParseExtension();
  const Position start = token_.position;
  const bool has_description = Peek(TokenKind::kString) || Peek(TokenKind::kBlockString);
  std::string_view description;
  if (!ParseDescription(&description)) return false;
  bool known = false;
  if (!ParseTypeSystem(description, false, &known)) return false;
  if (known) return true;
  if (has_description && Peek(TokenKind::kName)) {
    return Fail(start, "Unexpected description, descriptions are supported only on definitions");
  }
  return FailUnexpected();
}

bool Parser::ParseDocument(Document* document, bool sdl_only) {
  if (!Advance()) return false;
  do {
    if (!ParseDefinition(sdl_only)) return false;
  } while (!Peek(TokenKind::kEof));
  Finish(document);
  return true;
}

void Parser::Finish(Document* document) {
  std::vector<const OperationDefinition*> operations;
  std::vector<const FragmentDefinition*> fragments;
  std::vector<const TypeDefinition*> types;
  std::vector<const SchemaDefinition*> schemas;
  std::vector<const DirectiveDefinition*> directives;
  for (const Definition& definition : definitions_) {
    switch (definition.kind) {
      case DefinitionKind::kOperation: operations.push_back(definition.operation); break;
      case DefinitionKind::kFragment: fragments.push_back(definition.fragment); break;
      case DefinitionKind::kType: types.push_back(definition.type); break;
      case DefinitionKind::kSchema: schemas.push_back(definition.schema); break;
      case DefinitionKind::kDirective: directives.push_back(definition.directive); break;
    }
  }
  const auto copy = [this]<class T>(const std::vector<T>& items) { return arena_.Copy(std::span<const T>(items)); };
  document->definitions_ = copy(definitions_);
  document->operations_ = copy(operations);
  document->fragments_ = copy(fragments);
  std::stable_sort(fragments.begin(), fragments.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  document->fragments_by_name_ = copy(fragments);
  document->types_ = copy(types);
  document->schemas_ = copy(schemas);
  document->directives_ = copy(directives);
}

bool Parser::ParseOnlyValue(const Value** value) {
  Value parsed;
  if (!Advance() || !ParseValue(true, &parsed) || !Expect(TokenKind::kEof)) return false;
  *value = arena_.New<Value>(parsed);
  return true;
}

bool Parser::ParseOnlyType(const TypeNode** type) {
  return Advance() && ParseTypeNode(type) && Expect(TokenKind::kEof);
}

namespace {

Location LocateIn(std::string_view text, Position position) {
  Location location{1, 1};
  const size_t end = std::min<size_t>(position, text.size());
  for (size_t i = 0; i < end; ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\n' || c == '\r') {
      if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n' && ++i == end) break;
      ++location.line;
      location.column = 1;
    } else if (c < 0x80) {
      ++location.column;
    } else if (c >= 0xC0) {
      location.column += c >= 0xF0 ? 2 : 1;
    }
  }
  return location;
}

GraphqlResult<DocumentPtr> ParseText(std::string text, std::string file_name, const ParseLimits& limits,
                                     bool sdl_only) {
  if (text.size() > limits.max_bytes) {
    return tl::unexpected(GraphqlError{fmt::format("Document is larger than {} bytes", limits.max_bytes), {}, {}});
  }
  auto document = std::make_shared<Document>(std::move(text), std::move(file_name));
  if (const size_t bad = FindInvalidUtf8(document->text()); bad != std::string_view::npos) {
    return tl::unexpected(GraphqlError{"Invalid UTF-8", {document->Locate(static_cast<Position>(bad))}, {}});
  }
  Parser parser(document->text(), Parser::ArenaOf(*document), limits);
  if (!parser.ParseDocument(document.get(), sdl_only)) {
    return tl::unexpected(GraphqlError{parser.message(), {document->Locate(parser.error_position())}, {}});
  }
  return DocumentPtr(std::move(document));
}

}  // namespace

Location Document::Locate(Position position) const { return LocateIn(text_, position); }

GraphqlResult<DocumentPtr> Parse(std::string text, const ParseLimits& limits) {
  return ParseText(std::move(text), {}, limits, false);
}

GraphqlResult<DocumentPtr> ParseSdl(std::string text, std::string file_name) {
  ParseLimits limits;
  limits.max_bytes = size_t{256} << 20;
  limits.max_tokens = 50'000'000;
  return ParseText(std::move(text), std::move(file_name), limits, true);
}

GraphqlResult<const Value*> ParseConstValue(std::string_view text, Arena& arena) {
  const std::string_view copy = arena.CopyText(text);
  Parser parser(copy, arena, ParseLimits{});
  const Value* value = nullptr;
  if (parser.ParseOnlyValue(&value)) return value;
  return tl::unexpected(GraphqlError{parser.message(), {LocateIn(copy, parser.error_position())}, {}});
}

GraphqlResult<const TypeNode*> ParseType(std::string_view text, Arena& arena) {
  const std::string_view copy = arena.CopyText(text);
  Parser parser(copy, arena, ParseLimits{});
  const TypeNode* type = nullptr;
  if (parser.ParseOnlyType(&type)) return type;
  return tl::unexpected(GraphqlError{parser.message(), {LocateIn(copy, parser.error_position())}, {}});
}

}  // namespace eider::graphql
