//! Where in a library it lies: the library's own field behind that of the application. `com.acme.LedgerDao.connection` says whose,
//! `org.hsqldb.StatementManager.csidMap` says what has grown.

use super::naming;
use super::owners::Owners;
use crate::heap::{Link, ObjectIndex};

/// Objects of a path that are looked at.
const MOST_STEPS: usize = 200;

impl Owners<'_, '_> {
    /// The library's field on `path` below `target` that is nearest to what accumulates, general-purpose classes left out as long as there
    /// is another one.
    pub(super) fn place(&self, path: &[ObjectIndex], target: ObjectIndex) -> Option<String> {
        let from = path.iter().position(|&object| object == target)?;
        let below = &path[from..path.len().min(from + MOST_STEPS)];
        let mut nearest = None;
        let mut general = None;
        for step in below.windows(2) {
            let class = self.snapshot.class_of(step[0]);
            // What the application has put in is no part of the library.
            if self.is_own(class) {
                break;
            }
            let Some(title) = self.library_field(step[0], step[1]) else {
                continue;
            };
            match self.is_general(class) {
                false => nearest = Some(title),
                true => general = general.or(Some(title)),
            }
        }
        nearest.or(general)
    }

    /// The field by which `from`, a library's object and no collection, refers to `to`.
    fn library_field(&self, from: ObjectIndex, to: ObjectIndex) -> Option<String> {
        let snapshot = self.snapshot;
        if !naming::is_owner(&snapshot.class(from).name) {
            return None;
        }
        let Link::Field {
            declared_by,
            name_id,
        } = snapshot.link(from, to)?
        else {
            return None;
        };
        let (class, field) = (
            &snapshot.classes().get(declared_by).name,
            snapshot.name(name_id),
        );
        let is_shown = naming::is_owner(class) && !naming::is_capture(&field);
        is_shown.then(|| format!("{}.{field}", naming::stable(class)))
    }
}
