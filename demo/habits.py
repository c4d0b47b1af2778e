"""The inputs of a simulation, read from ``data/habits.toml``: delays, chances of mistakes, what is reported when.

Nothing of the outcome is an input: who is late, and which share closes in time, is counted afterwards.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import log
from pathlib import Path
from random import Random
from typing import Any

HABITS = Path(__file__).parent / "data" / "habits.toml"
LEAST_SHARE, MOST_SHARE = 4, 400
"""Per cent of a limit: nobody is quicker, and nothing lies longer without somebody asking."""


@dataclass(frozen=True)
class Delay:
    """Log-normal: the median, and the standard deviation of the logarithm."""

    median: float
    spread: float

    def drawn(self, dice: Random) -> float:
        return dice.lognormvariate(log(self.median), self.spread)


@dataclass(frozen=True)
class Live:
    """How a demo is kept moving; seconds are means between two reports."""

    seconds_with_visitor: float
    seconds_without_visitor: float
    night_factor: float
    visitor_minutes: int
    most_events: int
    least_free_megabytes: int


@dataclass(frozen=True)
class Habits:
    """``usual`` delays are per cent of a stage's limit, ``lively`` ones minutes; chances lie between 0 and 1."""

    usual: Mapping[str, Delay]
    lively: Mapping[str, Delay]
    chances: Mapping[str, float]
    hold_days: tuple[int, int]
    ratings: Mapping[str, float]
    reporters: Mapping[str, float]
    sources: Mapping[str, float]
    sensors: Mapping[str, float]
    weekdays: Sequence[float]
    months: Mapping[int, Mapping[str, float]]
    live: Live

    @classmethod
    def read(cls, path: Path = HABITS) -> "Habits":
        """KeyError or TypeError names what the file lacks or has too much; tomllib.TOMLDecodeError its line."""
        with path.open("rb") as file:
            data = tomllib.load(file)
        return cls(
            usual=_delays(data["delays"]["usual"]),
            lively=_delays(data["delays"]["live"]),
            chances=data["chances"],
            hold_days=tuple(data["hold_days"]["range"]),
            ratings=data["ratings"],
            reporters=data["reporters"],
            sources=data["sources"],
            sensors=data["sensors"],
            weekdays=data["weekdays"]["weights"],
            months={int(month): factors for month, factors in data["months"].items()},
            live=Live(**data["live"]),
        )

    def happens(self, what: str, dice: Random) -> bool:
        """Whether something of ``chances`` befalls."""
        return dice.random() < self.chances[what]

    def percent(self, stage: str, dice: Random) -> int:
        """The share of a stage's limit that passes before somebody acts."""
        return min(MOST_SHARE, max(LEAST_SHARE, round(self.usual[stage].drawn(dice))))

    def pause(self, stage: str, dice: Random) -> timedelta:
        """How long a stage takes in a demo that runs; at least ten seconds."""
        return timedelta(seconds=max(10, 60 * self.lively[stage].drawn(dice)))


def _delays(rows: Mapping[str, Any]) -> dict[str, Delay]:
    return {stage: Delay(*row) for stage, row in rows.items()}


def chosen(weights: Mapping[str, float], dice: Random) -> str:
    """One of the keys, by its weight."""
    return dice.choices(list(weights), list(weights.values()))[0]
