//! The inputs of a comparison with what is known of which of them are comparable.

use std::collections::BTreeMap;

use super::compare::Input;
use super::course::Point;
use super::inventory::{ClassAmount, Inventory, Owner};
use super::model::InputKind;

/// The inputs, oldest first.
pub(super) struct Series<'i> {
    pub inputs: &'i [Input],
    /// By input: it is whole and of the program that the last one is of.
    pub usable: &'i [bool],
    /// The inputs between which growth is judged.
    pub judged: Vec<usize>,
}

/// The rows of one thing, one for each input; `None` where it is not listed.
pub(super) type Row<'i, T> = Vec<Option<&'i T>>;

impl<'i> Series<'i> {
    pub fn new(inputs: &'i [Input], usable: &'i [bool], judged: Vec<usize>) -> Series<'i> {
        Series {
            inputs,
            usable,
            judged,
        }
    }

    /// By how much a row of numbers grew over the judged inputs.
    pub fn difference(&self, row: &[Option<u64>]) -> Option<i64> {
        let (first, last) = (self.judged.first()?, self.judged.last()?);
        let (first, last) = (row[*first]?, row[*last]?);
        Some(difference(first, last))
    }

    /// By how much it grew from the first to the last of the judged inputs that know it.
    pub fn known_difference(&self, row: &[Option<u64>]) -> Option<i64> {
        let mut known = self.judged.iter().filter_map(|&i| row[i]);
        Some(difference(known.next()?, known.next_back()?))
    }

    /// All owners by signature.
    pub fn owners(&self) -> BTreeMap<String, Row<'i, Owner>> {
        let rows = |inventory: &'i Inventory| inventory.owners.iter();
        self.joined(|input| rows(&input.inventory), Owner::signature)
    }

    /// All classes by name and loader.
    pub fn classes(&self) -> BTreeMap<(String, Option<String>), Row<'i, ClassAmount>> {
        let key = |row: &ClassAmount| (row.class.clone(), row.loader.clone());
        self.joined(|input| input.inventory.classes.iter(), key)
    }

    fn joined<T: 'i, K: Ord, I: Iterator<Item = &'i T>>(
        &self,
        rows: impl Fn(&'i Input) -> I,
        key: impl Fn(&T) -> K,
    ) -> BTreeMap<K, Row<'i, T>> {
        let mut all: BTreeMap<K, Row<'i, T>> = BTreeMap::new();
        for (i, input) in self
            .inputs
            .iter()
            .enumerate()
            .filter(|(i, _)| self.usable[*i])
        {
            for row in rows(input) {
                let places = all
                    .entry(key(row))
                    .or_insert_with(|| vec![None; self.inputs.len()]);
                places[i] = places[i].or(Some(row));
            }
        }
        all
    }

    /// The row of an owner at the judged inputs: of those that list owners what they say, else the floor.
    pub fn points(&self, row: &Row<'_, Owner>, content: Option<&str>) -> Vec<Point> {
        let judged = self
            .judged
            .iter()
            .filter(|&&i| self.inputs[i].facts.kind != InputKind::Histogram);
        let point = |&i: &usize| match row[i] {
            Some(owner) => Point {
                bytes: owner.bytes,
                objects: content.and_then(|class| objects_of(owner, class)),
                listed: true,
            },
            None => Point {
                bytes: self.inputs[i].inventory.owners_floor_bytes,
                objects: None,
                listed: false,
            },
        };
        judged.map(point).collect()
    }
}

/// The objects of `class` that `owner` keeps, as far as it lists them.
pub(super) fn objects_of(owner: &Owner, class: &str) -> Option<u64> {
    let mut contents = owner.contents.iter();
    contents
        .find(|contents| contents.class == class)
        .map(|contents| contents.objects)
}

/// `last` less `first`.
pub(super) fn difference(first: u64, last: u64) -> i64 {
    let signed = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    signed(last).saturating_sub(signed(first))
}
