"""Send HTTP requests. Only this package of the client uses aiohttp. It contains no operation and no JSON."""
