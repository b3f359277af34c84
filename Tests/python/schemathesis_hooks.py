"""Hooks of run-schemathesis: every form of a stream is asked for, and every item of it is checked.

The schema under a streaming media type is that of one item (see x-stream in the document), which schemathesis by
itself takes for the whole body.
"""

import itertools
import json
import os

import jsonschema
import schemathesis

with open(os.environ["OPENAPI_DOCUMENT"], encoding="utf-8") as file:
    document = json.load(file)


def forms(case):
    """The media types of the operation's 200 answer."""
    return document["paths"][case.operation.path][case.operation.method.lower()]["responses"]["200"]["content"]


turns = {}


@schemathesis.hook
def before_call(context, case, kwargs):
    names = list(forms(case))
    if len(names) > 1:
        turn = turns.setdefault(case.operation.label, itertools.cycle(names))
        case.headers["Accept"] = next(turn)


def items(media_type, body):
    if media_type in ("application/x-ndjson", "application/jsonl"):
        assert body == "" or body.endswith("\n"), "the last line does not end"
        return [json.loads(line) for line in body.split("\n")[:-1]]
    if media_type == "application/json-seq":
        assert body == "" or body.endswith("\n"), "the last record does not end"
        return [json.loads(record) for record in body.split("\x1e")[1:]]
    if media_type == "text/event-stream":
        events = [dict(line.split(": ", 1) for line in event.split("\n")) for event in body.split("\n\n")[:-1]]
        assert events and events[-1].get("event") == "end", "the stream does not say that it ended"
        assert [event["id"] for event in events[:-1]] == [str(n + 1) for n in range(len(events) - 1)]
        return events[:-1]
    return []


@schemathesis.check
def every_item_matches(ctx, response, case):
    if response.status_code != 200:
        return
    media_type = response.headers["content-type"][0].split(";")[0]
    schema = {**forms(case)[media_type]["schema"], "components": document["components"]}
    validator = jsonschema.Draft202012Validator(schema)
    for item in items(media_type, response.content.decode()):
        validator.validate(item)
        if media_type == "text/event-stream":
            content = schema["properties"]["data"]["contentSchema"]
            jsonschema.Draft202012Validator({**content, "components": document["components"]}).validate(
                json.loads(item["data"]))
