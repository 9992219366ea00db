//! The heaps of an Android dump. What lies in the zygote's heap or in the boot image was there before the application
//! started and is shared between processes: it is not the application's doing, so it is counted but never accused.

use std::sync::OnceLock;

use super::totals::Totals;

/// The heaps that Android tells apart (ART, `hprof.cc`: `HprofHeapId`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HeapKind {
    /// 0: no heap was named.
    #[default]
    Default,
    /// 65, 'A': the application's own.
    App,
    /// 73, 'I': the boot image, mapped from a file.
    Image,
    /// 90, 'Z': what was allocated before the application was forked off.
    Zygote,
    /// Another number.
    Other(u32),
}

impl HeapKind {
    /// The heap with number `id`.
    pub fn from_id(id: u32) -> HeapKind {
        match id {
            0 => HeapKind::Default,
            65 => HeapKind::App,
            73 => HeapKind::Image,
            90 => HeapKind::Zygote,
            other => HeapKind::Other(other),
        }
    }

    /// Whether its objects were there before the application, so that it did not make them.
    pub fn is_preloaded(self) -> bool {
        matches!(self, HeapKind::Image | HeapKind::Zygote)
    }

    /// Its name in reports: ART's own, whatever the dump calls it.
    pub fn name(self) -> String {
        match self {
            HeapKind::Default => "default".to_owned(),
            HeapKind::App => "app".to_owned(),
            HeapKind::Image => "image".to_owned(),
            HeapKind::Zygote => "zygote".to_owned(),
            HeapKind::Other(id) => format!("heap {id}"),
        }
    }
}

/// Which object is in which heap. Found out when first asked for: only Android's dumps name heaps.
#[derive(Debug, Default)]
pub struct Heaps {
    /// Whether the dump has HEAP_DUMP_INFO sub-records.
    named: bool,
    pub(super) members: OnceLock<Members>,
}

#[derive(Debug, Default)]
pub(super) struct Members {
    /// The heap of each object.
    pub heaps: Vec<HeapKind>,
    /// What each object retains of the preloaded heaps, itself included.
    pub preloaded: Vec<Totals>,
}

impl Heaps {
    /// From the HEAP_DUMP_INFO sub-records: (file offset, number of the heap, identifier of its name).
    pub fn new(infos: &[(u64, u32, u64)]) -> Heaps {
        Heaps::named(!infos.is_empty())
    }

    /// Of a dump of which it is known whether it names heaps.
    pub fn named(named: bool) -> Heaps {
        Heaps {
            named,
            members: OnceLock::new(),
        }
    }

    /// Whether the dump names no heaps: every dump but Android's.
    pub fn is_empty(&self) -> bool {
        !self.named
    }
}
