"""Asks DuckDB: reads one JSON object (folder, file, variables) from standard input, prints the rows as a JSON array of objects."""

import datetime
import json
import os
import sys

import duckdb


def plain(value):
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    return value


question = json.load(sys.stdin)
text = open(question["file"], encoding="utf-8").read()
os.chdir(question["folder"])
connection = duckdb.connect()
for name, value in question["variables"].items():
    literal = str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
    connection.execute(f"SET VARIABLE {name} = {literal}")
answer = connection.execute(text)
names = [column[0] for column in answer.description]
rows = [dict(zip(names, map(plain, row))) for row in answer.fetchall()]
json.dump(rows, sys.stdout)
