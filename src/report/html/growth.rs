//! What grew as pictures: a line for each owner over time, and the heap by owner at each time.

use super::super::drawing::Element;
use super::super::model::{Growth, HolderCourse};
use super::super::neutralise;
use super::super::outline::growth::COLOURED;
use super::super::units::Units;

/// Width of the picture, height of a bar and of a line, in units of the pictures.
const WIDTH: f64 = 600.0;
/// Width of the names of the inputs before the bars, and letters of a name.
const NAMES: f64 = 150.0;
const LETTERS: usize = 22;
const BAR: usize = 22;
const LINE: [f64; 2] = [96.0, 22.0];

/// A row of numbers as a line; what is unknown is left out.
pub(super) fn line(row: &[Option<u64>]) -> String {
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
pub(super) fn picture(growth: &Growth, units: Units) -> String {
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
        let mut segment = |bytes: u64, colour: &str, owner: &str| {
            let width = bytes as f64 / most as f64 * WIDTH;
            let bar = Element::new("rect").set("class", colour);
            let bar = bar.set("x", format_args!("{at:.1}")).set("y", i * BAR);
            let bar = bar.set("width", format_args!("{width:.1}"));
            let title = format!("{owner}: {}", units.bytes(bytes));
            picture.add(bar.set("height", BAR - 4).title(&title));
            at += width;
        };
        let coloured = growth.holders.iter().take(COLOURED);
        for (place, row) in coloured.enumerate() {
            let bytes = own_bytes(growth, row, i).min(left);
            left -= bytes;
            segment(bytes, &format!("f{place}"), &row.holder.title());
        }
        segment(left, "rest", "the rest of the heap");
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
