"""
Define `etelecom doctor`: it checks connection and keys, and compares the service with the SDK.

- `command`: options, and what runs.
- `checks`: the checks as data, and their findings.
- `addresses`, `keys`, `network`, `service`: the checks themselves, from the cheapest one to calls.
- `diagnosis`: the order of the checks.
- `shapes`, `baseline`: compares JSON with the models, and says what is expected. It keeps no values.
- `reads`, `rules`: the calls whose responses are compared, and questions about lists.
- `conformance`, `report`: makes all these calls, and writes the report.

Only `command` and `checks` are quick to import.
"""
