//! The path to a suspect with its sizes: a line for each step, with a bar of what the step retains.

use super::super::card::{Path, Step};
use super::super::drawing::Element;
use super::picture::{Area, part, still};

/// Height of a step, where its text stands and where its bar begins, in pixels.
const STEP: f64 = 26.0;
const BASE: u32 = 14;
const BAR: f64 = 19.0;
/// Steps that are drawn at each end of a long path; the list below the picture has all.
const ENDS: usize = 8;
/// Percent of the width for the text of a step; its size stands after it.
const TEXT: f64 = 78.0;
/// Percent by which each step is moved to the right of the one before, and steps for which that is done.
const INDENT: f64 = 1.5;
const DEEPEST: usize = 2 * ENDS;
/// Letters of a step that are written at most; the list below the picture has whole names.
const LETTERS: usize = 80;

/// The picture.
pub(super) fn picture(path: &Path) -> String {
    let steps = &path.steps;
    let most = steps.iter().map(|step| step.bytes).max().unwrap_or(0);
    let left_out = steps.len().saturating_sub(2 * ENDS + 1);
    let mut rows: Vec<Row<'_>> = steps.iter().map(Row::Step).collect();
    if left_out > 0 {
        rows.splice(ENDS..steps.len() - ENDS, [Row::LeftOut(left_out + 1)]);
    }
    let in_words = |row: &Row<'_>| match row {
        Row::Step(step) => format!("{} {}", name(step), step.size),
        Row::LeftOut(steps) => format!("{steps} further steps"),
    };
    let words: Vec<String> = rows.iter().map(in_words).collect();
    let label = format!(
        "Path from {} with retained sizes: {}",
        path.from(),
        words.join(", then ")
    );
    let mut picture = still(STEP * rows.len() as f64, &label);
    for (number, row) in rows.iter().enumerate() {
        draw(&mut picture, number, row, most);
    }
    picture.to_string()
}

/// A line of the picture.
enum Row<'r> {
    Step(&'r Step),
    /// So many steps that are not drawn.
    LeftOut(usize),
}

/// How the step is held and of what class it is, as far as there may be room.
fn name(step: &Step) -> String {
    step.short.chars().take(LETTERS).collect()
}

fn draw(picture: &mut Element, number: usize, row: &Row<'_>, most: u64) {
    let (y, x) = (STEP * number as f64, INDENT * number.min(DEEPEST) as f64);
    let text = Area {
        x,
        y,
        width: TEXT - x,
        height: STEP,
    };
    let step = match row {
        Row::Step(step) => step,
        Row::LeftOut(steps) => {
            let letters = format!("… {steps} further steps");
            picture.add(part(text).with(Element::letters(0, BASE, &letters)));
            return;
        }
    };
    picture.add(part(text).with(Element::letters(0, BASE, &name(step))));
    let size = Element::letters("100%", y + f64::from(BASE), &step.size);
    picture.add(size.set("text-anchor", "end"));
    let share = step.bytes as f64 / most.max(1) as f64;
    let width = (100.0 - x) * share;
    let bar = Element::new("rect").set("class", "meter");
    let bar = bar.set("x", format_args!("{x:.1}%")).set("y", y + BAR);
    picture.add(
        bar.set("width", format_args!("{width:.2}%"))
            .set("height", 4),
    );
}
