"""Holds a bill of materials against the schema of CycloneDX 1.5. usage: bill_schema.py BILL"""

import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

with open(sys.argv[1], encoding="utf-8") as file:
    problem = JsonStrictValidator(SchemaVersion.V1_5).validate_str(file.read())
if problem:
    sys.exit(f"{sys.argv[1]}: {problem}")
