"""Requests made from a served document, sent to a running server, and its answers held against the document."""

import contextlib
import copy
import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import Case, GenerationMode, Response
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks

Json = dict[str, Any]
Operation = APIOperation[Any, Any, Any, Any]

EXAMPLES = int(os.environ.get("JOBFLEET_FUZZ_EXAMPLES", "2"))
SEED = int(os.environ.get("JOBFLEET_FUZZ_SEED", "1"))
LONG = "JOBFLEET_FUZZ_EXAMPLES" in os.environ
FAULT = 1240002
FRESH = "<a name that nothing has>"
CHECKS = [
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.status_code_conformance,
]


def exact(document: Json) -> Json:
    """Return a document without what a caller may add: no members but those it names, no caller in the body."""
    made = copy.deepcopy(document)
    _close(made)
    made["components"]["schemas"].pop("BusCaller", None)
    return made


def _close(part: Any) -> None:
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _close(inner)
    if not isinstance(part, dict):
        return
    if isinstance(part.get("properties"), dict) and part.get("type") == "object":
        part.setdefault("additionalProperties", False)
    if "allOf" in part:
        part["allOf"] = [one for one in part["allOf"] if not one.get("$ref", "").endswith("/BusCaller")]


class Pool:
    """Remember values that the server has told, by the names of the fields that ask for one."""

    def __init__(self, fixed: Json, known: dict[str, list[Any]]) -> None:
        self._fixed = fixed
        self._known = known

    def learn(self, operation: Operation, value: Any) -> None:
        """Remember the ids in an answer to an operation."""
        for name, inner in _members(value):
            known_as = _known_as(operation, name)
            if isinstance(inner, dict | list):
                self.learn(operation, inner)
            elif known_as.endswith("id") and inner and name not in self._fixed:
                kept = self._known.setdefault(known_as, [])
                if inner not in kept and len(kept) < 20:
                    kept.append(inner)

    def settle(self, value: Any) -> None:
        """Put what is fixed in its place everywhere, and tame the rest; ids stay as they are."""
        for name, inner in list(_members(value)):
            if isinstance(value, dict) and name in self._fixed:
                value[name] = copy.deepcopy(self._fixed[name])
            else:
                self.settle(inner)
        if isinstance(value, dict):
            value.update({name: _tame(name, inner) for name, inner in value.items()})

    def fill(self, operation: Operation, data: st.DataObject, value: Any) -> None:
        """Put known values in the place of some that were made; what hosts would do harm with is replaced always."""
        for name, inner in list(_members(value)):
            known = self._known.get(_known_as(operation, name), [])
            if isinstance(value, dict) and name in self._fixed and data.draw(st.integers(0, 9)) < 9:
                value[name] = copy.deepcopy(self._fixed[name])
            elif isinstance(value, dict) and known and data.draw(st.integers(0, 3)) < 3:
                value[name] = data.draw(st.sampled_from(known))
            elif isinstance(inner, dict | list):
                self.fill(operation, data, inner)
        if isinstance(value, dict):
            value.update({name: _tame(name, inner) for name, inner in value.items()})
            if "bk_scope_type" in value and "bk_scope_id" in value:
                value.pop("bk_biz_id", None)


def _known_as(operation: Operation, name: str) -> str:
    """Return what a field is known as: an id by the kind of thing that its operation is about."""
    kinds = ("credential", "cron", "file_source", "version", "script", "account", "rule", "plan", "template", "hook")
    return next((f"{kind} id" for kind in kinds if kind in operation.path), name) if name == "id" else name


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from (("", inner) for inner in value)


def _tame(name: str, value: Any) -> Any:
    """Return a value that this machine can bear: scripts do nothing, files go to a place for them."""
    is_text = isinstance(value, str)
    if is_text and name in {"script_content", "script_base64", "content_base64"}:
        return "dHJ1ZQ=="
    if is_text and name in {"script", "sql"}:
        return "true"
    return "/tmp/jobfleet-fuzz/" if is_text and ("path" in name or name in {"file", "files"}) else value


