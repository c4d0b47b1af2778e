"""The account PostgreSQL and Valkey run as: what it may reach, what it runs, what runs already.

PostgreSQL refuses root, so root lends the servers to ``nobody``; any other user keeps them. Programs that
``nobody`` cannot reach, because the virtual environment lies in a private folder, are copied to
``/var/lib/grid-platform``, once for each version of a package.
"""

import importlib.metadata
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psutil


class EmbeddedServerError(RuntimeError):
    """A server cannot start; the message says why and what to do."""


def account() -> tuple[int, int]:
    """User and group id the servers run as."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def run(command: Sequence[str | Path], *, cwd: Path, log: Path | None = None) -> None:
    """Runs one program as the servers' account, without the caller's PG* variables."""
    uid, gid = account() if os.geteuid() == 0 else (None, None)
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    # pg_ctl's and Valkey's daemons would keep a pipe open; a file they may keep.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            user=uid,
            group=gid,
            extra_groups=None if uid is None else [],
        )
        if done.returncode == 0:
            return
        output.seek(0)
        said = output.read().strip()
    if log and log.exists():
        said += "\n" + "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise EmbeddedServerError(f"{Path(command[0]).name} failed with code {done.returncode}:\n{said}")


def within_reach(path: Path) -> bool:
    """Whether the servers' account may read and enter the path: always, unless root hands over to nobody."""
    if os.geteuid() != 0:
        return True
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in [path.resolve(), *path.resolve().parents])


def site_packages(package: str) -> Path:
    return Path(str(importlib.metadata.distribution(package).locate_file("")))


def installed(package: str, *folders: str) -> Path:
    """Where these folders of a package lie: site-packages, or a copy the servers' account can reach."""
    site = site_packages(package)
    present = [folder for folder in folders if (site / folder).exists()]
    if all(within_reach(site / folder) for folder in present):
        return site
    copy = Path("/var/lib/grid-platform") / f"{package}-{importlib.metadata.version(package)}"
    if not copy.exists():
        copy.parent.mkdir(exist_ok=True)
        copy.parent.chmod(0o755)
        fresh = Path(tempfile.mkdtemp(dir=copy.parent))
        for folder in present:
            shutil.copytree(site / folder, fresh / folder, symlinks=True)
        subprocess.run(["chmod", "-R", "u=rwX,go=rX", fresh], check=True)
        try:
            fresh.rename(copy)
        except OSError:  # another clone copied at the same moment
            shutil.rmtree(fresh)
    return copy


def server_pid(pid_file: Path) -> int | None:
    """The server a pid file names, if it still works in the file's folder (numbers are given out again)."""
    try:
        pid = int(pid_file.read_text().split()[0])
        return pid if _works_in(psutil.Process(pid), pid_file.parent.resolve()) else None
    except (OSError, IndexError, ValueError, psutil.NoSuchProcess):
        return None


def anyone_works_in(folder: Path) -> bool:
    return any(_works_in(process, folder) for process in psutil.process_iter())


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return Path(process.cwd()) == folder
    except psutil.Error:  # a dead process nobody has collected, or another user's
        return False


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
