"""Runs the steps of a case against a node and says what is wrong with the answers."""

import json
import re
import urllib.parse

import compare
from request_shape import shape_of


def headers_of(text):
    pairs = (line.split(":", 1) for line in text.splitlines() if line.strip())
    return {name.strip(): value.strip() for name, value in pairs}


def request_of(step, node):
    """Method, target and body of a step."""
    if step.kind == "http":
        method, target = step.head.argument.split(" ", 1)
        body = step.part("body")
        return method, node.expand(target), node.expand(body.body) if body else None
    members = {"query": node.expand(step.head.body)}
    if step.part("variables"):
        members["variables"] = json.loads(node.expand(step.body("variables")))
    if step.part("operation"):
        members["operationName"] = step.part("operation").argument
    members |= json.loads(step.body("options", "{}"))
    if step.head.argument != "GET":
        return "POST", "/query", json.dumps(members)
    parameters = {k: v if isinstance(v, str) else json.dumps(v) for k, v in members.items()}
    return "GET", "/query?" + urllib.parse.urlencode(parameters), None


def step_problem(step, node, extra_headers):
    """What is wrong with the answer to one step; empty when nothing is."""
    if step.kind == "restart":
        node.restart()
        return ""
    method, target, body = request_of(step, node)
    own = headers_of(step.body("headers"))
    headers = {"Content-Type": "application/json", **({} if "Time-Zone" in own else extra_headers), **own}
    status, answer_headers, text = node.send(method, target, body, headers)
    expected_status = int((step.part("status").argument or step.body("status")) if step.part("status") else 200)
    if status != expected_status:
        return f"status {status} instead of {expected_status}: {text[:600]}"
    for check in (header_problem(step, answer_headers), text_problem(step, text), json_problem(step, node, text)):
        if check:
            return check
    return ""


def header_problem(step, headers):
    for name, pattern in headers_of(step.body("answer-headers")).items():
        value = headers.get(name, "")
        if not re.search(pattern, value):
            return f"header {name} is {value!r}, not {pattern!r}"
    return ""


def text_problem(step, text):
    part = step.part("text")
    if part and not re.search(part.body, text):
        return f"the body is {text[:600]!r}, not {part.body!r}"
    return ""


def json_problem(step, node, text):
    if not any(step.part(name) for name in ("expect", "has", "error")):
        return ""
    try:
        answer = compare.parse(text)
    except ValueError as problem:
        return f"the answer is no JSON ({problem}): {text[:600]}"
    if step.part("error"):
        return error_problem(step.part("error").body, answer, node, text)
    if step.part("has"):
        problem = compare.missing(compare.parse(node.expand(step.body("has"))), answer)
        if problem:
            return f"{problem}\nin {text[:500]}"
    if step.part("expect"):
        return expect_problem(step, node, answer)
    return ""


def expect_problem(step, node, answer):
    operation = step.part("operation")
    shape = shape_of(step.head.body, operation.argument if operation else "") if step.kind == "request" else None
    flags = {"data." + w: False for w in step.words("unordered")} | {"data." + w: True for w in step.words("ordered")}
    whole = compare.Shape(ordered=True, children={"data": shape} if shape else {})
    expected = compare.parse(node.expand(step.body("expect")))
    if "errors" in answer and "errors" not in expected:
        return f"errors instead of data: {compare.dump_flat(answer['errors'])[:900]}"
    if node.engine == "postgres":  # jsonb keeps no order of keys.
        expected, answer = compare.sort_documents(expected, whole), compare.sort_documents(answer, whole)
    return compare.difference(compare.canonical(expected, whole, flags), compare.canonical(answer, whole, flags))


def error_problem(expected, answer, node, text):
    """`L:C text` wants that one location, `- text` none; `~ pattern` after it is a regular expression."""
    if set(answer) != {"errors"}:
        return f"members {sorted(answer)} instead of errors alone: {text[:600]}"
    rows = [line for line in node.expand(expected).splitlines() if line.strip()]
    if len(rows) != len(answer["errors"]):
        return f"{len(answer['errors'])} errors instead of {len(rows)}: {text[:900]}"
    for row, error in zip(rows, answer["errors"]):
        if not error_fits(row, error):
            return f"expected {row}\ngot {compare.dump_flat(error)}"
    return ""


def error_fits(row, error):
    place, text = re.match(r"(?:(\d+:\d+|-) )?(.*)$", row).groups()
    if set(error) - {"message", "locations"}:
        return False
    if place == "-" and "locations" in error:
        return False
    if place and place != "-":
        line, column = place.split(":")
        found = [(at["line"].text, at["column"].text) for at in error.get("locations", [])]
        if found != [(line, column)]:
            return False
    if text.startswith("~ "):
        return re.search(text[2:], error["message"]) is not None
    return error["message"] == text


def case_problem(case, node, extra_headers):
    for number, step in enumerate(case.steps, 1):
        problem = step_problem(step, node, extra_headers)
        if problem:
            return f"step {number} (line {step.head.line}):\n{problem}" if len(case.steps) > 1 else problem
    return ""