class Probe:
    """Ask a server everything that a document says, and keep what was wrong with its answers."""

    def __init__(self, url: str, document: Json, headers: dict[str, str], pool: Pool) -> None:
        self.url = url
        self.headers = headers
        self.pool = pool
        self.wrong: dict[str, str] = {}
        self.codes: Counter[tuple[str, int]] = Counter()
        self.answered: Counter[tuple[str, int]] = Counter()
        self._session = requests.Session()
        self._schema = schemathesis.openapi.from_dict(exact(document))
        generation = self._schema.config.generation
        generation.update(with_security_parameters=False, allow_x00=False, allow_extra_parameters=False)

    def ask_all(self, skipped: frozenset[str] = frozenset()) -> int:
        """Ask every operation, with what it says it takes and with what it does not; return how many there are."""
        read = list(self._schema.get_all_operations())
        operations = [result.ok() for result in read if isinstance(result, Ok)]
        assert len(operations) == len(read), [result for result in read if not isinstance(result, Ok)]
        asked = [operation for operation in operations if operation.path not in skipped]
        for operation in asked:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                self._ask(operation, mode)
        return len(asked)

    def walk(self, recipes: Mapping[str, Json]) -> None:
        """Follow the links of the document: ask about what was started or made just before, and hold every answer.

        Args:
            recipes: What operations, by name, cannot do without although no schema can tell it.
        """
        probe = self
        self._schema.config.update(base_url=self.url)

        class Walk(self._schema.as_state_machine()):  # type: ignore[misc]  # made from the document
            def before_call(self, case: Case[Any]) -> None:
                for part in (case.body, case.query):
                    probe.pool.settle(part)
                if isinstance(case.body, dict):
                    recipe = recipes.get(case.operation.path.rstrip("/").rpartition("/")[2], {})
                    fresh = f"name {time.time_ns()}"
                    case.body |= {name: fresh if value == FRESH else value for name, value in recipe.items()}
                case.headers.clear()

            def get_call_kwargs(self, case: Case[Any]) -> Json:
                return {"headers": probe.headers, "session": probe._session}

            def validate_response(self, response: Response, case: Case[Any], **_: Any) -> None:
                probe.answered[case.operation.path, code_of(response)] += 1
                probe._hold(case, response, GenerationMode.POSITIVE)

        kept = settings(
            max_examples=EXAMPLES * 10,
            stateful_step_count=6,
            deadline=None,
            database=None,
            derandomize=not LONG,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(Walk, settings=kept)

    def _ask(self, operation: Operation, mode: GenerationMode) -> None:
        @seeded(SEED)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
        def ask(case: Case[Any], data: st.DataObject) -> None:
            for part in (case.body, case.query):
                self.pool.fill(operation, data, part)
            case.headers.clear()
            self._hold(case, case.call(base_url=self.url, session=self._session, headers=self.headers), mode)

        with contextlib.suppress(Unsatisfiable):  # nothing is wrong for what takes nothing
            ask()

    def _hold(self, case: Case[Any], answer: Response, mode: GenerationMode) -> None:
        code = code_of(answer)
        self.codes[mode.value, code] += 1
        if code == FAULT:
            self._keep(case, "a fault", answer.text)
        if answer.status_code < 300 and not is_file(answer):
            self.pool.learn(case.operation, answer.json())
        try:
            case.validate_response(answer, checks=CHECKS)
        except (Failure, FailureGroup) as error:
            for one in getattr(error, "exceptions", [error]):
                self._keep(case, one.title, f"{getattr(one, 'validation_message', '')} {answer.text}")

    def _keep(self, case: Case[Any], title: str, told: str) -> None:
        label = f"{case.operation.label}: {title}"
        self.wrong.setdefault(label, f"{json.dumps(case.body, default=str)} {case.query} -> {told}"[:1500])


def code_of(answer: Response) -> int:
    """Return the number of an answer in any of the envelopes; 0 is a success."""
    if is_file(answer):
        return 0
    told = answer.json()
    if not isinstance(told, dict) or (answer.status_code < 300 and "result" not in told):
        return 0
    return int(told["error"]["details"][0]["code"] if "error" in told else told.get("code", 0))


def is_file(answer: Response) -> bool:
    """Tell whether an answer is something to keep, such as a table or an archive: a success that is no JSON."""
    kind = answer.headers.get("content-type", [""])[0]
    return answer.status_code < 300 and not kind.startswith("application/json")
