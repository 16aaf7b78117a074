"""The machine: it knows the one shape of the API and no single operation of it."""
