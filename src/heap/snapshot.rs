//! The finished tables, and the questions they answer.

use std::sync::OnceLock;

use super::address_index::{AddressIndex, ObjectIndex};
use super::class::{Class, ClassIndex, ClassKind, Classes};
use super::class_sizes::Shallow;
use super::collections::Shapes;
use super::compat::Compat;
use super::heaps::Heaps;
use super::layout::Layout;
use super::link::Asked;
use super::locate::{Block, Blocks};
use super::names;
use super::observer::Pages;
use super::referrer_rows::KnownRows;
use super::roots::Roots;
use super::sizes::{ShallowSizes, UNIT};
use super::steps::Steps;
use super::thread::Thread;
use super::totals::{ReferenceTotals, Totals};
use super::vocabulary::Vocabulary;
use crate::graph::{Column, Dominators, Strength, Tree};
use crate::hprof::{Container, Damage, Header};

/// Bytes between two blocks that are still one run of the file.
const BETWEEN: u64 = 4 << 10;

/// A heap dump, analysed. Borrows the bytes of the dump: contents are read when they are asked for.
pub struct Snapshot<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) header: Header,
    pub(crate) container: Container,
    pub(crate) compat: Compat,
    pub(crate) layout: Layout,
    pub(crate) classes: Classes,
    pub(crate) class_objects: Vec<u32>,
    pub(crate) index: AddressIndex,
    pub(crate) blocks: Blocks,
    pub(crate) class_column: Column,
    pub(crate) sizes: ShallowSizes,
    pub(crate) roots: Roots,
    pub(crate) threads: Vec<Thread>,
    /// Class serial -> identifier of the name.
    pub(crate) class_serials: foldhash::HashMap<u32, u64>,
    pub(crate) dominators: Dominators,
    pub(crate) tree: Tree,
    pub(crate) totals: [Totals; 6],
    pub(crate) fillers: Totals,
    pub(crate) references: ReferenceTotals,
    pub(crate) referents: Vec<(u32, u32, Strength)>,
    pub(crate) heaps: Heaps,
    pub(crate) damage: Vec<Damage>,
    /// Steps that walks along references of the dump may still take.
    pub(crate) steps: Steps,
    /// The shapes of collections by class, found when they are first asked for.
    pub(crate) shapes: OnceLock<Shapes>,
    /// The file behind `bytes`, where pages can be given back.
    pub(crate) pages: Option<&'a dyn Pages>,
    /// Whether names that were made at run time are given as they are.
    pub(crate) values_shown: bool,
    /// The words that such names may have otherwise.
    pub(crate) vocabulary: std::sync::OnceLock<Vocabulary>,
    /// The objects of whose references was asked last.
    pub(crate) asked: std::sync::Mutex<Asked>,
    /// Who refers to whom, where that is known.
    pub(crate) referrer_rows: KnownRows,
}

