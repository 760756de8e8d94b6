#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace eider::server {

// What an operation of the cluster answers: an OperationResult.
struct OperationOutcome {
  bool success = true;
  std::string message = {};
  std::int64_t affected_rows = 0;  // Workers that were asked.
  std::int64_t last_id = 0;        // Of these, failed ones.
  std::string nodes = {};          // What each node did, as a JSON array; empty = nobody was asked.
};

inline OperationOutcome FailedOutcome(std::string message) { return {false, std::move(message)}; }

// As a function's result; what each node did is for who asks for times.
std::string ToJson(const OperationOutcome& outcome);

// Another node's answer to the mutation core.`module`.`operation`. Fails with kInternal when it is an error of GraphQL
// or of no such form; the message is what is wrong.
Result<OperationOutcome> ReadOutcome(std::string_view operation, const std::string& body,
                                     std::string_view module = "cluster");

}  // namespace eider::server
