//! What each table has. docs/tables.md says the same, and a test compares them.

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text in UTF-8.
    Text,
    /// An integer of 64 bits with its sign: addresses, bytes, counts.
    Integer,
    /// A floating-point number.
    Number,
    /// True or false.
    Flag,
    /// A time in UTC, in milliseconds, without a time zone of its own.
    Time,
}

impl Kind {
    /// The name of the type in SQL, as docs/tables.md has it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Text => "VARCHAR",
            Kind::Integer => "BIGINT",
            Kind::Number => "DOUBLE",
            Kind::Flag => "BOOLEAN",
            Kind::Time => "TIMESTAMP",
        }
    }
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be null.
    pub optional: bool,
    /// What it is.
    pub about: &'static str,
}

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// Its name; its file is `NAME.parquet`.
    pub table: &'static str,
    /// What a row is.
    pub about: &'static str,
    /// Its columns.
    pub fields: &'static [Field],
}

/// Declares a table: `name: Kind, "what it is";`, with `or null` behind the kind of a column that may be null.
macro_rules! schema {
    ($constant:ident, $table:literal, $about:literal, $($name:ident: $kind:ident $(or $null:ident)?, $meaning:literal;)*) => {
        #[doc = $about]
        pub const $constant: Schema = Schema {
            table: $table,
            about: $about,
            fields: &[$(Field {
                name: stringify!($name),
                kind: Kind::$kind,
                optional: schema!(@null $($null)?),
                about: $meaning,
            },)*],
        };
    };
    (@null $null:ident) => { true };
    (@null) => { false };
}

schema! { OBJECTS, "objects", "One object: an instance, an array or a class object.",
    address: Integer, "its identifier in the dump; `printf('0x%x', address)` as reports print it";
    class_id: Integer, "its class, a row of `classes`";
    class: Text, "name of its class; for a class object the class that it stands for";
    loader: Text or null, "the loader that defines the class, as reports call it; null where the dump does not say";
    kind: Text, "`instance`, `object array`, `primitive array` or `class`";
    shallow_bytes: Integer, "size of the object itself";
    retained_bytes: Integer, "what would be freed with it";
    retained_objects: Integer, "objects that would be freed with it, itself included";
    dominator: Integer or null, "address of the immediate dominator; null at the top of the dominator tree";
    strength: Text, "how a GC root reaches it: `strong`, `soft`, `weak`, `final`, `phantom`, `none`";
    length: Integer or null, "elements of an array";
    top_level: Flag, "nothing dominates it, and a GC root reaches it: the retained sizes of these add up to the reachable heap";
}

schema! { REFERENCES, "references", "One reference from an object to another that is not null.",
    from_address: Integer, "the object that refers; for a local variable the thread";
    to_address: Integer, "what it refers to; not in `objects` where the dump lacks it";
    via: Text, "`field`, `element`, `static`, `local`, `super`, `loader`, `signers`, `protection domain` or `constant`";
    field: Text or null, "name of the field";
    declared_by: Text or null, "class that declares the field";
    index: Integer or null, "number of the element; of the frame, from the top, of a local variable";
    holds: Flag, "false for the referent of a `java.lang.ref.Reference`";
    strength: Text, "`strong`, or how the reference holds its referent: `soft`, `weak`, `final`, `phantom`";
}

schema! { CLASSES, "classes", "One class, by name and loader. Numbers are those of all its objects in the dump.",
    class_id: Integer, "its number in this export";
    address: Integer or null, "address of its class object; null where the dump has none";
    class: Text, "its name";
    kind: Text, "what its objects are: `instance`, `object array` or `primitive array`";
    loader: Text or null, "the loader that defines it, as reports call it";
    loader_address: Integer or null, "address of the loader; null for the boot loader";
    super_class: Text or null, "name of its super class";
    super_id: Integer or null, "number of its super class";
    objects: Integer, "its objects";
    shallow_bytes: Integer, "sum of their sizes";
    retained_bytes: Integer, "what they retain together, each byte counted once";
}

