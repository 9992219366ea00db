"""Holds a bill of materials against the list of crates that cargo auditable put into the program.

usage: bill.py PROGRAM SECTIONS BILL, where SECTIONS is what `readelf -W -S PROGRAM` prints
"""

import json
import re
import sys
import zlib

program, sections, bill = sys.argv[1:]
found = re.search(r"\.dep-v0\s+\S+\s+[0-9a-f]+\s+([0-9a-f]+)\s+([0-9a-f]+)", sections)
if not found:
    sys.exit(f"{program}: no list of crates inside")
offset, size = (int(number, 16) for number in found.groups())
with open(program, "rb") as file:
    file.seek(offset)
    inside = json.loads(zlib.decompress(file.read(size)))
crates = {
    (package["name"], package["version"])
    for package in inside["packages"]
    if package.get("kind", "runtime") == "runtime" and not package.get("root")
}
with open(bill, encoding="utf-8") as file:
    components = json.load(file)["components"]
listed = {(component["name"], component["version"]) for component in components}
missing = crates - listed
if missing or len(crates) < 20:
    sys.exit(f"{bill}: {len(crates)} crates are in the program, not listed: {sorted(missing)}")
unknown = [component["name"] for component in components if not component.get("purl") or not component.get("licenses")]
if unknown:
    sys.exit(f"{bill}: no address or no licence: {unknown}")
print(f"{bill.rsplit('/', 1)[-1]}: names all {len(crates)} crates of the program")
