//! The inputs of a comparison with what is known of which of them are comparable.

use std::collections::BTreeMap;

use super::course::Point;
use super::input::Input;
use super::inventory::{ClassAmount, Inventory, Owner};
use super::model::InputKind;

/// Inputs that are nearer to each other than so many seconds give no rate.
const LEAST_SECONDS: u64 = 60;

/// The inputs, oldest first.
pub(super) struct Series<'i> {
    pub inputs: &'i [Input],
    /// By input: it is whole and of the program that the last one is of.
    pub usable: &'i [bool],
    /// The inputs between which growth is judged.
    pub judged: Vec<usize>,
    /// Those of them between which owners and totals are compared: all but class histograms, which name no owners and may count
    /// garbage; where there are only histograms, these.
    pub compared: Vec<usize>,
}

/// The rows of one thing, one for each input; `None` where it is not listed.
pub(super) type Row<'i, T> = Vec<Option<&'i T>>;

impl<'i> Series<'i> {
    pub fn new(inputs: &'i [Input], usable: &'i [bool], judged: Vec<usize>) -> Series<'i> {
        let lists = |i: &usize| inputs[*i].facts.kind != InputKind::Histogram;
        let listing: Vec<usize> = judged.iter().copied().filter(lists).collect();
        Series {
            inputs,
            usable,
            compared: match listing.is_empty() {
                true => judged.clone(),
                false => listing,
            },
            judged,
        }
    }

    /// The first and the last of the compared inputs, where these are two.
    pub fn ends(&self) -> Option<(usize, usize)> {
        match self.compared[..] {
            [first, .., last] => Some((first, last)),
            _ => None,
        }
    }

    /// By how much a row of numbers grew over the compared inputs.
    pub fn difference(&self, row: &[Option<u64>]) -> Option<i64> {
        let (first, last) = self.ends()?;
        Some(difference(row[first]?, row[last]?))
    }

    /// By how much a row of numbers grew from each compared input to the next.
    pub fn intervals(&self, row: &[Option<u64>]) -> Vec<Option<i64>> {
        let grew = |pair: &[usize]| Some(difference(row[pair[0]]?, row[pair[1]]?));
        self.compared.windows(2).map(grew).collect()
    }

    /// Seconds from the first to the last of the compared inputs.
    pub fn seconds(&self) -> Option<u64> {
        let (first, last) = self.ends()?;
        let time = |i: usize| {
            humantime::parse_rfc3339_weak(self.inputs[i].facts.captured_at.as_deref()?).ok()
        };
        let duration = time(last)?.duration_since(time(first)?).ok()?;
        Some(duration.as_secs())
    }

    /// What `grew` over the compared inputs is in an hour; `None` for times that are not known or too near for a rate.
    pub fn per_hour(&self, grew: Option<i64>) -> Option<i64> {
        let seconds = self.seconds().filter(|&seconds| seconds >= LEAST_SECONDS)?;
        let rate = i128::from(grew?) * 3_600 / i128::from(seconds);
        i64::try_from(rate).ok()
    }

    /// By how much it grew from the first to the last of the compared inputs that know it.
    pub fn known_difference(&self, row: &[Option<u64>]) -> Option<i64> {
        let mut known = self.compared.iter().filter_map(|&i| row[i]);
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

    /// The row of an owner at the compared inputs: what they say, else the floor.
    pub fn points(&self, row: &Row<'_, Owner>, content: Option<&str>) -> Vec<Point> {
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
        self.compared.iter().map(point).collect()
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
