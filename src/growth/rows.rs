//! The owners of all inputs over time, and how they lie inside one another.

use std::collections::BTreeMap;

use super::by_class::FEW;
use super::course::Point;
use super::inventory::{Contents, Holding, Owner};
use super::model::CourseHolder;
use super::series::{Row, Series, difference, objects_of};
use crate::suspects::{HolderKind, Level, naming};

/// Class loaders are reported by themselves.
const LOADER: HolderKind = HolderKind::ClassLoader;
/// Levels of owners inside owners that are walked.
const DEEPEST: usize = 64;

/// All owners of all inputs, with how they lie inside one another.
pub(super) struct Rows<'i> {
    pub list: Vec<Entry<'i>>,
    /// By owner: those that lie directly inside it.
    children: Vec<Vec<usize>>,
}

/// One owner over time.
pub(super) struct Entry<'i> {
    pub signature: String,
    pub row: Row<'i, Owner>,
    pub points: Vec<Point>,
    /// The last that is known of it.
    pub latest: &'i Owner,
    /// The field that keeps it, where it is a thread or a library's or the JDK's, and the suspects of its input name one.
    pub held: Option<&'i Holding>,
    parent: Option<usize>,
}

impl Entry<'_> {
    /// Bytes by which it grew over the judged inputs.
    pub fn grew(&self) -> i64 {
        match (self.points.first(), self.points.last()) {
            (Some(first), Some(last)) => difference(first.bytes, last.bytes),
            _ => 0,
        }
    }

    /// The first and the last of the judged inputs that list it.
    pub fn ends<'e>(&'e self, series: &Series<'_>) -> Option<(&'e Owner, &'e Owner)> {
        let listed = || series.compared.iter().filter_map(|&i| self.row[i]);
        Some((listed().next()?, listed().next_back()?))
    }
}

impl<'i> Rows<'i> {
    pub fn new(series: &Series<'i>) -> Rows<'i> {
        let mut list: Vec<Entry<'i>> = Vec::new();
        for (signature, row) in series.owners() {
            let judged = series.judged.iter().rev().find_map(|&i| row[i]);
            let latest = row.iter().rev().copied().flatten().next();
            // What a loader keeps are the fields of its classes.
            let latest = judged.or(latest);
            let Some(latest) = latest.filter(|owner| owner.kind != LOADER) else {
                continue;
            };
            let content = content_of(latest).map(|content| content.class.as_str());
            let points = series.points(&row, content);
            list.push(Entry {
                signature,
                row,
                points,
                latest,
                held: holding(series, latest),
                parent: None,
            });
        }
        let mut rows = Rows {
            children: vec![Vec::new(); list.len()],
            list,
        };
        rows.nest(series);
        rows
    }

    /// Notes inside which other owner each lies, as the latest input that lists it says.
    fn nest(&mut self, series: &Series<'i>) {
        let places: BTreeMap<String, usize> = self
            .list
            .iter()
            .enumerate()
            .map(|(i, entry)| (entry.signature.clone(), i))
            .collect();
        let parent = |entry: &Entry<'i>| {
            let input = entry
                .row
                .iter()
                .rposition(|owner| owner.is_some_and(|owner| std::ptr::eq(owner, entry.latest)))?;
            let owners = &series.inputs[input].inventory.owners;
            let outer = owners.get(entry.latest.within? as usize)?;
            places.get(&outer.signature()).copied()
        };
        let parents: Vec<Option<usize>> = self.list.iter().map(parent).collect();
        for (i, parent) in parents.into_iter().enumerate() {
            // Saved reports may say anything: nobody lies inside himself.
            if let Some(parent) = parent.filter(|&parent| self.may_contain(i, parent)) {
                self.list[i].parent = Some(parent);
                self.children[parent].push(i);
            }
        }
        for i in 0..self.list.len() {
            self.list[i].held = self.held(i);
        }
    }

