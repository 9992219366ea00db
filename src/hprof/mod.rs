//! What the bytes say: header, records, sub-records. Allocates nothing per object.
