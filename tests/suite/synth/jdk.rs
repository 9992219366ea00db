//! Classes of the JDK with the instance fields they have in JDK 17, and the application class loader.

use super::heap::{AppLoader, Body};
use super::{Class, Heap, Kind, Obj, Value};

/// Name, superclass, instance fields.
const CLASSES: &[(&str, &str, &str)] = &[
    (
        "java.lang.Class",
        "java.lang.Object",
        "cachedConstructor:L name:L module:L packageName:L componentType:L reflectionData:L classRedefinedCount:I genericInfo:L \
         enumConstants:L enumConstantDirectory:L annotationData:L annotationType:L classValueMap:L classLoader:L classData:L",
    ),
    (
        "java.lang.String",
        "java.lang.Object",
        "value:L hash:I coder:B hashIsZero:Z",
    ),
    ("java.lang.Number", "java.lang.Object", ""),
    ("java.lang.Integer", "java.lang.Number", "value:I"),
    ("java.lang.Long", "java.lang.Number", "value:J"),
    (
        "java.lang.Thread",
        "java.lang.Object",
        "name:L priority:I daemon:Z interrupted:Z stillborn:Z eetop:J target:L group:L contextClassLoader:L \
         inheritedAccessControlContext:L threadLocals:L inheritableThreadLocals:L stackSize:J tid:J threadStatus:I parkBlocker:L \
         blocker:L blockerLock:L uncaughtExceptionHandler:L threadLocalRandomSeed:J threadLocalRandomProbe:I \
         threadLocalRandomSecondarySeed:I",
    ),
    (
        "java.lang.ThreadGroup",
        "java.lang.Object",
        "parent:L name:L maxPriority:I destroyed:Z daemon:Z nUnstartedThreads:I nthreads:I threads:L ngroups:I groups:L",
    ),
    (
        "java.lang.ThreadLocal",
        "java.lang.Object",
        "threadLocalHashCode:I",
    ),
    (
        "java.lang.ThreadLocal$ThreadLocalMap",
        "java.lang.Object",
        "table:L size:I threshold:I",
    ),
    (
        "java.lang.ThreadLocal$ThreadLocalMap$Entry",
        "java.lang.ref.WeakReference",
        "value:L",
    ),
    (
        "java.lang.ref.Reference",
        "java.lang.Object",
        "referent:L queue:L next:L discovered:L",
    ),
    (
        "java.lang.ref.SoftReference",
        "java.lang.ref.Reference",
        "timestamp:J",
    ),
    ("java.lang.ref.WeakReference", "java.lang.ref.Reference", ""),
    (
        "java.lang.ref.PhantomReference",
        "java.lang.ref.Reference",
        "",
    ),
    (
        "java.lang.ref.FinalReference",
        "java.lang.ref.Reference",
        "",
    ),
    (
        "java.lang.ref.Finalizer",
        "java.lang.ref.FinalReference",
        "next:L prev:L",
    ),
    (
        "jdk.internal.ref.Cleaner",
        "java.lang.ref.PhantomReference",
        "next:L prev:L thunk:L",
    ),
    (
        "java.util.AbstractMap",
        "java.lang.Object",
        "keySet:L values:L",
    ),
    (
        "java.util.HashMap",
        "java.util.AbstractMap",
        "table:L entrySet:L size:I modCount:I threshold:I loadFactor:F",
    ),
    (
        "java.util.HashMap$Node",
        "java.lang.Object",
        "hash:I key:L value:L next:L",
    ),
    (
        "java.util.LinkedHashMap",
        "java.util.HashMap",
        "head:L tail:L accessOrder:Z",
    ),
    (
        "java.util.LinkedHashMap$Entry",
        "java.util.HashMap$Node",
        "before:L after:L",
    ),
    ("java.util.AbstractCollection", "java.lang.Object", ""),
    ("java.util.AbstractSet", "java.util.AbstractCollection", ""),
    ("java.util.HashSet", "java.util.AbstractSet", "map:L"),
    (
        "java.util.concurrent.ConcurrentHashMap",
        "java.util.AbstractMap",
        "table:L nextTable:L baseCount:J sizeCtl:I transferIndex:I cellsBusy:I counterCells:L keySet:L values:L entrySet:L",
    ),
    (
        "java.util.concurrent.ConcurrentHashMap$Node",
        "java.lang.Object",
        "hash:I key:L val:L next:L",
    ),
    (
        "java.util.AbstractList",
        "java.util.AbstractCollection",
        "modCount:I",
    ),
    (
        "java.util.ArrayList",
        "java.util.AbstractList",
        "elementData:L size:I",
    ),
    (
        "java.util.AbstractSequentialList",
        "java.util.AbstractList",
        "",
    ),
    (
        "java.util.LinkedList",
        "java.util.AbstractSequentialList",
        "size:I first:L last:L",
    ),
    (
        "java.util.LinkedList$Node",
        "java.lang.Object",
        "item:L next:L prev:L",
    ),
    (
        "java.util.AbstractQueue",
        "java.util.AbstractCollection",
        "",
    ),
    (
        "java.util.concurrent.ArrayBlockingQueue",
        "java.util.AbstractQueue",
        "items:L takeIndex:I putIndex:I count:I lock:L notEmpty:L notFull:L itrs:L",
    ),
    (
        "java.util.concurrent.LinkedBlockingQueue",
        "java.util.AbstractQueue",
        "capacity:I count:L head:L last:L takeLock:L notEmpty:L putLock:L notFull:L",
    ),
    (
        "java.util.concurrent.LinkedBlockingQueue$Node",
        "java.lang.Object",
        "item:L next:L",
    ),
    (
        "java.util.concurrent.atomic.AtomicInteger",
        "java.lang.Number",
        "value:I",
    ),
    (
        "java.util.concurrent.locks.AbstractOwnableSynchronizer",
        "java.lang.Object",
        "exclusiveOwnerThread:L",
    ),
    (
        "java.util.concurrent.locks.AbstractQueuedSynchronizer",
        "java.util.concurrent.locks.AbstractOwnableSynchronizer",
        "head:L tail:L state:I",
    ),
    (
        "java.util.concurrent.locks.AbstractQueuedSynchronizer$ConditionObject",
        "java.lang.Object",
        "firstWaiter:L lastWaiter:L this$0:L",
    ),
    (
        "java.util.concurrent.locks.ReentrantLock$Sync",
        "java.util.concurrent.locks.AbstractQueuedSynchronizer",
        "",
    ),
    (
        "java.util.concurrent.locks.ReentrantLock$NonfairSync",
        "java.util.concurrent.locks.ReentrantLock$Sync",
        "",
    ),
    (
        "java.util.concurrent.locks.ReentrantLock",
        "java.lang.Object",
        "sync:L",
    ),
    (
        "java.lang.ClassLoader",
        "java.lang.Object",
        "parent:L name:L unnamedModule:L nameAndId:L parallelLockMap:L packages:L package2certs:L classes:L defaultDomain:L \
         assertionLock:L packageAssertionStatus:L classAssertionStatus:L libraries:L classLoaderValueMap:L \
         defaultAssertionStatus:Z",
    ),
    (
        "java.security.SecureClassLoader",
        "java.lang.ClassLoader",
        "pdcache:L",
    ),
    (
        "java.net.URLClassLoader",
        "java.security.SecureClassLoader",
        "acc:L ucp:L closeables:L",
    ),
    (
        "jdk.internal.loader.BuiltinClassLoader",
        "java.security.SecureClassLoader",
        "nameToModule:L moduleToReader:L parent:L ucp:L hasClassPath:Z resourceCache:L",
    ),
    (
        "jdk.internal.loader.ClassLoaders$AppClassLoader",
        "jdk.internal.loader.BuiltinClassLoader",
        "ucp:L",
    ),
    (
        "java.nio.Buffer",
        "java.lang.Object",
        "mark:I position:I limit:I capacity:I address:J segment:L",
    ),
    (
        "java.nio.ByteBuffer",
        "java.nio.Buffer",
        "hb:L offset:I isReadOnly:Z bigEndian:Z nativeByteOrder:Z",
    ),
    (
        "java.nio.MappedByteBuffer",
        "java.nio.ByteBuffer",
        "fd:L isSync:Z",
    ),
    (
        "java.nio.DirectByteBuffer",
        "java.nio.MappedByteBuffer",
        "att:L cleaner:L",
    ),
    (
        "java.nio.DirectByteBuffer$Deallocator",
        "java.lang.Object",
        "address:J size:J capacity:I",
    ),
    (
        "jdk.internal.vm.StackChunk",
        "java.lang.Object",
        "parent:L size:I sp:I bottom:I",
    ),
    ("jdk.internal.vm.FillerObject", "java.lang.Object", ""),
];

