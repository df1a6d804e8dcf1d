"""Places where a store is in danger: network drives, whose locks and syncs promise little, and folders that a cloud copies."""

from __future__ import annotations

import re
import sys
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

from models.errors import StoreError
from models.i18n import _

NETWORK = frozenset(
    [
        "afpfs",
        "afs",
        "ceph",
        "cifs",
        "coda",
        "davfs",
        "davfs2",
        "fuse.davfs2",
        "fuse.glusterfs",
        "fuse.gvfsd-fuse",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "glusterfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "smb3",
        "smbfs",
        "sshfs",
        "webdav",
    ]
)
"""The file systems that lie on another machine, as Linux and macOS call them."""

CLOUDS = {
    "OneDrive": re.compile(r"OneDrive( - .*)?", re.IGNORECASE),
    "Dropbox": re.compile(r"Dropbox( \(.*\))?", re.IGNORECASE),
    "Google Drive": re.compile(r"Google ?Drive|GoogleDrive-.*|Meine Ablage|My Drive", re.IGNORECASE),
    "iCloud": re.compile(r"iCloud ?Drive|Mobile Documents|com~apple~CloudDocs", re.IGNORECASE),
    "Nextcloud": re.compile(r"Nextcloud\d*", re.IGNORECASE),
    "ownCloud": re.compile(r"ownCloud\d*", re.IGNORECASE),
    "Seafile": re.compile(r"Seafile", re.IGNORECASE),
    "pCloud": re.compile(r"pCloud ?Drive", re.IGNORECASE),
    "MEGA": re.compile(r"MEGA|MEGAsync", re.IGNORECASE),
    "MagentaCLOUD": re.compile(r"Magenta ?CLOUD", re.IGNORECASE),
}
"""Services that copy a folder to other machines, and how their folders are called."""

_MAC_MOUNT = re.compile(r"(?P<what>.*) on (?P<where>.*) \((?P<kind>[^,)]+).*\)")
_OCTAL = re.compile(r"\\([0-7]{3})")
_REMOTE_DRIVE = 4
"""What Windows answers about a drive letter that stands for a network drive."""


def linux_file_system(path: PurePosixPath, mounts: str) -> str:
    """Return the file system on which an absolute `path` lies, by the text of `/proc/mounts`; empty where it says nothing."""
    found: list[tuple[PurePosixPath, str]] = []
    for mount in mounts.splitlines():
        fields = mount.split(" ")
        if len(fields) >= 3:
            where = _OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[1])
            found.append((PurePosixPath(where), fields[2]))
    return _deepest(path, found)


def mac_file_system(path: PurePosixPath, mounts: str) -> str:
    """Return the same by what `mount` prints on macOS."""
    matches = map(_MAC_MOUNT.fullmatch, mounts.splitlines())
    return _deepest(path, [(PurePosixPath(match["where"]), match["kind"]) for match in matches if match])


def _deepest(path: PurePosixPath, mounts: list[tuple[PurePosixPath, str]]) -> str:
    """Return the kind of the mount nearest to `path`; of several at one place the last one covers the others."""
    kind, depth = "", 0
    for where, name in mounts:
        if path.is_relative_to(where) and len(where.parts) >= depth:
            kind, depth = name, len(where.parts)
    return kind


def is_share(path: PureWindowsPath) -> bool:
    """Tell whether a path of Windows names a share of another machine."""
    drive = path.drive.replace("/", "\\")
    return (drive.startswith("\\\\") and not drive.lower().startswith(("\\\\?\\", "\\\\.\\", "\\\\wsl"))) or (
        drive.lower().startswith("\\\\?\\unc")
    )


def cloud_of(path: PurePath) -> str:
    """Return the service that copies the folder in which an absolute `path` lies, empty where none is known by its name."""
    parts = path.parts
    for part in parts[1:]:
        for service, pattern in CLOUDS.items():
            if pattern.fullmatch(part):
                return service
    if "CloudStorage" in parts and "Library" in parts:
        return _("ein Cloud-Dienst")
    return ""


def on_network(folder: Path) -> bool:
    """Tell whether a folder, or the place where it is to be, lies on a network drive; what cannot be told does not."""
    path = folder.resolve()
    if sys.platform == "win32":
        return is_share(PureWindowsPath(path)) or _drive_type(path.drive) == _REMOTE_DRIVE
    try:
        if sys.platform == "darwin":
            # Homes lie on the machine's own disk; to ask each time would cost more than opening.
            elsewhere = path.parts[1:2] in (("Volumes",), ("Network",), ("net",))
            return elsewhere and mac_file_system(PurePosixPath(path), _mac_mounts()) in NETWORK
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
        return linux_file_system(PurePosixPath(path), mounts) in NETWORK
    except OSError:
        return False


def _mac_mounts() -> str:
    import subprocess  # noqa: PLC0415 - for few folders only

    try:
        return subprocess.run(
            ["/sbin/mount"], capture_output=True, text=True, errors="replace", check=True, timeout=5
        ).stdout
    except subprocess.SubprocessError:
        return ""


def _drive_type(drive: str) -> int:
    if sys.platform != "win32":
        return 0
    import ctypes  # noqa: PLC0415 - on Windows only

    return int(ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\"))


def refuse_network(folder: Path) -> None:
    """Raise `StoreError` for a folder on a network drive."""
    if on_network(folder):
        raise StoreError(
            _(
                "Der Ordner {folder} liegt auf einem Netzlaufwerk. Dort lässt sich nicht sicher sagen, was gespeichert ist "
                "und ob noch jemand schreibt. Nichts wurde verändert. Bitte mit --dir einen Ordner auf diesem Rechner "
                "wählen; --network vor dem Befehl öffnet ihn trotzdem."
            ).format(folder=folder)
        )


def cloud_warning(folder: Path) -> str:
    """Return the sentence about a folder that a cloud service copies, empty where none does."""
    service = cloud_of(folder.absolute())
    if not service:
        return ""
    return _(
        "Der Ordner {folder} wird von {service} abgeglichen. Zwei Rechner würden einander überschreiben, und die Daten liegen "
        "auch dort. Bitte das Feldbuch auf jedem Rechner in einem eigenen Ordner führen; Sicherungen dürfen dort liegen."
    ).format(folder=folder, service=service)
