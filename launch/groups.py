"""The two sets of engines: their ports, and which one takes the turns."""

from __future__ import annotations

from clinic.settings import Settings

GROUPS = ("engine", "engine-next")
NEXT_PORT_STEP = 100


def engine_ports(settings: Settings, group: str) -> list[int]:
    """Return the ports of a set of engines."""
    first = settings.engine_port + (NEXT_PORT_STEP if group == "engine-next" else 0)
    return list(range(first, first + settings.engines))


def engine_addresses(settings: Settings, group: str) -> list[str]:
    """Return where the engines of a set answer."""
    return [settings.own_engine_url(port) for port in engine_ports(settings, group)]


def group_of(settings: Settings, port: int) -> str:
    """Return the set that the engine on `port` belongs to."""
    return GROUPS[1] if port in engine_ports(settings, GROUPS[1]) else GROUPS[0]


def current_group(settings: Settings) -> str:
    """Return the set of engines that takes turns now."""
    try:
        named = settings.engines_file.read_text("utf-8").splitlines()
    except OSError:
        return GROUPS[0]
    return GROUPS[1] if named == engine_addresses(settings, GROUPS[1]) else GROUPS[0]


def other_group(group: str) -> str:
    """Return the set that is not `group`."""
    return GROUPS[1] if group == GROUPS[0] else GROUPS[0]