    /// The field that keeps `entry`, or what it is a part of, up to the next owner of the application's.
    fn held(&self, entry: usize) -> Option<&'i Holding> {
        let of_library = |at: &usize| self.list[*at].latest.level != Level::Application;
        let upwards = std::iter::once(entry).chain(self.around(entry));
        let mut around = upwards.take_while(of_library);
        let own = self.list[entry].held;
        own.or_else(|| around.find_map(|at| self.list[at].held))
    }

    /// The number of the entry that `owner` is the latest of.
    pub fn place(&self, owner: &Owner) -> Option<usize> {
        let mut entries = self.list.iter();
        entries.position(|entry| std::ptr::eq(entry.latest, owner))
    }

    fn may_contain(&self, inner: usize, outer: usize) -> bool {
        let mut around = self.around(outer);
        outer != inner && around.all(|above| above != inner)
    }

    /// The owners around `entry`, the nearest first.
    pub fn around(&self, entry: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.list[entry].parent, |&above| self.list[above].parent)
            .take(DEEPEST)
    }

    /// The owner of which the content is told of `entry`: of threads what keeps most of their bytes inside them.
    pub fn content_at(&self, entry: usize) -> usize {
        let of = self.list[entry].latest;
        let most = |&&inner: &&usize| self.list[inner].latest.bytes >= of.bytes.div_ceil(2);
        let inside = self.children[entry].iter().find(most).copied();
        inside
            .filter(|_| of.kind == HolderKind::Thread)
            .unwrap_or(entry)
    }

    /// How much of `measure` each owner has for itself: without what lies in places of their own inside it.
    pub fn own(&self, places: &[bool], measure: &dyn Fn(&Entry<'i>) -> i64) -> Vec<i64> {
        let mut own: Vec<i64> = self.list.iter().map(measure).collect();
        for (outer, children) in self.children.iter().enumerate() {
            for &inner in children.iter().filter(|&&inner| places[inner]) {
                own[outer] = own[outer].saturating_sub(measure(&self.list[inner]).max(0));
            }
        }
        own
    }

    /// By owner: it is a place of its own, and no field of the things that somebody keeps more and more of. There are as many of it
    /// as before, or each keeps more.
    pub fn places(&self, series: &Series<'_>) -> Vec<bool> {
        let is_place = |entry: &Entry<'i>| {
            entry.latest.kind == HolderKind::Thread || self.is_place(series, entry)
        };
        self.list.iter().map(is_place).collect()
    }

    /// Whether `entry` is a field of the things that the owner around it keeps.
    pub fn is_of_content(&self, entry: usize) -> bool {
        let inner = &self.list[entry];
        let outer = inner.parent.map(|outer| self.list[outer].latest);
        inner.latest.instances > 1 && outer.is_some_and(|it| keeps(it, &inner.latest.class))
    }

    fn is_place(&self, series: &Series<'_>, inner: &Entry<'_>) -> bool {
        let outer = inner.parent.map(|outer| &self.list[outer]);
        let content = |outer: &&Entry<'_>| keeps(outer.latest, &inner.latest.class);
        let Some((first, last)) = inner.ends(series) else {
            return inner.latest.instances <= 1 || !outer.as_ref().is_some_and(content);
        };
        if inner.points.first().is_some_and(|point| !point.listed) {
            // How many there were is not known: few, unless they are what there is more of now.
            let more = outer
                .filter(content)
                .is_some_and(|outer| grew_in_number(series, outer, &inner.latest.class));
            return !more && last.instances <= FEW;
        }
        let (before, now) = (first.instances.max(1) as f64, last.instances.max(1) as f64);
        if now <= before * 1.1 {
            return true;
        }
        let each = (first.bytes as f64 / before, last.bytes as f64 / now);
        let by_size = now * (each.1 - each.0);
        by_size * 2.0 >= (last.bytes as f64 - first.bytes as f64)
    }
}

/// The field that keeps `owner`, as the input that it stands in says.
fn holding<'i>(series: &Series<'i>, owner: &'i Owner) -> Option<&'i Holding> {
    series.inputs.iter().find_map(|input| {
        let mut owners = input.inventory.owners.iter();
        let number = owners.position(|it| std::ptr::eq(it, owner))? as u32;
        let mut holdings = input.inventory.holdings.iter();
        holdings.find(|holding| holding.owners.contains(&number))
    })
}

/// Whether `owner` keeps objects of `class`.
fn keeps(owner: &Owner, class: &str) -> bool {
    owner.contents.iter().any(|content| content.class == class)
}

/// What an owner keeps above all; of threads what is not the JDK's own, such as the state in which they wait.
pub(super) fn content_of(owner: &Owner) -> Option<&Contents> {
    let own =
        |content: &&Contents| owner.kind == HolderKind::Thread && naming::is_owner(&content.class);
    let mut contents = owner.contents.iter();
    contents.find(own).or_else(|| owner.content())
}

/// Whether `owner` keeps more objects of `class` than at first.
fn grew_in_number(series: &Series<'_>, owner: &Entry<'_>, class: &str) -> bool {
    let counts: Vec<u64> = series
        .compared
        .iter()
        .filter_map(|&i| objects_of(owner.row[i]?, class))
        .collect();
    match counts[..] {
        [first, .., last] => last > first + first / 10,
        // How many there were is not known.
        [now] => now > FEW,
        [] => false,
    }
}

/// The owner in one expression.
pub(super) fn title(owner: &Owner) -> String {
    holder(owner).title()
}

pub(super) fn holder(owner: &Owner) -> CourseHolder {
    let name_of = |kind: HolderKind| owner.name.clone().filter(|_| owner.kind == kind);
    CourseHolder {
        kind: owner.kind,
        class: owner.class.clone(),
        field: owner.field.clone(),
        thread: name_of(HolderKind::Thread),
        loader: name_of(HolderKind::ClassLoader),
    }
}
