"""The only place that knows Ray: what a wave asks for is carried out, and long sums are spread.

cluster     Ray at hand: our own on loopback, or the one that HUB_RAY_ADDRESS names
leftovers   what a worker that was killed left of its Ray is cleared away by the next one
preparing   the actor that prepares sites' packages, many at a time behind a window
spreading   batches of firms as tasks
waves       the worker's reconcilers of rollouts
jobs        on a cluster: one Ray Job for a wave, through the Jobs API
wave_job    what such a job runs
"""

from hub.distributed.cluster import start_ray, stop_ray
from hub.distributed.preparing import prepare_on_ray
from hub.distributed.spreading import over_ray
from hub.distributed.waves import RECONCILERS, join_rollouts, keep_signed, tick_rollouts

__all__ = [
    "RECONCILERS",
    "join_rollouts",
    "keep_signed",
    "over_ray",
    "prepare_on_ray",
    "start_ray",
    "stop_ray",
    "tick_rollouts",
]
