//! The size of `jdk.internal.vm.StackChunk`: stacks of virtual threads that are not mounted.
//!
//! A dump shows a chunk as an instance with the fields `parent`, `size`, `sp` and `bottom`; the stack itself, `size` words,
//! is not in it. HotSpot (`instanceStackChunkKlass.inline.hpp`, `instance_size`) puts behind the fields the stack and a
//! bitmap with one bit for every place in it that may hold a reference.

use rayon::prelude::*;

use super::address_index::AddressIndex;
use super::class::Classes;
use super::layout::{Layout, round_up};
use super::locate::{Block, Blocks};
use crate::hprof::cursor::Cursor;
use crate::hprof::{Container, FieldType, FieldValue, IdSize, SubRecord, SubRecords};

/// Class of the chunks.
const STACK_CHUNK: &str = "jdk.internal.vm.StackChunk";
/// Bytes of the fields that the VM adds besides a reference: program counter, size when thawed, two flags.
const INJECTED: u64 = 8 + 4 + 2;
/// Bytes in a word of the stack.
const WORD: u64 = 8;

/// What chunks are read from.
pub struct Heap<'a> {
    /// The dump.
    pub bytes: &'a [u8],
    /// Its records.
    pub container: &'a Container,
    /// The classes.
    pub classes: &'a Classes,
    /// The layout of objects.
    pub layout: &'a Layout,
    /// Addresses to indexes.
    pub index: &'a AddressIndex,
    /// Where objects lie in the dump.
    pub blocks: &'a Blocks,
    /// Width of identifiers.
    pub id: IdSize,
}

/// The size of every stack chunk, in bytes: (object, size). `class_column` is the class of every object.
pub fn sizes(heap: Heap<'_>, class_column: &[u32]) -> Vec<(u32, u64)> {
    let Some((class, at)) = chunk_class(&heap) else {
        return Vec::new();
    };
    let mut blocks: Vec<Block> = class_column
        .par_iter()
        .enumerate()
        .with_min_len(1 << 14)
        .filter(|&(_, &of)| of == class)
        .filter_map(|(object, _)| {
            let object = object as u32;
            heap.blocks.find(object, heap.index.address(object))
        })
        .collect();
    blocks.sort_unstable_by_key(|block| block.start);
    blocks.dedup();
    blocks
        .par_iter()
        .flat_map_iter(|block| chunks_of(&heap, block, class, class_column, at))
        .collect()
}

/// Number of the class, and where its field `size` stands in the data of an instance.
fn chunk_class(heap: &Heap<'_>) -> Option<(u32, usize)> {
    let index = heap.classes.named(STACK_CHUNK).next()?;
    let class = heap.classes.get(index);
    let mut at = 0;
    for field in &class.dump.fields {
        let named = heap.container.string(heap.bytes, field.name_id) == Some(b"size");
        if named && field.kind == FieldType::Int {
            return Some((index.0, at));
        }
        at += field.kind.width(heap.id.bytes());
    }
    None
}

fn chunks_of(
    heap: &Heap<'_>,
    block: &Block,
    class: u32,
    class_column: &[u32],
    at: usize,
) -> Vec<(u32, u64)> {
    let (start, end) = (block.start as usize, block.end as usize);
    let mut records = SubRecords::new(heap.bytes, start, end, heap.id);
    let mut found = Vec::new();
    while let Ok(Some(record)) = records.next() {
        let SubRecord::Instance { id, data, .. } = record else {
            continue;
        };
        let object = heap.index.find(id);
        let Some(object) = object.filter(|&object| class_column[object as usize] == class) else {
            continue;
        };
        let words = FieldValue::read(
            &mut Cursor::new(data, at, data.len()),
            FieldType::Int,
            heap.id,
        );
        let words = words.and_then(FieldValue::integer).unwrap_or(0).max(0) as u64;
        let size = chunk_bytes(heap.layout, words);
        let gap = heap.index.next_after(id).map(|next| next - id);
        found.push((object, gap.map_or(size, |gap| size.min(gap))));
    }
    found
}

/// Bytes of a chunk with a stack of `words` words.
pub fn chunk_bytes(layout: &Layout, words: u64) -> u64 {
    let reference = layout.reference_bytes;
    // parent and the continuation; size, sp and bottom.
    let declared = round_up(layout.object_header_bytes, 4) + 2 * reference + 3 * 4;
    let fields = round_up(declared + INJECTED, WORD);
    let bits = words * (WORD / reference.clamp(4, 8));
    let bitmap = bits.div_ceil(64) * WORD;
    round_up(fields + words * WORD + bitmap, layout.alignment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::layout::Packing;

    #[test]
    fn a_parked_thread_of_jdk_25() {
        let layout = Layout {
            reference_bytes: 4,
            object_header_bytes: 12,
            array_header_bytes: 16,
            alignment: 8,
            packing: Packing::Gaps,
            inferred_from: String::new(),
        };
        assert_eq!(chunk_bytes(&layout, 237), 2008);
    }
}
