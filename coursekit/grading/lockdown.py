"""Takes from the runner, for good, what no answer needs: sockets, other processes, other files.

Filters of the kernel, set by the runner on itself before a student's first line (seccomp, Linux
3.5; Landlock, Linux 5.13). They stand behind bubblewrap's walls, and are all there is without it.
Self-contained: only the worker uses this file.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable

SET_NO_NEW_PRIVS, SET_SECCOMP = 38, 22  # of prctl(2)
ALLOW, REFUSE, NO_SUCH_CALL, KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
LOAD, EQUAL, AT_LEAST, ANY_BIT, AND, RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06  # classic BPF
CALL, ARCHITECTURE, FIRST_ARGUMENT, SECOND, THIRD = 0, 4, 16, 24, 32  # offsets of what it sees
NEW_NAMESPACES = 0x7E020000  # the flags of clone(2) that make namespaces
OTHER_ABI = 0x40000000  # x86-64's x32 calls, which would pass by other numbers

# Numbers of system calls, x86-64 and AArch64 (which has one call where x86-64 kept several).
# Refused: what reaches other processes, makes memory that no limit counts, opens sockets, changes
# files that Landlock does not guard, tells another run something by a file that both may read
# (locks, watches), or reshapes the world the limits were set in.
REFUSED = {
    "socket": (41, 198),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "setpriority": (141, 140),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
    "sched_setaffinity": (203, 122),
    "ioprio_set": (251, 30),
    "tkill": (200, 130),
    "pidfd_send_signal": (424, 424),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "rt_tgsigqueueinfo": (297, 240),
    "kcmp": (312, 272),
    "openat2": (437, 437),  # whose flags no filter can see
    "open_by_handle_at": (304, 265),
    "truncate": (76, 45),
    "chmod": (90, 53),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, 54),
    "lchown": (94, 54),
    "fchownat": (260, 54),
    "fchown": (93, 55),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "utimensat": (280, 88),
    "utime": (132, 88),
    "utimes": (235, 88),
    "futimesat": (261, 88),
    "flock": (73, 32),
    "inotify_init": (253, 26),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
}
OWN_PROCESS_ONLY = {
    "kill": (62, 129),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "prlimit64": (302, 261),
}
# Refused where (bits of one argument) have one of these values: who gets a file's signals, locks
# and leases, and emptying a file that was opened for reading, which Landlock lets pass before
# Linux 6.2.
EMPTIED = (0o1003, (0o1000, 0o1003))  # O_TRUNC, and no writing
SIGNALED, LOCKED = (8, 15), (6, 7, 37, 38, 1024, 1026)  # F_SETOWN …, F_SETLK …, F_SETLEASE …
REFUSED_WITH = {
    "fcntl": ((72, 25), SECOND, 0xFFFFFFFF, SIGNALED + LOCKED),
    "ioctl": ((16, 29), SECOND, 0xFFFFFFFF, (0x8901, 0x8902)),
    "open": ((2, 1024), SECOND, *EMPTIED),
    "openat": ((257, 56), THIRD, *EMPTIED),
}
CLONE, CLONE3 = (56, 220), (435, 435)
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


def lock(readable: list[str], writable: list[str]) -> dict[str, bool]:
    """Give up all that no answer needs; which of the filters hold.

    readable, writable: the places that stay open; without any readable one, files are left as
    they are.
    """
    if sys.platform != "linux":
        return {"files": False, "calls": False}
    drop_capabilities()
    files = keep_to_files(readable, writable) if readable else True
    return {"files": files, "calls": refuse_calls()}


def refuse_calls() -> bool:
    """Refuse system calls from here on; whether this machine could."""
    if platform.machine() not in ARCHITECTURES:
        return False
    program = _program(*ARCHITECTURES[platform.machine()], os.getpid())
    code = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    return not libc.prctl(SET_SECCOMP, 2, described, 0, 0)


def _program(column: int, architecture: int, own: int) -> bytes:
    """The filter, as instructions of classic BPF: (code, jump if true, if false, constant)."""
    lines = [(LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, architecture), (RETURN, 0, 0, KILL)]
    lines += [(LOAD, 0, 0, CALL), (AT_LEAST, 0, 1, OTHER_ABI), (RETURN, 0, 0, REFUSE)]
    lines += [(EQUAL, 0, 1, CLONE3[column]), (RETURN, 0, 0, NO_SUCH_CALL)]
    for numbers in REFUSED.values():
        lines += [(EQUAL, 0, 1, numbers[column]), (RETURN, 0, 0, REFUSE)]
    for numbers in OWN_PROCESS_ONLY.values():
        lines += [(EQUAL, 0, 5, numbers[column]), (LOAD, 0, 0, FIRST_ARGUMENT)]
        lines += [(EQUAL, 2, 0, 0 if numbers == OWN_PROCESS_ONLY["prlimit64"] else own)]
        lines += [(EQUAL, 1, 0, own), (RETURN, 0, 0, REFUSE), (RETURN, 0, 0, ALLOW)]
    for numbers, argument, bits, values in REFUSED_WITH.values():
        lines += [(EQUAL, 0, 4 + len(values), numbers[column]), (LOAD, 0, 0, argument)]
        lines += [(AND, 0, 0, bits)]
        lines += [
            (EQUAL, n, 0, value) for n, value in zip(range(len(values), 0, -1), values, strict=True)
        ]
        lines += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]
    lines += [(EQUAL, 0, 3, CLONE[column]), (LOAD, 0, 0, FIRST_ARGUMENT)]
    lines += [(ANY_BIT, 0, 1, NEW_NAMESPACES), (RETURN, 0, 0, REFUSE), (RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", *line) for line in lines)


# --- files and rights ----------------------------------------------------------------------------

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # Landlock's system calls
READ = 1 << 0 | 1 << 2 | 1 << 3  # run files, read files, list folders
OF_FILES = 1 << 0 | 1 << 1 | 1 << 2  # the rights that a file, not a folder, can have
EVERYTHING = (1 << 13) - 1  # all rights of Landlock's first version


def keep_to_files(readable: Iterable[str], writable: Iterable[str]) -> bool:
    """Close the file system but for these places; whether this machine could."""
    libc = ctypes.CDLL(None, use_errno=True)
    ruleset = libc.syscall(CREATE_RULESET, struct.pack("Q", EVERYTHING), 8, 0)
    if ruleset < 0:
        return False
    for place in readable:
        _open_up(libc, ruleset, place, READ)
    for place in writable:
        _open_up(libc, ruleset, place, EVERYTHING)
    libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    done = not libc.syscall(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    return done


def _open_up(libc: ctypes.CDLL, ruleset: int, place: str, rights: int) -> None:
    try:
        handle = os.open(place, os.O_PATH)
    except OSError:
        return
    rights &= EVERYTHING if os.path.isdir(place) else OF_FILES
    libc.syscall(ADD_RULE, ruleset, 1, struct.pack("=Qi", rights, handle), 0)
    os.close(handle)


def drop_capabilities() -> None:
    """Give up what makes root more than a user."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0)  # or the next program run by root had them again
    libc.capset(struct.pack("Ii", 0x20080522, 0), bytes(24))
