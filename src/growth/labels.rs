//! Every place that can be an owner has a label: fields by the class that declares them, threads by their pool, thread-locals by the
//! field that declares them.

use foldhash::{HashMap, HashSet};
use rustc_hash::FxHashMap;

use super::names::normal;
use crate::heap::{Class, ClassIndex, ClassKind, ObjectIndex, Snapshot, privacy};
use crate::hprof::FieldType;
use crate::suspects::own_collection::OwnCollections;
use crate::suspects::statics::Statics;
use crate::suspects::{Application, HolderKind, Level, naming, thread_locals};

/// Number of a label in [`Labels`]; 0 is none.
pub(super) type LabelId = u16;
/// What is referred to is no place of its own: it belongs to whoever keeps the object that refers to it.
pub(super) const PASS: LabelId = u16::MAX;
/// Labels at most; further ones are left out.
const MOST: usize = PASS as usize - 1;
/// References of one object that are looked at; real classes have far fewer.
const MOST_FIELDS: usize = 1 << 12;

/// Super classes of collections: a subclass of the application's or a library's of one is a collection as well.
const COLLECTIONS: &[&str] = &[
    "java.util.AbstractMap",
    "java.util.AbstractCollection",
    "java.util.Dictionary",
];

/// A place that can be an owner.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Label {
    pub level: Level,
    pub class: String,
    pub field: Option<String>,
    pub name: Option<String>,
    pub kind: HolderKind,
}

/// What objects of a class are to what they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A thing of the application's or a library's.
    Element,
    /// A value or thing of the JDK's.
    Jdk,
    /// A class object.
    Class,
    /// A collection, a part of one, a reference: it holds for somebody else.
    Transparent,
}

/// The fields of the instances of a class that refer to something: offset in the field data, label or [`PASS`], the class that declares it.
pub(super) type Plan = Vec<(u32, LabelId, ClassIndex)>;

/// All labels of a dump, in the order of their names.
pub(super) struct Labels {
    list: Vec<Label>,
    /// By class: what to look for in its instances; `None` for classes that have no labels.
    pub plans: Vec<Option<Plan>>,
    /// Of static fields: class, identifier of the name.
    statics: HashMap<(ClassIndex, u64), LabelId>,
    /// Of instance fields: class that declares it, identifier of the name.
    fields: HashMap<(ClassIndex, u64), LabelId>,
    /// Objects that have a label by what they are: threads, entries of thread-locals.
    pub objects: FxHashMap<ObjectIndex, LabelId>,
    /// By class.
    pub roles: Vec<Role>,
    /// By class, whether its objects are loaders that are there as long as the JVM.
    built_in_loaders: Vec<bool>,
    /// By class, whether its objects are other loaders.
    loaders: Vec<bool>,
    /// By label of an instance field: the classes that declare it (several loaders may define one).
    pub declared: FxHashMap<LabelId, Vec<ClassIndex>>,
}

impl Labels {
    /// The labels of `snapshot`.
    pub fn new(snapshot: &Snapshot<'_>, application: &Application) -> Labels {
        let classes = snapshot.classes();
        let first = first_objects(snapshot);
        let used: Vec<bool> = first.iter().map(Option::is_some).collect();
        let own = own_collections(snapshot, &first);
        let mut all: HashSet<Label> = HashSet::default();
        let fields = field_labels(snapshot, application, &used, &own);
        let statics = static_labels(snapshot, application);
        let objects = object_labels(snapshot, application);
        all.extend(fields.iter().map(|(_, label)| label.clone()));
        all.extend(statics.iter().map(|(_, label)| label.clone()));
        all.extend(objects.iter().map(|(_, label)| label.clone()));
        let mut list: Vec<Label> = all.into_iter().collect();
        list.sort_unstable();
        list.truncate(MOST);
        let ids: HashMap<&Label, LabelId> =
            (1..).zip(&list).map(|(id, label)| (label, id)).collect();
        let id = |label: &Label| ids.get(label).copied();
        let by_field: HashMap<(ClassIndex, u64), LabelId> = fields
            .iter()
            .filter_map(|(key, label)| Some((*key, id(label)?)))
            .collect();
        let statics = statics
            .iter()
            .filter_map(|(key, label)| Some((*key, id(label)?)))
            .collect();
        let objects = objects
            .iter()
            .filter_map(|(object, label)| Some((*object, id(label)?)))
            .collect();
        let mut declared: FxHashMap<LabelId, Vec<ClassIndex>> = FxHashMap::default();
        for (&(class, _), &id) in &by_field {
            declared.entry(id).or_default().push(class);
        }
        declared
            .values_mut()
            .for_each(|classes| classes.sort_unstable());
        Labels {
            plans: plans(snapshot, &used, &by_field),
            fields: by_field,
            roles: roles(snapshot, &own),
            loaders: classes
                .iter()
                .map(|(index, class)| is_loader(snapshot, index, class))
                .collect(),
            built_in_loaders: classes
                .iter()
                .map(|(_, class)| naming::is_built_in_loader(&class.name))
                .collect(),
            declared,
            list,
            statics,
            objects,
        }
    }

