//! Whose code a class is: the JDK's, a library's, or the application's.
//!
//! A dump does not say it. It has, for each class, the class loader and the `ProtectionDomain`, whose `CodeSource` has the place that
//! the class was loaded from. The decision takes the first of these that the dump has:
//!
//! 1. prefixes that the user gave (`--application`);
//! 2. the place ([`code_source`]): a directory, `BOOT-INF/classes`, `WEB-INF/classes`, the archive or module of the main class, or an
//!    archive with a class loader of its own (a plugin, an OSGi bundle) are the application's. Archives with classes in the packages of
//!    those are too: `com.acme.commons` beside `com.acme.shop`;
//! 3. the package of the main class;
//! 4. names: what is neither the JDK's nor that of a well-known library.
//!
//! Lambdas and hidden classes have the place of their host. Proxies and generated subclasses count as what they stand for.

mod code_source;
mod packages;

use std::collections::BTreeMap;

use foldhash::HashMap;
use serde::{Deserialize, Serialize};

use super::naming;
use crate::heap::{Class, ClassIndex, ClassKind, ObjectIndex, Snapshot};
use code_source::{Place, Places};
use packages::{is_well_known, root};

/// Packages that the report names.
const MOST_PACKAGES: usize = 8;
/// Super classes of a generated class that are looked at.
const MOST_SUPER_CLASSES: usize = 8;

/// Whose class it is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The application's.
    #[default]
    Application,
    /// A library's.
    Library,
    /// The JDK's.
    Jdk,
}

impl Level {
    /// The level as reports spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Application => "application",
            Level::Library => "library",
            Level::Jdk => "jdk",
        }
    }
}

/// What decided which classes are the application's. A word of a later version is read as [`Basis::Names`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Prefixes that the user gave.
    Option,
    /// Where the classes were loaded from.
    CodeSource,
    /// The package of the main class.
    MainClass,
    /// Names alone: whatever is neither the JDK's nor a well-known library's.
    #[default]
    #[serde(other)]
    Names,
}

/// What is known besides the dump's classes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'h> {
    /// The main class, or the file name of the archive that was started.
    pub main_class: Option<&'h str>,
    /// Packages and classes of the application, as the user gave them.
    pub prefixes: &'h [String],
}

/// The level of every class of a dump.
#[derive(Debug)]
pub struct Application {
    levels: Vec<Level>,
    by_name: HashMap<String, Level>,
    roots: Vec<String>,
    basis: Basis,
}

impl Application {
    /// Decides for all classes of `snapshot`. Linear in the number of classes.
    pub fn new(snapshot: &Snapshot<'_>, hints: Hints<'_>) -> Application {
        let places = Places::read(snapshot);
        let scope = Scope::new(snapshot, &places, hints);
        let classes = snapshot.classes();
        let mut levels: Vec<Level> = classes
            .iter()
            .map(|(index, class)| scope.level(places.of(index), &class.name))
            .collect();
        stand_for_others(snapshot, &places, &mut levels);
        let mut by_name: HashMap<String, Level> = HashMap::default();
        for (index, class) in classes.iter() {
            if class.dumped && class.kind == ClassKind::Instance {
                let level = levels[index.0 as usize];
                let known = by_name.entry(class.name.clone()).or_insert(level);
                // Of several classes of one name the application's counts.
                *known = level.min(*known);
            }
        }
        for (index, class) in classes.iter() {
            if class.kind == ClassKind::ObjectArray {
                let element = class.name.trim_end_matches("[]");
                let known = by_name.get(element).copied();
                levels[index.0 as usize] = known.unwrap_or_else(|| scope.level_of_name(element));
            }
        }
        Application {
            levels,
            by_name,
            basis: scope.basis,
            roots: scope.roots,
        }
    }

    /// Whose `class` is. Arrays are whose their elements are.
    pub fn level(&self, class: ClassIndex) -> Level {
        let level = self.levels.get(class.0 as usize);
        level.copied().unwrap_or(Level::Library)
    }

    /// Whose the class called `name` is, such as that of a stack frame. The dump need not have it.
    pub fn level_of_name(&self, name: &str) -> Level {
        let element = name.trim_end_matches("[]");
        let known = self.by_name.get(element).copied();
        known.unwrap_or_else(|| by_roots(element, &self.roots))
    }

