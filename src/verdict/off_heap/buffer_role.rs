//! What a `DirectByteBuffer` has to do with the memory behind it.

use crate::heap::{ObjectIndex, Snapshot};
use crate::verdict::field_values::{address, is_set, object, size, values};

/// What a direct buffer has to do with the memory behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Allocated it and frees it; bytes, page alignment included where the cleaner tells.
    Owner(u64),
    /// Somebody else allocated it and nothing on the heap frees it; (address, bytes).
    Bare(u64, u64),
    /// A view of another buffer or an arena, a mapped file, or empty.
    Other,
}

/// The role of `buffer`.
pub(super) fn role(snapshot: &Snapshot, buffer: ObjectIndex) -> Role {
    let [att, cleaner, fd, segment, capacity, at] = values(
        snapshot,
        buffer,
        ["att", "cleaner", "fd", "segment", "capacity", "address"],
    );
    let capacity = size(capacity).unwrap_or(0);
    if is_set(fd) {
        return Role::Other;
    }
    if let Some(cleaner) = object(snapshot, cleaner) {
        let [thunk, next] = values(snapshot, cleaner, ["thunk", "next"]);
        // A cleaner that has run links to itself (`Cleaner.remove`): the buffer was freed by hand.
        if object(snapshot, next) == Some(cleaner) {
            return Role::Other;
        }
        let deallocator = object(snapshot, thunk);
        let exact = deallocator.map(|it| {
            let [at, exact, fd] = values(snapshot, it, ["address", "size", "fd"]);
            (address(at), size(exact), is_set(fd))
        });
        return match exact {
            // Up to JDK 8 a mapped file keeps its descriptor in the cleaner's task.
            Some((_, _, true)) => Role::Other,
            // The same, up to JDK 17.
            Some((0, Some(_), _)) => Role::Other,
            Some((_, Some(exact), _)) => Role::Owner(exact),
            _ => Role::Owner(capacity),
        };
    }
    let bare = !is_set(att) && !is_set(segment) && capacity > 0 && address(at) != 0;
    if bare {
        Role::Bare(address(at), capacity)
    } else {
        Role::Other
    }
}
