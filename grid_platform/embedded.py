"""PostgreSQL and Valkey from PyPI, for the demo and the tests."""

from pathlib import Path


def addresses(var_dir: Path) -> dict[str, str]:
    """The running embedded servers' addresses, as environment variables; empty when none was started."""
    path = var_dir / "embedded.env"
    if not path.exists():
        return {}
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
