"""Who may call the pages and the API of keys; hub.rules takes these in."""

PAGES = (
    "model_keys.listing", "model_keys.one", "model_keys.download", "model_keys.upload",
    "keys_api.listing", "keys_api.statements", "keys_api.statement", "keys_api.download",
    "keys_api.upload",
)  # fmt: skip
FOR_PUBLISHERS = ("model_keys.register", "model_keys.register_now", "keys_api.register")
