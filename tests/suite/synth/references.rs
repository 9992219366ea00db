//! `java.lang.ref`: soft, weak, final and phantom references.

use super::{Class, Heap, Obj};

/// Kind of a reference object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    Soft,
    Weak,
    Phantom,
}

impl Heap {
    /// A reference object of the JDK's own class to `referent`.
    pub fn reference(&mut self, strength: Strength, referent: Obj) -> Obj {
        let class = self.jdk(match strength {
            Strength::Soft => "java.lang.ref.SoftReference",
            Strength::Weak => "java.lang.ref.WeakReference",
            Strength::Phantom => "java.lang.ref.PhantomReference",
        });
        self.reference_of(class, referent)
    }

    /// A reference object of any subclass of `java.lang.ref.Reference`.
    pub fn reference_of(&mut self, class: Class, referent: Obj) -> Obj {
        let reference = self.instance(class);
        self.set(reference, "referent", referent);
        reference
    }

    /// Registers an object with a finalizer: `java.lang.ref.Finalizer`, chained from `Finalizer.unfinalized`.
    pub fn finalizable(&mut self, referent: Obj) -> Obj {
        let class = self.jdk("java.lang.ref.Finalizer");
        let finalizer = self.reference_of(class, referent);
        match self.finalizer_chain {
            Some(head) => {
                self.set(finalizer, "next", head)
                    .set(head, "prev", finalizer);
                self.set_static(class, "unfinalized", finalizer);
            }
            None => self.add_static(class, "unfinalized", finalizer),
        }
        self.finalizer_chain = Some(finalizer);
        finalizer
    }

    /// A `java.nio.DirectByteBuffer` of `capacity` bytes outside the heap, with its cleaner.
    pub fn direct_buffer(&mut self, capacity: i32) -> Obj {
        let buffer = self.new_object("java.nio.DirectByteBuffer");
        let address = 0x7f00_0000_0000_i64 + i64::from(buffer.0) * 0x10_0000;
        self.set(buffer, "capacity", capacity)
            .set(buffer, "limit", capacity)
            .set(buffer, "address", address);
        let deallocator = self.new_object("java.nio.DirectByteBuffer$Deallocator");
        self.set(deallocator, "address", address)
            .set(deallocator, "capacity", capacity);
        self.set(deallocator, "size", i64::from(capacity));
        let class = self.jdk("jdk.internal.ref.Cleaner");
        let cleaner = self.reference_of(class, buffer);
        self.set(cleaner, "thunk", deallocator)
            .set(buffer, "cleaner", cleaner);
        if self.class_data(class).statics.is_empty() {
            self.add_static(class, "first", cleaner);
        } else {
            let head = self.static_ref(class, "first").expect("a head of the list");
            self.set(cleaner, "next", head).set(head, "prev", cleaner);
            self.set_static(class, "first", cleaner);
        }
        buffer
    }
}
