//! Who holds whom: predecessors, dominators, retained sizes. Numbers only: no bytes, no names.
