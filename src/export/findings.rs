//! The tables of what the report found: `threads`, `frames`, `holders`, `suspects`.

use std::path::Path;

use super::names::name;
use super::schema::{FRAMES, HOLDERS, SUSPECTS, THREADS};
use super::table::{ExportError, Part, Value, text, text_or_null, write};
use crate::growth::Inventory;
use crate::report::describe;
use crate::report::model::{Report, Severity, Suspect, ThreadRow};

/// An address as the report writes it.
fn address(text: &Option<String>) -> Value<'static> {
    Value::address_or_null(text.as_deref().and_then(parsed))
}

fn parsed(text: &str) -> Option<u64> {
    u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

/// Writes `threads`.
pub(super) fn threads(rows: &[ThreadRow], path: &Path) -> Result<u64, ExportError> {
    write(&THREADS, path, 1, &|_, part| {
        for (i, row) in rows.iter().enumerate() {
            let local = row.biggest_local.as_ref();
            part.row([
                Value::count(i as u64),
                address(&row.object_id),
                Value::Text(&name(&row.name)),
                Value::Text(&text(row.kind.as_str())),
                Value::Text(&name(&row.class)),
                Value::count(row.count),
                text_or_null(&row.state.as_deref().map(name)),
                row.daemon.map_or(Value::Null, Value::Flag),
                Value::count(row.retained_bytes),
                text_or_null(&row.context_class_loader.as_deref().map(name)),
                Value::Flag(row.threw_out_of_memory),
                text_or_null(&local.map(|local| name(&local.class))),
                Value::address_or_null(local.and_then(|local| parsed(&local.object_id))),
                Value::count_or_null(local.map(|local| local.retained_bytes)),
            ]);
        }
    })
}

/// Writes `frames`.
pub(super) fn frames(rows: &[ThreadRow], path: &Path) -> Result<u64, ExportError> {
    write(&FRAMES, path, 1, &|_, part| {
        for (i, row) in rows.iter().enumerate() {
            for (number, frame) in row.frames.iter().enumerate() {
                self::frame(part, row, [i, number], frame);
            }
        }
    })
}

/// A frame as the report writes it: `com.acme.Job.run(Job.java:42)`.
fn frame(part: &mut Part<'_>, row: &ThreadRow, [thread, number]: [usize; 2], frame: &str) {
    let (place, source) = match frame
        .strip_suffix(')')
        .and_then(|frame| frame.rsplit_once('('))
    {
        Some((place, source)) => (place, Some(source)),
        None => (frame, None),
    };
    let (class, method) = place.rsplit_once('.').unwrap_or(("", place));
    let (source, line) = match source.and_then(|source| source.rsplit_once(':')) {
        Some((file, line)) if line.parse::<u64>().is_ok() => (Some(file), line.parse().ok()),
        _ => (source, None),
    };
    part.row([
        Value::count(thread as u64),
        address(&row.object_id),
        Value::count(number as u64),
        Value::Text(&name(class)),
        Value::Text(&name(method)),
        text_or_null(&source.map(name)),
        Value::count_or_null(line),
    ]);
}

/// Writes `holders`.
pub(super) fn holders(inventory: Option<&Inventory>, path: &Path) -> Result<u64, ExportError> {
    let owners = inventory.map_or(&[][..], |inventory| &inventory.owners);
    write(&HOLDERS, path, 1, &|_, part| {
        for owner in owners {
            let content = owner.content();
            let around = owner.within.and_then(|at| owners.get(at as usize));
            part.row([
                Value::Text(&name(&owner.signature())),
                Value::Text(&text(owner.kind.as_str())),
                Value::Text(&name(&owner.class)),
                text_or_null(&owner.field.as_deref().map(name)),
                text_or_null(&owner.name.as_deref().map(name)),
                Value::Text(&text(owner.level.as_str())),
                Value::count(owner.bytes),
                Value::count(owner.targets),
                Value::count(owner.instances),
                text_or_null(&content.map(|content| name(&content.class))),
                Value::count_or_null(content.map(|content| content.objects)),
                text_or_null(&around.map(|around| name(&around.signature()))),
                Value::count(owner.off_heap_bytes),
            ]);
        }
    })
}

/// Writes `suspects`.
pub(super) fn suspects(report: &Report, path: &Path) -> Result<u64, ExportError> {
    write(&SUSPECTS, path, 1, &|_, part| {
        for suspect in &report.suspects {
            self::suspect(part, suspect, true);
        }
        for holder in &report.largest_holders {
            suspect(part, holder, false);
        }
    })
}

fn suspect(part: &mut Part<'_>, suspect: &Suspect, suspected: bool) {
    let severity = match suspect.severity {
        Severity::Critical => "critical",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let accumulation = suspect.accumulation_point.as_ref();
    part.row([
        Value::count(suspect.rank.into()),
        Value::Text(&name(&suspect.signature)),
        Value::Flag(suspected),
        Value::Text(&text(suspect.kind.as_str())),
        Value::Text(&text(severity)),
        Value::Text(&name(&describe::holder_alone(&suspect.holder))),
        Value::Text(&name(&suspect.content.class)),
        Value::count(suspect.content.objects),
        Value::count(suspect.shallow_bytes),
        Value::count(suspect.retained_bytes),
        Value::count(suspect.retained_objects),
        Value::Number(suspect.share_of_reachable),
        text_or_null(&suspect.pattern.as_ref().map(|pattern| text(&pattern.id))),
        Value::address_or_null(accumulation.and_then(|point| parsed(&point.object_id))),
    ]);
}