    /// What decided.
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// Packages that hold most classes of the application, with the number of classes in each; at most a few.
    pub fn packages(&self, snapshot: &Snapshot<'_>) -> Vec<(String, u64)> {
        let mut found: BTreeMap<&str, u64> = BTreeMap::new();
        for (index, class) in snapshot.classes().iter() {
            let own = class.dumped && class.kind == ClassKind::Instance;
            if own && self.level(index) == Level::Application {
                *found.entry(root(&class.name).unwrap_or("")).or_default() += 1;
            }
        }
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        found.truncate(MOST_PACKAGES);
        let owned = found.into_iter();
        owned.map(|(name, n)| (name.to_owned(), n)).collect()
    }

    /// Number of classes of the application.
    pub fn classes(&self, snapshot: &Snapshot<'_>) -> u64 {
        let own = snapshot.classes().iter().filter(|(index, class)| {
            let own = class.dumped && class.kind == ClassKind::Instance;
            own && self.level(*index) == Level::Application
        });
        own.count() as u64
    }
}

/// What the decision rests on.
struct Scope {
    basis: Basis,
    /// Prefixes of the user's, or packages of the application.
    roots: Vec<String>,
    /// The archive or module of the main class.
    main: Option<Place>,
}

impl Scope {
    fn new(snapshot: &Snapshot<'_>, places: &Places, hints: Hints<'_>) -> Scope {
        let given = hints.prefixes.iter().filter(|prefix| !prefix.is_empty());
        let given: Vec<String> = given.cloned().collect();
        if !given.is_empty() {
            return Scope::of(Basis::Option, given, None);
        }
        let main = main_class(snapshot, hints.main_class);
        let archive = hints.main_class.filter(|name| name.ends_with(".jar"));
        let main_place = main
            .and_then(|class| places.of(class).archive())
            .or_else(|| places.archive_named(archive?));
        let mut scope = Scope::of(Basis::CodeSource, Vec::new(), main_place);
        let mut roots: Vec<String> = Vec::new();
        for (index, class) in snapshot.classes().iter() {
            if class.kind == ClassKind::Instance
                && scope.is_own_place(places.of(index), &class.name)
            {
                roots.extend(root(&class.name).map(str::to_owned));
            }
        }
        roots.sort_unstable();
        roots.dedup();
        scope.roots = roots;
        let places_tell = |(index, class): (ClassIndex, &Class)| {
            class.kind == ClassKind::Instance
                && places.of(index).is_known()
                && scope.level(places.of(index), &class.name) == Level::Application
        };
        if snapshot.classes().iter().any(places_tell) {
            return scope;
        }
        let main_name = main.map(|class| snapshot.classes().get(class).name.as_str());
        let main_root = main_name.filter(|name| !is_well_known(name));
        match main_root.and_then(root) {
            Some(root) => Scope::of(Basis::MainClass, vec![root.to_owned()], None),
            None => Scope::of(Basis::Names, Vec::new(), None),
        }
    }

    fn of(basis: Basis, roots: Vec<String>, main: Option<Place>) -> Scope {
        Scope { basis, roots, main }
    }

    /// Whether `place` is one that only the application's classes are loaded from.
    fn is_own_place(&self, place: Place, name: &str) -> bool {
        match place {
            Place::Directory | Place::NestedClasses => true,
            Place::Archive(_) | Place::Module(_) => {
                self.main == Some(place) && !is_well_known(name)
            }
            _ => false,
        }
    }

    fn level(&self, place: Place, name: &str) -> Level {
        match self.basis {
            Basis::CodeSource => self.level_by_place(place, name),
            _ if place == Place::Boot && !has_prefix(name, &self.roots) && naming::is_jdk(name) => {
                Level::Jdk
            }
            _ => self.level_of_name(name),
        }
    }

    fn level_by_place(&self, place: Place, name: &str) -> Level {
        match place {
            Place::Boot if naming::is_jdk(name) => Level::Jdk,
            Place::Boot => Level::Library,
            Place::Directory | Place::NestedClasses => Level::Application,
            Place::JdkModule => Level::Jdk,
            Place::OwnArchive(_) if !is_well_known(name) => Level::Application,
            _ if self.is_own_place(place, name) => Level::Application,
            Place::Unknown | Place::OwnUnknown => by_names(name),
            _ if has_root(name, &self.roots) && !is_well_known(name) => Level::Application,
            _ => Level::Library,
        }
    }

