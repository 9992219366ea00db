//! Classes: what the dump says of them and what follows from it.

use std::sync::Mutex;

use foldhash::HashMap;

use super::Compat;
use super::names;
use crate::graph::Strength;
use crate::hprof::{ClassDump, Container, Damage, DamageCode, FieldType};

/// Super class chains are flattened into offsets of references up to this many references in all; what is beyond (hostile
/// dumps only) is walked for each object.
const MOST_FLAT: usize = 8 << 20;

/// Super classes that are walked for a question; no real chain is longer.
const SHALLOW: usize = 64;

/// Number of a class in [`Classes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassIndex(pub u32);

/// What the objects of a class are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassKind {
    /// Instances.
    Instance,
    /// Arrays of references.
    ObjectArray,
    /// Arrays of primitive values.
    PrimitiveArray(FieldType),
}

/// Which kind of `java.lang.ref.Reference` the instances of a class are.
pub type ReferenceKind = Strength;

/// A class of the dump.
#[derive(Debug)]
pub struct Class {
    /// Identifier (address) of the class object, 0 where there is none.
    pub id: u64,
    /// Name as Java writes it.
    pub name: String,
    /// What its objects are.
    pub kind: ClassKind,
    /// The super class.
    pub super_class: Option<ClassIndex>,
    /// The class dump; empty where the dump has none.
    pub dump: ClassDump,
    /// Whether the dump has a class dump of it.
    pub dumped: bool,
    /// Bytes of field data of an instance in the file, super classes included.
    pub data_bytes: u32,
    /// Bytes of field data that the class itself declares.
    pub own_bytes: u32,
    /// Offsets of references in the field data, in bytes, the referent of a reference left out.
    pub references: Box<[u32]>,
    /// Whether `references` was not filled in: walk the chain instead.
    pub deep: bool,
    /// The nearest super class that declares fields: walks skip those that do not, or a long chain of them would cost every
    /// object its length.
    pub fields_above: Option<ClassIndex>,
    /// Offset of the referent and how strongly it is held, for subclasses of `java.lang.ref.Reference`.
    pub referent: Option<(u32, ReferenceKind)>,
}

impl Class {
    fn new(id: u64, name: String) -> Class {
        let kind = if name.ends_with("[]") {
            ClassKind::ObjectArray
        } else {
            ClassKind::Instance
        };
        let primitive = FieldType::PRIMITIVES
            .into_iter()
            .find(|t| t.array_name() == name);
        Class {
            id,
            kind: primitive.map_or(kind, ClassKind::PrimitiveArray),
            name,
            super_class: None,
            dump: ClassDump {
                class_id: id,
                super_id: 0,
                loader_id: 0,
                signers_id: 0,
                protection_domain_id: 0,
                instance_size: 0,
                constants: Vec::new(),
                statics: Vec::new(),
                fields: Vec::new(),
            },
            dumped: false,
            data_bytes: 0,
            own_bytes: 0,
            references: Box::default(),
            deep: false,
            fields_above: None,
            referent: None,
        }
    }
}

/// All classes.
#[derive(Debug, Default)]
pub struct Classes {
    list: Vec<Class>,
    by_id: HashMap<u64, u32>,
    by_name: HashMap<String, Vec<u32>>,
    primitive_arrays: [u32; 12],
    /// Identifiers of the names of loaded classes, by identifier of the class object.
    names: HashMap<u64, u64>,
    /// Which classes extend one of a name, for chains deeper than [`SHALLOW`].
    deep: Mutex<HashMap<String, Vec<bool>>>,
}

impl Classes {
    /// Makes classes of the class dumps, in file order. Field and class names are taken from `container`.
    pub fn new(
        bytes: &[u8],
        container: &Container,
        dumps: Vec<ClassDump>,
        id_bytes: usize,
        compat: Compat,
        damage: &mut Vec<Damage>,
    ) -> Classes {
        let mut names: HashMap<u64, u64> = HashMap::default();
        let mut conflicting = 0;
        for loaded in &container.load_classes {
            let known = *names.entry(loaded.class_id).or_insert(loaded.name_id);
            conflicting += u64::from(known != loaded.name_id);
        }
        let mut classes = Classes::default();
        let mut repeated = 0;
        for dump in dumps {
            let id = dump.class_id;
            if classes.by_id.contains_key(&id) {
                repeated += 1;
                continue;
            }
            let name = name_of(bytes, container, &names, id);
            let mut class = Class::new(id, name);
            class.own_bytes = dump
                .fields
                .iter()
                .map(|f| f.kind.width(id_bytes) as u32)
                .sum();
            class.dump = dump;
            class.dumped = true;
            classes.push(class);
        }
        if conflicting + repeated > 0 {
            let message = format!(
                "{} classes are defined twice, differently or not; the first definition counts",
                conflicting + repeated
            );
            damage.push(
                Damage::new(DamageCode::DuplicateDefinition, 0, 0, message)
                    .with_count(conflicting + repeated),
            );
        }
        classes.note_missing_names(container, &names, damage);
        classes.names = names;
        classes.link_super_classes(damage);
        classes.flatten(bytes, container, id_bytes, compat);
        for element in FieldType::PRIMITIVES {
            let found = classes
                .by_name
                .get(element.array_name())
                .and_then(|list| list.first().copied());
            let index = found
                .unwrap_or_else(|| classes.push(Class::new(0, element.array_name().to_owned())));
            classes.primitive_arrays[element as usize] = index;
        }
        classes
    }

