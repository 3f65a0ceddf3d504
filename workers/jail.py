"""The walls around the process that decodes a stranger's bytes; they go up before the first byte is read.

Linux only. What cannot be had (a network namespace in some containers) is reported and not required; memory,
processor time and privileges are required.
"""

import ctypes
import os
import resource
import signal
import threading
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self


class Network(StrEnum):
    """How the child was cut off: by root's right, inside a user namespace of its own, or not at all."""

    NAMESPACE = "namespace"
    USER_NAMESPACE = "user_namespace"
    NONE = "none"


class User(StrEnum):
    """Whom the child runs as: nobody, or the same user as its parent."""

    NOBODY = "nobody"
    SAME = "same"


WEAK_JAIL = 77
"""Exit code of a child whose walls are weaker than those of the rehearsal: it has read nothing."""
NOBODY = 65534
MAX_OPEN_FILES = 16
THREADS = 16
"""For a decoder that cannot do without a thread of its own (libde265); the kernel counts tasks by user."""
THREADS_BESIDE_OTHERS = 256
"""The same where the user is shared with processes of others."""

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 36, 38
CAPABILITY_VERSION_3 = 0x20080522


@dataclass(frozen=True)
class DecoderLimits:
    """What one photograph may cost: bytes of address space, seconds of processor and of the wall's clock."""

    memory_bytes: int = 1 << 30
    cpu_seconds: int = 10
    wall_seconds: float = 30.0
    output_bytes: int = 64 << 20


@dataclass(frozen=True)
class JailReport:
    """The walls that stand, as the kernel confirmed them."""

    memory_bytes: int
    cpu_seconds: int
    network: Network
    user: User

    def as_json(self) -> dict[str, Any]:
        """The report as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, sent: object) -> Self:
        """The report read back.

        Raises:
            ValueError: it is no report.
        """
        if not isinstance(sent, dict):
            raise ValueError("no_jail_report")  # noqa: TRY004  # what was sent is wrong, not the caller
        memory, cpu = sent.get("memory_bytes"), sent.get("cpu_seconds")
        if not (isinstance(memory, int) and isinstance(cpu, int)):
            raise ValueError("no_jail_report")  # noqa: TRY004
        network, user = Network(str(sent.get("network"))), User(str(sent.get("user")))
        return cls(memory_bytes=memory, cpu_seconds=cpu, network=network, user=user)


_libc = ctypes.CDLL(None, use_errno=True)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def _checked(result: int) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _prctl(option: int, value: int) -> None:
    _checked(_libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)))


def die_with_parent(parent: int) -> None:
    """Be killed when the process `parent` ends, also when it ended before this call."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of whatever a child leaves behind, so that it can be swept away."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def enter(limits: DecoderLimits, *, empty_folder: int, is_thread_needed: bool) -> JailReport:
    """Put this process into the jail for good and report the walls.

    `empty_folder` is the descriptor of a folder that becomes the root of its world, where that is allowed.
    Descriptors beside the standard three and those in use must have been closed before.

    Raises:
        OSError, ValueError: a wall that is required cannot be put up; no byte may be read then.
    """
    parent = os.getppid()
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    was_root = os.geteuid() == 0
    network = _leave_network(empty_folder)
    user = User.NOBODY if was_root and os.geteuid() == NOBODY else User.SAME
    _drop_capabilities()
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, MAX_OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, limits.output_bytes)
    _limit_tasks(is_thread_needed=is_thread_needed)
    _limit(resource.RLIMIT_CPU, limits.cpu_seconds, grace=1)
    _limit(resource.RLIMIT_AS, limits.memory_bytes)
    _prctl(PR_SET_DUMPABLE, 0)
    die_with_parent(parent)  # again: changing the user has cleared it
    return JailReport(
        memory_bytes=resource.getrlimit(resource.RLIMIT_AS)[0],
        cpu_seconds=resource.getrlimit(resource.RLIMIT_CPU)[0],
        network=network,
        user=user,
    )


def _leave_network(empty_folder: int) -> Network:
    """Give up network, files and root, in the order in which each is still permitted."""
    network = Network.NONE
    if os.geteuid() == 0:
        if _is_unshared(CLONE_NEWNET):
            network = Network.NAMESPACE
            _leave_files(empty_folder)  # not before a user namespace: the kernel refuses one in a changed root
        _become_nobody()
    if network is Network.NONE and _is_unshared(CLONE_NEWUSER | CLONE_NEWNET):
        network = Network.USER_NAMESPACE
        _leave_files(empty_folder)
    return network


def _is_unshared(what: int) -> bool:
    return bool(_libc.unshare(what) == 0)


def _leave_files(empty_folder: int) -> None:
    """A second fence behind the user's rights; containers may refuse it."""
    try:
        os.fchdir(empty_folder)
        os.chroot(".")
    except OSError:
        return


def _become_nobody() -> None:
    try:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except PermissionError:  # a container's root without the right to become somebody else: reported as "same"
        return


def _drop_capabilities() -> None:
    """Nothing privileged remains, neither root's own nor what a user namespace hands out."""
    header = _CapabilityHeader(CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _checked(_libc.capset(ctypes.byref(header), ctypes.byref(nothing)))


def _limit(what: int, bound: int, *, grace: int = 0) -> None:
    _, hard = resource.getrlimit(what)
    most = bound + grace if hard == resource.RLIM_INFINITY else min(hard, bound + grace)
    resource.setrlimit(what, (min(bound, most), most))


def _limit_tasks(*, is_thread_needed: bool) -> None:
    """No new process. Where the decoder needs a thread: a few tasks, more only when the user already has many."""
    if not is_thread_needed:
        _limit(resource.RLIMIT_NPROC, 0)
        return
    _limit(resource.RLIMIT_NPROC, THREADS, grace=THREADS_BESIDE_OTHERS - THREADS)
    _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    try:
        trial = threading.Thread(target=int)
        trial.start()
        trial.join()
        _limit(resource.RLIMIT_NPROC, THREADS)
    except RuntimeError:
        resource.setrlimit(resource.RLIMIT_NPROC, (hard, hard))
