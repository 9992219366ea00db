//! The GC roots.

use serde::{Deserialize, Serialize};

use super::MISMATCH;
use crate::heap::roots::{Local, Roots};
use crate::hprof::RootKind;
use crate::kept::{Columns, Kept, Unfit};

/// What is no column.
#[derive(Serialize, Deserialize)]
pub struct Facts {
    records: u64,
    complete: bool,
    missing: u64,
    assumed_classes: bool,
}

/// Adds the columns.
pub fn keep(roots: &Roots, columns: &mut Columns<'_>) -> Facts {
    let kinds = roots.objects.iter().flat_map(|object| {
        let kinds = roots.kinds.get(object).into_iter().flatten();
        kinds.flat_map(|&kind| [*object, kind as u32])
    });
    columns.put_owned("roots", kinds.collect());
    let locals = roots.locals.iter();
    let locals = locals.flat_map(|it| [it.thread, it.object, it.frame, it.kind as u32]);
    columns.put_owned("locals", locals.collect());
    let threads = roots.threads.iter();
    let threads = threads.flat_map(|&(serial, object, trace)| [serial, object, trace]);
    columns.put_owned("threads", threads.collect());
    Facts {
        records: roots.records,
        complete: roots.complete,
        missing: roots.missing,
        assumed_classes: roots.assumed_classes,
    }
}

/// The roots of a heap of so many objects, in a dump of at most `most` records.
pub fn restore(kept: &Kept, facts: Facts, objects: usize, most: usize) -> Result<Roots, Unfit> {
    let mut roots = Roots {
        records: facts.records,
        complete: facts.complete,
        missing: facts.missing,
        assumed_classes: facts.assumed_classes,
        ..Roots::default()
    };
    let object = |number: u32| ((number as usize) < objects).then_some(number);
    let kind = |tag: u32| RootKind::from_tag(u8::try_from(tag).ok()?);
    // A class can be a root of two kinds without a record of its own.
    let all = kept.take("roots", most.saturating_mul(4))?;
    for numbers in rows::<2>(&all)? {
        let &[number, tag] = numbers;
        let (number, kind) = object(number).zip(kind(tag)).ok_or(MISMATCH)?;
        let kinds = roots.kinds.entry(number).or_default();
        kinds.push(kind);
        if kinds.len() == 1 {
            roots.objects.push(number);
        }
    }
    if !roots.objects.is_sorted() {
        return Err(MISMATCH);
    }
    let locals = kept.take("locals", most.saturating_mul(4))?;
    for numbers in rows::<4>(&locals)? {
        let &[thread, held, frame, tag] = numbers;
        let ends = object(thread).zip(object(held)).zip(kind(tag));
        let ((thread, object), kind) = ends.ok_or(MISMATCH)?;
        roots.locals.push(Local {
            thread,
            object,
            frame,
            kind,
        });
    }
    if !roots
        .locals
        .is_sorted_by_key(|it| (it.thread, it.object, it.frame))
    {
        return Err(MISMATCH);
    }
    let threads = kept.take("threads", most.saturating_mul(3))?;
    for numbers in rows::<3>(&threads)? {
        let &[serial, number, trace] = numbers;
        let thread = object(number).ok_or(MISMATCH)?;
        roots.threads.push((serial, thread, trace));
    }
    Ok(roots)
}

fn rows<const N: usize>(numbers: &[u32]) -> Result<&[[u32; N]], Unfit> {
    let (rows, rest) = numbers.as_chunks();
    if rest.is_empty() {
        Ok(rows)
    } else {
        Err(MISMATCH)
    }
}