    /// All classes, by their numbers.
    pub(super) fn all_mut(&mut self) -> &mut [Class] {
        &mut self.list
    }

    /// Says how many names of classes and fields are not in the dump.
    fn note_missing_names(
        &self,
        container: &Container,
        names: &HashMap<u64, u64>,
        damage: &mut Vec<Damage>,
    ) {
        let known = |name: u64| container.strings.contains_key(&name);
        let missing = |class: &Class| {
            let statics = class.dump.statics.iter().map(|field| field.name_id);
            let fields = class.dump.fields.iter().map(|field| field.name_id);
            let unknown = statics.chain(fields).filter(|&name| !known(name)).count() as u64;
            let named = names.get(&class.id).is_some_and(|&name| known(name));
            unknown + u64::from(!named)
        };
        let count: u64 = self.list.iter().map(missing).sum();
        if count > 0 {
            let message = format!(
                "{count} names of classes and fields are not in the dump; their identifiers stand for them"
            );
            damage.push(Damage::new(DamageCode::NameMissing, 0, 0, message).with_count(count));
        }
    }

    fn push(&mut self, class: Class) -> u32 {
        let index = self.list.len() as u32;
        if class.id != 0 {
            self.by_id.insert(class.id, index);
        }
        self.by_name
            .entry(class.name.clone())
            .or_default()
            .push(index);
        self.list.push(class);
        index
    }

    /// Adds a class that objects refer to but that has no class dump.
    pub fn add_missing(
        &mut self,
        bytes: &[u8],
        container: &Container,
        id: u64,
        array: bool,
    ) -> ClassIndex {
        if let Some(known) = self.find(id) {
            return known;
        }
        let name = self
            .names
            .get(&id)
            .and_then(|&name| container.string(bytes, name))
            .map(|raw| names::java_name(&names::decode(raw)));
        let mut name = name.unwrap_or_else(|| format!("unknown-class@{id:#x}"));
        if array && !name.ends_with("[]") {
            name.push_str("[]");
        }
        ClassIndex(self.push(Class::new(id, name)))
    }

    /// Resolves super classes and cuts cycles; sets the length of the field data.
    fn link_super_classes(&mut self, damage: &mut Vec<Damage>) {
        let mut missing = 0;
        let mut cycles = 0;
        for i in 0..self.list.len() {
            let super_id = self.list[i].dump.super_id;
            self.list[i].super_class = self.find(super_id);
            missing += u64::from(super_id != 0 && self.list[i].super_class.is_none());
        }
        let mut state = vec![0u8; self.list.len()];
        let mut path: Vec<usize> = Vec::new();
        for start in 0..self.list.len() {
            let mut at = start;
            while state[at] == 0 {
                state[at] = 1;
                path.push(at);
                match self.list[at].super_class {
                    Some(ClassIndex(above)) if state[above as usize] == 1 => {
                        self.list[at].super_class = None;
                        cycles += 1;
                    }
                    Some(ClassIndex(above)) => at = above as usize,
                    None => {}
                }
            }
            while let Some(class) = path.pop() {
                let inherited = self.list[class]
                    .super_class
                    .map_or(0, |ClassIndex(above)| self.list[above as usize].data_bytes);
                self.list[class].data_bytes = self.list[class].own_bytes.saturating_add(inherited);
                state[class] = 2;
            }
        }
        for (count, code, what) in [
            (
                cycles,
                DamageCode::SuperClassCycle,
                "are their own super class",
            ),
            (
                missing,
                DamageCode::SuperClassMissing,
                "have a super class that is not in the dump",
            ),
        ] {
            if count > 0 {
                damage.push(
                    Damage::new(
                        code,
                        0,
                        0,
                        format!("{count} classes {what}; fields beyond are not read"),
                    )
                    .with_count(count),
                );
            }
        }
    }

