"""
Measure what the SDK costs, compared with other ways to do the same work.

    python -m benchmarks [NAME ...] [--json] [--rounds N]

`rows` lists the measurements and their bounds. `measure` takes the time, and `table` prints the results.
`sides` holds the implementations: the SDK, code by hand, generated clients, another SDK. `server` runs in its
own process and sends the responses of `recordings`. `alone` measures memory and import in a fresh process.
docs/benchmarks.md explains more.
"""
