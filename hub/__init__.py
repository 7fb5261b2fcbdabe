"""The hub: pages, API, commands and processes, where all four domains meet."""
