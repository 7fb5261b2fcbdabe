"""What a Ray Job runs for one wave: `python -m hub.distributed.wave_job --rollout N --job NAME`.

It runs on a node of the cluster and has the hub's own settings there (HUB_DATABASE_URL, HUB_DATA,
HUB_STORE_URL): orders are read from the database, and answers written to it in batches. Nothing but
the rollout's number travels through Ray.
"""

import argparse
import logging
import os
from time import monotonic

from hub.distributed.cluster import stop_ray
from hub.distributed.jobs import JOB_SECONDS, wave_lease
from hub.distributed.preparing import prepare_on_ray
from hub.distributed.waves import carry_out, take_step
from hub.jobs import lease, release
from hub.settings import Settings
from hub.wiring import Hub, wire

log = logging.getLogger(__name__)


def run(hub: Hub, number: int, job: str) -> bool:
    """Carry out what the rollout orders now, under the lease that was handed to this job.

    False where the lease is another's: this job comes too late.
    """
    name = wave_lease(number)
    fence = lease(hub.db, name, job, JOB_SECONDS)
    if fence is None:
        log.warning("%s comes too late: another has its work", job)
        return False
    renewed = monotonic()

    def alive() -> None:
        nonlocal renewed
        if monotonic() - renewed > JOB_SECONDS / 6:
            renewed = monotonic()
            lease(hub.db, name, job, JOB_SECONDS)

    try:
        orders = take_step(hub, number)
        carry_out(hub, number, orders, prepare_on_ray(hub, alive), (name, job, fence))
    finally:
        release(hub.db, name, fence)
    return True


def main() -> None:
    """Read what is asked, and do it."""
    asked = argparse.ArgumentParser(prog="python -m hub.distributed.wave_job")
    asked.add_argument("--rollout", type=int, required=True)
    asked.add_argument("--job", required=True)
    told = asked.parse_args()
    # The Jobs API tells its children where their cluster is.
    settings = Settings.from_environment()
    here = os.environ.get("RAY_ADDRESS", settings.ray_address)
    hub = wire(settings.model_copy(update={"ray_address": here}))
    logging.basicConfig(level=hub.settings.log_level)
    try:
        run(hub, told.rollout, told.job)
    finally:
        stop_ray()
        hub.close()


if __name__ == "__main__":
    main()
