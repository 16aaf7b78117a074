"""
What schemathesis cannot know of the sandbox: which key fits a case, and ids that are there.

`test_schemathesis.py` loads it into the tool, and says in `ETELECOM_WORLD` what there is.
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
    """Lets most cases in, and lets most of the ids in them be known: else there is little but refusals."""
    del kwargs
    # By what is sent, so that the tool can repeat a case.
    luck = random.Random(repr((case.path, case.path_parameters, case.body)))
    keys = WORLD["keys"]
    accepted = [key for choice in case.operation.definition.raw.get("security", ()) for key in choice]
    scope = case.path_parameters.get("scope")
    fitting = [key for key in accepted if (key == "shop_api_key") == (scope == "shop")]
    if fitting and luck.random() < 0.95:
        case.headers["Authorization"] = f"Bearer {keys[luck.choice(fitting)]}"
    acquaint(case.body, luck)


def acquaint(value: Any, luck: random.Random) -> None:
    """Puts known values in the place of most of those that are made up, wherever their names stand."""
    if isinstance(value, dict):
        for name, item in value.items():
            if (known := WORLD["values"].get(name)) and luck.random() < 0.8:
                value[name] = luck.choice(known)
            else:
                acquaint(item, luck)
    elif isinstance(value, list):
        for item in value:
            acquaint(item, luck)