    /// Works out where references lie in the field data of each class.
    fn flatten(&mut self, bytes: &[u8], container: &Container, id_bytes: usize, compat: Compat) {
        let mut total = 0;
        for i in self.super_classes_first() {
            let i = i as usize;
            let mut references = Vec::new();
            let mut offset = 0;
            let class = &self.list[i];
            let is_reference = class.name == "java.lang.ref.Reference";
            let mut referent = None;
            for field in &class.dump.fields {
                if field.kind == FieldType::Object {
                    let weak = is_reference
                        && !compat.is_mat()
                        && container.string(bytes, field.name_id) == Some(b"referent");
                    if weak {
                        referent = Some(offset)
                    } else {
                        references.push(offset)
                    }
                }
                offset += field.kind.width(id_bytes) as u32;
            }
            let mut referent = referent.map(|offset| (offset, ReferenceKind::Weak));
            let (mut deep, mut fields_above) = (false, None);
            if let Some(super_class) = class.super_class {
                let above = &self.list[super_class.0 as usize];
                fields_above = match above.dump.fields.is_empty() {
                    true => above.fields_above,
                    false => Some(super_class),
                };
                let inherited = above.referent.map(|(at, kind)| {
                    (
                        at.saturating_add(offset),
                        kind_of_reference(&class.name).unwrap_or(kind),
                    )
                });
                referent = referent.or(inherited);
                deep = above.deep || total + references.len() + above.references.len() > MOST_FLAT;
                if !deep {
                    references.extend(above.references.iter().map(|at| at.saturating_add(offset)));
                }
            }
            total += references.len();
            let class = &mut self.list[i];
            (class.referent, class.deep) = (referent, deep);
            class.fields_above = fields_above;
            class.references = if deep {
                Box::default()
            } else {
                references.into()
            };
        }
    }

    /// All classes, each after its super class.
    pub fn super_classes_first(&self) -> Vec<u32> {
        let mut done = vec![false; self.list.len()];
        let mut order = Vec::with_capacity(self.list.len());
        let mut path = Vec::new();
        for start in 0..self.list.len() as u32 {
            let mut at = Some(ClassIndex(start));
            while let Some(ClassIndex(class)) = at {
                if done[class as usize] {
                    break;
                }
                done[class as usize] = true;
                path.push(class);
                at = self.list[class as usize].super_class;
            }
            while let Some(class) = path.pop() {
                order.push(class);
            }
        }
        order
    }

    /// Number of classes.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The class.
    #[inline]
    pub fn get(&self, class: ClassIndex) -> &Class {
        &self.list[class.0 as usize]
    }

    /// All classes with their indexes.
    pub fn iter(&self) -> impl Iterator<Item = (ClassIndex, &Class)> {
        self.list
            .iter()
            .enumerate()
            .map(|(i, class)| (ClassIndex(i as u32), class))
    }

    /// The class whose class object has identifier `id`.
    #[inline]
    pub fn find(&self, id: u64) -> Option<ClassIndex> {
        self.by_id.get(&id).map(|&i| ClassIndex(i))
    }

    /// The classes named `name`, one for each loader that defined it.
    pub fn named<'a>(&'a self, name: &str) -> impl Iterator<Item = ClassIndex> + 'a {
        self.by_name
            .get(name)
            .into_iter()
            .flatten()
            .map(|&i| ClassIndex(i))
    }

    /// The class of arrays of `element`.
    #[inline]
    pub fn primitive_array(&self, element: FieldType) -> ClassIndex {
        ClassIndex(self.primitive_arrays[element as usize])
    }

    /// `class` and its super classes, from the class up: at most [`SHALLOW`], so that a question that is asked of every class
    /// costs a hostile chain no more than its length.
    pub fn chain(&self, class: ClassIndex) -> impl Iterator<Item = &Class> {
        let above = |class: &&Class| class.super_class.map(|above| self.get(above));
        std::iter::successors(Some(self.get(class)), above).take(SHALLOW)
    }

    /// Whether `class` is, or extends, a class named `name`.
    pub fn is_a(&self, class: ClassIndex, name: &str) -> bool {
        let mut at = Some(class);
        for _ in 0..SHALLOW {
            let Some(here) = at else { return false };
            let here = self.get(here);
            if here.name == name {
                return true;
            }
            at = here.super_class;
        }
        at.is_some_and(|above| self.is_a_far_above(above, name))
    }

    /// The same for chains that only hostile dumps have: worked out for all classes when a name is asked for first.
    #[cold]
    fn is_a_far_above(&self, class: ClassIndex, name: &str) -> bool {
        let mut known = self
            .deep
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let table = known.entry(name.to_owned()).or_insert_with(|| {
            let mut table = vec![false; self.list.len()];
            for i in self.super_classes_first() {
                let class = &self.list[i as usize];
                let above = class.super_class;
                table[i as usize] =
                    class.name == name || above.is_some_and(|above| table[above.0 as usize]);
            }
            table
        });
        table.get(class.0 as usize).copied().unwrap_or(false)
    }
}

fn kind_of_reference(name: &str) -> Option<ReferenceKind> {
    Some(match name {
        "java.lang.ref.SoftReference" => ReferenceKind::Soft,
        "java.lang.ref.WeakReference" => ReferenceKind::Weak,
        "java.lang.ref.FinalReference" => ReferenceKind::Final,
        "java.lang.ref.PhantomReference" => ReferenceKind::Phantom,
        _ => return None,
    })
}

fn name_of(bytes: &[u8], container: &Container, names: &HashMap<u64, u64>, id: u64) -> String {
    let raw = names
        .get(&id)
        .and_then(|&name| container.string(bytes, name));
    raw.map_or_else(
        || format!("unknown-name@{id:#x}"),
        |raw| names::java_name(&names::decode(raw)),
    )
}
