"""HTTP besides the API: pages for a browser, the control API, and the HTTP responses that all of them use."""
