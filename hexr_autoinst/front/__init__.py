"""The proxy's door: reads where a connection wants to go, then splices it or hands it to the worker. No mitmproxy here."""