impl<'a> Snapshot<'a> {
    /// The same, with the file behind the bytes: what questions read of it is given back from time to time.
    pub fn with_pages(mut self, pages: &'a dyn Pages) -> Snapshot<'a> {
        self.pages = Some(pages);
        self
    }

    /// Gives back the pages behind the file offsets `range`.
    pub fn release(&self, range: std::ops::Range<usize>) {
        if let Some(pages) = self.pages {
            pages.release(range);
        }
    }

    /// Gives back the pages behind `blocks`, all that one task has read: neighbours by address may lie anywhere in the file.
    pub(crate) fn release_blocks(&self, blocks: &[Block]) {
        let runs = blocks.chunk_by(|a, b| a.end <= b.start && b.start - a.end <= BETWEEN);
        for run in runs {
            if let (Some(first), Some(last)) = (run.first(), run.last()) {
                self.release(first.start as usize..last.end as usize);
            }
        }
    }

    /// Gives back the pages of the whole file. A single object that is read brings 64 KiB of neighbours along.
    pub fn release_all(&self) {
        self.release(0..self.bytes.len());
    }

    /// The header of the dump.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The top-level records.
    pub fn container(&self) -> &Container {
        &self.container
    }

    /// Which rules the analysis followed: the JVM's or MAT's.
    pub fn compat(&self) -> Compat {
        self.compat
    }

    /// The layout that was inferred.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The classes.
    pub fn classes(&self) -> &Classes {
        &self.classes
    }

    /// Which classes are collections, and of what shape.
    pub fn shapes(&self) -> &Shapes {
        self.shapes
            .get_or_init(|| Shapes::new(&self.classes, |id| self.name(id)))
    }

    /// The GC roots.
    pub fn roots(&self) -> &Roots {
        &self.roots
    }

    /// Whether names of threads and class loaders, and contents, are given as they are.
    pub fn values_shown(&self) -> bool {
        self.values_shown
    }

    /// The threads, in the order of the dump.
    pub fn threads(&self) -> &[Thread] {
        &self.threads
    }

    /// What is wrong with the dump.
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// Whether no object, root or reference is known to be missing.
    pub fn is_complete(&self) -> bool {
        self.roots.complete && !self.damage.iter().any(|damage| damage.code.loses_data())
    }

    /// Numbers about references.
    pub fn references(&self) -> ReferenceTotals {
        self.references
    }

    /// `java.lang.ref.Reference` objects with a referent: (reference, referent, strength of the reference).
    pub fn referents(&self) -> &[(ObjectIndex, ObjectIndex, Strength)] {
        &self.referents
    }

    /// Number of objects; indexes are `0..len`.
    pub fn len(&self) -> usize {
        self.class_column.len()
    }

    /// Whether the heap is empty.
    pub fn is_empty(&self) -> bool {
        self.class_column.is_empty()
    }

    /// Objects and bytes that are reachable with `strength`.
    pub fn totals(&self, strength: Strength) -> Totals {
        self.totals[strength as usize]
    }

    /// Fillers: dead space that the JVM makes look like arrays; part of what has no path.
    pub fn fillers(&self) -> Totals {
        self.fillers
    }

    /// The object at `address`.
    pub fn find(&self, address: u64) -> Option<ObjectIndex> {
        self.index.find(address)
    }

    /// The address of `object`.
    pub fn address(&self, object: ObjectIndex) -> u64 {
        self.index.address(object)
    }

    /// The addresses of all objects, in the order of their indexes.
    pub fn addresses(&self) -> impl Iterator<Item = u64> + '_ {
        self.index.addresses_from(0)
    }

    /// The class of `object`; that of a class object is `java.lang.Class`.
    #[inline]
    pub fn class_of(&self, object: ObjectIndex) -> ClassIndex {
        ClassIndex(self.class_column.get(object))
    }

    /// The class of `object`, as the dump describes it.
    #[inline]
    pub fn class(&self, object: ObjectIndex) -> &Class {
        self.classes.get(self.class_of(object))
    }

    /// The class object of `class`, where the dump has it.
    pub fn class_object(&self, class: ClassIndex) -> Option<ObjectIndex> {
        self.class_objects
            .get(class.0 as usize)
            .copied()
            .filter(|&object| object != u32::MAX)
    }

    /// The class that `object` is the class object of.
    pub fn as_class(&self, object: ObjectIndex) -> Option<ClassIndex> {
        let class = self.classes.find(self.address(object))?;
        (self.class_object(class) == Some(object)).then_some(class)
    }

    /// Shallow size of `object` in bytes.
    #[inline]
    pub fn shallow(&self, object: ObjectIndex) -> u64 {
        self.shallow_of(object, self.class_of(object))
    }

    /// The same for an object whose class is known.
    #[inline(always)]
    pub fn shallow_of(&self, object: ObjectIndex, class: ClassIndex) -> u64 {
        self.sizes.units(object, class.0).saturating_mul(UNIT)
    }

