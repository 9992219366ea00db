//! How strongly a GC root reaches a node.

/// How an object is reachable, from the strongest down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Strength {
    /// Through ordinary references from a GC root.
    Strong = 0,
    /// Only through the referent of a soft reference.
    Soft = 1,
    /// Only through the referent of a weak reference.
    Weak = 2,
    /// Only through the referent of a final reference: it has a finalizer that has not run.
    Final = 3,
    /// Only through the referent of a phantom reference.
    Phantom = 4,
    /// Not at all, as far as the dump tells.
    NoPath = 5,
}

impl Strength {
    /// All, from the strongest down.
    pub const ALL: [Strength; 6] = [
        Strength::Strong,
        Strength::Soft,
        Strength::Weak,
        Strength::Final,
        Strength::Phantom,
        Strength::NoPath,
    ];

    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Strength::Strong => "strong",
            Strength::Soft => "soft",
            Strength::Weak => "weak",
            Strength::Final => "final",
            Strength::Phantom => "phantom",
            Strength::NoPath => "no path from a GC root",
        }
    }

    pub(crate) fn from_number(number: u8) -> Option<Strength> {
        Strength::ALL.get(number as usize).copied()
    }
}
