"""OpenAPI documents for tests: a small one with every form that matters, and large ones made by number."""

import json

PET = {"type": "object", "description": "A pet.", "required": ["pet-name", "kind"], "properties": {
    "id": {"type": "integer", "format": "int64"}, "pet-name": {"type": "string"}, "kind": {"$ref": "#/components/schemas/Kind"},
    "owner": {"$ref": "#/components/schemas/Owner"}, "born": {"type": "string", "format": "date"}, "weight": {"type": "number"},
    "seen": {"type": "string", "format": "date-time", "nullable": True}, "tags": {"type": "array", "items": {"type": "string"}},
    "extra": {"type": "object", "additionalProperties": True}, "friend": {"$ref": "#/components/schemas/Pet"}}}
NEW_PET = {"type": "object", "required": ["name"], "properties": {
    "name": {"type": "string"}, "kind": {"$ref": "#/components/schemas/Kind"}, "tags": {"type": "array", "items": {"type": "string"}},
    "home": {"type": "object", "properties": {"street": {"type": "string"}, "number": {"type": "integer"}}}}}
ANSWER = {"description": "One pet.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}


def small():
    """The shop that web_service answers for below /v1."""
    return {
        "openapi": "3.0.3", "info": {"title": "Pets", "version": "1"}, "servers": [{"url": "/v1"}],
        "paths": {
            "/pets": {
                "get": {"operationId": "findPets", "summary": "Finds pets.", "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 20}},
                    {"name": "tag", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                    {"name": "short", "in": "query", "explode": False, "schema": {"type": "array", "items": {"type": "string"}}},
                    {"name": "kind", "in": "query", "schema": {"$ref": "#/components/schemas/Kind"}},
                    {"name": "X-Trace", "in": "header", "schema": {"type": "string"}}],
                    "responses": {"200": ANSWER}},
                "post": {"requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewPet"}}}},
                         "responses": {"200": ANSWER}}},
            "/pets/{pet-id}": {
                "parameters": [{"name": "pet-id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "get": {"operationId": "get-pet", "responses": {"200": ANSWER}},
                "put": {"operationId": "put pet", "requestBody": {"content": {"application/json": {"schema": {"type": "object", "additionalProperties": {}}}}},
                        "responses": {"200": ANSWER}},
                "patch": {"operationId": "patchPet", "responses": {"204": {"description": "nothing"}}},
                "delete": {"operationId": "deletePet", "deprecated": True, "responses": {"204": {"description": "nothing"}}}},
            "/all": {"get": {"operationId": "all", "responses": {"200": {"description": "", "content": {"application/json": {"schema": {
                "allOf": [{"$ref": "#/components/schemas/Owner"}, {"type": "object", "properties": {"id": {"type": "integer"}, "big": {"type": "integer"}, "rest": {"type": "string"}}}]}}}}}}},
            "/one": {"get": {"operationId": "one", "responses": {"200": {"description": "", "content": {"application/json": {"schema": {
                "oneOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "object", "properties": {"rest": {"type": "string"}}}]}}}}}}},
            "/any": {"get": {"operationId": "any", "responses": {"200": {"description": "", "content": {"application/json": {"schema": {
                "anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/Owner"}]}}}}}}},
            "/optional": {"get": {"operationId": "optional", "responses": {"default": {"description": "", "content": {"application/hal+json": {"schema": {
                "oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Owner"}]}}}}}}}},
        "components": {
            "schemas": {"Pet": PET, "NewPet": NEW_PET, "Kind": {"type": "string", "enum": ["dog", "cat"]},
                        "Owner": {"type": "object", "properties": {"name": {"type": "string"}, "pets": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}}},
                        "Unused": {"type": "object", "properties": {"a": {"type": "string"}}}},
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Trace"}}}}


def large(operations=400):
    """As many operations, with schemas that refer to each other."""
    paths, schemas = {}, {}
    for i in range(operations // 2):
        schemas[f"Thing{i}"] = {"type": "object", "description": f"Thing number {i}.", "properties": {
            **{f"field-{k}": {"type": ["string", "integer", "number", "boolean"][k % 4]} for k in range(12)},
            "next": {"$ref": f"#/components/schemas/Thing{(i * 7 + 1) % (operations // 2)}"},
            "inner": {"type": "object", "properties": {"x": {"type": "number"}, "state": {"type": "string", "enum": ["on", "off"]}}}}}
        schema = {"$ref": f"#/components/schemas/Thing{i}"}
        answer = {"200": {"description": "ok", "content": {"application/json": {"schema": schema}}}}
        paths[f"/things{i}/{{id}}"] = {
            "get": {"operationId": f"getThing{i}", "responses": answer, "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
                {"name": "page-size", "in": "query", "schema": {"type": "integer"}}]},
            "put": {"operationId": f"putThing{i}", "responses": answer,
                    "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                    "requestBody": {"content": {"application/json": {"schema": schema}}}}}
    return {"openapi": "3.1.0", "info": {"title": "Things", "version": "1"}, "paths": paths, "components": {"schemas": schemas}}


def yaml_text(value, indent=0):
    """YAML in its block form; strings stay quoted where they need to."""
    pad = "  " * indent
    if isinstance(value, dict) and value:
        return "".join(f"{pad}{key_text(key)}:" + nested(item, indent) for key, item in value.items())
    if isinstance(value, list) and value:
        return "".join(f"{pad}-" + nested(item, indent) for item in value)
    return pad + json.dumps(value) + "\n"


def key_text(key):
    return key if key.replace("-", "").replace("_", "").isalpha() else json.dumps(key)


def nested(item, indent):
    if isinstance(item, (dict, list)) and item:
        return "\n" + yaml_text(item, indent + 1)
    return " " + (item if isinstance(item, str) and item.isalpha() and item not in ("true", "false", "null") else json.dumps(item)) + "\n"
