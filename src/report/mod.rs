//! How it is told: the report model and one file per output format.
