//! The table of collections. A layout that exists in several versions has alternatives in its paths (`a|b`) or several rows.

/// How a collection of one class keeps its elements. Subclasses are of the same shape.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The class; copies in other packages count. `com.acme.*` is every class of a package and those below it, `*` is every class.
    pub class: &'static str,
    /// The number of elements.
    pub size: Size,
    /// Where the elements are.
    pub elements: Elements,
    /// How many elements fit.
    pub room: Room,
}

/// Where the number of elements is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// In an integral field.
    Field(&'static str),
    /// It is the number of elements of another collection.
    Of(&'static str),
    /// It is the length of an array.
    Length(&'static str),
    /// It is the sum of a field of the objects in an array.
    Sum(&'static str, &'static str),
    /// In the cells of a `ConcurrentHashMap` or of a copy of it: base and cells.
    Striped(&'static str, &'static str),
    /// Between two places of a ring: array, first place, place behind the last one.
    Ring(&'static str, &'static str, &'static str),
    /// Between two numbers that only rise: produced, consumed.
    Between(&'static str, &'static str),
    /// Nobody counts: as many as can be read.
    Read,
    /// So many, always.
    Always(u64),
}

/// Where the elements are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elements {
    /// Nowhere that is known.
    Unknown,
    /// In fields.
    Fields(&'static [&'static str]),
    /// In an array.
    Array(&'static str),
    /// Those of another collection.
    Of(&'static str),
    /// They are the keys of another collection.
    KeysOf(&'static str),
    /// In chains of nodes that begin in an array: array, key, value, next.
    Table(&'static str, Node),
    /// In tables of such chains that lie in an array: array, the table of each, node.
    Segments(&'static str, &'static str, Node),
    /// In a chain of nodes: first, node.
    Chain(&'static str, Node),
    /// In a tree of nodes: root, links to further nodes, node.
    Tree(&'static str, &'static [&'static str], Node),
    /// Keys and values by turns in one array, behind so many places of another use.
    Turns(&'static str, usize),
    /// Keys and values in two arrays. Keys may be primitive values.
    Columns(&'static str, &'static str),
}

/// The fields of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// The key; may be empty.
    pub key: &'static str,
    /// The value or element; may be empty.
    pub value: &'static str,
    /// The next node.
    pub next: &'static str,
}

/// How many elements fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// As many as the heap has room for, or it is not known.
    Unknown,
    /// An array grows with the elements. It is the one that they are in.
    Grows,
    /// A hash table grows with the elements: its length is a power of two, and at most three quarters are used.
    Hashed,
    /// As many as a field says.
    Field(&'static str),
    /// As many as an array is long.
    Length(&'static str),
    /// One more than a field says.
    Mask(&'static str),
    /// Half of what a field says.
    Half(&'static str),
}

use Elements::{Array, Chain, Columns, Fields, KeysOf, Segments, Table, Tree, Turns};
use Room::{Grows, Hashed};
use Size::{Always, Between, Length, Read, Ring, Striped, Sum};

const fn row(class: &'static str, size: Size, elements: Elements) -> Shape {
    let room = Room::Unknown;
    Shape {
        class,
        size,
        elements,
        room,
    }
}

/// A collection with its size in a field.
const fn sized(class: &'static str, size: &'static str, elements: Elements) -> Shape {
    row(class, Size::Field(size), elements)
}

/// A collection around another one.
const fn view(class: &'static str, inner: &'static str) -> Shape {
    row(class, Size::Of(inner), Elements::Of(inner))
}

/// A set that keeps its elements as keys of a map.
const fn set(class: &'static str, map: &'static str) -> Shape {
    row(class, Size::Of(map), KeysOf(map))
}

/// What never changes: an array with exactly its elements.
const fn exact(class: &'static str, array: &'static str) -> Shape {
    row(class, Length(array), Array(array))
}

const fn node(key: &'static str, value: &'static str, next: &'static str) -> Node {
    Node { key, value, next }
}

const fn with(shape: Shape, room: Room) -> Shape {
    Shape { room, ..shape }
}

const ENTRY: Node = node("key", "value", "next");
const WEAK: Node = node("referent", "value", "next");
const ITEM: Node = node("", "item", "next");
const SIDES: &[&str] = &["left", "right"];

/// Parts of the names of queues whose numbers of what was produced and consumed count by twos: JCTools keeps a mark in the lowest bit.
pub const BY_TWOS: &[&str] = &[
    "MpscUnboundedArray",
    "MpscUnboundedAtomic",
    "MpscUnboundedUnpadded",
    "MpscChunked",
    "MpscGrowable",
    "MpscBlocking",
];

/// All collections that are known. The first row that fits a class counts; a row of its own class goes before those of its super
/// classes, and these before rows that fit several classes.
#[rustfmt::skip]
pub const SHAPES: &[Shape] = &[
    // The JDK.
    with(sized("java.util.HashMap", "size", Table("table", ENTRY)), Hashed),
    set("java.util.HashSet", "map"),
    sized("java.util.TreeMap", "size", Tree("root", SIDES, ENTRY)),
    set("java.util.TreeSet", "m"),
    with(sized("java.util.WeakHashMap", "size", Table("table", WEAK)), Hashed),
    sized("java.util.IdentityHashMap", "size", Turns("table", 0)),
    sized("java.util.EnumMap", "size", Columns("keyUniverse", "vals")),
    view("java.util.Properties", "map"),
    sized("java.util.Hashtable", "count", Table("table", ENTRY)),
    with(sized("java.util.Vector", "elementCount", Array("elementData")), Grows),
    with(sized("java.util.ArrayList", "size", Array("elementData")), Grows),
    exact("java.util.Arrays$ArrayList", "a"),
    sized("java.util.LinkedList", "size", Chain("first", ITEM)),
    row("java.util.ArrayDeque", Ring("elements", "head", "tail"), Array("elements")),
    with(sized("java.util.PriorityQueue", "size", Array("queue")), Grows),
    sized("java.util.TaskQueue", "size", Array("queue")),
    sized("java.util.concurrent.PriorityBlockingQueue", "size", Array("queue")),
    view("java.util.concurrent.DelayQueue", "q"),
    sized("java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue", "size", Array("queue")),
    with(sized("java.util.concurrent.LinkedBlockingQueue", "count.value", Chain("head", ITEM)), Room::Field("capacity")),
    with(sized("java.util.concurrent.LinkedBlockingDeque", "count", Chain("first", ITEM)), Room::Field("capacity")),
    with(sized("java.util.concurrent.ArrayBlockingQueue", "count", Array("items")), Room::Length("items")),
    row("java.util.concurrent.SynchronousQueue", Always(0), Elements::Unknown),
    row("java.util.concurrent.ConcurrentLinkedQueue", Read, Chain("head", ITEM)),
    row("java.util.concurrent.ConcurrentLinkedDeque", Read, Chain("head", ITEM)),
    row("java.util.concurrent.LinkedTransferQueue", Read, Chain("head", ITEM)),
    with(row("java.util.concurrent.ConcurrentHashMap", Striped("baseCount", "counterCells"), Table("table", node("key", "val", "next"))), Hashed),
    set("java.util.concurrent.ConcurrentHashMap$KeySetView", "map"),
    view("java.util.concurrent.ConcurrentHashMap$CollectionView", "map"),
    sized("java.util.concurrent.ConcurrentSkipListMap", "adder", Chain("head.node", node("key", "val|value", "next"))),
    row("java.util.concurrent.ConcurrentSkipListMap", Read, Chain("head.node", node("key", "val|value", "next"))),
    set("java.util.concurrent.ConcurrentSkipListSet", "m"),
    exact("java.util.concurrent.CopyOnWriteArrayList", "array|elements"),
    view("java.util.concurrent.CopyOnWriteArraySet", "al"),
    set("java.util.Collections$SetFromMap", "m"),
    view("java.util.Collections$SynchronizedMap", "m"),
    view("java.util.Collections$UnmodifiableMap", "m"),
    view("java.util.Collections$CheckedMap", "m"),
    view("java.util.Collections$SynchronizedCollection", "c"),
    view("java.util.Collections$UnmodifiableCollection", "c"),
    view("java.util.Collections$CheckedCollection", "c"),
    exact("java.util.ImmutableCollections$ListN", "elements"),
    row("java.util.ImmutableCollections$List12", Read, Fields(&["e0", "e1"])),
    row("java.util.ImmutableCollections$Set12", Read, Fields(&["e0", "e1"])),
    sized("java.util.ImmutableCollections$SetN", "size", Array("elements")),
    row("java.util.ImmutableCollections$SetN", Length("elements"), Array("elements")),
    row("java.util.ImmutableCollections$Map1", Always(1), Fields(&["v0"])),
    sized("java.util.ImmutableCollections$MapN", "size", Turns("table", 0)),
    sized("java.lang.ThreadLocal$ThreadLocalMap", "size", Table("table", node("referent", "value", ""))),
    sized("java.lang.ref.ReferenceQueue", "queueLength", Chain("head", node("", "referent", "next"))),
    sized("java.io.ObjectOutputStream$HandleTable", "size", Array("objs")),
    // Guava.
    sized("com.google.common.collect.HashBiMap", "size", Table("hashTableKToV", node("key", "value", "nextInKToVBucket"))),
    sized("com.google.common.collect.RegularImmutableMap", "size", Turns("alternatingKeysAndValues", 0)),
    row("com.google.common.collect.RegularImmutableMap", Length("entries"), Table("entries", node("key", "value", ""))),
    row("com.google.common.collect.RegularImmutableBiMap", Length("entries"), Table("entries", node("key", "value", ""))),
    sized("com.google.common.collect.RegularImmutableList", "size", Array("array")),
    exact("com.google.common.collect.RegularImmutableList", "array"),
    sized("com.google.common.collect.RegularImmutableSet", "size", Array("elements")),
    exact("com.google.common.collect.RegularImmutableSet", "elements"),
    row("com.google.common.collect.AbstractMapBasedMultimap", Size::Field("totalSize"), Elements::Of("map")),
    row("com.google.common.collect.AbstractMapBasedMultiset", Size::Field("size"), Elements::Of("backingMap")),
    view("com.google.common.collect.StandardTable", "backingMap"),
    with(view("com.google.common.collect.EvictingQueue", "delegate"), Room::Field("maxSize")),
    sized("com.google.common.collect.MinMaxPriorityQueue", "size", Array("queue")),
    row("com.google.common.collect.MapMakerInternalMap", Sum("segments", "count"), Segments("segments", "table", node("key|referent", "value|valueReference.referent", "next"))),
    row("com.google.common.cache.LocalCache", Sum("segments", "count"), Segments("segments", "table", node("key|referent", "valueReference.referent", "next"))),
    view("com.google.common.cache.LocalCache$LocalManualCache", "localCache"),
    // Caffeine and its forerunner.
    row("com.github.benmanes.caffeine.cache.BoundedLocalCache", Size::Of("data"), Elements::Of("data")),
    view("com.github.benmanes.caffeine.cache.UnboundedLocalCache", "data"),
    view("com.github.benmanes.caffeine.cache.BoundedLocalCache$BoundedLocalManualCache", "cache"),
    with(view("com.googlecode.concurrentlinkedhashmap.ConcurrentLinkedHashMap", "data"), Room::Field("capacity")),
    // Apache Commons.
    with(sized("org.apache.commons.collections4.map.LRUMap", "size", Table("data", ENTRY)), Room::Field("maxSize")),
    with(sized("org.apache.commons.collections.map.LRUMap", "size", Table("data", ENTRY)), Room::Field("maxSize")),
    sized("org.apache.commons.collections4.map.AbstractHashedMap", "size", Table("data", ENTRY)),
    sized("org.apache.commons.collections.map.AbstractHashedMap", "size", Table("data", ENTRY)),
    with(row("org.apache.commons.collections4.queue.CircularFifoQueue", Ring("elements", "start", "end"), Array("elements")), Room::Field("maxElements")),
    with(row("org.apache.commons.collections.buffer.BoundedFifoBuffer", Ring("elements", "start", "end"), Array("elements")), Room::Field("maxElements")),
    with(sized("org.apache.commons.pool2.impl.LinkedBlockingDeque", "count", Chain("first", ITEM)), Room::Field("capacity")),
    // Hibernate, Spring, Jackson, Kafka, Hazelcast.
    row("org.hibernate.internal.util.collections.BoundedConcurrentHashMap", Sum("segments", "count"), Segments("segments", "table", ENTRY)),
    row("org.springframework.util.ConcurrentReferenceHashMap", Sum("segments", "count"), Segments("segments", "references", node("", "referent.entry|entry", "nextReference"))),
    view("org.springframework.util.MultiValueMapAdapter", "targetMap"),
    with(view("org.springframework.util.ConcurrentLruCache", "cache"), Room::Field("capacity|sizeLimit")),
    with(view("com.fasterxml.jackson.databind.util.LRUMap", "_map"), Room::Field("_maxEntries")),
    view("com.fasterxml.jackson.databind.util.internal.PrivateMaxEntriesMap", "data"),
    view("org.apache.kafka.common.utils.CopyOnWriteMap", "map"),
    // Netty, Jetty, Agrona.
    sized("io.netty.util.collection.*", "size", Columns("keys", "values")),
    sized("org.agrona.collections.Object2ObjectHashMap", "size", Turns("entries", 0)),
    sized("org.agrona.collections.*", "size", Columns("keys", "values|entries")),
    with(sized("org.eclipse.jetty.util.BlockingArrayQueue", "_size", Array("_elements")), Room::Field("_maxCapacity")),
    // Maps and lists of primitive values.
    sized("it.unimi.dsi.fastutil.*", "size", Columns("key", "value")),
    sized("it.unimi.dsi.fastutil.*", "size", Array("key")),
    sized("it.unimi.dsi.fastutil.*", "size", Array("a")),
    sized("com.carrotsearch.hppc.*", "assigned", Columns("keys", "values")),
    sized("com.carrotsearch.hppc.*", "assigned", Array("keys")),
    sized("com.carrotsearch.hppc.*", "elementsCount", Array("buffer")),
    sized("gnu.trove.*", "_size", Columns("_set", "_values")),
    sized("gnu.trove.*", "_size", Array("_set")),
    sized("gnu.trove.*", "_pos", Array("_data")),
    sized("com.koloboke.*", "size", Columns("set|table", "values")),
    sized("org.eclipse.collections.*", "occupied", Turns("table", 0)),
    sized("org.eclipse.collections.*", "occupiedWithData", Columns("keys", "values")),
    sized("org.eclipse.collections.*", "size", Array("items")),
    sized("gs.collections.*", "occupied", Turns("table", 0)),
    sized("gs.collections.*", "size", Array("items")),
    // Scala, Kotlin, Clojure.
    sized("scala.collection.mutable.HashMap", "contentSize", Table("table", node("_key", "_value", "_next"))),
    sized("scala.collection.mutable.HashMap", "tableSize", Table("table", ENTRY)),
    sized("scala.collection.mutable.LinkedHashMap", "contentSize", Chain("firstEntry", node("key|_key", "value|_value", "later|_later"))),
    sized("scala.collection.mutable.LinkedHashMap", "tableSize", Chain("firstEntry", node("key", "value", "later"))),
    sized("scala.collection.mutable.HashSet", "contentSize", Table("table", node("", "_key", "_next"))),
    sized("scala.collection.mutable.HashSet", "tableSize", Array("table")),
    sized("scala.collection.mutable.LinkedHashSet", "contentSize|tableSize", Chain("firstEntry", node("", "key|_key", "later|_later"))),
    row("scala.collection.mutable.ArrayDeque", Ring("array", "start", "end"), Array("array")),
    sized("scala.collection.mutable.ArrayBuffer", "size0", Array("array")),
    sized("scala.collection.mutable.ResizableArray", "size0", Array("array")),
    sized("scala.collection.mutable.ListBuffer", "len", Chain("first|scala$collection$mutable$ListBuffer$$start", node("", "head", "next|tl"))),
    row("scala.collection.immutable.$colon$colon", Read, Chain("", node("", "head", "next|tl"))),
    sized("scala.collection.immutable.HashMap", "rootNode.size", Elements::Unknown),
    sized("scala.collection.immutable.HashMap$HashTrieMap", "size0", Elements::Unknown),
    sized("scala.collection.immutable.HashSet", "rootNode.size", Elements::Unknown),
    row("scala.collection.immutable.Vector", Between("endIndex", "startIndex"), Elements::Unknown),
    sized("scala.collection.immutable.BigVector", "length0", Array("suffix1")),
    exact("scala.collection.immutable.Vector1", "prefix1"),
    with(sized("kotlin.collections.ArrayDeque", "size", Array("elementData")), Grows),
    sized("kotlin.collections.builders.ListBuilder", "length", Array("backing|array")),
    sized("kotlin.collections.builders.MapBuilder", "size|length", Columns("keysArray", "valuesArray")),
    set("kotlin.collections.builders.SetBuilder", "backing"),
    sized("clojure.lang.PersistentHashMap", "count|_count", Elements::Unknown),
    sized("clojure.lang.PersistentVector", "cnt", Array("tail")),
    // Databases, streams, scripts.
    sized("org.hsqldb.map.BaseHashMap", "hashIndex.elementCount", Columns("objectKeyTable", "objectValueTable|objectKeyTable")),
    sized("org.hsqldb.lib.BaseHashMap", "hashIndex.elementCount", Columns("objectKeyTable", "objectValueTable|objectKeyTable")),
    view("org.apache.zookeeper.server.NodeHashMapImpl", "nodes"),
    sized("org.apache.flink.runtime.state.heap.CopyOnWriteStateMap", "primaryTableSize+incrementalRehashTableSize", Table("primaryTable", node("key", "state", "next"))),
    sized("org.mozilla.javascript.EmbeddedSlotMap", "count", Table("slots", node("name", "value", "next"))),
    view("org.mozilla.javascript.HashSlotMap", "map"),
    view("org.mozilla.javascript.SlotMapContainer", "map"),
    // Rings and queues without locks.
    with(sized("com.lmax.disruptor.RingBufferFields", "bufferSize", Array("entries")), Room::Field("bufferSize")),
    // Copies and kin of the above, by their fields.
    row("*", Striped("baseCount", "counterCells"), Table("table", node("key", "val|value", "next"))),
    row("*", Sum("segments", "count"), Segments("segments", "table", node("key|referent", "value|valueReference.referent", "next"))),
    // Queues of JCTools, Reactor and RxJava. Those of several linked arrays have one mask for each array.
    with(row("*", Between("producerIndex", "consumerIndex"), Array("consumerBuffer|buffer|array")), Room::Half("maxQueueCapacity")),
    row("*", Between("producerIndex", "consumerIndex"), Array("consumerBuffer")),
    with(row("*", Between("producerIndex", "consumerIndex"), Array("buffer|array")), Room::Mask("mask")),
    row("*", Between("producerIndex", "consumerIndex"), Elements::Unknown),
    row("*", Read, Turns("_kvs", 2)),
];
