#include "server/operation_call.h"

#include <fmt/format.h>

#include <utility>

namespace eider::server {

cluster::PeerCall CallFor(const OperationRequest& request, std::string_view members, std::string_view directives) {
  std::string declared;
  std::string passed;
  cluster::PeerCall call;
  call.operation = request.operation;
  for (const OperationArgument& argument : request.arguments) {
    const std::string_view before = declared.empty() ? "(" : ", ";
    declared.append(fmt::format("{}${}: {}", before, argument.name, argument.type));
    passed.append(fmt::format("{}{}: ${}", before, argument.name, argument.name));
    call.variables.append(
        fmt::format("{}\"{}\":{}", call.variables.empty() ? "{" : ",", argument.name, argument.value));
  }
  if (!declared.empty()) {
    declared.push_back(')');
    passed.push_back(')');
    call.variables.push_back('}');
  }
  call.query = fmt::format("mutation{} {{ function {{ core {{ {} {{ {}{} {} {{ {} }} }} }} }} }}", declared,
                           request.module, request.operation, passed, directives, members);
  return call;
}

cluster::PeerCall FollowCall(std::string_view operation, std::vector<OperationArgument> arguments) {
  return CallFor({"cluster", std::string(operation), std::move(arguments)}, "success message");
}

}  // namespace eider::server
