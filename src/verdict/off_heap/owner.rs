//! Who holds an object: the nearest field of a class that is not the JDK's, a `ThreadLocal`, or a thread, on a path from a GC root;
//! and which fields hold that, since many alike objects with the same field are held by somebody together.

use foldhash::HashMap;

use crate::heap::{Link, ObjectIndex, Snapshot};
use crate::suspects::statics::Statics;
use crate::verdict::clean_name;
use crate::verdict::field_values::is_jdk;

/// Number of an owner in [`Owners`].
type OwnerIndex = u32;

/// Fields above an owner that are looked at.
const MOST_ABOVE: usize = 3;

/// One object in so many of a path is remembered: the next path that meets it walks so many steps further at most, and a list of
/// 50 million nodes takes megabytes.
const REMEMBERED: usize = 64;

/// Names owners, each path walked once: soon after two paths meet, the rest has been walked before.
pub(crate) struct Owners<'s, 'a> {
    snapshot: &'s Snapshot<'a>,
    statics: Statics,
    names: Vec<Owner>,
    by_name: HashMap<String, OwnerIndex>,
    /// By object, for some of those that were walked: its owner, and the object that this is a field of.
    known: HashMap<ObjectIndex, (OwnerIndex, Option<ObjectIndex>)>,
}

/// An owner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Owner {
    /// As the report names it: `leaks.Slabs.SLABS`, `thread nio-worker-3`.
    pub name: String,
    /// The owner's names differ from thread to thread; this one stands for all of a pool: `thread nio-worker-*`.
    pub pool: Option<String>,
    /// A class of the JDK: nothing of the application holds it.
    pub is_jdk: bool,
    /// The object whose field it is.
    pub object: Option<ObjectIndex>,
    /// The fields that hold that object, nearest first, each with the object that it is a field of.
    pub above: Vec<(String, Option<ObjectIndex>)>,
    /// A field, as somebody can look for it.
    is_field: bool,
}

impl<'s, 'a> Owners<'s, 'a> {
    /// Owners of the objects of `snapshot`.
    pub fn new(snapshot: &'s Snapshot<'a>) -> Self {
        Owners {
            snapshot,
            statics: Statics::new(snapshot),
            names: Vec::new(),
            by_name: HashMap::default(),
            known: HashMap::default(),
        }
    }

    /// The owner of `object`, with what is above it.
    pub fn of(&mut self, object: ObjectIndex) -> Owner {
        let (owner, mut at) = self.nearest(object);
        let mut owner = self.names[owner as usize].clone();
        owner.object = at;
        while let Some(holder) = at.filter(|_| owner.above.len() < MOST_ABOVE) {
            if self.snapshot.as_class(holder).is_some() {
                break;
            }
            let (above, next) = self.nearest(holder);
            let above = &self.names[above as usize];
            if !above.is_field || above.is_jdk {
                break;
            }
            owner.above.push((above.name.clone(), next));
            at = next;
        }
        owner
    }

    /// The nearest field of a class that is not the JDK's on the path to `object`, whatever owns it before, or the thread at its
    /// beginning; what `passes` says is not meant. Every step is taken from `steps`; the path ends where there are none left.
    pub fn field_of(
        &self,
        object: ObjectIndex,
        passes: &dyn Fn(ObjectIndex) -> bool,
        steps: &mut usize,
    ) -> Option<String> {
        let mut at = object;
        while *steps > 0 {
            *steps -= 1;
            // The path may begin at a variable of a method that works on what a static field holds.
            if let Some(field) = self.static_field(at) {
                return Some(field);
            }
            let Some(before) = self.snapshot.dominators.path_predecessor(at) else {
                break;
            };
            let owner = self.thread_local(before).or_else(|| self.name(before, at));
            if let Some(owner) = owner.filter(|owner| !owner.is_jdk && !passes(before))
                && (owner.is_field || owner.name.starts_with("ThreadLocal "))
            {
                return Some(owner.name);
            }
            at = before;
        }
        let class = self.snapshot.class_of(at);
        let is_thread = self.snapshot.classes().is_a(class, "java.lang.Thread");
        is_thread.then(|| self.thread(at).name)
    }

    /// The static field of a class that is not the JDK's which refers to `object`.
    fn static_field(&self, object: ObjectIndex) -> Option<String> {
        let snapshot = self.snapshot;
        let (class, name_id) = self.statics.owner(snapshot, object)?;
        let class_name = readable(&snapshot.classes().get(class).name);
        (!is_jdk(snapshot, class))
            .then(|| format!("{class_name}.{}", clean_name(&snapshot.name(name_id))))
    }

