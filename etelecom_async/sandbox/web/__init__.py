"""HTTP besides the API: protection from web pages, pages, the control API, and the responses of all."""
