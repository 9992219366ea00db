#!/usr/bin/env python3
"""Side-by-side speed and memory of hprof-suspects and its peers on the same dump, in one run.

usage: bench.py [--bin PATH] [--size small|large|huge] [--runs N] [--peer NAME=COMMAND]... [DUMP...]

Without DUMP it makes one with BenchHeap.java (needs a JDK; about 0.5, 2.8 or 5 GiB in $BENCH_DIR, default target/bench) and keeps it.
Peers found on PATH are measured too: hprof-analyzer (cargo install hprof-analyzer@0.3.2 --locked; full analysis) and
hprof-slurp (cargo install hprof-slurp; histogram only: a floor, not a rival). The programs take turns, the file is read once
first. Columns: median wall seconds, user+sys seconds, peak RSS (mapped file pages included) and peak anonymous memory.
The last lines are ratios peer/ours: above 1 means ours is better. These machines are noisy: quote ratios, not seconds.
"""
import argparse, os, shutil, statistics, subprocess, sys, time

here = os.path.dirname(os.path.abspath(__file__))
ap = argparse.ArgumentParser(); ap.add_argument("dumps", nargs="*"); ap.add_argument("--bin", default="target/release/hprof-suspects")
ap.add_argument("--size", choices=["small", "large", "huge"], default="small"); ap.add_argument("--runs", type=int, default=3)
ap.add_argument("--peer", action="append", default=[]); a = ap.parse_args()

def make(size):
    orders, heap = {"small": (1_000_000, "3g"), "large": (6_000_000, "6g"), "huge": (11_000_000, "10g")}[size]
    folder = os.environ.get("BENCH_DIR", "target/bench"); os.makedirs(folder, exist_ok=True)
    dump = os.path.join(folder, f"bench-{size}.hprof")
    if os.path.exists(dump): return dump
    subprocess.run(["javac", "-d", folder, os.path.join(here, "BenchHeap.java")], check=True)
    p = subprocess.Popen(["java", f"-Xmx{heap}", "-XX:+UseSerialGC", "-cp", folder, "BenchHeap", str(orders)], stdout=subprocess.PIPE, text=True)
    assert p.stdout.readline().strip() == "ready"
    subprocess.run(["jcmd", str(p.pid), "GC.heap_dump", dump], check=True, stdout=subprocess.DEVNULL); p.kill(); p.wait()
    return dump

def measure(cmd):
    t = time.time(); p = subprocess.Popen(cmd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL); anon = 0
    while True:
        pid, status, ru = os.wait4(p.pid, os.WNOHANG)
        if pid: break
        try:
            for l in open(f"/proc/{p.pid}/status"):
                if l.startswith("RssAnon"): anon = max(anon, int(l.split()[1]))
        except OSError: pass
        time.sleep(0.01)
    if status: sys.exit(f"bench: {' '.join(cmd)} failed with status {status}")
    return time.time() - t, ru.ru_utime + ru.ru_stime, ru.ru_maxrss / 1024, anon / 1024

for dump in a.dumps or [make(a.size)]:
    tools = {"hprof-suspects": [a.bin, dump]}
    if shutil.which("hprof-analyzer"): tools["hprof-analyzer"] = ["hprof-analyzer", dump]
    if shutil.which("hprof-slurp"): tools["hprof-slurp (histogram only)"] = ["hprof-slurp", dump]
    for p in a.peer: n, c = p.split("=", 1); tools[n] = c.split() + [dump]
    with open(dump, "rb") as f:
        while f.read(1 << 24): pass
    rows = {n: [] for n in tools}
    for _ in range(a.runs):
        for n, c in tools.items(): rows[n].append(measure(c))
    med = {n: [statistics.median(x) for x in zip(*r)] for n, r in rows.items()}
    print(f"{os.path.basename(dump)}  {os.path.getsize(dump)/2**30:.1f} GiB, {os.cpu_count()} cores, median of {a.runs}")
    print(f"  {'':30}{'wall s':>9}{'cpu s':>9}{'RSS MiB':>9}{'anon MiB':>9}")
    for n, m in med.items(): print(f"  {n:30}{m[0]:9.2f}{m[1]:9.2f}{m[2]:9.0f}{m[3]:9.0f}")
    o = med["hprof-suspects"]
    for n, m in med.items():
        if n != "hprof-suspects": print(f"  RATIO {n}: wall {m[0]/o[0]:.2f}x, RSS {m[2]/o[2]:.2f}x, anon {m[3]/max(o[3],1):.2f}x")
