//! Ledger
/// c
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Component {
    /// a
    A,
}
/// k
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// a
    A,
}
