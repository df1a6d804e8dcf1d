"""Places: which folders lie on another machine or are copied by a cloud, told from paths and from what the system lists."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given, strategies as st

from models.errors import StoreLocked
from models.store.lock import FolderLock, _shown
from models.store.places import (
    NETWORK,
    cloud_of,
    cloud_warning,
    is_share,
    linux_file_system,
    mac_file_system,
    on_network,
    refuse_network,
)

LINUX = r"""sysfs /sys sysfs rw 0 0
/dev/sda1 / ext4 rw,relatime 0 0
server:/heim /heim nfs4 rw,vers=4.2 0 0
//nas/team /mnt/Team\040Nord cifs rw 0 0
me@host: /heim/me/fern fuse.sshfs rw 0 0
/dev/sdb1 /heim/me/fern/platte ext4 rw 0 0
tmpfs /heim/me/fern/platte tmpfs rw 0 0
C:\134 /mnt/c 9p rw 0 0
"""
MAC = """/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
//kim@nas._smb._tcp.local/team on /Volumes/Team (Nord) (smbfs, nodev, nosuid, mounted by kim)
/dev/disk5s1 on /Volumes/Stick (msdos, local, nodev)
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "ext4"),
        ("/srv/buch", "ext4"),
        ("/heim", "nfs4"),
        ("/heim/me/buch", "nfs4"),
        ("/heime/me", "ext4"),
        ("/mnt/Team Nord/buch", "cifs"),
        ("/heim/me/fern/buch", "fuse.sshfs"),
        ("/heim/me/fern/platte/buch", "tmpfs"),
        ("/mnt/c/Users", "9p"),
    ],
)
def test_the_nearest_mount_decides_on_linux(path: str, kind: str) -> None:
    assert linux_file_system(PurePosixPath(path), LINUX) == kind
    assert (kind in NETWORK) is (kind in {"nfs4", "cifs", "fuse.sshfs"})


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/leute/kim", "apfs"), ("/Volumes/Team (Nord)/buch", "smbfs"), ("/Volumes/Stick", "msdos")],
)
def test_the_nearest_mount_decides_on_macos(path: str, kind: str) -> None:
    assert mac_file_system(PurePosixPath(path), MAC) == kind


@given(st.text(), st.text(alphabet="/abc ", max_size=8))
def test_no_list_of_mounts_is_too_odd(mounts: str, path: str) -> None:
    for read in (linux_file_system, mac_file_system):
        assert isinstance(read(PurePosixPath(f"/{path}"), mounts), str)


@pytest.mark.parametrize(
    ("path", "share"),
    [
        (r"\\server\team\buch", True),
        (r"\\?\UNC\server\team\buch", True),
        ("//server/team/buch", True),
        (r"C:\Leute\kim", False),
        (r"\\?\C:\Leute\kim", False),
        (r"\\wsl$\Ubuntu\home", False),
        (r"buch", False),
    ],
)
def test_a_share_is_told_by_its_path_on_windows(path: str, share: bool) -> None:
    assert is_share(PureWindowsPath(path)) is share


@pytest.mark.parametrize(
    ("path", "service"),
    [
        (PurePosixPath("/heim/kim/Nextcloud/Feldbuch"), "Nextcloud"),
        (PurePosixPath("/heim/kim/Dropbox (Schule)/buch"), "Dropbox"),
        (PurePosixPath("/leute/kim/Library/Mobile Documents/buch"), "iCloud"),
        (PurePosixPath("/leute/kim/Library/CloudStorage/Etwas-kim/buch"), "ein Cloud-Dienst"),
        (PurePosixPath("/leute/kim/Library/CloudStorage/GoogleDrive-kim@x.de/buch"), "Google Drive"),
        (PureWindowsPath(r"C:\Leute\kim\OneDrive - Kreis Gütersloh\buch"), "OneDrive"),
        (PurePosixPath("/heim/kim/.local/share/feldbuch"), ""),
        (PurePosixPath("/heim/kim/Dropboxen"), ""),
        (PurePosixPath("/heim/kim/omega"), ""),
        (PurePosixPath("/"), ""),
    ],
)
def test_a_cloud_is_told_by_the_names_of_folders(path: PurePosixPath | PureWindowsPath, service: str) -> None:
    assert cloud_of(path) == service


def test_a_folder_of_ones_own_is_no_reason_to_say_anything(tmp_path: Path) -> None:
    refuse_network(tmp_path / "gibt es noch nicht")
    assert not on_network(tmp_path)
    assert not cloud_warning(tmp_path)
    assert "Nextcloud" in cloud_warning(tmp_path / "Nextcloud")


def test_who_holds_the_lock_is_told_by_number_and_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["/irgendwo/feldbuch.exe", "list"])
    lock = FolderLock(tmp_path)
    number, name = (tmp_path / "LOCK").read_text("ascii").split()
    assert name == "feldbuch"
    with pytest.raises(StoreLocked, match=rf"\(Prozess {number}, feldbuch\)"):
        FolderLock(tmp_path)
    lock.release()


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"12 feldbuch\n", "12, feldbuch"),
        (b"12\n", "12"),
        (b"", "?"),
        (b"\x1b[2J x[@click=y]\xff", "2, xclicky"),
        (b"1 " + b"n" * 99, "1, " + "n" * 40),
    ],
)
def test_what_stands_in_a_lock_is_hostile(content: bytes, shown: str) -> None:
    assert _shown(content[:64]) == shown
