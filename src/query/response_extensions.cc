#include "query/response_extensions.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "planner/assigned.h"

namespace eider::query {
namespace {

// As Go writes durations: 850ns, 12.5µs, 3.25ms, 1.5s.
std::string DurationText(std::int64_t ns) {
  struct Unit {
    std::int64_t thousandth;  // In nanoseconds.
    const char* name;
  };
  constexpr Unit kUnits[] = {{1'000'000, "s"}, {1'000, "ms"}, {1, "µs"}};
  for (const Unit& unit : kUnits) {
    const std::int64_t thousandths = ns / unit.thousandth;
    if (thousandths < 1000) continue;
    std::string text = fmt::format("{}.{:03}", thousandths / 1000, thousandths % 1000);
    text.erase(thousandths % 1000 == 0 ? text.find('.') : text.find_last_not_of('0') + 1);
    return text + unit.name;
  }
  return fmt::format("{}ns", ns);
}

struct ValueText {
  std::string operator()(std::monostate) const { return "null"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return fmt::format("{}", value); }
  std::string operator()(const std::string& value) const { return JsonTextOf(RedactSecrets(value)); }
  std::string operator()(const engine::ValueList& values) const {
    std::string out = "[";
    for (const engine::Value& value : values) {
      if (out.size() > 1) out.push_back(',');
      out.append(std::visit(*this, value.data));
    }
    return out + "]";
  }
};

// The beginning of a text, up to a whole character.
std::string Shortened(std::string_view text, std::size_t size) {
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
  return std::string(text.substr(0, size)) + "…";
}

std::string ExplainJson(const std::string& path, const std::string& source, const RanStatement& ran) {
  std::string parameters = "[";
  for (const engine::Value& value : ran.parameters) {
    if (parameters.size() > 1) parameters.push_back(',');
    parameters.append(std::visit(ValueText(), value.data));
  }
  parameters.push_back(']');
  return fmt::format(R"({{"path":{},"source":{},"sql":{},"parameters":{},"rows":{},"time":{}}})", JsonTextOf(path),
                     JsonTextOf(source.empty() ? "engine" : source), JsonTextOf(RedactSecrets(ran.sql)), parameters,
                     ran.rows, JsonTextOf(DurationText(ran.time_ns)));
}

// Every statement of a change, in order; rows sent in one text are told by their beginning.
std::string ExplainJson(const ResponseField& field, const MutationField& mutation) {
  constexpr std::size_t kShown = 1000;
  const catalog::DataObject& object = *mutation.plan.bound->field.binding->object;
  const std::string source = planner::WriterOf(object).is_postgres() ? object.source->name : std::string();
  std::string out;
  for (RanStatement ran : mutation.ran) {
    for (engine::Value& value : ran.parameters) {
      auto* text = std::get_if<std::string>(&value.data);
      if (text != nullptr && text->size() > kShown) *text = Shortened(*text, kShown);
    }
    out.append(out.empty() ? "" : ",").append(ExplainJson(field.path, source, ran));
  }
  return out;
}

// What the fields of a plan, and of the selections inside it, have to tell.
struct Collector {
  const RequestContext& context;
  ResponseExtensions& extensions;
  std::string truncated;
  std::string explained;

  void Visit(const ResponsePlan& plan) {
    for (const ResponseField& field : plan.fields) VisitField(field);
  }

  void Explain(const std::string& entries) { explained.append(explained.empty() ? "" : ",").append(entries); }

  void VisitField(const ResponseField& field) {
    FieldTimes times = field.times;
    if (const Leaf* leaf = std::get_if<Leaf>(&field.what)) {
      times.execute_ns = leaf->execute_ns();
      if (leaf->truncated()) truncated.append(truncated.empty() ? "" : ",").append(JsonTextOf(field.path));
      if (context.explain) {
        Explain(ExplainJson(
            field.path, leaf->plan().source,
            {leaf->plan().sql, leaf->StatementParameters({context.identity}), leaf->rows(), leaf->execute_ns()}));
      }
    } else if (const auto* mutation = std::get_if<MutationField>(&field.what)) {
      if (!mutation->ran.empty()) Explain(ExplainJson(field, *mutation));
    } else if (const auto* cached = std::get_if<CachedField>(&field.what)) {
      if (cached->entry->result.truncated)
        truncated.append(truncated.empty() ? "" : ",").append(JsonTextOf(field.path));
    } else if (const auto* jq = std::get_if<JqField>(&field.what)) {
      extensions.Set(field.path, "jq", jq->result);
      Visit(*jq->selection);
    }
    if (times.wanted) {
      const std::string_view path = field.path;
      extensions.Set(path, "stats", TimesJson(path.substr(path.rfind('.') + 1), times));
      if (!field.nodes.empty()) extensions.Set(path, "nodes", field.nodes);
    }
  }
};

}  // namespace

void ResponseExtensions::Set(std::string_view path, std::string_view key, std::string value) {
  Node* node = &root_;
  for (const std::string_view part : SplitText(path, '.')) {
    std::unique_ptr<Node>* found = nullptr;
    for (auto& [name, child] : node->children) {
      if (name == part) found = &child;
    }
    if (found == nullptr) found = &node->children.emplace_back(std::string(part), std::make_unique<Node>()).second;
    node = found->get();
  }
  node->values.emplace_back(std::string(key), std::move(value));
}

void ResponseExtensions::AppendNode(const Node& node, bool is_root, std::string& out) {
  out.push_back('{');
  bool first = true;
  const auto key = [&](std::string_view name) {
    if (!first) out.push_back(',');
    first = false;
    AppendJsonString(out, name);
    out.push_back(':');
  };
  for (const auto& [name, value] : node.values) {
    key(name);
    out.append(value);
  }
  if (!is_root && !node.children.empty()) {
    key("children");
    out.push_back('{');
    first = true;
  }
  for (const auto& [name, child] : node.children) {
    key(name);
    AppendNode(*child, false, out);
  }
  out.append(!is_root && !node.children.empty() ? "}}" : "}");
}

void ResponseExtensions::Append(std::string& out) const { AppendNode(root_, true, out); }

std::string TimesJson(std::string_view name, const FieldTimes& times) {
  return fmt::format(R"({{"name":{},"node_time":{},"planning_time":{},"compile_time":{},"exec_time":{}}})",
                     JsonTextOf(name), JsonTextOf(DurationText(times.plan_ns + times.compile_ns + times.execute_ns)),
                     JsonTextOf(DurationText(times.plan_ns)), JsonTextOf(DurationText(times.compile_ns)),
                     JsonTextOf(DurationText(times.execute_ns)));
}

std::string TimesJson(std::string_view name, const FieldTimes& times, std::int64_t parse_ns, std::int64_t total_ns) {
  std::string json = TimesJson(name, times);
  json.pop_back();
  return json + fmt::format(R"(,"parse_time":{},"total_time":{}}})", JsonTextOf(DurationText(parse_ns)),
                            JsonTextOf(DurationText(total_ns)));
}

ResponseExtensions CollectExtensions(const ResponsePlan& plan, const RequestContext& context) {
  ResponseExtensions extensions;
  Collector collector{context, extensions, {}, {}};
  collector.Visit(plan);
  if (!collector.truncated.empty()) extensions.Set("", "_truncated", "[" + collector.truncated + "]");
  if (context.explain) extensions.Set("", "explain", "[" + collector.explained + "]");
  return extensions;
}

}  // namespace eider::query
