#include <algorithm>
#include <filesystem>
#include <iterator>

#include "base/text.h"
#include "sources/attached/stored_secret.h"
#include "sources/environment.h"
#include "sources/source_entry.h"
#include "sources/source_registry.h"

// How one source is attached and compiled; the rules of failure stand in source_registry.h.
namespace eider::sources {
namespace {

// Databases that the engine or the node has for itself.
constexpr std::string_view kReservedNames[] = {"core", "memory", "system", "temp"};

Status CheckName(const std::string& name) {
  if (name.empty()) return Error(ErrorCode::kBadInput, "data source has no name");
  const bool reserved =
      std::find(std::begin(kReservedNames), std::end(kReservedNames), LowerAscii(name)) != std::end(kReservedNames);
  if (reserved) return Error(ErrorCode::kBadInput, "data source name is reserved: " + name);
  return {};
}

bool IsSamePath(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return a == b || std::filesystem::weakly_canonical(a, ignored) == std::filesystem::weakly_canonical(b, ignored);
}

Status RunIn(engine::Session& session, const std::string& sql) {
  if (auto done = session.Run(sql); !done) return std::move(done).error();
  return {};
}

Status Detach(engine::Session& session, const std::string& catalog) {
  return RunIn(session, "DETACH " + QuoteIdentifier(catalog));
}

// A transaction that ends with its scope unless it was committed.
class Transaction {
 public:
  explicit Transaction(engine::Session& session) : session_(session), open_(session.Run("BEGIN").has_value()) {}
  ~Transaction() {
    if (open_) (void)session_.Run("ROLLBACK");
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  Status Commit() {
    open_ = false;
    return RunIn(session_, "COMMIT");
  }

 private:
  engine::Session& session_;
  bool open_;
};

// Attaches and fills; nothing is left behind on failure.
Status AttachWhole(engine::Session& session, const Connector& connector, const cluster::SourceRecord& record,
                   const std::string& catalog) {
  EIDER_RETURN_IF_ERROR(connector.Attach(session, record, catalog));
  Status filled = [&]() -> Status {
    Transaction transaction(session);
    EIDER_RETURN_IF_ERROR(connector.Refresh(session, record, catalog));
    return transaction.Commit();
  }();
  if (!filled) (void)Detach(session, catalog);
  return filled;
}

}  // namespace

Status SourceRegistry::LoadEntry(Entry& entry, const cluster::SourceRecord& record) {
  EIDER_RETURN_IF_ERROR(CheckName(record.name));
  EIDER_ASSIGN_OR_RETURN(const Connector* connector, connectors_.Find(record.type));
  cluster::SourceRecord resolved = record;
  EIDER_ASSIGN_OR_RETURN(resolved.path, SubstituteEnvironment(record.path));
  EIDER_ASSIGN_OR_RETURN(const auto session, engine::Session::Open(database_, {}));
  EIDER_ASSIGN_OR_RETURN(resolved.path, PathOfSecret(*session, resolved));
  EIDER_ASSIGN_OR_RETURN(const std::string fingerprint, connector->Fingerprint(resolved));
  {
    MutexLock lock(entry.facts);
    entry.report.read_only = connector->IsReadOnly(resolved);
  }
  if (!entry.is_attached()) return LoadFirst(entry, *session, *connector, resolved);
  if (entry.fingerprint == fingerprint) return LoadAgain(entry, *session, *connector, resolved);
  const bool same_file = entry.attached.type == resolved.type && IsSamePath(entry.attached.path, resolved.path);
  const Status done = same_file ? LoadInPlace(entry, *session, *connector, resolved)
                                : LoadElsewhere(entry, *session, *connector, resolved);
  sessions_.Clear();
  return done;
}

Status SourceRegistry::LoadFirst(Entry& entry, engine::Session& session, const Connector& connector,
                                 const cluster::SourceRecord& record) {
  EIDER_ASSIGN_OR_RETURN(const auto native, connector.OpenNative(record));
  EIDER_RETURN_IF_ERROR(AttachWhole(session, connector, record, record.name));
  // Asked again: the file may only exist since it was attached.
  EIDER_ASSIGN_OR_RETURN(std::string fingerprint, connector.Fingerprint(record));
  entry.SetAttached(record, std::move(fingerprint));
  entry.SetNative(native);
  EIDER_ASSIGN_OR_RETURN(SourceCompilation compilation,
                         CompileApart({session, record.name, native.get()}, connector, record));
  EIDER_RETURN_IF_ERROR(Publish(record.name, compilation.compiled, nullptr));
  entry.SetSchema(compilation);
  return {};
}

Status SourceRegistry::LoadAgain(Entry& entry, engine::Session& session, const Connector& connector,
                                 const cluster::SourceRecord& record) {
  Transaction transaction(session);
  EIDER_RETURN_IF_ERROR(connector.Refresh(session, record, record.name));
  const auto native = entry.Native();
  EIDER_ASSIGN_OR_RETURN(SourceCompilation compilation,
                         Compile({session, record.name, native.get()}, connector, record));
  EIDER_RETURN_IF_ERROR(Publish(record.name, compilation.compiled, [&] { return transaction.Commit(); }));
  // Statements prepared before may be of a table that has changed.
  if (native != nullptr && native->sessions != nullptr) native->sessions->Clear();
  entry.attached = record;
  entry.SetSchema(compilation);
  return {};
}

// The new attachment is tried under another name, so that the old one serves until everything fits.
Status SourceRegistry::LoadElsewhere(Entry& entry, engine::Session& session, const Connector& connector,
                                     const cluster::SourceRecord& record) {
  const std::string trial = record.name + "~next";
  EIDER_ASSIGN_OR_RETURN(const auto native, connector.OpenNative(record));
  EIDER_RETURN_IF_ERROR(AttachWhole(session, connector, record, trial));
  auto compilation = CompileApart({session, trial, native.get()}, connector, record);
  EIDER_RETURN_IF_ERROR(Detach(session, trial));
  if (!compilation) return std::move(compilation).error();
  const auto replace = [&]() -> Status {
    EIDER_RETURN_IF_ERROR(connector.Replace(session, record, record.name));
    Transaction transaction(session);
    EIDER_RETURN_IF_ERROR(connector.Refresh(session, record, record.name));
    EIDER_RETURN_IF_ERROR(transaction.Commit());
    entry.SetNative(native);
    return {};
  };
  EIDER_RETURN_IF_ERROR(Publish(record.name, compilation->compiled, replace));
  EIDER_ASSIGN_OR_RETURN(std::string fingerprint, connector.Fingerprint(record));
  entry.SetAttached(record, std::move(fingerprint));
  entry.SetSchema(*compilation);
  return {};
}

// The engine opens a file once only: another mode, or another file of the same name, takes the place of the old one
// before it can be tried. When it does not fit, the old one is attached again.
Status SourceRegistry::LoadInPlace(Entry& entry, engine::Session& session, const Connector& connector,
                                   const cluster::SourceRecord& record) {
  const cluster::SourceRecord before = entry.attached;
  EIDER_ASSIGN_OR_RETURN(const auto native, connector.OpenNative(record));
  EIDER_RETURN_IF_ERROR(Detach(session, record.name));
  auto done = [&]() -> Result<SourceCompilation> {
    EIDER_RETURN_IF_ERROR(AttachWhole(session, connector, record, record.name));
    auto compilation = CompileApart({session, record.name, native.get()}, connector, record);
    if (!compilation) (void)Detach(session, record.name);
    return compilation;
  }();
  if (!done) {
    if (const Status restored = AttachWhole(session, connector, before, record.name); !restored) entry.SetDetached();
    return std::move(done).error();
  }
  EIDER_ASSIGN_OR_RETURN(std::string fingerprint, connector.Fingerprint(record));
  entry.SetAttached(record, std::move(fingerprint));
  entry.SetNative(native);
  EIDER_RETURN_IF_ERROR(Publish(record.name, done->compiled, nullptr));
  entry.SetSchema(*done);
  return {};
}

// Some attachments lose what was prepared when a transaction ends.
Result<SourceCompilation> SourceRegistry::CompileApart(const Attachment& attachment, const Connector& connector,
                                                       const cluster::SourceRecord& record) {
  const Transaction transaction(attachment.session);
  return Compile(attachment, connector, record);
}

Result<SourceCompilation> SourceRegistry::Compile(const Attachment& attachment, const Connector& connector,
                                                  const cluster::SourceRecord& record) {
  const std::shared_ptr<const catalog::Snapshot> served = snapshot_.Get();
  catalog::CompileOptions options = options_.compile;
  options.loaded = served.get();
  {
    MutexLock lock(mutex_);
    options.load = loads_[record.name]++;
  }
  return CompileAttached(attachment, connector, record, options, EntryOf(record.name)->given.get());
}

}  // namespace eider::sources
