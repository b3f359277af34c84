"""Checks OpenAPI documents: valid for openapi-spec-validator, and YAML and JSON say the same in the same order."""

import json
import sys

import jsonschema
import yaml
from openapi_spec_validator import validate

passed = failed = 0


def check(name, function, *arguments):
    global passed, failed
    try:
        function(*arguments)
        passed += 1
        print(f"ok      {name}")
    except Exception as error:  # noqa: BLE001: whatever it is, it is a failure
        failed += 1
        print(f"FAILED  {name}: {error}")


def same(first, second):
    # Not ==: the order of members counts, and 1 is not 1.0.
    assert json.dumps(first) == json.dumps(second), "YAML and JSON differ"


def schemas_are_valid(document):
    for name, schema in document["components"]["schemas"].items():
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
        except jsonschema.SchemaError as error:
            raise AssertionError(f"{name}: {error.message}") from error


def duplicates(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"a member comes twice: {keys}"
    return dict(pairs)


for path in sys.argv[1:]:
    with open(f"{path}.json", encoding="utf-8") as file:
        document = json.load(file, object_pairs_hook=duplicates)
    with open(f"{path}.yaml", encoding="utf-8") as file:
        from_yaml = yaml.safe_load(file)
    check(f"{path}: is OpenAPI {document['openapi']}", validate, document)
    check(f"{path}: schemas are JSON Schema 2020-12", schemas_are_valid, document)
    check(f"{path}: YAML says what JSON says", same, document, from_yaml)

print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
