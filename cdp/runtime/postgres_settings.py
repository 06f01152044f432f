"""Settings of the embedded PostgreSQL, sized to the machine; `local.conf` beside them overrides them."""

import os
import shutil

from cdp.runtime.places import Places

MB = 1024 * 1024


def settings_file(places: Places, *, durable: bool) -> str:
    lines = [f"{name} = '{value}'" for name, value in postgres_settings(places, durable=durable).items()]
    return (
        "# Written at each start. Put your own settings into local.conf beside this file.\n" + "\n".join(lines) + "\n"
    )


def postgres_settings(places: Places, *, durable: bool) -> dict[str, str]:
    memory_mb = machine_memory_mb()
    chosen = {
        "listen_addresses": "",
        "unix_socket_directories": str(places.postgres_socket).replace("'", "''"),
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "shared_buffers": f"{bounded(memory_mb // 6, 128, 4096)}MB",
        "effective_cache_size": f"{max(memory_mb // 2, 256)}MB",
        "maintenance_work_mem": f"{bounded(memory_mb // 32, 64, 1024)}MB",
        "work_mem": f"{bounded(memory_mb // 256, 8, 64)}MB",
        # Batches of events make log fast: fewer, larger checkpoints.
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # A week of logs, in the folder `log` of the data folder.
        "logging_collector": "on",
        "log_filename": "postgres-%a.log",
        "log_rotation_age": "1d",
        "log_truncate_on_rotation": "on",
        "log_checkpoints": "off",
        # A failed statement holds what people told us: the log says what failed, never with which values.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_parameter_max_length_on_error": "0",
    }
    if shared_memory_is_small():
        chosen["dynamic_shared_memory_type"] = "mmap"
    if not durable:
        chosen |= {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "128MB",
        }
        chosen |= {"logging_collector": "off", "max_wal_size": "1GB"}
    return chosen


def shared_memory_is_small() -> bool:
    """Docker gives /dev/shm 64 MB, and parallel queries then fail for want of it."""
    try:
        return shutil.disk_usage("/dev/shm").total < 512 * MB  # noqa: S108
    except OSError:
        return False


def machine_memory_mb() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MB


def bounded(value: int, least: int, most: int) -> int:
    return max(least, min(value, most))
