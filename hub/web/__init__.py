"""The pages: each view parses, calls a service, renders."""
