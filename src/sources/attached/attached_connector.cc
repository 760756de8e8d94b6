#include "sources/attached/attached_connector.h"

#include "base/text.h"

namespace eider::sources {
namespace {

std::string AttachSql(std::string_view verb, const AttachPlan& plan, const std::string& catalog,
                      const std::string& secret) {
  std::string options;
  for (const std::string& option : plan.options) options.append(options.empty() ? "" : ", ").append(option);
  if (!secret.empty())
    options.append(options.empty() ? "" : ", ").append(plan.secret_option).append(" ").append(QuoteIdentifier(secret));
  std::string sql(verb);
  sql.append(" ").append(QuoteLiteral(plan.path)).append(" AS ").append(QuoteIdentifier(catalog));
  return options.empty() ? sql : sql.append(" (").append(options).append(")");
}

Error CannotAttach(const AttachPlan& plan, const Error& error) {
  return Error(ErrorCode::kSourceUnavailable, "cannot attach " + plan.shown + ": " + AttachReason(error.message));
}

// The connection's settings stand in a secret while the engine attaches; afterwards it needs them no more.
class AttachSecret {
 public:
  AttachSecret(engine::Session& session, const AttachPlan& plan, const std::string& catalog)
      : session_(session),
        name_(plan.secret.empty() ? "" : "eider attach " + catalog) {}
  ~AttachSecret() {
    if (made_) (void)session_.Run("DROP SECRET IF EXISTS " + QuoteIdentifier(name_));
  }
  AttachSecret(const AttachSecret&) = delete;
  AttachSecret& operator=(const AttachSecret&) = delete;

  Status Make(const AttachPlan& plan) {
    if (name_.empty()) return {};
    const auto made =
        session_.Run("CREATE OR REPLACE TEMPORARY SECRET " + QuoteIdentifier(name_) + " (" + plan.secret + ")");
    if (!made) return CannotAttach(plan, made.error());
    made_ = true;
    return {};
  }
  const std::string& name() const { return name_; }

 private:
  engine::Session& session_;
  const std::string name_;
  bool made_ = false;
};

}  // namespace

std::string AttachReason(std::string_view message) {
  // `… with parameters "host=… password=…": Access denied …`, `… at path + "…"The file …`
  for (const std::string_view opening : {"with parameters \"", "at path + \"", "to Postgres at \""}) {
    const std::size_t start = message.find(opening);
    if (start == std::string_view::npos) continue;
    std::size_t end = message.rfind("\": ");
    end = end == std::string_view::npos || end < start ? message.find('"', start + opening.size()) + 1 : end + 3;
    if (end != 0 && end < message.size()) return AttachReason(message.substr(end));
  }
  return RedactSecrets(message);
}

Result<std::string> AttachedConnector::Fingerprint(const cluster::SourceRecord& source) const {
  EIDER_ASSIGN_OR_RETURN(const AttachPlan plan, PlanAttach(source));
  std::string made_of = source.type + " " + plan.path + " " + plan.secret;
  for (const std::string& option : plan.options) made_of.append(" ").append(option);
  return made_of;
}

Status AttachedConnector::Attach(engine::Session& session, const cluster::SourceRecord& source,
                                 const std::string& catalog) const {
  return RunAttach(session, "ATTACH", source, catalog);
}

Status AttachedConnector::Replace(engine::Session& session, const cluster::SourceRecord& source,
                                  const std::string& catalog) const {
  Status done = RunAttach(session, "ATTACH OR REPLACE", source, catalog);
  const bool other_mode = !done && done.error().message.find("cannot re-attach in") != std::string::npos;
  if (!other_mode) return done;
  if (const auto detached = session.Run("DETACH " + QuoteIdentifier(catalog)); !detached) return detached.error();
  return RunAttach(session, "ATTACH", source, catalog);
}

Status AttachedConnector::RunAttach(engine::Session& session, std::string_view verb,
                                    const cluster::SourceRecord& source, const std::string& catalog) const {
  EIDER_ASSIGN_OR_RETURN(const AttachPlan plan, PlanAttach(source));
  for (const std::string& extension : plan.extensions) {
    EIDER_RETURN_IF_ERROR(session.LoadExtension(extension));
  }
  for (const std::string& setting : plan.settings) {
    if (const auto set = session.Run(setting); !set) return set.error();
  }
  AttachSecret secret(session, plan, catalog);
  EIDER_RETURN_IF_ERROR(secret.Make(plan));
  const auto attached = session.Run(AttachSql(verb, plan, catalog, secret.name()));
  if (!attached) return CannotAttach(plan, attached.error());
  return {};
}

}  // namespace eider::sources
