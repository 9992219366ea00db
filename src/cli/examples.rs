//! The examples at the end of each command's help. A test runs them.

/// Of `-h`.
pub const SHORT: &str = "\
Examples:
  hprof-suspects heap.hprof                            the report on the terminal
  hprof-suspects heap.hprof.gz -o report.html          a file for the ticket
  hprof-suspects heap.hprof --evidence top-1.txt --evidence top-2.txt

--help says more.";

/// Of `--help`.
pub const LONG: &str = "\
Examples:
  Report on the terminal; two files for the ticket:
      hprof-suspects heap.hprof
      hprof-suspects heap.hprof.gz -o report.html -o report.md
  From a pod, without a file in between:
      kubectl exec POD -- cat /tmp/heap.hprof | hprof-suspects -
  With evidence from outside the dump:
      hprof-suspects heap.hprof --rss 1.9GiB --limit 2GiB --growth 800MiB
      hprof-suspects heap.hprof --evidence top-before.txt --evidence top-after.txt
  Dump and evidence of a running JVM, taken and analysed:
      hprof-suspects collect PID -o incident/
      hprof-suspects incident/
  What keeps an object alive, what it holds:
      hprof-suspects path heap.hprof 0x7851e9c00
      hprof-suspects show heap.hprof 0x7851e9c00
      hprof-suspects dominators heap.hprof --under 0x7851e9c00 --depth 3
  In a script:
      hprof-suspects heap.hprof --fail-on suspected --fail-on over=500MiB
      hprof-suspects objects heap.hprof | awk -F'\\t' '$4 > 1e6'

Exit codes: 0 analysed, 1 failed, 2 wrong arguments, 3 a condition of --fail-on is met.";

/// Of `path`.
pub const PATH: &str = "\
Examples:
  The shortest paths that keep an object alive; its address is in the report:
      hprof-suspects path heap.hprof 0x7851e9c00
  Through ten different referrers, for a program:
      hprof-suspects path heap.hprof 0x7851e9c00 --paths 10 --format json
  For the ticket:
      hprof-suspects path heap.hprof 0x7851e9c00 -o path.md";

/// Of `show`.
pub const SHOW: &str = "\
Examples:
  Fields, sizes and referrers of an object, without strings:
      hprof-suspects show heap.hprof 0x7851e9c00
  With strings; the answer is then as secret as the dump:
      hprof-suspects show heap.hprof 0x7851e9c00 --show-values";

/// Of `dominators`.
pub const DOMINATORS: &str = "\
Examples:
  The largest objects, and what each keeps, two levels deep:
      hprof-suspects dominators heap.hprof --depth 2
  By package; below one object:
      hprof-suspects dominators heap.hprof --by package
      hprof-suspects dominators heap.hprof --under 0x7851e9c00 --by class";

/// Of `histogram`.
pub const HISTOGRAM: &str = "\
Examples:
  The classes of one package by number of objects:
      hprof-suspects histogram heap.hprof --class '^com\\.acme\\.' --sort objects
  All classes, for a spreadsheet:
      hprof-suspects histogram heap.hprof --top 0 -o classes.tsv";

/// Of `threads`.
pub const THREADS: &str = "\
Examples:
  The threads of a pool with their whole stacks:
      hprof-suspects threads heap.hprof --name '^http-' --frames 0
  All threads, for a program:
      hprof-suspects threads heap.hprof --format json";

/// Of `explore`.
pub const EXPLORE: &str = "\
Examples:
  Walk from the suspects to what they hold; ? lists the keys:
      hprof-suspects explore heap.hprof
  What grew, and what is in there; with texts:
      hprof-suspects explore earlier.hprof heap.hprof --show-values";

/// Of `mcp`.
#[cfg(feature = "mcp")]
pub const MCP: &str = "\
Examples:
  What an agent starts as its server:
      hprof-suspects mcp heap.hprof
  With an earlier dump, so that it can ask what grew:
      hprof-suspects mcp earlier.hprof heap.hprof";

/// Of `objects`.
pub const OBJECTS: &str = "\
Examples:
  Every object that retains more than a megabyte:
      hprof-suspects objects heap.hprof | awk -F'\\t' '$4 > 1e6'";

/// Of `estimate`.
pub const ESTIMATE: &str = "\
Examples:
  Does the analysis fit into this pod?
      hprof-suspects estimate heap.hprof
      hprof-suspects estimate heap.hprof --format json";

/// Of `collect`.
pub const COLLECT: &str = "\
Examples:
  Dump and evidence of process 1, and the report:
      hprof-suspects collect 1 -o incident
      hprof-suspects incident/
  Without stopping the JVM for a dump:
      hprof-suspects collect 1 -o evidence --no-dump
  Samples every ten minutes, and the dump when the container is nearly full:
      hprof-suspects collect 1 -o incident --watch 10m --for 2h --dump-when 85%";

/// Of `export`.
#[cfg(feature = "export")]
pub const EXPORT: &str = "\
Examples:
  All tables without contents, and a question in SQL:
      hprof-suspects export heap.hprof -o tables/
      duckdb -c \"SELECT class, sum(shallow_bytes) FROM 'tables/objects.parquet' GROUP BY ALL ORDER BY 2 DESC LIMIT 9\"
  Some of them; with texts, which are then as secret as the dump:
      hprof-suspects export heap.hprof -o tables/ --tables objects,references
      hprof-suspects export heap.hprof -o tables/ --show-values";

/// Of `fleet`.
pub const FLEET: &str = "\
Examples:
  Save a report of each dump, with labels, and look at all of them:
      hprof-suspects heap.hprof --label service=shop --label version=1.42 -o reports/shop-1.json
      hprof-suspects fleet reports/
      hprof-suspects fleet reports/ -o fleet.html -o fleet.json
  Tables for DuckDB, Spark, Trino:
      hprof-suspects fleet reports/ --format parquet -o tables/ --partition
  What is new since the last release; fail the build on it:
      hprof-suspects fleet reports/1.43 --baseline reports/1.42 --fail-on new --fail-on regressed=20%";

/// Of `render`.
pub const RENDER: &str = "\
Examples:
  Save once, and make what is needed later, without the dump:
      hprof-suspects heap.hprof -o report.json
      hprof-suspects render report.json
      hprof-suspects render report.json -o report.html -o report.md";

/// Of `completions`.
pub const COMPLETIONS: &str = "\
Examples:
  bash, zsh, fish:
      hprof-suspects completions bash > ~/.local/share/bash-completion/completions/hprof-suspects
      hprof-suspects completions zsh > ~/.zfunc/_hprof-suspects
      hprof-suspects completions fish > ~/.config/fish/completions/hprof-suspects.fish";

/// Of `man`.
pub const MAN: &str = "\
Examples:
  To read it now; to install it:
      hprof-suspects man | man -l -
      hprof-suspects man > ~/.local/share/man/man1/hprof-suspects.1";

/// Of `schema`.
pub const SCHEMA: &str = "\
Examples:
  To check a report in a script:
      hprof-suspects schema > report.schema.json";
