"""
Calls through real proxies, to a sandbox that breaks at each stage of a call.

    python -m proxies [NAME ...] [--only TEXT] [--missing]

`servers` runs varnish, nginx and haproxy with the configurations of this folder. `origin` runs the sandbox
behind them and breaks it. `stages` lists the ways in which it breaks. `calls` has one call of each effect,
and the records of its executions. `rounds` puts them together, and judges the outcomes.
"""
