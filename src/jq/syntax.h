#pragma once

#include <memory>
#include <string>
#include <vector>

#include "jq/value.h"

// The tree of a program, with every name resolved. Immutable once parsed; any number of runs read it at once.
namespace eider::jq {

struct Function;
struct Native;

enum class Op : std::uint8_t {
  kIdentity,
  kRecurseDefault,  // ..
  kLiteral,         // value
  kVariable,        // id
  kGlobal,          // id: position among the program's variables
  kString,          // kids: pieces in order; format: name of the @format that inserted ones pass
  kFormat,          // format
  kIndex,           // kids: target, key
  kSlice,           // kids: target, from, to; the last two may be null
  kIterate,         // kids: target
  kArray,           // kids: content, may be null
  kObject,          // kids: key, value, key, value …
  kNegate,
  kPipe,
  kComma,
  kArithmetic,  // text: the operator
  kCompare,     // text: the operator
  kAnd,
  kOr,
  kAlternative,  // //
  kAssign,       // =
  kModify,       // |=
  kCompute,      // += and its kin; text: the operator
  kReduce,       // kids: source, initial, update; patterns
  kForeach,      // kids: source, initial, update, extract (may be null); patterns
  kIf,           // kids: condition, then, else
  kTry,          // kids: body, handler (may be null)
  kLabel,        // id; kids: body
  kBreak,        // id
  kDefine,       // function; kids: what follows
  kCall,         // function; kids: arguments
  kCallClosure,  // id
  kNative,       // native; kids: arguments
  kSpecial,      // special; kids: arguments
  kBind,         // kids: source, body; patterns
};

// Built-in functions that decide themselves how their arguments are run.
enum class Special : std::uint8_t {
  kEmpty,
  kPath,
  kGetPath,
  kRecurse,
  kRange,
  kFirst,
  kLimit,
  kIsEmpty,
};

struct SyntaxNode;
using NodePtr = std::unique_ptr<SyntaxNode>;

// What `as` binds: a variable, or the parts of an array or object.
struct Pattern {
  struct Member {
    NodePtr key;       // Evaluated for the name of the member.
    int variable = 0;  // Also bound to the whole member; 0 = none.
    std::unique_ptr<Pattern> pattern;
  };
  int variable = 0;  // 0 = this is an array or an object.
  bool is_array = false;
  std::vector<Pattern> items;
  std::vector<Member> members;
};

struct SyntaxNode {
  Op op = Op::kIdentity;
  Special special = Special::kEmpty;
  int id = 0;
  int depth = 1;
  std::string text;
  Value value;
  std::vector<NodePtr> kids;
  std::vector<Pattern> patterns;  // Alternatives (?//) in order.
  std::vector<int> variables;     // Of all patterns.
  std::unique_ptr<Function> definition;
  const Function* function = nullptr;
  const Native* native = nullptr;
};

struct Function {
  struct Parameter {
    std::string name;
    bool is_value = false;
    int id = 0;
  };
  std::string name;
  std::vector<Parameter> parameters;
  NodePtr body;
  int id = 0;
  bool is_global = false;  // Of the library: sees nothing but the library.
};

}  // namespace eider::jq
