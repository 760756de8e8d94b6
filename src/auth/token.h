#pragma once

#include <rapidjson/document.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eider::auth {

// A JSON Web Token taken apart; nothing in it is verified. The views borrow from the token's text.
struct Token {
  std::string algorithm;
  std::string key_id;
  std::shared_ptr<rapidjson::Document> claims;  // An object.
  std::string_view signed_part;
  std::string signature;
};

// Takes apart a token in compact form. Nothing for text that is no such token, and for tokens with critical header
// members, which nobody here understands, or with members that occur twice.
std::optional<Token> ParseToken(std::string_view text);

// The claim at `path`: the member of that very name, else what dots lead to. Null when there is none.
const rapidjson::Value* FindClaim(const rapidjson::Value& claims, std::string_view path);

// A text, number or boolean as text; nothing for anything else.
std::optional<std::string> ScalarText(const rapidjson::Value& value);

// A text that lists words, or an array of texts, as a list.
std::vector<std::string> Words(const rapidjson::Value& value);

}  // namespace eider::auth
