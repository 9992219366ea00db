//! The formats of files that a dump is unpacked from, recognised by their first bytes.

/// A container that is unpacked here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    /// RFC 1952, one or many members.
    Gzip,
    /// RFC 8878, one or many frames.
    Zstd,
    /// The `.xz` format, one or many streams.
    Xz,
    /// A ZIP archive.
    Zip,
    /// A tape archive.
    Tar,
}

impl Container {
    /// The container that begins with `prefix`.
    pub(super) fn of(prefix: &[u8]) -> Option<Self> {
        const USTAR_AT: usize = 257;
        if prefix.starts_with(b"\x1f\x8b") {
            Some(Self::Gzip)
        } else if prefix.starts_with(b"\x28\xb5\x2f\xfd") {
            Some(Self::Zstd)
        } else if prefix.starts_with(b"\xfd7zXZ\x00") {
            Some(Self::Xz)
        } else if prefix.starts_with(b"PK\x03\x04") || prefix.starts_with(b"PK\x05\x06") {
            Some(Self::Zip)
        } else if prefix
            .get(USTAR_AT..)
            .is_some_and(|p| p.starts_with(b"ustar"))
        {
            Some(Self::Tar)
        } else {
            None
        }
    }

    /// The name that messages and the report use.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
            Self::Zip => "zip",
            Self::Tar => "tar",
        }
    }
}