    fn shallow_sizes(&self) -> Shallow<'_> {
        Shallow {
            sizes: &self.sizes,
            classes: &self.class_column,
            count: self.classes.len(),
        }
    }

    /// Retained size of `object` in bytes.
    #[inline]
    pub fn retained(&self, object: ObjectIndex) -> u64 {
        self.tree.retained(object, &self.shallow_sizes())
    }

    /// Number of objects that `object` retains, itself included.
    #[inline]
    pub fn retained_objects(&self, object: ObjectIndex) -> u64 {
        u64::from(self.tree.count(object))
    }

    /// The immediate dominator of `object`, `None` for topmost objects.
    #[inline]
    pub fn dominator(&self, object: ObjectIndex) -> Option<ObjectIndex> {
        self.dominators.immediate(object)
    }

    /// The objects that the immediate dominator need not refer to itself, ascending: several others refer to them, or nobody. To all
    /// other objects it does.
    pub fn joints(&self) -> impl Iterator<Item = ObjectIndex> + '_ {
        self.dominators.joints()
    }

    /// Whether `object` is in the dominator tree. Under MAT's rules unreachable objects are not.
    pub fn contains(&self, object: ObjectIndex) -> bool {
        self.tree.contains(object)
    }

    /// How strongly `object` is reachable.
    #[inline]
    pub fn strength(&self, object: ObjectIndex) -> Strength {
        self.tree.strength(object)
    }

    /// All objects that `object` dominates, itself first, in preorder of the dominator tree.
    pub fn dominated(&self, object: ObjectIndex) -> &[ObjectIndex] {
        self.tree.dominated(object)
    }

    /// The position of `object` in preorder, where it is in the dominator tree.
    #[inline]
    pub fn position(&self, object: ObjectIndex) -> Option<usize> {
        self.tree.position_of(object)
    }

    /// The positions in preorder of all objects that `object` dominates, its own first.
    pub fn positions(&self, object: ObjectIndex) -> std::ops::Range<usize> {
        self.tree.positions(object)
    }

    /// The object at `position` and its class. Classes of neighbouring positions are neighbours in memory.
    #[inline(always)]
    pub fn at(&self, position: usize) -> (ObjectIndex, ClassIndex) {
        let class = ClassIndex(self.tree.group_at(position));
        (self.tree.node(position), class)
    }

    /// Retained size of the object at `position` in bytes.
    #[inline]
    pub fn retained_at(&self, position: usize) -> u64 {
        self.tree.retained_at(position, &self.shallow_sizes())
    }

    /// The position after all that the object at `position` dominates.
    #[inline]
    pub fn end_at(&self, position: usize) -> usize {
        self.tree.end_at(position)
    }

    /// How strongly the object at `position` is reachable.
    #[inline]
    pub fn strength_at(&self, position: usize) -> Strength {
        self.tree.strength_at(position)
    }

    /// Whether `object` dominates others than itself.
    #[inline]
    pub fn dominates_others(&self, object: ObjectIndex) -> bool {
        let position = self.tree.position_of(object);
        position.is_some_and(|position| self.tree.is_inner(position))
    }

    /// The positions of the objects that are reachable with `strength`.
    pub fn positions_of(&self, strength: Strength) -> std::ops::Range<usize> {
        self.tree.positions_of(strength)
    }

    /// The positions of the objects that [`Snapshot::children`] gives: for walks over very many, to which the number of an object
    /// only costs a look for its position.
    pub fn child_positions(&self, object: Option<ObjectIndex>) -> impl Iterator<Item = usize> + '_ {
        self.tree.child_positions(object)
    }

    /// The positions of the objects that the one at `position` immediately dominates.
    #[inline]
    pub fn child_positions_at(&self, position: usize) -> impl Iterator<Item = usize> + '_ {
        self.tree.child_positions_at(position)
    }

    /// The objects that `object` immediately dominates; with `None` the topmost ones, the strongest first.
    pub fn children(&self, object: Option<ObjectIndex>) -> impl Iterator<Item = ObjectIndex> + '_ {
        self.tree.children(object)
    }

    /// A path from a GC root (or another place where reachability begins) to `object`: each object refers to the next.
    pub fn path(&self, object: ObjectIndex) -> Vec<ObjectIndex> {
        self.dominators.path(object)
    }

    /// Retained size of every class, by class number: the retained sizes of its topmost objects in the dominator tree,
    /// so that nothing counts twice. What has no path from a root does not count.
    pub fn retained_by_class(&self) -> Vec<u64> {
        self.tree
            .retained_by_group(&self.dominators, &self.shallow_sizes())
    }

    /// The name with identifier `id`.
    pub fn name(&self, id: u64) -> String {
        match self.container.string(self.bytes, id) {
            Some(raw) => names::decode(raw),
            None => format!("unknown-name@{id:#x}"),
        }
    }

    /// Whether the name with identifier `id` is `name`.
    #[inline]
    pub fn is_name(&self, id: u64, name: &str) -> bool {
        self.container.string(self.bytes, id) == Some(name.as_bytes())
    }

    /// Whether objects of `class` are arrays.
    pub fn is_array(&self, class: ClassIndex) -> bool {
        self.classes.get(class).kind != ClassKind::Instance
    }
}