    /// The nearest owner on the path to `object`, and the object that this is a field of.
    fn nearest(&mut self, object: ObjectIndex) -> (OwnerIndex, Option<ObjectIndex>) {
        let mut passed = vec![object];
        let mut at = object;
        let mut steps = 0;
        let found = loop {
            if let Some(&known) = self.known.get(&at) {
                break known;
            }
            let Some(before) = self.snapshot.dominators.path_predecessor(at) else {
                let name = self.root_name(at);
                break (self.add(name), None);
            };
            if let Some(owner) = self.thread_local(before).or_else(|| self.name(before, at)) {
                let object = owner.is_field.then_some(before);
                break (self.add(owner), object);
            }
            steps += 1;
            if steps % REMEMBERED == 0 {
                passed.push(before);
            }
            at = before;
        };
        for object in passed {
            self.known.insert(object, found);
        }
        found
    }

    /// The `ThreadLocal` that has its value in `entry` of a thread's map: the field which declares it says more than the thread.
    fn thread_local(&self, entry: ObjectIndex) -> Option<Owner> {
        let snapshot = self.snapshot;
        if snapshot.class(entry).name != "java.lang.ThreadLocal$ThreadLocalMap$Entry" {
            return None;
        }
        let key = snapshot.field_object(entry, "referent")?;
        let (class, name_id) = self.statics.owner(snapshot, key)?;
        let class = readable(&snapshot.classes().get(class).name);
        let field = clean_name(&snapshot.name(name_id));
        Some(plain(format!("ThreadLocal {class}.{field}")))
    }

    fn add(&mut self, owner: Owner) -> OwnerIndex {
        if let Some(&known) = self.by_name.get(&owner.name) {
            return known;
        }
        let index = self.names.len() as OwnerIndex;
        self.by_name.insert(owner.name.clone(), index);
        self.names.push(owner);
        index
    }

    /// What `holder`, which refers to `held`, is called when it is an owner.
    fn name(&self, holder: ObjectIndex, held: ObjectIndex) -> Option<Owner> {
        let snapshot = self.snapshot;
        if let Some(class) = snapshot.as_class(holder) {
            // A class object of the JDK is an owner as well: nothing above it says more.
            let Some(Link::Static { name_id, .. }) = snapshot.link(holder, held) else {
                return None;
            };
            let name = readable(&snapshot.classes().get(class).name);
            return Some(Owner {
                is_jdk: is_jdk(snapshot, class),
                is_field: true,
                ..plain(format!("{name}.{}", clean_name(&snapshot.name(name_id))))
            });
        }
        let class = snapshot.class_of(holder);
        if snapshot.is_array(class) {
            return None;
        }
        let is_thread = snapshot.classes().is_a(class, "java.lang.Thread");
        if !is_thread && is_jdk(snapshot, class) {
            return None;
        }
        let field = match snapshot.link(holder, held) {
            Some(Link::Field {
                declared_by,
                name_id,
            }) if !is_jdk(snapshot, declared_by) => {
                format!(".{}", clean_name(&snapshot.name(name_id)))
            }
            _ if is_thread => return Some(self.thread(holder)),
            _ => String::new(),
        };
        let class = readable(&snapshot.classes().get(class).name);
        Some(Owner {
            is_field: !field.is_empty(),
            ..plain(format!("{class}{field}"))
        })
    }

    fn thread(&self, thread: ObjectIndex) -> Owner {
        let name = clean_name(&self.snapshot.thread_name(thread).unwrap_or_default());
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let pool = (stem.len() < name.len()).then(|| format!("thread {stem}*"));
        Owner {
            pool,
            ..plain(format!("thread {name}"))
        }
    }

    /// What an object is called that nothing refers to.
    fn root_name(&self, object: ObjectIndex) -> Owner {
        let snapshot = self.snapshot;
        let class = snapshot.class_of(object);
        if snapshot.classes().is_a(class, "java.lang.Thread") {
            return self.thread(object);
        }
        let class = readable(&snapshot.class(object).name);
        plain(match snapshot.roots().kinds.get(&object) {
            Some(kinds) if kinds.contains(&crate::hprof::RootKind::JniGlobal) => {
                format!("JNI global {class}")
            }
            Some(_) => format!("GC root {class}"),
            None => "nothing (waiting to be freed)".to_owned(),
        })
    }
}

fn plain(name: String) -> Owner {
    Owner {
        name,
        ..Owner::default()
    }
}

/// A class name for a sentence; generated classes of lambdas go by the class that has the lambda.
fn readable(class: &str) -> String {
    let stem = class.split("$$Lambda").next().unwrap_or(class);
    clean_name(if stem.len() < class.len() && !stem.is_empty() {
        stem
    } else {
        class
    })
}
