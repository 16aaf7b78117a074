"""
What goes wrong on purpose, so that a program can be tried against it.

    fault      what can be said of a fault: its kind, whom it strikes, its details
    forms      faults as JSON and TOML write them
    plan       the faults in force, and which of them strikes a call; the same seed strikes the same calls
    network    what befalls connections and answers
    listener   what befalls a connection as soon as it is there
    rows       what befalls the pages of a list
    control    `/_sandbox/faults`

Handlers know nothing of it: a fault strikes before they run, or what they answered.
"""

from etelecom_async.sandbox.faults.fault import Body, Fault, Kind, RetryAfter, Target
from etelecom_async.sandbox.faults.forms import load_faults
from etelecom_async.sandbox.faults.plan import ArmedFault, Faults

__all__ = ["ArmedFault", "Body", "Fault", "Faults", "Kind", "RetryAfter", "Target", "load_faults"]
