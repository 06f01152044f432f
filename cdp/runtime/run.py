"""The order in which the product comes up and goes down."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from cdp.runtime import children
from cdp.runtime.children import ChildSpec
from cdp.runtime.listening import Listening, listen
from cdp.runtime.lock import try_take
from cdp.runtime.log import Log
from cdp.runtime.places import Places
from cdp.runtime.problem import RuntimeProblem
from cdp.runtime.record import RunRecord, read_record, stop_orphans, write_record
from cdp.runtime.servers import EmbeddedServers, make_state_folder, use_servers, wanted_servers
from cdp.runtime.supervisor import Supervisor


class AlreadyRunning(RuntimeProblem):
    """Another `manage.py up` runs with the same VAR_DIR; the message names its address."""


@dataclass(frozen=True)
class Product:
    """What to run: `prepare` makes the database and files ready and returns what to tell the user once."""

    host: str
    port: int
    prepare: Callable[[Log], tuple[str, ...]]
    demo_exists: bool


def run_product(places: Places, product: Product) -> None:
    """Returns after everything has been stopped."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    make_state_folder(places.var)
    up_lock = try_take(places.locks / "up")
    if up_lock is None:
        raise AlreadyRunning(already_running(places))
    log = Log(places.logs)
    try:
        for name in stop_orphans(places):
            log.line("up", f"stopped {name}, left behind by a start that was killed")
        listening = listen(product.host, product.port)
        os.environ["PORT"] = str(listening.port)
        write_record(places, RunRecord(address=listening.url, pid=os.getpid(), children=()))
        with listening.socket:
            run_with_servers(places, product, listening, log)
    except KeyboardInterrupt:
        log.line("up", "stopped while starting")
    finally:
        up_lock.release()


def interrupt(number: int, frame: FrameType | None) -> None:
    """Until the supervisor takes over, any wish to stop is like Ctrl-C."""
    raise KeyboardInterrupt


def run_with_servers(places: Places, product: Product, listening: Listening, log: Log) -> None:
    servers = wanted_servers(places)
    for server in servers:
        log.line("up", f"{server.name}: {'runs already' if server.is_running() else 'starting'}")
    embedded = use_servers(places, servers)
    supervisor = Supervisor(embedded, listening, log)
    try:
        told = product.prepare(log)
        supervisor.heed_signals()
        supervisor.run(
            processes_to_run(places, product, listening),
            when_up=lambda: log.plain(banner(listening, places, told)),
        )
    finally:
        leave(embedded, log, hurry=supervisor.in_a_hurry)


def processes_to_run(places: Places, product: Product, listening: Listening) -> tuple[ChildSpec, ...]:
    wants_demo = product.demo_exists and places.demo_wanted.exists()
    demo = (children.demo(places.demo_wanted),) if wants_demo else ()
    return (*children.product(listening.fd), *demo)


def leave(embedded: EmbeddedServers, log: Log, *, hurry: bool) -> None:
    stopped = embedded.leave(hurry=hurry)
    if embedded.servers:
        names = " and ".join(server.name for server in embedded.servers)
        log.line("up", f"{names} stopped" if stopped else f"{names} go on: another command uses them")
    log.line("up", "stopped")


def already_running(places: Places) -> str:
    record = read_record(places)
    if record is None:
        return f"Tributary is already starting with the state folder {places.var}."
    return f"Tributary already runs at {record.address} (process {record.pid}, state folder {places.var})."


def banner(listening: Listening, places: Places, told: tuple[str, ...]) -> str:
    lines = (f"Tributary runs at {listening.url}", *told, f"State in {places.var}. Ctrl-C stops it.")
    wide = max(map(len, lines))
    return "\n".join(["", "─" * wide, *lines, "─" * wide, ""])
