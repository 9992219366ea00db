//! What the template needs beyond the report itself: sentences, widths, colours.

use minijinja::{Value, context};

use super::super::blocks::{Bar, BarPart, Block, Swatch};
use super::super::model::{Report, Suspect};
use super::super::outline::{Words, suspects as outline};
use super::super::units::{Units, count};
use super::super::{describe, neutralise};
use super::blocks::is_address;
use super::{path, picture, values};

/// The first `most` suspects; the paths of the first `drawn` are drawn.
pub(super) fn suspects(report: &Report, most: usize, drawn: usize, words: &Words) -> Vec<Value> {
    let units = words.units;
    let shown = report.suspects.iter().take(most);
    let view = shown.enumerate().map(|(place, suspect)| {
        let shares = describe::shares(suspect);
        let severity = describe::severity(suspect.severity);
        let width = width(suspect.share_of_reachable);
        let path: Vec<Block> = outline::path(suspect, words).into_iter().collect();
        let parts: Vec<Block> = outline::folded(outline::parts(suspect, words)).collect();
        context! {
            rank => suspect.rank,
            size => units.bytes(suspect.retained_bytes),
            exact => count(suspect.retained_bytes),
            severity => severity,
            holder => describe::holder(&suspect.holder),
            kind => describe::words(suspect.holder.kind.as_str()),
            meter => safe(picture::meter(&shares, severity, &width)),
            shares => shares,
            inside => inside(suspect, units).map(|bar| safe(picture::bar(&bar))),
            facts => values(&[Block::Facts(facts(report, suspect, words))]),
            steps => (place < drawn).then(|| path::picture(suspect, units)).flatten().map(safe),
            path => values(&path),
            parts => values(&parts),
        }
    });
    view.collect()
}

/// What is known of a suspect, and how to go on from it.
fn facts(report: &Report, suspect: &Suspect, words: &Words) -> outline::Facts {
    let code = |name: &str| vec![words.code(name)];
    let mut facts = outline::facts(suspect, words, true);
    facts.extend(address(suspect).map(|address| ("address", code(address))));
    facts.push((outline::SIGNATURE, code(&suspect.signature)));
    facts.extend(command(report, suspect).map(|command| ("go on with", code(&command))));
    facts
}

/// The command that goes on from a suspect; nothing where a name in it could mean something to a shell.
fn command(report: &Report, suspect: &Suspect) -> Option<String> {
    let file = &report.dump.file_name;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if file.is_empty() || file.starts_with('-') || !file.chars().all(is_plain) {
        return None;
    }
    let point = suspect.accumulation_point.as_ref();
    let point = point.map(|point| &point.object_id);
    let address = address(suspect).or(point.filter(|address| is_address(address)));
    Some(match address {
        Some(address) => format!("hprof-suspects show {file} {address}"),
        None => format!("hprof-suspects explore {file}"),
    })
}

/// The address of the holding object, where it is one.
fn address(suspect: &Suspect) -> Option<&String> {
    let address = suspect.holder.object_id.as_ref();
    address.filter(|address| is_address(address))
}

/// What a suspect keeps by class, as a bar. `None` where no classes are known.
fn inside(suspect: &Suspect, units: Units) -> Option<Bar> {
    let whole = suspect.retained_bytes;
    let classes = &suspect.content.classes;
    if whole == 0 || classes.is_empty() {
        return None;
    }
    let parts = classes.iter().enumerate().map(|(i, row)| {
        let bytes = units.bytes(row.bytes);
        let class = neutralise::plain(&row.class, true);
        let simple = class.rsplit('.').next().unwrap_or(&class);
        BarPart {
            swatch: Swatch::Part(i),
            name: format!("{simple} {bytes}"),
            title: format!("{class}: {bytes} in {} objects", count(row.objects)),
            bytes: row.bytes,
        }
    });
    Some(Bar {
        label: format!("{} by class", units.bytes(whole)),
        bytes: whole,
        parts: parts.collect(),
    })
}

/// What is HTML already.
fn safe(html: String) -> Value {
    Value::from_safe_string(html)
}

/// A share as a percentage for a width or position: never below nothing nor above all.
fn width(share: f64) -> String {
    format!(
        "{:.3}",
        if share.is_finite() {
            share.clamp(0.0, 1.0) * 100.0
        } else {
            0.0
        }
    )
}
