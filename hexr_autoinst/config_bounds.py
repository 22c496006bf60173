"""What values of the right kind must be besides: ports, loopback, more than nothing, a power of two, an address."""

from typing import TYPE_CHECKING

from hexr_autoinst.errors import ConfigError

if TYPE_CHECKING:
    from hexr_autoinst.config import Config


def check(config: "Config") -> None:
    """ConfigError for the first value that is out of its bounds."""
    for name in ("page_port", "proxy_port", "metrics_port"):
        if not 0 <= getattr(config, name) <= 65535:
            raise ConfigError(detail=f"`{name}` is a port, 0 to 65535, not {getattr(config, name)}")
    if config.page_host not in ("127.0.0.1", "::1", "localhost"):
        raise ConfigError(
            detail=f"`page_host` is a loopback address, not {config.page_host}: the page shows other people's traffic"
        )
    for name in (
        "turn_silence",
        "store_max_mb",
        "store_max_days",
        "ring_mb",
        "label_cap",
        "body_limit",
        "guard_timeout",
    ):
        if getattr(config, name) <= 0:
            raise ConfigError(detail=f"`{name}` must be more than 0")
    if config.guard and not config.guard.startswith(("http://", "https://")):
        raise ConfigError(detail=f"`guard` is an address such as http://127.0.0.1:8000, not {config.guard}")
    if config.ring_mb & (config.ring_mb - 1):
        raise ConfigError(detail=f"`ring_mb` is a power of two, not {config.ring_mb}")
