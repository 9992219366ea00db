"""Checks manifests (YAML, from standard input as a JSON list of files) against the schemas of Kubernetes; prints the kinds."""

import json
import sys

import kubernetes_validate
import yaml

VERSION = kubernetes_validate.latest_version()
kinds = []
for file in json.load(sys.stdin):
    with open(file, encoding="utf-8") as text:
        for manifest in yaml.safe_load_all(text):
            kubernetes_validate.validate(manifest, VERSION, strict=True)
            kinds.append(manifest)
json.dump(kinds, sys.stdout)
