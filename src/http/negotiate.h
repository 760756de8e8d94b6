#pragma once

#include <string_view>

namespace eider::http {

enum class Encoding { kIdentity, kGzip, kBrotli };

// The best encoding that the header Accept-Encoding allows: br before gzip where it prefers neither. No header: none.
Encoding ChooseEncoding(std::string_view accept_encoding);

// Whether the header Accept-Encoding allows gzip, for what exists in no other compressed form.
bool AcceptsGzip(std::string_view accept_encoding);

// The name of an encoding as the header Content-Encoding has it; empty for none.
std::string_view EncodingName(Encoding encoding);

enum class MediaType { kJson, kGraphqlResponse };

// `application/graphql-response+json` when the header Accept asks for it at least as much as for `application/json`.
MediaType ChooseMediaType(std::string_view accept);

// Whether the header Accept names event streams.
bool WantsEvents(std::string_view accept);

// Whether the header Accept asks for OpenMetrics at least as much as for plain text.
bool WantsOpenMetrics(std::string_view accept);

}  // namespace eider::http
