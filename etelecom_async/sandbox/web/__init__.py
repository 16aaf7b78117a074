"""HTTP beside the API: pages for a browser, the control API, and the responses that both and the API send."""
