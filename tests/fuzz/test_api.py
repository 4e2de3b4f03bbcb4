"""The API by its own description: what it allows is answered as it says, what it does not is a problem that says so."""

from urllib.parse import parse_qsl, urlsplit

import pytest
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.world import bearer, client_for, token_for
from tests.console.whole import whole_incident
from tests.fuzz.trying import often, one

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


class Described:
    """The API, a token that reaches all of it, and what its description says can be asked."""

    def __init__(self, client, database):
        whole_incident(database)
        self.headers = bearer(token_for(database, "lead", "auditor"))
        described = schemathesis.openapi.from_asgi("/api/v1/openapi.json", client.app)
        self.paths = client.get("/api/v1/openapi.json").json()["paths"]
        operations = [each.ok() for each in described.get_all_operations()]
        self.right, self.wrong = (
            [each.as_strategy(generation_mode=mode) for each in operations]
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        )

    def ask(self, case):
        """The status of the answer, and whether a parameter was sent that the description does not name."""
        answer = case.call(headers=self.headers)
        case.validate_response(answer, checks=CHECKS)
        declared = {each["name"] for each in self.paths[case.operation.path]["get"].get("parameters", ())}
        sent = {name for name, _ in parse_qsl(urlsplit(answer.request.url).query, keep_blank_values=True)}
        return answer.status_code, not sent <= declared


@pytest.fixture
def described(database):
    with client_for(database) as client:
        yield Described(client, database)


@often(6, short=60)
@given(data=st.data())
def test_what_the_description_allows_is_answered_as_it_says(described, data):
    with one("api"):
        status, strange = described.ask(data.draw(data.draw(st.sampled_from(described.right))))
        assert status in {200, 400, 404}
        assert not strange


@often(4, short=60)
@given(data=st.data())
def test_what_the_description_does_not_allow_is_a_problem(described, data):
    with one("api"):
        status, strange = described.ask(data.draw(data.draw(st.sampled_from(described.wrong))))
        assert status in ({400, 401, 404, 405} if strange else {200, 400, 401, 404, 405})