impl Heap {
    /// A class of the JDK by name, with its superclasses; declared when first asked for.
    pub fn jdk(&mut self, name: &str) -> Class {
        if let Some(class) = self.class_named(name) {
            return class;
        }
        if name == "java.lang.Object" {
            return self.class(name).done();
        }
        let known = CLASSES.iter().find(|known| known.0 == name);
        let &(_, superclass, fields) =
            known.unwrap_or_else(|| panic!("jdk.rs does not know {name}"));
        let superclass = self.jdk(superclass);
        self.class(name)
            .superclass(superclass)
            .fields(fields)
            .done()
    }

    /// The application class loader: held by `ClassLoaders.APP_LOADER`, lists the classes declared with `app()`.
    pub fn app_loader(&mut self) -> Obj {
        if let Some(app) = self.app_loader {
            return app.loader;
        }
        let loader = self.new_object("jdk.internal.loader.ClassLoaders$AppClassLoader");
        let classes = self.new_object("java.util.ArrayList");
        let object = self.jdk("java.lang.Object");
        let data = self.object_array::<Value>(object, &[]);
        self.set(classes, "elementData", data)
            .set(loader, "classes", classes);
        self.class("jdk.internal.loader.ClassLoaders")
            .static_field("APP_LOADER", loader)
            .done();
        self.app_loader = Some(AppLoader {
            loader,
            list: classes,
            data,
        });
        let name = self.string("app");
        // `name` of ClassLoader.
        self.set(loader, "name", name);
        loader
    }

