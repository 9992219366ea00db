//! Reading collections by their shape. Every value is checked for sense: what cannot be is unknown.

use super::address_index::ObjectIndex;
use super::class::ClassKind;
use super::collections::{BY_TWOS, Elements, Node, Room, Shape, Size};
use super::snapshot::Snapshot;

/// Views of views that are looked into.
const MOST_VIEWS: usize = 8;
/// Objects of an array whose numbers are added up.
const MOST_SUMMED: usize = 1 << 16;
/// The number of elements where no row of the table fits: Scala counts as `contentSize` or `tableSize`, Eclipse Collections as
/// `occupied`.
const COUNTS: &str = "size|count|elementCount|contentSize|tableSize|occupied";
/// Where no row fits: hash tables, arrays, first nodes, what a queue takes.
const TABLES: &str = "table|map.table|m.table";
const ARRAYS: &str = "elementData|queue|array|items|elements";
const FIRSTS: &str = "head|first";
const CAPACITIES: &str = "capacity|maxCapacity";
/// Nodes without an element that an empty queue has at most.
const MOST_EMPTY_NODES: usize = 4;
/// What stands for a value that was removed from a map of keys and values by turns.
const REMOVED: &str = "java.lang.Object";

/// A key and its value; an element has no key.
pub type Pair = (Option<ObjectIndex>, Option<ObjectIndex>);

/// A collection behind views of it.
struct Inner {
    object: ObjectIndex,
    shape: Option<&'static Shape>,
    /// The keys of a map are the elements.
    is_set: bool,
}