schema! { ROOTS, "roots", "One GC root: an object and the kind of root it is.",
    address: Integer, "the object";
    class: Text, "name of its class";
    kind: Text, "`System Class`, `Thread`, `Java Local`, `JNI Global`, `Busy Monitor`, ...";
    thread_address: Integer or null, "the thread whose stack holds it";
    frame: Integer or null, "number of the frame from the top";
}

schema! { THREADS, "threads", "One thread, or a group of virtual threads with the same stack: the rows of `hprof-suspects threads`.",
    thread_id: Integer, "its number in this export, by retained size";
    address: Integer or null, "address of the thread object; null for a group";
    name: Text, "its name, masked unless `--show-values` was given";
    kind: Text, "`platform` or `virtual`";
    class: Text, "class of the thread object";
    threads: Integer, "threads that the row stands for";
    state: Text or null, "such as `RUNNABLE`";
    daemon: Flag or null, "whether it is a daemon thread";
    retained_bytes: Integer, "what the thread object and its stack retain";
    context_class_loader: Text or null, "its context class loader";
    threw_out_of_memory: Flag, "it threw the OutOfMemoryError that caused the dump";
    local_class: Text or null, "class of the local variable that retains most";
    local_address: Integer or null, "its address";
    local_retained_bytes: Integer or null, "what it retains";
}

schema! { FRAMES, "frames", "One frame of a thread's stack.",
    thread_id: Integer, "the thread, a row of `threads`";
    thread_address: Integer or null, "address of the thread object; null for a group";
    frame: Integer, "number from the top, from 0";
    class: Text, "class of the method";
    method: Text, "name of the method";
    source: Text or null, "source file";
    line: Integer or null, "line in it";
}

schema! { HOLDERS, "holders", "Who keeps memory: the fields, threads, thread-locals and class loaders of the report's inventory (16 KiB and more, 200 at most).",
    signature: Text, "the same in every dump of the program";
    kind: Text, "`static_field`, `instance_field`, `thread`, `thread_local` or `class_loader`";
    class: Text, "class that declares the field, or class of the thread or loader";
    field: Text or null, "name of the field";
    name: Text or null, "name of the thread or loader without its number";
    level: Text, "whose class it is: `application`, `library` or `jdk`";
    retained_bytes: Integer, "what would be freed with what it refers to";
    targets: Integer, "things that it refers to";
    instances: Integer, "objects that have the field, threads of the pool";
    content_class: Text or null, "class of what was put in";
    content_objects: Integer or null, "how many";
    inside: Text or null, "signature of the holder inside which most of it lies";
    off_heap_bytes: Integer, "native memory that it gives access to";
}

schema! { SUSPECTS, "suspects", "One suspect of the report; where nobody is suspected, one of the largest holders.",
    rank: Integer, "1 for the most important";
    signature: Text, "the same in every report of the same leak: what `fleet` groups by";
    suspected: Flag, "false for a largest holder of a report without suspects";
    kind: Text, "kind of the holder: `static_field`, `instance_field`, `thread`, ...";
    severity: Text, "`critical`, `warning` or `info`";
    holder: Text, "who keeps it, in one expression";
    content_class: Text, "what is kept";
    content_objects: Integer, "how many";
    shallow_bytes: Integer, "size of the holder itself";
    retained_bytes: Integer, "what would be freed with it";
    retained_objects: Integer, "objects that would be freed with it";
    share_of_reachable: Number, "of the live heap, 0 to 1";
    pattern: Text or null, "the known pattern that it matches";
    accumulation_address: Integer or null, "where one object splits into many";
}

schema! { STRINGS, "strings", "One `java.lang.String` with its text. Only with `--show-values`.",
    address: Integer, "the string";
    value_address: Integer or null, "the array that holds the text";
    length: Integer, "characters, as `String.length()` counts them";
    value: Text, "the text, up to a million characters";
    retained_bytes: Integer, "what the string retains";
}

