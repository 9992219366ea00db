"""Reads a krew manifest: its archive is there, has the sum that it says, and has what it takes out. usage: krew_check.py MANIFEST FOLDER"""

import hashlib
import pathlib
import sys
import tarfile

from ruamel.yaml import YAML

manifest = YAML(typ="safe").load(pathlib.Path(sys.argv[1]))
assert manifest["kind"] == "Plugin" and manifest["metadata"]["name"] == pathlib.Path(sys.argv[1]).stem, manifest
assert manifest["spec"]["version"].startswith("v") and len(manifest["spec"]["shortDescription"]) <= 50, manifest["spec"]
platforms = manifest["spec"]["platforms"]
assert platforms, "no platforms"
for platform in platforms:
    file = pathlib.Path(sys.argv[2]) / platform["uri"].rsplit("/", 1)[-1]
    assert hashlib.sha256(file.read_bytes()).hexdigest() == platform["sha256"], file
    labels = platform["selector"]["matchLabels"]
    with tarfile.open(file) as archive:
        modes = {pathlib.PurePath(member.name).name: member.mode for member in archive}
    for name in (platform["bin"], f"hprof-suspects.{labels['os']}-{labels['arch']}"):
        assert modes.get(name, 0) & 0o111, f"{name} is not in {file}, or cannot be run"
