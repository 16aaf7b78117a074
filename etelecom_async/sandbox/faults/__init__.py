"""
Faults that the sandbox injects on purpose, so that programs can be tested against them.

    - spec          the description of a fault: its kind, its target, its details
    - files         faults in JSON and TOML
    - injector      the active faults, and the choice of the calls to which they apply
    - listener      faults of new connections
    - connection    faults of responses on their way
    - late          calls that are executed after their connection has ended
    - lists         faults in the pages of a list

Handlers do not know of faults: a fault acts before a handler runs, or on the response of a handler.
"""

from etelecom_async.sandbox.faults.files import load_faults
from etelecom_async.sandbox.faults.injector import ActiveFault, FaultInjector
from etelecom_async.sandbox.faults.spec import Body, Fault, Kind, RetryAfter, Target

__all__ = ["ActiveFault", "Body", "Fault", "FaultInjector", "Kind", "RetryAfter", "Target", "load_faults"]
