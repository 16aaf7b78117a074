"""
Give schemathesis the facts that it cannot know about the sandbox: the right key for a case, and existing ids.

`test_schemathesis.py` loads this file into the tool, and passes the facts in `ETELECOM_WORLD`.
"""

from __future__ import annotations

import json
import os
import random
from typing import Any

import schemathesis

WORLD = json.loads(os.environ["ETELECOM_WORLD"])


@schemathesis.hook
def before_call(_: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
    """Give most cases a valid key and existing ids. Otherwise the sandbox rejects nearly all of them."""
    del kwargs
    # Seeded with the request, so that the tool can reproduce a case.
    rng = random.Random(repr((case.path, case.path_parameters, case.body)))
    keys = WORLD["keys"]
    accepted = [key for choice in case.operation.definition.raw.get("security", ()) for key in choice]
    scope = case.path_parameters.get("scope")
    usable = [key for key in accepted if (key == "shop_api_key") == (scope == "shop")]
    if usable and rng.random() < 0.95:
        case.headers["Authorization"] = f"Bearer {keys[rng.choice(usable)]}"
    insert_known_values(case.body, rng)


def insert_known_values(value: Any, rng: random.Random) -> None:
    """Replace most invented values by known values of the same field, at any depth."""
    if isinstance(value, dict):
        for name, item in value.items():
            if (known := WORLD["values"].get(name)) and rng.random() < 0.8:
                value[name] = rng.choice(known)
            else:
                insert_known_values(item, rng)
    elif isinstance(value, list):
        for item in value:
            insert_known_values(item, rng)
