"""HTTP: the only package of the client that uses aiohttp. It knows no operation and no JSON."""
