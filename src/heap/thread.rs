//! A thread and a frame of its stack.

use super::address_index::ObjectIndex;

/// A frame of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackFrame {
    /// Class name as Java writes it, empty if unknown.
    pub class: String,
    /// Method name.
    pub method: String,
    /// Source file, if known.
    pub source: Option<String>,
    /// Line; `None` where unknown, compiled or native.
    pub line: Option<u32>,
}

impl std::fmt::Display for StackFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.class, self.method)?;
        match (&self.source, self.line) {
            (Some(source), Some(line)) => write!(f, "({source}:{line})"),
            (Some(source), None) => write!(f, "({source})"),
            (None, _) => Ok(()),
        }
    }
}

/// A thread of the dump.
#[derive(Clone, Debug, Default)]
pub struct Thread {
    /// Thread serial number.
    pub serial: u32,
    /// The thread object.
    pub object: ObjectIndex,
    /// Serial number of its stack trace.
    pub trace_serial: u32,
    /// Its name as reports may show it, if it can be read.
    pub name: Option<String>,
    /// What its frames hold: (frame number from the top or `u32::MAX`, object).
    pub locals: Vec<(u32, ObjectIndex)>,
}