    /// Number of labels, 0 included.
    pub fn len(&self) -> usize {
        self.list.len() + 1
    }

    /// The label.
    pub fn get(&self, id: LabelId) -> &Label {
        &self.list[usize::from(id) - 1]
    }

    /// The label of a static field.
    pub fn of_static(&self, class: ClassIndex, name_id: u64) -> Option<LabelId> {
        self.statics.get(&(class, name_id)).copied()
    }

    /// Whether objects of `class` are loaders that come and go.
    pub fn is_loader(&self, class: ClassIndex) -> bool {
        self.loaders[class.0 as usize]
    }

    /// Whether objects of `class` are loaders that are there as long as the JVM.
    pub fn is_built_in_loader(&self, class: ClassIndex) -> bool {
        self.built_in_loaders[class.0 as usize]
    }

    /// By label of a static field: the classes that have it, one for each loader.
    pub fn copies(&self) -> FxHashMap<LabelId, u64> {
        let mut copies = FxHashMap::default();
        for &label in self.statics.values() {
            *copies.entry(label).or_default() += 1;
        }
        copies
    }

    /// The label of an instance field.
    pub fn of_field(&self, class: ClassIndex, name_id: u64) -> Option<LabelId> {
        self.fields.get(&(class, name_id)).copied()
    }

    /// What objects of `class` are to what they hold.
    pub fn role(&self, class: ClassIndex) -> Role {
        self.roles[class.0 as usize]
    }
}

fn is_loader(snapshot: &Snapshot<'_>, index: ClassIndex, class: &Class) -> bool {
    let internal = ["jdk.internal.", "sun."];
    let internal = internal.iter().any(|prefix| class.name.starts_with(prefix));
    !internal && snapshot.classes().is_a(index, "java.lang.ClassLoader")
}

/// By class, the first object of it that the heap has.
fn first_objects(snapshot: &Snapshot<'_>) -> Vec<Option<ObjectIndex>> {
    let mut first = vec![None; snapshot.classes().len()];
    for object in 0..snapshot.len() as ObjectIndex {
        let class = snapshot.class_of(object);
        first[class.0 as usize].get_or_insert(object);
    }
    first
}

/// By class, whether it is a collection that the application wrote itself, or a part of one: the field that holds it is the owner.
fn own_collections(snapshot: &Snapshot<'_>, first: &[Option<ObjectIndex>]) -> Vec<bool> {
    let own = OwnCollections::default();
    for ((_, class), object) in snapshot.classes().iter().zip(first) {
        if let Some(object) = object.filter(|_| is_owner(class)) {
            own.is_transparent(snapshot, object);
        }
    }
    let mut are_own = vec![false; first.len()];
    for (class, _) in own.classes(snapshot) {
        are_own[class.0 as usize] = true;
    }
    are_own
}

/// Whether a field of `class` is a place that a developer can go and change.
fn is_owner(class: &Class) -> bool {
    naming::is_owner(&class.name) && !naming::is_lambda(&class.name)
}

type FieldLabel = ((ClassIndex, u64), Label);

/// The instance fields of all classes of which, or of whose subclasses, there are objects.
fn field_labels(
    snapshot: &Snapshot<'_>,
    application: &Application,
    used: &[bool],
    own: &[bool],
) -> Vec<FieldLabel> {
    let classes = snapshot.classes();
    let mut with_objects = used.to_vec();
    for index in classes.super_classes_first().into_iter().rev() {
        if let (true, Some(above)) = (
            with_objects[index as usize],
            classes.get(ClassIndex(index)).super_class,
        ) {
            with_objects[above.0 as usize] = true;
        }
    }
    let mut labels = Vec::new();
    let is_place =
        |(index, class): &(ClassIndex, &Class)| is_owner(class) && !own[index.0 as usize];
    let owners = classes.iter().filter(is_place);
    for (index, class) in owners.filter(|(index, _)| with_objects[index.0 as usize]) {
        let references = class
            .dump
            .fields
            .iter()
            .filter(|field| field.kind == FieldType::Object);
        for field in references.take(MOST_FIELDS) {
            let name = snapshot.name(field.name_id);
            if !naming::is_capture(&name) {
                let label = field_label(
                    HolderKind::InstanceField,
                    application.level(index),
                    class,
                    name,
                );
                labels.push(((index, field.name_id), label));
            }
        }
    }
    labels
}

fn field_label(kind: HolderKind, level: Level, class: &Class, field: String) -> Label {
    Label {
        level,
        class: normal(&class.name),
        field: Some(field),
        name: None,
        kind,
    }
}

