//! Values at the end of a path of fields, such as `worker.queue`. Alternatives, for other versions, are separated by `|`.

use super::address_index::ObjectIndex;
use super::snapshot::Snapshot;

/// Cells of a striped counter that are read at most.
const MOST_CELLS: usize = 1 << 16;

impl Snapshot<'_> {
    /// The object at the end of `path` from `from`; the first alternative that leads anywhere. An empty path leads to `from`.
    pub fn follow(&self, from: ObjectIndex, path: &str) -> Option<ObjectIndex> {
        path.split('|').find_map(|path| {
            path.split('.')
                .filter(|name| !name.is_empty())
                .try_fold(from, |at, name| self.field_object(at, name))
        })
    }

    /// The integral value at the end of `path`; of an atomic number or a striped counter its value.
    pub fn integer(&self, from: ObjectIndex, path: &str) -> Option<i64> {
        path.split('|').find_map(|path| {
            let (at, name) = match path.rsplit_once('.') {
                Some((before, name)) => (self.follow(from, before)?, name),
                None => (from, path),
            };
            let value = self.field(at, name)?;
            value.integer().or_else(|| {
                let number = self.find(value.reference()?)?;
                let plain = self.field_integer(number, "value");
                plain.or_else(|| self.striped(number, "base", "cells"))
            })
        })
    }

    /// The integral value at the end of `path`; for `a[].b` the sum of field `b` of the objects in the array `a`, for `a[].b+c` of
    /// both fields.
    pub fn integer_or_sum(&self, from: ObjectIndex, path: &str) -> Option<i64> {
        path.split('|')
            .find_map(|path| match path.split_once("[].") {
                Some((array, field)) => self.sum(from, array, field),
                None => self.integer(from, path),
            })
    }

    /// The sum of the integral values at the ends of the paths that `paths` joins by `+`.
    pub fn added(&self, from: ObjectIndex, paths: &str) -> Option<i64> {
        let values = paths.split('+').map(|path| self.integer(from, path));
        values.reduce(|sum, value| Some(sum?.saturating_add(value?)))?
    }

    /// The integral value at the end of `path` where it is a number of things.
    pub fn number(&self, from: ObjectIndex, path: &str) -> Option<u64> {
        u64::try_from(self.integer(from, path)?).ok()
    }

    /// The value of a counter in several cells: that of field `base` and those in the array `cells`.
    pub fn striped(&self, counter: ObjectIndex, base: &str, cells: &str) -> Option<i64> {
        let base = self.field_integer(counter, base)?;
        let cells = self.field_object(counter, cells).into_iter();
        let cells = cells
            .flat_map(|cells| self.objects_in(cells))
            .take(MOST_CELLS);
        let values = cells.filter_map(|cell| self.field_integer(cell, "value"));
        Some(values.fold(base, i64::saturating_add))
    }
}