    fn level_of_name(&self, name: &str) -> Level {
        match self.basis {
            Basis::Option if has_prefix(name, &self.roots) => Level::Application,
            Basis::Names => by_names(name),
            _ => by_roots(name, &self.roots),
        }
    }
}

/// By the packages of the application, where they are known.
fn by_roots(name: &str, roots: &[String]) -> Level {
    if naming::is_jdk(name) {
        Level::Jdk
    } else if has_root(name, roots) && !is_well_known(name) {
        Level::Application
    } else if roots.is_empty() {
        by_names(name)
    } else {
        Level::Library
    }
}

fn by_names(name: &str) -> Level {
    if naming::is_jdk(name) {
        Level::Jdk
    } else if is_well_known(name) {
        Level::Library
    } else {
        Level::Application
    }
}

fn has_root(name: &str, roots: &[String]) -> bool {
    root(name).is_some_and(|root| roots.iter().any(|known| known == root))
}

/// Whether `name` is one of the classes or packages `prefixes`, or lies within one.
fn has_prefix(name: &str, prefixes: &[String]) -> bool {
    prefixes.iter().any(|prefix| {
        let rest = name.strip_prefix(prefix.trim_end_matches(['.', '*']));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '$']))
    })
}

/// The class whose `main` method runs, or the one that the JVM was started with.
fn main_class(snapshot: &Snapshot<'_>, started: Option<&str>) -> Option<ClassIndex> {
    let classes = snapshot.classes();
    let named = |name: &str| classes.named(name).next();
    let by_start = started.and_then(named);
    by_start.or_else(|| {
        snapshot.threads().iter().find_map(|thread| {
            let bottom = snapshot.bottom_frame(thread);
            let bottom = bottom.filter(|frame| frame.method == "main")?;
            named(&bottom.class).filter(|_| !naming::is_jdk(&bottom.class))
        })
    })
}

/// Gives generated classes without a place the level of what they stand for: proxies that of their interfaces, subclasses that of
/// the class that they extend, hidden classes that of their host.
fn stand_for_others(snapshot: &Snapshot<'_>, places: &Places, levels: &mut [Level]) {
    let classes = snapshot.classes();
    for (index, class) in classes.iter() {
        if !class.dumped || places.of(index).is_known() && !class.name.contains("$Proxy") {
            continue;
        }
        let host = match class.name.contains("$Proxy") {
            true => interface(snapshot, class),
            false => generated_host(snapshot, class),
        };
        if let Some(host) = host {
            levels[index.0 as usize] = levels[host.0 as usize];
        }
    }
}

/// The class that the first method of a proxy belongs to, `java.lang.Object` left out.
fn interface(snapshot: &Snapshot<'_>, class: &Class) -> Option<ClassIndex> {
    let methods = class.dump.statics.iter();
    let methods = methods.filter_map(|field| snapshot.find(field.value.reference()?));
    let declared = methods.filter_map(|method: ObjectIndex| {
        let class = snapshot.field_object(method, "clazz")?;
        snapshot.as_class(class)
    });
    let mut own =
        declared.filter(|&class| snapshot.classes().get(class).name != "java.lang.Object");
    own.next()
}

/// The class in the name of a generated one (`a.B` of `a.B$$Lambda` and `a.B$$EnhancerBy...`), or else the nearest one that it extends.
fn generated_host(snapshot: &Snapshot<'_>, class: &Class) -> Option<ClassIndex> {
    let stable = naming::stable(&class.name);
    let at = stable.find("$$").filter(|&at| at > 0);
    let name = match at {
        Some(at) => &stable[..at],
        None if stable != class.name => stable.as_str(),
        None => return None,
    };
    let classes = snapshot.classes();
    classes.named(name).next().or_else(|| {
        let mut above = class.super_class;
        for _ in 0..MOST_SUPER_CLASSES {
            let here = classes.get(above?);
            if !here.name.contains("$$") {
                return above.filter(|_| here.name != "java.lang.Object");
            }
            above = here.super_class;
        }
        None
    })
}
