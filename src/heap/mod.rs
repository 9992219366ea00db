//! What objects exist: tables of objects, classes, names, threads, layout.
