//! Whose growth it is: an owner of a library's or the JDK's is no place that a developer can change.

use super::inventory::{Holding, Owner};
use super::model::CourseHolder;
use super::rows::{Entry, Rows, holder};
use crate::suspects::Level;

/// The field that `entry` is reported by: it keeps little besides.
pub(super) fn field(entry: &Entry<'_>) -> Option<CourseHolder> {
    let held = entry.held.filter(|held| is_most_of(entry, held))?;
    Some(CourseHolder {
        kind: held.kind,
        class: held.class.clone(),
        field: Some(held.field.clone()),
        thread: None,
        loader: None,
    })
}

/// Whether `entry` is at least half of what the field keeps.
fn is_most_of(entry: &Entry<'_>, held: &Holding) -> bool {
    entry.latest.bytes >= held.bytes / 2
}

/// The field around the owner with the number `at`: the next one that is not the JDK's, or the one that the suspects name.
pub(super) fn inside(rows: &Rows<'_>, at: usize) -> Option<String> {
    let entry = &rows.list[at];
    if let Some(held) = entry.held {
        let title = format!("{}.{}", held.class, held.field);
        return (!is_most_of(entry, held)).then_some(title);
    }
    let is_field = |&above: &usize| {
        is_field_of_own(rows.list[above].latest) && rows.list[above].held.is_none()
    };
    let above = rows.around(at).find(is_field)?;
    Some(holder(rows.list[above].latest).title())
}

/// Whether it is a field that is not the JDK's.
fn is_field_of_own(owner: &Owner) -> bool {
    owner.field.is_some() && owner.level != Level::Jdk
}

/// The owner that a developer can go and change, as a number in `rows`: of a library's or the JDK's the application's around it, where that
/// keeps little besides; else the one around it that is most of what a field keeps, where more of that grew than this one.
pub(super) fn lifted(rows: &Rows<'_>, entry: usize) -> usize {
    let inner = &rows.list[entry];
    if inner.latest.level == Level::Application {
        return entry;
    }
    let bytes = inner.latest.bytes;
    let mut around = rows.around(entry);
    let own = around.find(|&above| rows.list[above].latest.level == Level::Application);
    let own = own.filter(|&above| bytes >= rows.list[above].latest.bytes / 2);
    own.or_else(|| whole(rows, entry)).unwrap_or(entry)
}

/// The nearest owner around `entry` that is most of what the same field keeps, where `entry` is not and grew by less than half of it.
fn whole(rows: &Rows<'_>, entry: usize) -> Option<usize> {
    let inner = &rows.list[entry];
    let held = inner.held.filter(|held| !is_most_of(inner, held))?;
    let is_whole = |above: &Entry<'_>| {
        let same = above.held.is_some_and(|it| std::ptr::eq(it, held));
        same && is_most_of(above, held)
    };
    let of_library = |above: &usize| rows.list[*above].latest.level != Level::Application;
    let mut around = rows.around(entry).take_while(of_library);
    let above = around.find(|&above| is_whole(&rows.list[above]))?;
    (inner.grew() < rows.list[above].grew() / 2).then_some(above)
}
