"""IO out: what is told leaves here, to the embedded store, to OTLP, to Prometheus. Decides nothing about content."""
