//! Which row of the table fits which class.

use std::collections::HashMap;

use super::shapes::{Elements, Room, SHAPES, Shape, Size};
use crate::heap::class::{ClassIndex, ClassKind, Classes};

/// Of every class the row of the table that fits it.
#[derive(Debug, Default)]
pub struct Shapes(Vec<u16>);

/// No row.
const NONE: u16 = u16::MAX;

/// A set of names of fields, one bit each.
type Names = u128;

/// A row with the names that a class must have: one of each set.
struct Wanted {
    row: u16,
    fields: Vec<Names>,
}

/// The rows, by what their class is called.
#[derive(Default)]
struct Rows {
    /// Rows of one class, by its name without the package.
    by_simple_name: HashMap<&'static str, Vec<Wanted>>,
    /// Rows of all classes of a package, and of every class.
    of_several: Vec<Wanted>,
    /// The bit of each name.
    bits: HashMap<&'static str, u32>,
}

impl Shapes {
    /// Finds the collections among the classes. A class that lacks the fields is none, whatever it is called.
    /// `name_of` is the name with an identifier.
    pub fn new(classes: &Classes, name_of: impl Fn(u64) -> String) -> Shapes {
        let rows = Rows::new();
        let mut names: Vec<Names> = vec![0; classes.len()];
        let mut found = vec![NONE; classes.len()];
        let mut of_class = vec![false; classes.len()];
        let mut known: HashMap<u64, Names> = HashMap::new();
        for index in classes.super_classes_first() {
            let at = index as usize;
            let class = classes.get(ClassIndex(index));
            if class.kind != ClassKind::Instance {
                continue;
            }
            let above = class.super_class.map(|above| above.0 as usize);
            names[at] = above.map_or(0, |above| names[above]);
            for field in &class.dump.fields {
                let name = || rows.names(&[&name_of(field.name_id)]);
                names[at] |= *known.entry(field.name_id).or_insert_with(name);
            }
            let inherited = above.filter(|&above| of_class[above]);
            if let Some(row) = rows.of_class(&class.name, names[at]) {
                (found[at], of_class[at]) = (row, true);
            } else if let Some(above) = inherited {
                (found[at], of_class[at]) = (found[above], true);
            } else if let Some(row) = rows.of_fields(&class.name, names[at]) {
                found[at] = row;
            }
        }
        Shapes(found)
    }

    /// The shape of objects of `class`.
    pub fn of(&self, class: ClassIndex) -> Option<&'static Shape> {
        SHAPES.get(usize::from(*self.0.get(class.0 as usize)?))
    }

    /// The class that the row of `class` is about: the nearest of that name. Its fields are those that the row names.
    pub fn declaring(classes: &Classes, class: ClassIndex, shape: &Shape) -> Option<ClassIndex> {
        let chain = std::iter::successors(Some(class), |&at| classes.get(at).super_class);
        let mut chain = chain.take(MOST_LEVELS);
        chain.find(|&at| is_copy(&classes.get(at).name, shape.class))
    }
}

/// Super classes that are looked at.
const MOST_LEVELS: usize = 64;

impl Rows {
    fn new() -> Rows {
        let mut rows = Rows::default();
        for (row, shape) in SHAPES.iter().enumerate() {
            let of_several = shape.class.ends_with('*');
            let paths = match of_several {
                true => [
                    of_size(&shape.size),
                    of_elements(&shape.elements),
                    of_room(&shape.room),
                ]
                .concat(),
                false => of_size(&shape.size),
            };
            let fields = paths.iter().map(|path| rows.bits_of(path)).collect();
            let wanted = Wanted {
                row: row as u16,
                fields,
            };
            match of_several {
                true => rows.of_several.push(wanted),
                false => {
                    let name = simple(shape.class);
                    rows.by_simple_name.entry(name).or_default().push(wanted);
                }
            }
        }
        rows
    }

    /// The first names of the alternatives of `path`.
    fn bits_of(&mut self, path: &'static str) -> Names {
        let first = |path: &'static str| path.split('.').next().unwrap_or(path);
        let mut bits = 0;
        for name in path.split('|').map(first) {
            let next = self.bits.len() as u32;
            bits |= 1 << *self.bits.entry(name).or_insert(next);
        }
        bits
    }

    fn names(&self, names: &[&str]) -> Names {
        let known = names.iter().filter_map(|name| self.bits.get(name));
        known.fold(0, |bits, bit| bits | 1 << bit)
    }

    /// The first row of the class called `name`.
    fn of_class(&self, name: &str, fields: Names) -> Option<u16> {
        let rows = self.by_simple_name.get(simple(name))?;
        let is_it = |wanted: &&Wanted| is_copy(name, SHAPES[usize::from(wanted.row)].class);
        let row = rows.iter().filter(is_it).find(|row| row.fits(fields))?;
        Some(row.row)
    }

    /// The first row that fits several classes and this one.
    fn of_fields(&self, name: &str, fields: Names) -> Option<u16> {
        let is_it = |wanted: &&Wanted| {
            let package = SHAPES[usize::from(wanted.row)].class.trim_end_matches('*');
            let begins = |at: usize| at == 0 || name.as_bytes()[at - 1] == b'.';
            wanted.fits(fields) && name.find(package).is_some_and(begins)
        };
        self.of_several.iter().find(is_it).map(|wanted| wanted.row)
    }
}

impl Wanted {
    fn fits(&self, fields: Names) -> bool {
        self.fields.iter().all(|names| names & fields != 0)
    }
}

fn of_size(size: &Size) -> Vec<&'static str> {
    match *size {
        Size::Field(path) | Size::Of(path) | Size::Length(path) | Size::Sum(path, _) => vec![path],
        // A new map has no cells.
        Size::Striped(base, _) => vec![base],
        Size::Ring(array, first, end) => vec![array, first, end],
        Size::Between(produced, consumed) => vec![produced, consumed],
        Size::Read | Size::Always(_) => Vec::new(),
    }
}

fn of_elements(elements: &Elements) -> Vec<&'static str> {
    match *elements {
        Elements::Unknown => Vec::new(),
        Elements::Fields(paths) => paths.to_vec(),
        Elements::Columns(keys, values) => vec![keys, values],
        Elements::Array(path)
        | Elements::Of(path)
        | Elements::KeysOf(path)
        | Elements::Table(path, _)
        | Elements::Segments(path, ..)
        | Elements::Chain(path, _)
        | Elements::Tree(path, ..)
        | Elements::Turns(path, _) => vec![path],
    }
}

fn of_room(room: &Room) -> Vec<&'static str> {
    match *room {
        Room::Unknown | Room::Grows | Room::Hashed => Vec::new(),
        Room::Field(path) | Room::Length(path) | Room::Mask(path) | Room::Half(path) => vec![path],
    }
}

/// The name after the last dot.
pub fn simple(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Whether `name` is `wanted` or a copy of it in another package: relocation puts a prefix before the name.
pub fn is_copy(name: &str, wanted: &str) -> bool {
    name.strip_suffix(wanted)
        .is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_bit() {
        let rows = Rows::new();
        assert!(rows.bits.len() <= 128, "{} names", rows.bits.len());
        assert!(SHAPES.len() < usize::from(NONE));
    }

    #[test]
    fn copies() {
        assert!(is_copy("a.b.C", "a.b.C") && is_copy("shaded.a.b.C", "a.b.C"));
        assert!(!is_copy("xa.b.C", "a.b.C") && !is_copy("a.b.C$D", "a.b.C"));
    }
}
