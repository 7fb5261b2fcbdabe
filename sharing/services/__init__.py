"""What sharing does, by noun; the entry points own the transactions."""
