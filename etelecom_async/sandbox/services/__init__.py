"""The services of the API, one package each: handlers, records, seed and lifecycle."""
