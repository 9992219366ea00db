//! What grew: a table with a line for each owner over time, and the heap by owner at each time.

use std::fmt::Display;

use minijinja::context;
use minijinja::value::Value;

use super::super::describe::growth as lines;
use super::super::drawing::Element;
use super::super::model::{Growth, HolderCourse, Report};
use super::super::neutralise;
use super::super::units::{self, Units};

/// Owners that have a colour of their own in the picture.
const COLOURED: usize = 6;
/// Classes that are listed where no owners are known.
const CLASSES: usize = 20;
/// Their colours, and that of the rest.
const COLOURS: [&str; COLOURED] = [
    "#c0392b", "#2980b9", "#27ae60", "#8e44ad", "#d68910", "#16a085",
];
const REST: &str = "#95a5a6";
/// Width of the picture, height of a bar and of a line, in units of the pictures.
const WIDTH: f64 = 600.0;
/// Width of the names of the inputs before the bars, and letters of a name.
const NAMES: f64 = 150.0;
const LETTERS: usize = 22;
const BAR: usize = 22;
const LINE: [f64; 2] = [96.0, 22.0];

/// The section; `None` where nothing was compared.
pub(super) fn section(report: &Report, units: Units) -> Option<Value> {
    let growth = report.growth.as_ref()?;
    let (grown, others) = lines::holders(growth, units, " → ");
    let mut rows: Vec<Value> = Vec::new();
    for (i, row) in grown.iter().chain(&others).enumerate() {
        let line = growth.holders.get(i).map(|row| line(&row.retained_bytes));
        rows.push(context! {
            word => row.word,
            grows => i < grown.len(),
            owner => row.owner.clone(),
            bytes => units::unbroken(&row.bytes),
            content => row.content.clone(),
            notes => row.notes.join("; "),
            line => Value::from_safe_string(line.unwrap_or_default()),
            colour => colour(growth, i).map(|colour| Value::from_safe_string(square(colour))),
        });
    }
    Some(context! {
        summary => lines::summary(growth, units, " → "),
        nobody => lines::nobody(growth).filter(|_| grown.is_empty()),
        groups => lines::groups(growth, " → "),
        classes => classes(growth, units),
        rows => rows,
        notes => growth.notes.clone(),
        picture => Value::from_safe_string(picture(growth, units)),
    })
}

/// The classes that grew, where that is all that is known.
fn classes(growth: &Growth, units: Units) -> Vec<Value> {
    if growth.intervals() > 0 {
        return Vec::new();
    }
    let rows = lines::classes(growth, units, " → ", CLASSES).into_iter();
    rows.map(|row| {
        context! {
            word => row.word,
            class => row.class.clone(),
            objects => row.objects.clone(),
            bytes => units::unbroken(&row.bytes),
            kept_by => row.kept_by.clone(),
            line => Value::from_safe_string(line(&row.counts)),
        }
    })
    .collect()
}

fn colour(growth: &Growth, row: usize) -> Option<&'static str> {
    growth.holders.get(row)?;
    COLOURS.get(row).copied()
}

fn square(colour: &str) -> String {
    let square = Element::ornament().set("width", 10).set("height", 10);
    square.with(coloured(10, 10, colour)).to_string()
}

fn coloured(width: impl Display, height: impl Display, colour: &str) -> Element {
    let area = Element::new("rect").set("width", width);
    area.set("height", height).set("fill", colour)
}

/// A row of numbers as a line; what is unknown is left out.
fn line(row: &[Option<u64>]) -> String {
    let most = row.iter().copied().flatten().max().unwrap_or(0).max(1) as f64;
    let [width, height] = LINE;
    let step = (width - 6.0) / row.len().saturating_sub(1).max(1) as f64;
    let points: Vec<String> = row
        .iter()
        .enumerate()
        .filter_map(|(i, bytes)| {
            let y = height - 3.0 - (*bytes)? as f64 / most * (height - 6.0);
            Some(format!("{:.1},{y:.1}", 3.0 + step * i as f64))
        })
        .collect();
    let line = Element::new("polyline").set("points", points.join(" "));
    let line = line.set("fill", "none").set("stroke", "currentColor");
    let picture = Element::ornament().set("width", width);
    let picture = picture.set("height", height);
    picture.with(line.set("stroke-width", 1.5)).to_string()
}

/// One bar for each input: the bytes of the first owners, then the rest of the live heap.
fn picture(growth: &Growth, units: Units) -> String {
    let most = growth
        .live_bytes
        .iter()
        .copied()
        .flatten()
        .max()
        .unwrap_or(0);
    if most == 0 {
        return String::new();
    }
    let size = (NAMES + WIDTH, growth.live_bytes.len() * BAR);
    let mut picture = Element::picture("live heap by owner at each time")
        .set("viewBox", format_args!("0 0 {} {}", size.0, size.1))
        .set("width", "100%");
    for (i, live) in growth.live_bytes.iter().enumerate() {
        let Some(live) = *live else {
            continue;
        };
        let (mut at, mut left) = (NAMES, live);
        picture.add(name(growth, i));
        let mut segment = |bytes: u64, colour: &str| {
            let width = bytes as f64 / most as f64 * WIDTH;
            let bar = coloured(format_args!("{width:.1}"), BAR - 4, colour);
            let bar = bar.set("x", format_args!("{at:.1}")).set("y", i * BAR);
            picture.add(bar.title(&units.bytes(bytes)));
            at += width;
        };
        let coloured = growth.holders.iter().zip(COLOURS);
        for (row, colour) in coloured {
            let bytes = own_bytes(growth, row, i).min(left);
            left -= bytes;
            segment(bytes, colour);
        }
        segment(left, REST);
    }
    picture.to_string()
}

/// The name of an input, before its bar.
fn name(growth: &Growth, i: usize) -> Element {
    let file = growth.inputs.get(i).map_or("", |input| &input.file);
    let file = neutralise::shorten(file, LETTERS, "…");
    let letters = Element::letters(0, i * BAR + BAR - 8, &file);
    letters.set("font-size", 11).set("fill", "currentColor")
}

/// What `row` keeps without what other owners in the picture keep inside it.
fn own_bytes(growth: &Growth, row: &HolderCourse, i: usize) -> u64 {
    let title = row.holder.title();
    let coloured = growth.holders.iter().take(COLOURED);
    let inner = coloured.filter(|inner| inner.inside.as_deref() == Some(&title));
    let inner = inner.map(|inner| at_time(inner, i));
    at_time(row, i).saturating_sub(inner.fold(0, u64::saturating_add))
}

fn at_time(row: &HolderCourse, i: usize) -> u64 {
    row.retained_bytes.get(i).copied().flatten().unwrap_or(0)
}
