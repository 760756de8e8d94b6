#pragma once

#include "http/body_stream.h"
#include "http/response.h"
#include "query/service.h"

namespace eider::http {

// The making of one answer, from Start() to the last piece of its body stream. Keeps itself alive until then.
class AnswerRun {
 public:
  virtual ~AnswerRun() = default;

  // Begins; does only what is quick on the calling event loop.
  virtual void Start() = 0;

  // Makes it end soon, wherever it is, as its client has gone. Any thread; idempotent.
  virtual void Cancel() = 0;

  virtual BodyStream& stream() = 0;

  // Status and headers when somebody else has made them; null = they follow from stats(). Valid once the stream has
  // given its first piece.
  virtual const Response* head() const = 0;

  // Valid once the stream has given its last piece.
  virtual const query::ExecutionStats& stats() const = 0;
};

}  // namespace eider::http
