"""How people practise: notebooks on simulated plants, and their grades."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # as in sharing: a notebook imports labs alone
