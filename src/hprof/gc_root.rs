//! GC roots, as the dump lists them.

/// The kinds of GC roots, with the tag of their sub-record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum RootKind {
    /// OpenJ9's system class.
    J9SystemClass = 0x00,
    /// A global JNI reference, or a root inside the VM.
    JniGlobal = 0x01,
    /// A local JNI reference of a native frame.
    JniLocal = 0x02,
    /// A local variable or operand of a Java frame.
    JavaFrame = 0x03,
    /// A native stack.
    NativeStack = 0x04,
    /// A class that is never unloaded (HotSpot: a class of the boot loader).
    StickyClass = 0x05,
    /// A thread's block.
    ThreadBlock = 0x06,
    /// A monitor somebody waits for or holds.
    MonitorUsed = 0x07,
    /// A live thread.
    ThreadObject = 0x08,
    /// Android: an interned string.
    InternedString = 0x89,
    /// Android: an object that is being finalized.
    Finalizing = 0x8A,
    /// Android: held by a debugger.
    Debugger = 0x8B,
    /// Android: being cleaned up by the reference queue.
    ReferenceCleanup = 0x8C,
    /// Android: held by the VM.
    VmInternal = 0x8D,
    /// Android: a monitor held from native code.
    JniMonitor = 0x8E,
    /// Android: dumped though unreachable.
    Unreachable = 0x90,
    /// The writer did not know.
    Unknown = 0xFF,
}

impl RootKind {
    /// The kind of sub-record `tag`, if it is a root.
    #[inline]
    pub fn from_tag(tag: u8) -> Option<RootKind> {
        Some(match tag {
            0x00 => RootKind::J9SystemClass,
            0x01 => RootKind::JniGlobal,
            0x02 => RootKind::JniLocal,
            0x03 => RootKind::JavaFrame,
            0x04 => RootKind::NativeStack,
            0x05 => RootKind::StickyClass,
            0x06 => RootKind::ThreadBlock,
            0x07 => RootKind::MonitorUsed,
            0x08 => RootKind::ThreadObject,
            0x89 => RootKind::InternedString,
            0x8A => RootKind::Finalizing,
            0x8B => RootKind::Debugger,
            0x8C => RootKind::ReferenceCleanup,
            0x8D => RootKind::VmInternal,
            0x8E => RootKind::JniMonitor,
            0x90 => RootKind::Unreachable,
            0xFF => RootKind::Unknown,
            _ => return None,
        })
    }

    /// How many bytes follow the object's identifier: (identifiers, plain bytes).
    #[inline]
    pub fn trailer(self) -> (usize, usize) {
        match self {
            RootKind::JniGlobal => (1, 0),
            RootKind::JniLocal
            | RootKind::JavaFrame
            | RootKind::ThreadObject
            | RootKind::JniMonitor => (0, 8),
            RootKind::NativeStack | RootKind::ThreadBlock => (0, 4),
            _ => (0, 0),
        }
    }

    /// Whether the root belongs to a thread's stack, so that it hangs below its thread.
    pub fn is_local(self) -> bool {
        matches!(
            self,
            RootKind::JniLocal
                | RootKind::JavaFrame
                | RootKind::NativeStack
                | RootKind::ThreadBlock
        )
    }

    /// The name that MAT's users know.
    pub fn label(self) -> &'static str {
        match self {
            RootKind::J9SystemClass | RootKind::StickyClass => "System Class",
            RootKind::JniGlobal => "JNI Global",
            RootKind::JniLocal => "JNI Local",
            RootKind::JavaFrame => "Java Local",
            RootKind::NativeStack => "Native Stack",
            RootKind::ThreadBlock => "Thread Block",
            RootKind::MonitorUsed => "Busy Monitor",
            RootKind::ThreadObject => "Thread",
            RootKind::InternedString => "Interned String",
            RootKind::Finalizing => "Finalizing",
            RootKind::Debugger => "Debugger",
            RootKind::ReferenceCleanup => "Reference Cleanup",
            RootKind::VmInternal => "VM Internal",
            RootKind::JniMonitor => "JNI Monitor",
            RootKind::Unreachable => "Unreachable",
            RootKind::Unknown => "Unknown",
        }
    }
}

/// One GC root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GcRoot {
    /// What kind.
    pub kind: RootKind,
    /// Identifier of the object.
    pub object_id: u64,
    /// Thread serial number, 0 where the kind has none.
    pub thread_serial: u32,
    /// Frame number from the top of the stack (locals), stack trace serial (thread objects), otherwise 0.
    /// `u32::MAX` stands for "no frame".
    pub frame: u32,
}