schema! { FIELDS, "fields", "One field of a primitive type. Only with `--show-values`.",
    address: Integer, "the object; for a static field the class object";
    class: Text, "class that declares the field";
    field: Text, "its name";
    type: Text, "`boolean`, `char`, `byte`, `short`, `int`, `long`, `float` or `double`";
    static: Flag, "whether it is a static field";
    integer_value: Integer or null, "the value of an integral field; of a boolean 0 or 1, of a char its code";
    number_value: Number or null, "the value of a float or double";
}

/// The tables of a dump, in the order in which they are written.
pub const TABLES: [&Schema; 10] = [
    &CLASSES,
    &ROOTS,
    &THREADS,
    &FRAMES,
    &HOLDERS,
    &SUSPECTS,
    &OBJECTS,
    &REFERENCES,
    &STRINGS,
    &FIELDS,
];

/// Tables with contents of the heap.
pub const WITH_VALUES: [&Schema; 2] = [&STRINGS, &FIELDS];

schema! { REPORTS, "reports", "One report of a fleet: one dump.",
    report_id: Integer, "its number in this export";
    report: Text, "the file as it was named";
    service: Text or null, "label `service`, else the main class";
    version: Text or null, "label `version`";
    pod: Text or null, "label `pod`, else the pod or host that the dump names";
    environment: Text or null, "label `environment`";
    captured_at: Time or null, "when the dump was written";
    dump: Text, "name of the dump's file";
    dump_bytes: Integer, "size of the dump";
    complete: Flag, "false where the dump is damaged";
    process: Text or null, "equal for dumps of one process";
    live_bytes: Integer, "what strong references reach";
    max_bytes: Integer or null, "the maximum heap";
    verdict: Text, "`suspected`, `inconclusive` or `ruled_out`";
    confidence: Text, "`high`, `medium` or `low`";
    suspects: Integer, "its suspects";
}

schema! { FLEET_SUSPECTS, "suspects", "One suspect of a report of a fleet, with what the report says of itself.",
    report_id: Integer, "the report, a row of `reports`";
    report: Text, "the file as it was named";
    service: Text or null, "label `service`, else the main class";
    version: Text or null, "label `version`";
    pod: Text or null, "label `pod`, else the pod or host that the dump names";
    environment: Text or null, "label `environment`";
    captured_at: Time or null, "when the dump was written";
    verdict: Text, "the verdict on the dump";
    confidence: Text, "its confidence";
    rank: Integer, "1 for the most important suspect of the report";
    signature: Text, "the cause";
    kind: Text, "kind of the holder: `static_field`, `instance_field`, `thread`, ...";
    holder: Text, "who keeps it, in one expression";
    content_class: Text, "what is kept";
    retained_bytes: Integer, "what would be freed with it";
    retained_objects: Integer, "objects that would be freed with it";
    course: Text or null, "how it developed, where the report compares: `grew`, `appeared`, `warmed_up`, ...";
    grew_bytes: Integer or null, "by how much";
}

schema! { CAUSES, "causes", "One cause of a fleet: one signature.",
    signature: Text, "the same in every report of the same leak";
    holder: Text, "who keeps it, in one expression";
    content_class: Text, "what is kept";
    dumps: Integer, "dumps that have it";
    share_of_dumps: Number, "of all dumps, 0 to 1";
    pods: Integer, "pods that have it";
    services: Integer, "services that have it";
    first_seen: Time or null, "time of the first dump that has it";
    last_seen: Time or null, "time of the last one";
    median_retained_bytes: Integer, "median of what it retains";
    largest_retained_bytes: Integer, "most that it retains";
    total_retained_bytes: Integer, "what it retains in all dumps together";
    suspected: Integer, "dumps whose heap is suspected";
    inconclusive: Integer, "dumps of which neither can be said";
    ruled_out: Integer, "dumps whose heap is ruled out";
    compared: Integer, "comparisons that tell how it developed";
    grew: Integer, "in how many of them it still grew";
    most_grew_bytes: Integer or null, "most bytes by which it grew in one";
}