impl<'a> Snapshot<'a> {
    /// How `object` keeps elements, if it is a collection that is known.
    pub fn shape(&self, object: ObjectIndex) -> Option<&'static Shape> {
        self.shapes().of(self.class_of(object))
    }

    /// Whether `object` has no elements; `None` where that is not known. It reads a few objects only.
    pub fn has_no_elements(&self, object: ObjectIndex) -> Option<bool> {
        let at = self.behind_views(object, |shape| match shape.size {
            Size::Of(path) => Some(path),
            _ => None,
        })?;
        let shape = at.shape?;
        match (shape.size, shape.elements) {
            (Size::Read, Elements::Chain(first, node)) => {
                let mut at = self.follow(at.object, first);
                for _ in 0..MOST_EMPTY_NODES {
                    let Some(found) = at else { return Some(true) };
                    if self.follow(found, node.value).is_some() {
                        return Some(false);
                    }
                    at = self.follow(found, node.next).filter(|&next| next != found);
                }
                None
            }
            (Size::Striped(base, cells), _) => {
                let plain = self.field_object(at.object, cells).is_none();
                let size = self.integer(at.object, base);
                size.filter(|_| plain).map(|size| size == 0)
            }
            (Size::Sum(..) | Size::Read, _) => None,
            _ => Some(self.size(at.object, shape)? == 0),
        }
    }

    /// Number of elements of a collection, map, queue or array; `None` where its layout is not known or makes no sense.
    pub fn entries(&self, collection: ObjectIndex) -> Option<u64> {
        let at = self.behind_views(collection, |shape| match shape.size {
            Size::Of(path) => Some(path),
            _ => None,
        })?;
        match self.class(at.object).kind {
            ClassKind::ObjectArray => return self.array_length(at.object),
            ClassKind::PrimitiveArray(_) => return None,
            ClassKind::Instance => {}
        }
        let size = match at.shape {
            Some(shape) => self.size(at.object, shape)?,
            None => self.integer(at.object, COUNTS)?,
        };
        self.plausible(size)
    }

    /// Each element takes a reference at least: no collection of the heap has more elements than those it has room for.
    fn plausible(&self, size: i64) -> Option<u64> {
        let bytes = self.totals.iter().map(|totals| totals.bytes);
        let most = bytes.fold(0, u64::saturating_add) / 4;
        u64::try_from(size).ok().filter(|&size| size <= most)
    }

    fn size(&self, object: ObjectIndex, shape: &Shape) -> Option<i64> {
        match shape.size {
            Size::Field(path) => self.added(object, path),
            Size::Of(_) => None,
            Size::Length(path) => self
                .array_length(self.array_at(object, path)?)?
                .try_into()
                .ok(),
            Size::Sum(array, field) => self.sum(object, array, field),
            Size::Striped(base, cells) => self.striped(object, base, cells),
            Size::Ring(array, first, end) => self.in_ring(object, [array, first, end]),
            Size::Between(produced, consumed) => {
                let produced = self.integer(object, produced)?;
                let number = produced.checked_sub(self.integer(object, consumed)?)?;
                let name = &self.class(object).name;
                let by_twos = BY_TWOS.iter().any(|part| name.contains(part));
                Some(number >> u32::from(by_twos))
            }
            Size::Always(size) => i64::try_from(size).ok(),
            Size::Read => match shape.elements {
                Elements::Chain(first, node) => self.in_chain(object, first, node)?.try_into().ok(),
                _ => self.pairs(object, usize::MAX).len().try_into().ok(),
            },
        }
    }

    /// The sum of `field` of the objects in the array at the end of `path`.
    pub fn sum(&self, object: ObjectIndex, path: &str, field: &str) -> Option<i64> {
        let array = self.array_at(object, path)?;
        let objects = self.objects_in(array).take(MOST_SUMMED);
        let numbers = objects.filter_map(|object| self.added(object, field));
        Some(numbers.fold(0, i64::saturating_add))
    }

    /// Elements between two places of a ring. Where both are the same, the ring is empty unless a field says that it is full.
    fn in_ring(&self, object: ObjectIndex, [array, first, end]: [&str; 3]) -> Option<i64> {
        let slots = self.array_length(self.array_at(object, array)?)?;
        let slots = i64::try_from(slots).ok()?.max(1);
        if self.integer(object, "full") == Some(1) {
            return Some(slots);
        }
        let number = self
            .integer(object, end)?
            .checked_sub(self.integer(object, first)?)?;
        Some(number.rem_euclid(slots))
    }

    /// How many elements fit: what a field says, or the length of the array behind a queue that does not grow.
    pub fn room(&self, collection: ObjectIndex) -> Option<u64> {
        match self.shape(collection).map(|shape| shape.room) {
            Some(Room::Field(path)) => self.number(collection, path),
            Some(Room::Length(path)) => self.array_length(self.array_at(collection, path)?),
            Some(Room::Mask(path)) => self.number(collection, path)?.checked_add(1),
            Some(Room::Half(path)) => self.number(collection, path).map(|most| most >> 1),
            Some(Room::Grows | Room::Hashed) => None,
            Some(Room::Unknown) | None => self.number(collection, CAPACITIES),
        }
    }

    /// The table or array behind a collection, and behind what that is a view of.
    pub fn table(&self, collection: ObjectIndex) -> Option<ObjectIndex> {
        let at = self.behind_elements(collection)?;
        let is_array = |&object: &ObjectIndex| self.class(object).kind == ClassKind::ObjectArray;
        if is_array(&at.object) {
            return Some(at.object);
        }
        let path = match at.shape.map(|shape| shape.elements) {
            Some(Elements::Array(path) | Elements::Table(path, _) | Elements::Turns(path, _)) => {
                path
            }
            Some(Elements::Columns(_, values)) => values,
            Some(_) => return None,
            None => "table|map.table|m.table|elementData|elements|queue|array|items",
        };
        self.array_at(at.object, path).filter(is_array)
    }

    /// Keys and values, or elements, of a collection: the first `most` in the order in which it keeps them.
    pub fn pairs(&self, collection: ObjectIndex, most: usize) -> Vec<Pair> {
        let Some(at) = self.behind_elements(collection) else {
            return Vec::new();
        };
        let mut pairs = match at.shape {
            _ if self.class(at.object).kind != ClassKind::Instance => {
                self.in_array(Some(at.object), most)
            }
            Some(shape) => self.by_shape(at.object, shape, most),
            None => self.by_names(at.object, most),
        };
        if at.is_set {
            for pair in &mut pairs {
                *pair = (None, pair.0);
            }
        }
        pairs
    }

    /// The values of a map, or the elements of another collection: the first `most`.
    pub fn values(&self, collection: ObjectIndex, most: usize) -> Vec<ObjectIndex> {
        let pairs = self.pairs(collection, most).into_iter();
        pairs.filter_map(|(key, value)| value.or(key)).collect()
    }

    fn by_shape(&self, object: ObjectIndex, shape: &Shape, most: usize) -> Vec<Pair> {
        match shape.elements {
            Elements::Unknown | Elements::Of(_) | Elements::KeysOf(_) => Vec::new(),
            Elements::Fields(paths) => {
                let found = paths.iter().filter_map(|path| self.follow(object, path));
                found.take(most).map(|value| (None, Some(value))).collect()
            }
            Elements::Array(path) => self.in_array(self.array_at(object, path), most),
            Elements::Table(path, node) => {
                let table = self.array_at(object, path);
                self.in_tables(table.into_iter(), node, most)
            }
            Elements::Segments(path, table, node) => {
                let segments = self.array_at(object, path).into_iter();
                let segments = segments.flat_map(|segments| self.objects_in(segments));
                let tables = segments.filter_map(|segment| self.array_at(segment, table));
                self.in_tables(tables, node, most)
            }
            Elements::Chain(first, node) => {
                let nodes = self.chain(self.follow(object, first), |at| self.follow(at, node.next));
                self.of_nodes(nodes.filter(|&at| self.has_key(at, node)), node, most)
            }
            Elements::Tree(root, links, node) => {
                let further = |at, work: &mut Vec<ObjectIndex>| {
                    work.extend(links.iter().filter_map(|link| self.field_object(at, link)));
                };
                let nodes = self.walk(self.follow(object, root), further);
                self.of_nodes(nodes.filter(|&at| self.has_key(at, node)), node, most)
            }
            Elements::Turns(path, skipped) => self.by_turns(object, path, skipped, most),
            Elements::Columns(keys, values) => self.in_columns(object, keys, values, most),
        }
    }

    /// What a collection of a class that nobody knows has, by the names of its fields.
    fn by_names(&self, object: ObjectIndex, most: usize) -> Vec<Pair> {
        let table = self.follow(object, TABLES).into_iter();
        let pairs = self.in_tables(
            table,
            Node {
                key: "key|referent",
                value: "value|val",
                next: "next",
            },
            most,
        );
        if !pairs.is_empty() {
            return pairs;
        }
        let items = self.in_array(self.array_at(object, ARRAYS), most);
        if !items.is_empty() {
            return items;
        }
        let nodes = self.chain(self.follow(object, FIRSTS), |at| {
            self.field_object(at, "next")
        });
        self.of_nodes(
            nodes,
            Node {
                key: "",
                value: "item",
                next: "next",
            },
            most,
        )
    }

    fn in_array(&self, array: Option<ObjectIndex>, most: usize) -> Vec<Pair> {
        let elements = array.into_iter().flat_map(|array| self.slots(array));
        elements.take(most).map(|at| (None, Some(at))).collect()
    }

    /// Pairs in the chains that begin in `tables`.
    fn in_tables(
        &self,
        tables: impl Iterator<Item = ObjectIndex>,
        node: Node,
        most: usize,
    ) -> Vec<Pair> {
        let heads = tables.flat_map(|table| self.slots(table));
        let nodes = heads.flat_map(|head| {
            // A tree of a `ConcurrentHashMap` keeps its nodes in a list as well.
            let first = self.field_object(head, "first").unwrap_or(head);
            self.chain(Some(first), move |at| self.follow_some(at, node.next))
        });
        self.of_nodes(nodes, node, most)
    }

    fn of_nodes(
        &self,
        nodes: impl Iterator<Item = ObjectIndex>,
        node: Node,
        most: usize,
    ) -> Vec<Pair> {
        let pairs = nodes.map(|at| {
            (
                self.follow_some(at, node.key),
                self.follow_some(at, node.value),
            )
        });
        let pairs = pairs.filter(|(key, value)| key.is_some() || value.is_some());
        pairs.take(most).collect()
    }

    /// Whether a node with a key in that place has one: the first of a skip list has none.
    fn has_key(&self, at: ObjectIndex, node: Node) -> bool {
        node.key.is_empty() || self.follow(at, node.key).is_some()
    }

    /// The object at the end of a path that is not empty.
    fn follow_some(&self, at: ObjectIndex, path: &str) -> Option<ObjectIndex> {
        (!path.is_empty()).then(|| self.follow(at, path)).flatten()
    }

    fn by_turns(&self, object: ObjectIndex, path: &str, skipped: usize, most: usize) -> Vec<Pair> {
        let array = self.array_at(object, path).into_iter();
        let mut places = array.flat_map(|array| self.places(array)).skip(skipped);
        let pairs = std::iter::from_fn(|| Some((places.next()?, places.next()?)));
        let is_removed = |value: ObjectIndex| skipped > 0 && self.class(value).name == REMOVED;
        pairs
            .filter(|(key, value)| key.is_some() && value.is_some_and(|value| !is_removed(value)))
            .take(most)
            .collect()
    }

    fn in_columns(&self, object: ObjectIndex, keys: &str, values: &str, most: usize) -> Vec<Pair> {
        let column = |path| self.array_at(object, path).into_iter();
        let keys = column(keys).flat_map(|array| self.places(array));
        // Keys may be numbers.
        let keys = keys
            .map(Some)
            .chain(std::iter::repeat(None))
            .map(Option::flatten);
        let values = column(values).flat_map(|array| self.places(array));
        let pairs = keys.zip(values).filter(|(_, value)| value.is_some());
        pairs.take(most).collect()
    }

    /// The array at the end of `path`, or in the atomic array there.
    fn array_at(&self, object: ObjectIndex, path: &str) -> Option<ObjectIndex> {
        let found = self.follow(object, path)?;
        match self.class(found).kind {
            ClassKind::Instance => self.field_object(found, "array").or(Some(found)),
            _ => Some(found),
        }
    }

    /// The collection that has the elements of `object`.
    fn behind_elements(&self, object: ObjectIndex) -> Option<Inner> {
        let mut is_set = false;
        let at = self.behind_views(object, |shape| match shape.elements {
            Elements::Of(path) => Some(path),
            Elements::KeysOf(path) => {
                is_set = true;
                Some(path)
            }
            _ => None,
        })?;
        Some(Inner { is_set, ..at })
    }

    /// Follows the path that `inner` gives for as long as it gives one.
    fn behind_views(
        &self,
        object: ObjectIndex,
        mut inner: impl FnMut(&Shape) -> Option<&'static str>,
    ) -> Option<Inner> {
        let mut at = object;
        for _ in 0..MOST_VIEWS {
            let shape = self.shape(at);
            match shape.and_then(&mut inner) {
                Some(path) => at = self.follow(at, path)?,
                None => {
                    let is_set = false;
                    return Some(Inner {
                        object: at,
                        shape,
                        is_set,
                    });
                }
            }
        }
        None
    }
}
