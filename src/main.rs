//! The command `hprof-suspects`.

fn main() {}
