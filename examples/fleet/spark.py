"""Analyses a folder of heap dumps on Spark and asks what recurs.

    spark-submit examples/fleet/spark.py /dumps --output /results --task-memory 4GiB

Each task runs `hprof-suspects` on one dump. `estimate` says first how much memory that takes: a dump that needs more than a task has is
recorded as too large and not started, any other one runs with `--max-memory` from the estimate. A run that fails is tried once more and
recorded. Reports go to OUTPUT/reports, the record of all runs to OUTPUT/runs (Parquet), the tables of the fleet to OUTPUT/tables; with
--export also the tables of each dump to OUTPUT/dumps/NAME. Then Spark asks those tables for the causes.

Dumps and OUTPUT must be on storage that every executor sees under the same path (a mounted volume or bucket), and the program must be on
every executor. Only reports and tables are written; dumps stay where they are.
"""

import argparse
import json
import os
import subprocess
import time

ENDINGS = (".hprof", ".hprof.gz", ".hprof.zst", ".hprof.xz", ".hprof.zip", ".hprof.tar.gz")
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40, "B": 1}

# What `estimate` reckons is what the analysis takes at its peak; the rest of the program and of the task needs some room.
MARGIN = 1.1
TRIES = 2

CAUSES = """
SELECT signature, min(holder) AS holder, count(DISTINCT report_id) AS dumps, count(DISTINCT pod) AS pods,
       count(DISTINCT service) AS services, min_by(version, captured_at) AS since_version,
       max(retained_bytes) AS largest_retained_bytes, sum(retained_bytes) AS total_retained_bytes
FROM suspects
GROUP BY signature
ORDER BY dumps DESC, total_retained_bytes DESC, signature
"""

RUNS = "SELECT status, count(*) AS dumps, round(sum(seconds), 1) AS seconds FROM runs GROUP BY status ORDER BY status"


def size(text):
    """Bytes of `4GiB`."""
    for unit, factor in UNITS.items():
        if text.endswith(unit):
            return int(float(text[: -len(unit)]) * factor)
    return int(text)


def dumps_in(folder):
    """Dumps below `folder`, sorted."""
    found = []
    for path, _, files in os.walk(folder):
        found += [os.path.join(path, name) for name in files if name.lower().endswith(ENDINGS)]
    return sorted(found)


def name_of(dump, folder):
    """A name for the report of `dump` that no other dump of the folder has."""
    return os.path.relpath(dump, folder).replace(os.sep, "_")


def run(command):
    """Exit code, standard output, and the last line of standard error."""
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    said = ended.stderr.strip().splitlines()
    return ended.returncode, ended.stdout, said[-1] if said else ""


def command_for(dump, name, options, memory):
    """The run that analyses `dump`."""
    labels = [word for label in options["labels"] for word in ("--label", label)]
    if options["pod_from_name"]:
        labels += ["--label", "pod=" + name.split(".hprof")[0]]
    common = [dump, "--max-memory", str(memory), "--threads", str(options["threads"]), *labels]
    if options["export"]:
        folder = os.path.join(options["output"], "dumps", name)
        return [options["program"], "export", *common, "-o", folder, "--tables", options["export"]]
    return [options["program"], *common, "-o", os.path.join(options["output"], "reports", name + ".json")]


def analyse(dump, options):
    """Runs the program on one dump; what became of it."""
    name = name_of(dump, options["folder"])
    record = {"dump": name, "status": "failed", "attempts": 0, "seconds": 0.0, "memory_bytes": None, "message": ""}
    began = time.monotonic()
    while record["attempts"] < TRIES:
        record["attempts"] += 1
        code, text, said = run([options["program"], "estimate", dump, "--format", "json"])
        if code == 0:
            record["memory_bytes"] = json.loads(text)["memory_bytes"]
            memory = int(record["memory_bytes"] * MARGIN)
            if memory > options["task_memory"]:
                record.update(status="too large", message="needs more memory than a task has")
                break
            code, _, said = run(command_for(dump, name, options, memory))
            if code == 0:
                record.update(status="analysed", message="")
                break
        record["message"] = said
    record["seconds"] = time.monotonic() - began
    return record


def report_of_export(options, name):
    """The report of an export goes to the others."""
    source = os.path.join(options["output"], "dumps", name, "report.json")
    if os.path.exists(source):
        os.replace(source, os.path.join(options["output"], "reports", name + ".json"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="dumps, in folders of any depth")
    parser.add_argument("--output", required=True, help="an empty folder for reports, runs and tables")
    parser.add_argument("--program", default="hprof-suspects")
    parser.add_argument("--task-memory", default="2GiB", help="memory that one task may use (spark.executor.memoryOverhead)")
    parser.add_argument("--threads", type=int, default=1, help="threads of one run (spark.task.cpus)")
    parser.add_argument("--label", action="append", default=[], help="NAME=VALUE for all reports")
    parser.add_argument("--pod-from-name", action="store_true", help="the label pod is the name of the dump")
    parser.add_argument("--export", help="tables of each dump, such as objects,classes")
    parser.add_argument("--json", action="store_true", help="print runs and causes as JSON")
    args = parser.parse_args()

    # Imported here: --help needs no Spark.
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.appName("hprof-suspects fleet").getOrCreate()
    options = {
        "folder": os.path.abspath(args.folder),
        "output": os.path.abspath(args.output),
        "program": args.program,
        "task_memory": size(args.task_memory),
        "threads": args.threads,
        "labels": args.label,
        "pod_from_name": args.pod_from_name,
        "export": args.export,
    }
    for folder in ("reports", "dumps"):
        os.makedirs(os.path.join(options["output"], folder), exist_ok=True)
    dumps = dumps_in(options["folder"])
    if not dumps:
        raise SystemExit(f"no dumps in {args.folder}")
    # A task for each dump: they differ in size, and one that is lost is tried again alone.
    paths = spark.sparkContext.parallelize(dumps, len(dumps))
    records = paths.map(lambda dump: analyse(dump, options)).collect()
    if args.export:
        for record in records:
            report_of_export(options, record["dump"])
    schema = "dump string, status string, attempts int, seconds double, memory_bytes bigint, message string"
    runs = spark.createDataFrame(records, schema)
    runs.write.parquet(os.path.join(options["output"], "runs"))
    runs.createOrReplaceTempView("runs")

    causes = []
    if any(record["status"] == "analysed" for record in records):
        tables = os.path.join(options["output"], "tables")
        reports = os.path.join(options["output"], "reports")
        code, _, said = run([args.program, "fleet", reports, "--format", "parquet", "-o", tables])
        if code != 0:
            raise SystemExit(f"fleet: {said}")
        for table in ("reports", "suspects", "causes"):
            spark.read.parquet(os.path.join(tables, table + ".parquet")).createOrReplaceTempView(table)
        causes = [row.asDict() for row in spark.sql(CAUSES).collect()]
    if args.json:
        print(json.dumps({"runs": records, "causes": causes}))
    else:
        spark.sql(RUNS).show(truncate=False)
        for row in causes[:20]:
            print(f"{row['dumps']:>6} dumps  {row['largest_retained_bytes']:>14,} B at most  {row['signature']}")
    spark.stop()


if __name__ == "__main__":
    main()
