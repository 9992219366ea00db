//! In which order and in what packaging a heap is written.

/// How class names are spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// `java/lang/String`, `[Ljava/lang/String;`: HotSpot.
    Slashes,
    /// `java.lang.String`, `java.lang.String[]`: the old agent, Android.
    Dots,
}

/// Where the GC roots stand among the sub-records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootsPlace {
    First,
    /// JDK 21 and later.
    AfterClasses,
    /// JDK 8 to 17.
    Last,
}

/// The top-level records that carry the sub-records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// HEAP_DUMP_SEGMENT records of at most so many bytes (a larger sub-record gets its own), then HEAP_DUMP_END.
    Segments(usize),
    /// One HEAP_DUMP and no end record: JDK 8 below 2 GB, jhsdb, the old agent.
    OneHeapDump,
}

/// Everything that may vary in a dump of the same heap.
#[derive(Clone, Debug)]
pub struct Options {
    /// The version in the header.
    pub magic: &'static str,
    pub names: Names,
    pub roots: RootsPlace,
    pub framing: Framing,
    /// Instances and arrays before the class dumps that describe them.
    pub objects_before_classes: bool,
    /// STRING and LOAD_CLASS records after the heap.
    pub names_last: bool,
    /// STACK_FRAME and STACK_TRACE records after the heap.
    pub stacks_last: bool,
    /// ROOT_JAVA_FRAME and ROOT_JNI_LOCAL before the ROOT_THREAD_OBJECT they belong to.
    pub locals_before_threads: bool,
    /// Fields of a class in reverse order of declaration (JDK 11 and 17).
    pub fields_reversed: bool,
    /// Objects in an order that has nothing to do with their addresses; the number seeds the shuffle.
    pub shuffle: Option<u64>,
    /// The two records HotSpot does not write any more: a wrong HEAP_SUMMARY and ALLOC_SITES, to be skipped.
    pub agent_records: bool,
}

impl Default for Options {
    /// As JDK 17 writes.
    fn default() -> Self {
        Options {
            magic: "JAVA PROFILE 1.0.2",
            names: Names::Slashes,
            roots: RootsPlace::Last,
            framing: Framing::Segments(1 << 20),
            objects_before_classes: false,
            names_last: false,
            stacks_last: false,
            locals_before_threads: false,
            fields_reversed: true,
            shuffle: None,
            agent_records: false,
        }
    }
}

impl Options {
    /// As JDK 8 writes a heap below 2 GB.
    pub fn jdk8() -> Self {
        Options {
            magic: "JAVA PROFILE 1.0.1",
            framing: Framing::OneHeapDump,
            ..Options::default()
        }
    }

    /// As JDK 22 and later write.
    pub fn jdk25() -> Self {
        Options {
            roots: RootsPlace::AfterClasses,
            fields_reversed: false,
            ..Options::default()
        }
    }

    /// Every order that the format allows and HotSpot does not use, at once.
    pub fn upside_down() -> Self {
        Options {
            roots: RootsPlace::First,
            framing: Framing::Segments(100),
            objects_before_classes: true,
            names_last: true,
            stacks_last: true,
            locals_before_threads: true,
            shuffle: Some(7),
            agent_records: true,
            ..Options::default()
        }
    }
}
