"""What the rooms need to know, decided at the edge from the configuration and one run's session."""

from dataclasses import dataclass

from hexr_autoinst import __version__
from hexr_autoinst.config import Config, Session
from hexr_autoinst.correlate import Rules
from hexr_autoinst.prices import Prices
from hexr_autoinst.semconv.measurement import NANO
from hexr_autoinst.semconv.spans import Style
from hexr_autoinst.wire.limits import Limits


@dataclass(frozen=True, slots=True)
class Settings:
    """What the rooms need to know, decided at the edge."""

    rules: Rules
    style: Style
    limits: Limits
    content: bool = False
    prices: Prices | None = None


def settings(config: Config, session: Session) -> Settings:
    """What one run's configuration and session mean to the rooms."""
    rules = Rules(
        agents=config.agents,
        host=session.host,
        salt=bytes.fromhex(session.salt),
        key=bytes.fromhex(session.key),
        turn_silence_ns=int(config.turn_silence * NANO),
        proxy_port=config.proxy_port,
        findings=frozenset(config.findings),
    )
    style = Style(span_names=config.span_names, version=__version__, content=config.content)
    prices = Prices() if config.prices else None
    return Settings(rules, style, Limits(body=config.body_limit), config.content, prices)