    pub(super) fn list_in_app_loader(&mut self, mirror: Obj) {
        let Some(app) = self.app_loader else { return };
        let Body::ObjectArray(_, elements) = &mut self.objects[app.data.0 as usize].body else {
            return;
        };
        elements.push(mirror.into());
        let size = elements.len() as i32;
        self.set(app.list, "size", size);
    }

    /// A `java.net.URLClassLoader` (or a subclass of it) with a `classes` list of its own, empty.
    pub fn url_class_loader(&mut self, class: Class, name: Option<&str>) -> Obj {
        let loader = self.instance(class);
        let list = self.array_list::<Obj>(&[]);
        self.set(loader, "classes", list);
        if let Some(name) = name {
            let name = self.string(name);
            self.set(loader, "name", name);
        }
        loader
    }

    /// Nine `java.lang.Class` instances: HotSpot dumps the mirrors of primitive types as plain instances.
    pub fn primitive_mirrors(&mut self) -> Vec<Obj> {
        (0..9).map(|_| self.new_object("java.lang.Class")).collect()
    }

    /// What HotSpot makes of a heap filler: an `int[]` of zeros to which nothing refers, `bytes` long in all.
    pub fn filler(&mut self, bytes: u64) -> Obj {
        let header = self.layout.array(Kind::Int, 0);
        assert!(
            bytes >= header && bytes.is_multiple_of(4),
            "a filler has at least an array header"
        );
        let array = self.prim_array(Kind::Int, ((bytes - header) / 4) as usize);
        assert_eq!(
            self.shallow_size(array),
            bytes,
            "a filler fills whole alignment units"
        );
        array
    }
}
