"""Fetches CDNOW_master.txt, which the Python package `lifetimes` carries (MIT), and checks its bytes.

    python fetch.py FOLDER
"""

import glob
import hashlib
import os
import subprocess
import sys
import zipfile

PACKAGE = "lifetimes==0.11.3"
MEMBER = "lifetimes/datasets/CDNOW_master.txt"
SHA256 = "eff6889ed364c5199d6eacbbeb7a6d559971df4406ac876f322c373f00a072ef"


def fetch(folder):
    """The path of the file; it is downloaded if it is not there."""
    path = os.path.join(folder, "CDNOW_master.txt")
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*command, "--only-binary", ":all:", "--dest", folder, PACKAGE], check=True)
        (wheel,) = glob.glob(os.path.join(folder, "*.whl"))
        with zipfile.ZipFile(wheel) as package:
            data = package.read(MEMBER)
        with open(path, "wb") as file:
            file.write(data)
        os.remove(wheel)
    with open(path, "rb") as file:
        if hashlib.sha256(file.read()).hexdigest() != SHA256:
            sys.exit(f"{path} is another file than the one that docs/cdnow.md is about: delete it and fetch it again")
    return path


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(fetch(sys.argv[1]))
