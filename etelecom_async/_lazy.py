"""Load the module of a public name on its first use, so that the import of a package costs nothing."""

import sys
from collections.abc import Callable, Collection, Mapping
from importlib import import_module


def lazy_exports(
    package: str, modules: Mapping[str, str], submodules: Collection[str] = ()
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """
    Return the functions `__getattr__` and `__dir__` of a package.

    Args:
        package: Its name; it has `__all__`.
        modules: Module of each public name, relative to the package.
        submodules: Public modules of the package that are attributes without an import of their own.
    """
    namespace = vars(sys.modules[package])

    def load(name: str) -> object:
        if name in submodules:
            return import_module(f"{package}.{name}")
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = namespace[name] = getattr(import_module(f"{package}.{modules[name]}"), name)
        return value

    def names() -> list[str]:
        return sorted({*namespace["__all__"], *submodules, *(name for name in namespace if name[0] == "_")})

    return load, names
