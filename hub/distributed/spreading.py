"""Long sums over Ray: batches of firms as tasks, two for each processor under way at a time."""

import itertools
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from hub.distributed.cluster import note_at_hand, start_ray
from hub.risk_job import Compute, Spread
from hub.wiring import Hub
from supplychain.risk.network import Floats, Ints

_PATIENCE = 300.0  # seconds in which one batch has to come back


def over_ray(hub: Hub) -> Spread:
    """Figures of batches of firms as Ray tasks. Who stops listening ends what was not begun."""

    def spread(compute: Compute, told: Any, parts: list[Ints]) -> Iterator[tuple[Ints, Floats]]:
        start_ray(hub)
        ray: Any = import_module("ray")

        task = ray.remote(compute).options(num_cpus=1)
        network = ray.put(told)
        most = 2 * max(1, int(ray.cluster_resources().get("CPU", 1)))
        waiting: dict[Any, Ints] = {}
        coming = iter(parts)
        try:
            while True:
                for part in itertools.islice(coming, most - len(waiting)):
                    waiting[task.remote(network, part)] = part
                if not waiting:
                    return
                done, _ = ray.wait(list(waiting), num_returns=1, timeout=_PATIENCE)
                if not done:
                    raise TimeoutError(f"Ray gave back no batch of firms in {_PATIENCE:g} s")
                note_at_hand(hub)  # a long computation must not look like a Ray that is gone
                yield waiting.pop(done[0]), ray.get(done[0])
        finally:
            for reference in waiting:
                ray.cancel(reference)

    return spread
