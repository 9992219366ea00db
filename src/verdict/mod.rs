//! Does it matter: the memory ledger, outside evidence, the decision.
