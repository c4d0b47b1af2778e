"""WGS84, GCJ-02 and BD-09: conversion at the edge of the product.

Everything stored is WGS84 (CGCS2000 differs by centimetres). AMap and Tencent speak GCJ-02, Baidu BD-09,
both shifted by 100 to 700 m. The formulae are the published ones; GCJ-02 has no exact inverse, so the way
back is iterated to far below half a metre. Outside mainland China (the usual box) GCJ-02 is WGS84.
Points are (lon, lat) in degrees. Never guess a datum: the caller says which.
"""

from collections.abc import Callable
from math import atan2, cos, hypot, pi, sin, sqrt

Point = tuple[float, float]

SEMI_MAJOR_AXIS = 6_378_245.0
"""Krasovsky 1940, metres."""
ECCENTRICITY_SQUARED = 0.00669342162296594323
BAIDU = pi * 3000 / 180


class UnknownDatumError(ValueError):
    code = "unknown_datum"


def to_wgs84(datum: str, lon: float, lat: float) -> Point:
    """The WGS84 point of a pair given in ``wgs84``, ``gcj02`` or ``bd09``."""
    try:
        convert = TO_WGS84[datum]
    except KeyError:
        raise UnknownDatumError(f"Datum {datum!r} is not one of {', '.join(TO_WGS84)}.") from None
    return convert(lon, lat)


def wgs84_to_gcj02(lon: float, lat: float) -> Point:
    if not in_mainland(lon, lat):
        return lon, lat
    east, north = _shift(lon, lat)
    return lon + east, lat + north


def gcj02_to_wgs84(lon: float, lat: float) -> Point:
    """Fixed-point iteration: the shift changes by less than a thousandth per metre, so five rounds do."""
    if not in_mainland(lon, lat):
        return lon, lat
    guess = lon, lat
    for _ in range(5):
        east, north = _shift(*guess)
        guess = lon - east, lat - north
    return guess


def gcj02_to_bd09(lon: float, lat: float) -> Point:
    radius = hypot(lon, lat) + 0.00002 * sin(lat * BAIDU)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * BAIDU)
    return radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006


def bd09_to_gcj02(lon: float, lat: float) -> Point:
    guess = lon - 0.0065, lat - 0.006
    for _ in range(5):
        x, y = gcj02_to_bd09(*guess)
        guess = guess[0] + lon - x, guess[1] + lat - y
    return guess


def wgs84_to_bd09(lon: float, lat: float) -> Point:
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: float, lat: float) -> Point:
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


TO_WGS84: dict[str, Callable[[float, float], Point]] = {
    "wgs84": lambda lon, lat: (lon, lat),
    "gcj02": gcj02_to_wgs84,
    "bd09": bd09_to_wgs84,
}


def in_mainland(lon: float, lat: float) -> bool:
    """The box in which GCJ-02 applies, as published with the formula."""
    return 72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271


def _shift(lon: float, lat: float) -> Point:
    """How far GCJ-02 lies from a WGS84 point, in degrees."""
    x, y = lon - 105.0, lat - 35.0
    ripple = 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)
    east = (
        300
        + x
        + 2 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * sqrt(abs(x))
        + (ripple + 20 * sin(x * pi) + 40 * sin(x / 3 * pi) + 150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi))
        * 2
        / 3
    )
    north = (
        -100
        + 2 * x
        + 3 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * sqrt(abs(x))
        + (ripple + 20 * sin(y * pi) + 40 * sin(y / 3 * pi) + 160 * sin(y / 12 * pi) + 320 * sin(y / 30 * pi))
        * 2
        / 3
    )
    radians = lat / 180 * pi
    bulge = 1 - ECCENTRICITY_SQUARED * sin(radians) ** 2
    return (
        east * 180 / (SEMI_MAJOR_AXIS / sqrt(bulge) * cos(radians) * pi),
        north * 180 / (SEMI_MAJOR_AXIS * (1 - ECCENTRICITY_SQUARED) / bulge**1.5 * pi),
    )
