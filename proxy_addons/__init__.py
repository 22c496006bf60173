"""Inside mitmproxy: translates flows into facts and keeps connections alive. Decides nothing, delays nothing, imports only the model."""
