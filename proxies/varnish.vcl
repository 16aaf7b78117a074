# Varnish decides everything else: POST is passed, and a failed fetch is a 503 with `Retry-After: 5`.
vcl 4.1;

backend default {
    .host = "127.0.0.1";
    .port = "@ORIGIN_PORT@";
}
