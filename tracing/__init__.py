"""The family-tracing service, without web and without command line."""
