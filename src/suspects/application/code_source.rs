//! Where classes were loaded from: class loader, `ProtectionDomain`, `CodeSource`, `URL`.

use foldhash::HashMap;

use crate::heap::{ClassIndex, ObjectIndex, Snapshot};

/// Longest location that is read, in UTF-16 units.
const LONGEST: usize = 2_000;
/// Protection domains that are read; there are a few for each class loader.
const MOST_DOMAINS: usize = 50_000;

/// Where a class was loaded from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// By the boot loader or the platform loader.
    Boot,
    /// From a module of the JDK, by another loader.
    JdkModule,
    /// From a directory of class files.
    Directory,
    /// From `BOOT-INF/classes` or `WEB-INF/classes` of an archive.
    NestedClasses,
    /// From an archive in `BOOT-INF/lib` or `WEB-INF/lib`.
    NestedLibrary,
    /// From an archive on the class path or module path.
    Archive(u32),
    /// From another module of a run-time image.
    Module(u32),
    /// From an archive, by a class loader that is none of the JDK's.
    OwnArchive(u32),
    /// By the application loader; the dump does not say where from.
    Unknown,
    /// By another loader; the dump does not say where from.
    OwnUnknown,
}

impl Place {
    /// Whether the dump says where the class comes from.
    pub fn is_known(self) -> bool {
        !matches!(self, Place::Boot | Place::Unknown | Place::OwnUnknown)
    }

    /// The archive or module, where it may be that of the application as a whole.
    pub fn archive(self) -> Option<Place> {
        matches!(self, Place::Archive(_) | Place::Module(_)).then_some(self)
    }
}

/// The loaders of the JDK.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Loader {
    Boot,
    App,
    Own,
}

/// The place of every class.
pub(super) struct Places {
    of_class: Vec<Place>,
    /// Locations of archives and names of modules, by number.
    archives: Vec<String>,
}

impl Places {
    /// Reads them: a few strings for each protection domain.
    pub fn read(snapshot: &Snapshot<'_>) -> Places {
        let mut reader = Reader::default();
        let classes = snapshot.classes().iter();
        let of_class = classes
            .map(|(_, class)| {
                let loader = reader.loader(snapshot, class.dump.loader_id);
                match loader {
                    Loader::Boot => Place::Boot,
                    _ => reader.place(snapshot, loader, class.dump.protection_domain_id),
                }
            })
            .collect();
        Places {
            of_class,
            archives: reader.archives,
        }
    }

    pub fn of(&self, class: ClassIndex) -> Place {
        let place = self.of_class.get(class.0 as usize);
        place.copied().unwrap_or(Place::Unknown)
    }

    /// The archive whose file is called `name`.
    pub fn archive_named(&self, name: &str) -> Option<Place> {
        let is_it = |place: &&Place| match place {
            Place::Archive(number) => {
                let archive = self.archives.get(*number as usize);
                archive.is_some_and(|archive| archive.rsplit('/').next() == Some(name))
            }
            _ => false,
        };
        self.of_class.iter().find(is_it).copied()
    }
}

#[derive(Default)]
struct Reader {
    loaders: HashMap<u64, Loader>,
    /// Protection domain -> its location.
    locations: HashMap<u64, Option<Location>>,
    archives: Vec<String>,
    numbers: HashMap<String, u32>,
}

/// A `URL` of a code source.
#[derive(Clone)]
struct Location {
    module: bool,
    path: String,
}

impl Reader {
    fn loader(&mut self, snapshot: &Snapshot<'_>, id: u64) -> Loader {
        if id == 0 {
            return Loader::Boot;
        }
        let kind = || match snapshot.find(id) {
            Some(loader) => kind_of(&snapshot.class(loader).name),
            None => Loader::App,
        };
        *self.loaders.entry(id).or_insert_with(kind)
    }

    fn place(&mut self, snapshot: &Snapshot<'_>, loader: Loader, domain: u64) -> Place {
        let unknown = match loader {
            Loader::Own => Place::OwnUnknown,
            _ => Place::Unknown,
        };
        if domain == 0 || self.locations.len() >= MOST_DOMAINS {
            return unknown;
        }
        let read = || location(snapshot, snapshot.find(domain)?);
        let found = self.locations.entry(domain).or_insert_with(read).clone();
        let Some(Location { module, path }) = found else {
            return unknown;
        };
        if module {
            let name = path.trim_matches('/');
            return match name.starts_with("java.") || name.starts_with("jdk.") {
                true => Place::JdkModule,
                false => Place::Module(self.number(name)),
            };
        }
        if path.contains("BOOT-INF/classes") || path.contains("WEB-INF/classes") {
            Place::NestedClasses
        } else if path.contains("BOOT-INF/lib") || path.contains("WEB-INF/lib") {
            Place::NestedLibrary
        } else if path.ends_with('/') && !path.ends_with("!/") {
            Place::Directory
        } else {
            let number = self.number(path.trim_end_matches("!/"));
            match loader {
                Loader::Own => Place::OwnArchive(number),
                _ => Place::Archive(number),
            }
        }
    }

    fn number(&mut self, archive: &str) -> u32 {
        if let Some(&known) = self.numbers.get(archive) {
            return known;
        }
        let number = self.archives.len() as u32;
        self.archives.push(archive.to_owned());
        self.numbers.insert(archive.to_owned(), number);
        number
    }
}

fn kind_of(loader: &str) -> Loader {
    match loader {
        "jdk.internal.loader.ClassLoaders$AppClassLoader" | "sun.misc.Launcher$AppClassLoader" => {
            Loader::App
        }
        "jdk.internal.loader.ClassLoaders$PlatformClassLoader"
        | "jdk.internal.loader.ClassLoaders$BootClassLoader"
        | "sun.misc.Launcher$ExtClassLoader"
        | "java.lang.BootClassLoader"
        | "java.lang.ClassLoader" => Loader::Boot,
        _ => Loader::Own,
    }
}

/// The location of a `ProtectionDomain`: that of its `CodeSource`. A text without a letter is none: sanitisers write zeros.
fn location(snapshot: &Snapshot<'_>, domain: ObjectIndex) -> Option<Location> {
    let source = snapshot.field_object(domain, "codesource")?;
    let url = snapshot.field_object(source, "location")?;
    let [protocol, path, file] = snapshot.field_objects(url, ["protocol", "path", "file"]);
    let text = |object: Option<ObjectIndex>| snapshot.string(object?, LONGEST);
    let path = text(path).or_else(|| text(file))?;
    let says_something = path.chars().any(char::is_alphanumeric);
    says_something.then(|| Location {
        module: text(protocol).as_deref() == Some("jrt"),
        path,
    })
}
