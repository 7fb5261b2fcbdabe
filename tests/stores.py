"""What goes wrong with files that a store keeps."""

from sharing.store import Store


def damage(store: Store, digest: str) -> None:
    """Change a byte behind the store's back."""
    chunk = store.recipe(digest)[0].sha256
    store._blobs.put(f"chunks/{chunk[:2]}/{chunk[2:4]}/{chunk}", b"something else")


def lose(store: Store, digest: str) -> None:
    """Take a file away."""
    store._blobs.remove(f"files/{digest[:2]}/{digest}")
