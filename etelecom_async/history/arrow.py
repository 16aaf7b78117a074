"""
Give pyarrow to the other modules, which name it only here.

pyarrow has no types of its own, and the types that others wrote for it are not exact. So its functions and
its values are `Any` inside of this package.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import pyarrow  # noqa: ICN001 - `pa` is its form without types
import pyarrow.compute
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet

pa: Final[Any] = pyarrow
pc: Final[Any] = pyarrow.compute
pa_csv: Final[Any] = pyarrow.csv
pa_json: Final[Any] = pyarrow.json
pa_parquet: Final[Any] = pyarrow.parquet

ArrowTable: TypeAlias = Any
"""A `pyarrow.Table`."""
ArrowSchema: TypeAlias = Any
"""A `pyarrow.Schema`."""
ArrowField: TypeAlias = Any
"""A `pyarrow.Field`."""
ArrowType: TypeAlias = Any
"""A `pyarrow.DataType`."""
ArrowArray: TypeAlias = Any
"""A `pyarrow.Array` or a `pyarrow.ChunkedArray`."""
