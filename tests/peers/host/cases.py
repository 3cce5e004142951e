"""All cases: importing this fills the table."""

from host import (aioquic_cases, caddy_cases, chromium_cases, curl_cases, get_cases,
                  gtlsclient_cases, interop_cases, quiche_cases)

__all__ = ["aioquic_cases", "caddy_cases", "chromium_cases", "curl_cases", "get_cases",
           "gtlsclient_cases", "interop_cases", "quiche_cases"]
