//! Who holds: the nearest thing towards the GC root that a developer can go and change.

use serde::{Deserialize, Serialize};

use super::naming;
use crate::heap::{ObjectIndex, privacy};

/// What kind of owner.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HolderKind {
    /// A static field.
    StaticField,
    /// A field of an object.
    InstanceField,
    /// A `ThreadLocal`, in one thread or several.
    ThreadLocal,
    /// A thread: a local variable of a frame, or a field of the thread.
    Thread,
    /// A class loader.
    ClassLoader,
    /// A global JNI reference.
    JniGlobal,
    /// A monitor that is held or waited for.
    Monitor,
    /// Something inside the VM, or not known.
    VmInternal,
    /// An owner of which only the name is known, and every kind that a report of a later version may have.
    #[default]
    #[serde(other)]
    Owner,
}

impl HolderKind {
    /// The kind as reports spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            HolderKind::StaticField => "static_field",
            HolderKind::InstanceField => "instance_field",
            HolderKind::ThreadLocal => "thread_local",
            HolderKind::Thread => "thread",
            HolderKind::ClassLoader => "class_loader",
            HolderKind::JniGlobal => "jni_global",
            HolderKind::Monitor => "monitor",
            HolderKind::VmInternal => "vm_internal",
            HolderKind::Owner => "owner",
        }
    }
}

/// Who holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// What kind of owner.
    pub kind: HolderKind,
    /// The class that declares the field; of a thread the class of the frame or of its work.
    pub class: String,
    /// The field, if it is one.
    pub field: Option<String>,
    /// Name of the thread as reports may show it, if one is involved.
    pub thread: Option<String>,
    /// Stack frame of the local variable, as Java prints it.
    pub frame: Option<String>,
    /// The object that holds: class object, thread, instance.
    pub object: Option<ObjectIndex>,
    /// What the holder refers to: everything below it is held.
    pub target: ObjectIndex,
    /// The class was only found on the thread's stack: that code runs, it need not be what holds.
    pub by_stack: bool,
}

impl Holder {
    /// What stays the same from run to run: the same for all members of a group.
    pub fn signature(&self) -> String {
        let field = self
            .field
            .as_deref()
            .map(|field| format!(".{field}"))
            .unwrap_or_default();
        let thread = match (&self.thread, self.kind) {
            (Some(thread), HolderKind::Thread) => format!(" {}", privacy::shortened(thread)),
            _ => String::new(),
        };
        format!(
            "{} {}{field}{thread}",
            self.kind.as_str(),
            naming::stable(&self.class)
        )
    }

    /// Whether a field holds.
    pub fn is_field(&self) -> bool {
        matches!(
            self.kind,
            HolderKind::InstanceField | HolderKind::StaticField
        )
    }

    /// Whether code of the application or a library holds, not the JDK's.
    pub fn is_application(&self) -> bool {
        naming::is_owner(&self.class)
    }

    /// The owner in one expression: `com.acme.Cache.MAP`, `thread "worker-1"`, of a thread without a name where it is.
    pub fn title(&self) -> String {
        self.title_with("thread")
    }

    /// The same, with `threads` for the word before the name of a thread: `500 threads "worker-*"`.
    pub fn title_with(&self, threads: &str) -> String {
        let field = self
            .field
            .as_deref()
            .map(|field| format!(".{field}"))
            .unwrap_or_default();
        match (self.kind, &self.thread) {
            (HolderKind::Thread, Some(thread)) => format!("{threads} \"{thread}\""),
            (HolderKind::Thread, None) if self.frame.is_some() => {
                format!("{threads} in {}", self.frame.as_deref().unwrap_or_default())
            }
            (HolderKind::JniGlobal, _) => format!("JNI global {}{field}", self.class),
            (HolderKind::Monitor, _) => format!("monitor {}{field}", self.class),
            // Where a lambda happened to be in memory is of no use to the reader.
            _ => format!("{}{field}", naming::stable(&self.class)),
        }
    }
}
