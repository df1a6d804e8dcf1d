"""The server's own description: complete, strict, and kept, whatever is asked that fits it or nearly does."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from sync.protocol import sha_of
from sync.server.routes import CALLS
from tests.sync.served import Served

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemathesis import Case

    from sync.server.database import Database


def described(served: Served) -> dict[str, Any]:
    """Return the description."""
    return served.app.openapi()


def test_every_call_is_described_with_its_body_its_answer_and_its_refusals(served: Served) -> None:
    paths = described(served)["paths"]
    assert {(method.upper(), path) for path in paths for method in paths[path]} == {
        (call.method, call.path) for call in CALLS
    }
    for call in CALLS:
        told = paths[call.path][call.method.lower()]
        assert {str(call.status), "4XX", "5XX"} <= told["responses"].keys()
        assert ("requestBody" in told) == (call.takes is not None)
        assert [one["name"] for one in told.get("parameters", []) if one["in"] == "query"] == list(call.asks)
        assert told["summary"]


def test_every_message_is_closed_and_every_list_number_and_text_that_comes_in_is_bounded(served: Served) -> None:
    schemas = described(served)["components"]["schemas"]
    assert all(schema["additionalProperties"] is False for schema in schemas.values())
    for name in ("Push", "Op", "Enrol", "Invite"):
        for field, schema in schemas[name]["properties"].items():
            assert bounded(schema), (name, field)


def bounded(schema: dict[str, Any]) -> bool:
    """Tell whether a value can only be so large; a record's values are bounded as a whole."""
    if "enum" in schema or "$ref" in schema:
        return True
    if schema["type"] == "integer":
        return "maximum" in schema and "minimum" in schema
    if schema["type"] == "string":
        return "maxLength" in schema or "pattern" in schema
    if schema["type"] == "array":
        return "maxItems" in schema and bounded(schema["items"])
    return "maxProperties" in schema


async def test_the_description_is_served(served: Served) -> None:
    answer = await served.ask("GET", "/v1/openapi.json")
    assert answer.json() == described(served)
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert (await served.ask("GET", path)).status_code == 404


def hammer(database: Database, examples: int) -> dict[str, set[int]]:
    """Ask each call with what its description allows and with what it nearly allows; returns the statuses by call."""
    import schemathesis
    from schemathesis import checks
    from schemathesis.core.result import Ok

    from sync.server.limits import Limits, Rate

    plenty = Rate(10**9, 10**9)
    served = Served(database, Limits(device=plenty, wrong_codes=plenty))
    lead = served.badge(served.koeln, "lead", "Lena")
    epoch = served.epoch(served.koeln)
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", served.app)
    statuses: dict[str, set[int]] = {}
    taken = 0

    def ask(case: Case[Any], ours: bool) -> None:
        nonlocal taken
        name = case.operation.definition.raw["operationId"]
        if ours:
            made_to_fit(case)
        answer = case.call(headers={"authorization": f"Bearer {lead.token}"})
        statuses.setdefault(name, set()).add(answer.status_code)
        if name == "push" and answer.status_code == 200:
            taken += len(answer.json()["results"])
        case.validate_response(
            answer,
            checks=[
                checks.not_a_server_error,
                checks.status_code_conformance,
                checks.content_type_conformance,
                checks.response_schema_conformance,
            ],
        )

    def made_to_fit(case: Case[Any]) -> None:
        """Lead a case behind the doors: our team, our device, a checksum that fits."""
        if "team" in (case.path_parameters or {}):
            case.path_parameters["team"] = served.koeln
        if "since" in (case.query or {}):
            case.query["since"] = f"{epoch}:0"
        body = case.body
        if isinstance(body, dict) and "ops" in body:
            body |= {"device": lead.device, "epoch": epoch}
            for number, op in enumerate(body["ops"] if isinstance(body["ops"], list) else (), taken + 1):
                if isinstance(op, dict):
                    op["n"] = number
                    with suppress(TypeError):
                        op["sha"] = sha_of({name: value for name, value in op.items() if name != "sha"})

    try:
        for operation in schema.get_all_operations():
            assert isinstance(operation, Ok)
            # A new token would end the one that is used here; it is tried in tests of its own.
            if operation.ok().definition.raw["operationId"] != "renew":
                try_out(operation.ok().as_strategy(), ask, examples)
    finally:
        served.close()
    return statuses


def try_out(cases: st.SearchStrategy[Any], ask: Callable[[Any, bool], None], examples: int) -> None:
    """Ask for so many cases; the same ones each time."""

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, ours=st.booleans())
    def tried(case: Any, ours: bool) -> None:
        ask(case, ours)

    tried()


def test_what_the_description_promises_is_kept(database: Database) -> None:
    statuses = hammer(database, 5)
    assert statuses.keys() == {call.work.__name__ for call in CALLS} - {"renew"}


@pytest.mark.slow
def test_what_the_description_promises_is_kept_many_times(database: Database) -> None:
    hammer(database, 300)
