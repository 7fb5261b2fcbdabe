"""On a cluster the orders of a wave are one Ray Job, handed in through the Jobs API.

The truth is in our rows. A lease, `wave:<rollout>`, belongs to the job that is at work; the job's
name is made of rollout, wave and the lease's fence number, so that handing it in twice is as good
as once. A job renews its lease while it lives. One that died with its node, or whose cluster's head
was restarted and has forgotten it, loses it, and the next attempt does what is left.
"""

import logging
from importlib import import_module
from typing import Any

from hub.distributed.cluster import environment, note_at_hand, reached
from hub.distributed.waves import take_step
from hub.jobs import handed_to, held_by, holder_here, lease, release
from hub.wiring import Hub
from sharing.services import rollouts

log = logging.getLogger(__name__)

JOB_SECONDS = 60.0  # in which a job has to come up on the cluster, and to renew its lease
_TICK_SECONDS = 20.0
_PATIENCE = 20.0  # seconds for an answer of the cluster
_GONE = ("FAILED", "STOPPED", "SUCCEEDED")


class Jobs:
    """The cluster's Jobs API, as far as we need it."""

    def __init__(self, address: str) -> None:
        base: Any = import_module("ray.job_submission").JobSubmissionClient  # costs a second

        class Patient(base):
            """Ray's own waits for ever where a machine has gone without a word."""

            def _do_request(self, *told: Any, **more: Any) -> Any:
                return super()._do_request(*told, **{"timeout": _PATIENCE, **more})

        with reached(address):
            self._client: Any = Patient(address)

    def status(self, job: str) -> str:
        """PENDING, RUNNING, FAILED, STOPPED, SUCCEEDED; empty where the cluster knows no such job.

        Raises RuntimeError where it cannot be asked.
        """
        try:
            return str(self._client.get_job_status(job).value)
        except RuntimeError as error:
            if "404" in str(error) or "does not exist" in str(error):
                return ""
            raise

    def hand_in(self, job: str, number: int) -> None:
        """Start the job, where it is not there yet: under a name that is taken, Ray answers 500.

        It is told no secrets: those are on the nodes (README).
        """
        if not self.status(job):
            entry = f"python -m hub.distributed.wave_job --rollout {number} --job {job}"
            self._client.submit_job(entrypoint=entry, submission_id=job)

    def stop(self, job: str) -> None:
        """End a job that is not wanted any more."""
        if self.status(job) not in ("", *_GONE):
            self._client.stop_job(job)


_clients: dict[str, Jobs] = {}


def tick_jobs(hub: Hub) -> bool:
    """Take the next step of every rollout, and let jobs carry orders out; whether any was begun."""
    environment(hub)
    address = hub.settings.ray_address
    try:
        if address not in _clients:
            _clients[address] = Jobs(address)
        note_at_hand(hub)
        return _tick(hub, _clients[address])
    except Exception:  # gone, or restarted at another place: asked anew next time
        _clients.pop(address, None)
        raise


def _tick(hub: Hub, jobs: Jobs) -> bool:
    with hub.db.reading() as session:
        numbers = rollouts.at_work(session)
    begun = False
    for number in numbers:
        if lease(hub.db, f"rollout:{number}", holder_here(), _TICK_SECONDS) is not None:
            begun = _see_to(hub, jobs, number) or begun
    for number in _at_work.keys() - set(numbers):
        _see_to(hub, jobs, number, wanted=False)
    return begun


_at_work: dict[int, tuple[str, str]] = {}  # rollout → its job, and the state that it was begun in


def wave_lease(number: int) -> str:
    """The name of the lease that a rollout's job holds."""
    return f"wave:{number}"


def _see_to(hub: Hub, jobs: Jobs, number: int, *, wanted: bool = True) -> bool:
    orders = take_step(hub, number) if wanted else []
    with hub.db.reading() as session:
        job, fence = held_by(session, wave_lease(number))
        rollout = rollouts.rollout_by_id(session, number)
        state = rollout.state
        running = [w.position for w in rollouts.waves_of(session, rollout) if w.state == "running"]
    known, began_in = _at_work.get(number, ("", state))
    if job:
        return _look_after(hub, jobs, number, job, fence, wanted=began_in in (state, ""))
    if known:  # its lease ran out, or it has given it back
        jobs.stop(known)
        _at_work.pop(number)
    if not orders:
        return False
    wave = max(running, default=0)
    taken = handed_to(
        hub.db, wave_lease(number), lambda turn: f"rollout-{number}-{wave}-{turn}", JOB_SECONDS
    )
    if taken is None:
        return False
    _at_work[number] = (taken[0], state)
    jobs.hand_in(taken[0], number)
    return True


def _look_after(hub: Hub, jobs: Jobs, number: int, job: str, fence: int, *, wanted: bool) -> bool:
    """See to a job that holds the lease: ended, forgotten, or not wanted any more."""
    status = jobs.status(job)
    if not wanted:
        jobs.stop(job)
        release(hub.db, wave_lease(number), fence)
    elif status in _GONE:
        if status != "SUCCEEDED":
            log.warning("%s: %s; what it left is ordered anew", job, status)
        release(hub.db, wave_lease(number), fence)
    elif not status:
        # Never handed in by a worker that was killed, or forgotten by a head that was restarted.
        jobs.hand_in(job, number)
        return True
    return False
