"""
What the SDK costs, measured against other ways of doing the same.

    python -m benchmarks [NAME ...] [--json] [--rounds N]

`rows` is the list of what is measured and what it may cost; `measure` takes the time, `table` prints it.
`sides` are the ways of doing it: ours, by hand, clients that generators make, another SDK. `server` is the
other end, in a process of its own, which gives out the answers that `answers` has prepared. `alone` measures
what can only be seen in a fresh process: memory and import. docs/benchmarks.md says the rest.
"""