/// The static fields that refer to something.
fn static_labels(snapshot: &Snapshot<'_>, application: &Application) -> Vec<FieldLabel> {
    let mut labels = Vec::new();
    for (index, class) in snapshot.classes().iter() {
        for field in class.dump.statics.iter().take(MOST_FIELDS) {
            let target = field.value.reference().and_then(|id| snapshot.find(id));
            // Everything lies below the loader of the application.
            let is_place = target
                .is_some_and(|target| !naming::is_built_in_loader(&snapshot.class(target).name));
            if !is_place || is_cleaner(&class.name) {
                continue;
            }
            let name = snapshot.name(field.name_id);
            // What HotSpot makes up is nobody's field.
            if !name.starts_with('<') {
                let label = field_label(
                    HolderKind::StaticField,
                    application.level(index),
                    class,
                    name,
                );
                labels.push(((index, field.name_id), label));
            }
        }
    }
    labels
}

/// The list of all cleaners grows with what they clean, which somebody else keeps.
fn is_cleaner(class: &str) -> bool {
    matches!(class, "jdk.internal.ref.Cleaner" | "sun.misc.Cleaner")
}

/// Threads, and what they keep in thread-locals.
fn object_labels(snapshot: &Snapshot<'_>, application: &Application) -> Vec<(ObjectIndex, Label)> {
    let statics = Statics::new(snapshot);
    let mut labels = Vec::new();
    for thread in snapshot.threads() {
        let class = &snapshot.class(thread.object).name;
        let name = thread.name.clone().unwrap_or_default();
        labels.push((
            thread.object,
            Label {
                level: Level::Application,
                class: normal(class),
                field: None,
                name: Some(privacy::shortened(&name)),
                kind: HolderKind::Thread,
            },
        ));
        for map in thread_locals::maps(snapshot, thread.object, thread_locals::ALL) {
            for entry in thread_locals::entries(snapshot, thread.object, map) {
                let declared = entry
                    .key
                    .and_then(|key| declared(snapshot, application, &statics, key));
                labels.extend(declared.map(|label| (entry.entry, label)));
            }
        }
    }
    labels
}

/// The static field that refers to the key of a thread-local.
fn declared(
    snapshot: &Snapshot<'_>,
    application: &Application,
    statics: &Statics,
    key: ObjectIndex,
) -> Option<Label> {
    let own = statics.owner(snapshot, key);
    let (class, name_id) = own.or_else(|| statics.of(key).iter().min().copied())?;
    let level = application.level(class);
    let class = snapshot.classes().get(class);
    Some(field_label(
        HolderKind::ThreadLocal,
        level,
        class,
        snapshot.name(name_id),
    ))
}

/// What to look for in the instances of each class that the application or a library has.
fn plans(
    snapshot: &Snapshot<'_>,
    used: &[bool],
    labels: &HashMap<(ClassIndex, u64), LabelId>,
) -> Vec<Option<Plan>> {
    let classes = snapshot.classes();
    let width = snapshot.header().id_size.bytes();
    let plan = |(index, class): (ClassIndex, &Class)| {
        let reads = used[index.0 as usize] && class.kind == ClassKind::Instance && !class.deep;
        if !reads || naming::is_jdk(&class.name) || naming::is_transparent(&class.name) {
            return None;
        }
        let mut plan = Plan::new();
        let (mut offset, mut at) = (0u32, Some(index));
        while let Some(declaring) = at {
            let declared = classes.get(declaring);
            for field in &declared.dump.fields {
                let weak = class
                    .referent
                    .is_some_and(|(referent, _)| referent == offset);
                if field.kind == FieldType::Object && !weak && plan.len() < MOST_FIELDS {
                    let label = labels.get(&(declaring, field.name_id)).copied();
                    plan.push((offset, label.unwrap_or(PASS), declaring));
                }
                offset = offset.saturating_add(field.kind.width(width) as u32);
            }
            at = declared.super_class;
        }
        Some(plan)
    };
    classes.iter().map(plan).collect()
}

fn roles(snapshot: &Snapshot<'_>, own: &[bool]) -> Vec<Role> {
    let classes = snapshot.classes();
    let role = |(index, class): (ClassIndex, &Class)| {
        let is_a = |name: &&str| classes.is_a(index, name);
        if class.name == "java.lang.Class" {
            Role::Class
        } else if classes.is_a(index, "java.lang.ClassLoader") {
            Role::Element
        } else if classes.is_a(index, "java.lang.Thread")
            || naming::is_transparent(&class.name)
            || own[index.0 as usize]
            || COLLECTIONS.iter().any(is_a)
        {
            Role::Transparent
        } else if naming::is_jdk(&class.name) {
            Role::Jdk
        } else {
            Role::Element
        }
    };
    classes.iter().map(role).collect()
}
