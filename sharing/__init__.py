"""What suppliers are given: models, versions, rollouts, and the agent that runs them on site."""

import os

# Since 1.29 ONNX Runtime tells its maker about every model and process, unless this is set before
# it is first imported. What leaves a plant is what `hub-agent what-is-sent` lists, and no more.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
