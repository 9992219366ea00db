//! The rules for edges, roots and sizes: the JVM's or Eclipse MAT's.

/// The rules for edges, roots and sizes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compat {
    /// The JVM's: sizes as the JVM counts them, weak references do not hold, nothing is left out.
    #[default]
    Jvm,
    /// Eclipse MAT 1.17's, to compare numbers with it object by object.
    Mat,
}

impl Compat {
    /// Whether MAT's rules are followed.
    pub fn is_mat(self) -> bool {
        self == Compat::Mat
    }
}
