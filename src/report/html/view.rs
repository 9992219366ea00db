//! What the template needs beyond the report itself: sentences, widths, colours.

use minijinja::value::Serde;
use minijinja::{Value, context};

use super::super::drawing::Element;
use super::super::model::{LedgerEntry, Report, Suspect};
use super::super::units::{Units, share};
use super::super::{describe, ledger_view, neutralise};
use super::{path, picture};

/// Steps of a path that are nested: a browser's parser ends at a depth of 512.
const STEPS: usize = 100;

/// The report with at most `rows` in each long list, names of at most `name` characters, and sizes in sentences as `units` say.
pub(super) fn shortened(report: &Report, rows: usize, name: usize, units: Units) -> Report {
    let mut r = report.clone();
    for (_, sentence) in r.sentences_mut() {
        *sentence = sentence.written(units).into();
    }
    r.suspects.truncate(rows);
    r.classes.truncate(rows);
    r.dominators.truncate(rows);
    r.threads.clear();
    r.thread_locals.truncate(rows);
    r.class_loaders.truncate(rows);
    let cut = |text: &mut String| *text = neutralise::shorten(text, name, "…");
    r.classes.iter_mut().for_each(|row| cut(&mut row.class));
    r.dominators.iter_mut().for_each(|row| cut(&mut row.class));
    r.class_loaders
        .iter_mut()
        .for_each(|row| cut(&mut row.name));
    for suspect in &mut r.suspects {
        suspect.members.truncate(rows);
        suspect.shared_with.truncate(rows);
        suspect.inside.truncate(rows);
        suspect.notes.truncate(rows);
        suspect.content.classes.truncate(rows);
        let classes = suspect.content.classes.iter_mut();
        classes.for_each(|row| cut(&mut row.class));
    }
    r
}

/// The suspects; the paths of the first `drawn` are drawn.
pub(super) fn suspects(report: &Report, drawn: usize, units: Units) -> Vec<Value> {
    let view = report.suspects.iter().enumerate().map(|(place, suspect)| {
        let path: Vec<Value> = suspect
            .path
            .iter()
            .take(STEPS)
            .map(|step| context! { text => describe::step(step), bytes => step.retained_bytes, id => step.object_id.clone() })
            .collect();
        context! {
            s => Value::from(Serde(suspect)),
            holder => describe::holder(&suspect.holder),
            kind => describe::words(suspect.holder.kind.as_str()),
            shares => describe::shares(suspect),
            meter => safe(picture::meter(&describe::shares(suspect), describe::severity(suspect.severity), &width(suspect.share_of_reachable))),
            collection => describe::collection(&suspect.content),
            sizes => describe::element_sizes(&suspect.content, units),
            frees => describe::frees(suspect, units),
            others => describe::also_held(suspect, units),
            pattern => suspect.pattern.as_ref().map(|pattern| describe::pattern(pattern, units)),
            advice => suspect.pattern.as_ref().map(|pattern| super::sentence(&pattern.advice.as_str().into(), units)),
            notes => suspect.notes.iter().map(|note| super::sentence(note, units)).collect::<Vec<_>>(),
            root => suspect.path_root.as_deref().unwrap_or("GC root"),
            path => path,
            steps => (place < drawn).then(|| path::picture(suspect, units)).flatten().map(safe),
            command => command(report, suspect),
            address => address(suspect),
            inside => inside(suspect, units),
        }
    });
    view.collect()
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

/// What a suspect keeps by class: a bar, and rows with the colour of each part. `None` where no classes are known.
fn inside(suspect: &Suspect, units: Units) -> Option<Value> {
    let whole = suspect.retained_bytes;
    let classes = &suspect.content.classes;
    if whole == 0 || classes.is_empty() {
        return None;
    }
    let told = classes.iter().map(|row| row.bytes);
    let other = whole.saturating_sub(told.fold(0, u64::saturating_add));
    let parts = classes.iter().map(|row| {
        let bytes = units.bytes(row.bytes);
        let class = neutralise::plain(&row.class, true);
        let title = format!(
            "{class}: {bytes} in {} objects",
            super::units::count(row.objects)
        );
        let simple = class.rsplit('.').next().unwrap_or(&class);
        (
            format!("{simple} {bytes}"),
            title,
            row.bytes as f64 / whole as f64,
        )
    });
    let parts: Vec<(String, String, f64)> = parts.collect();
    let label = format!("{} by class", units.bytes(whole));
    let rows = classes.iter().enumerate().map(|(i, row)| {
        context! { row => Value::from(Serde(row)), swatch => safe(picture::swatch(&format!("f{}", i % 8))) }
    });
    Some(context! {
        picture => safe(picture::bar(&label, &parts)),
        swatch => safe(picture::swatch("rest")),
        rows => rows.collect::<Vec<_>>(),
        other => other,
    })
}

/// What is HTML already.
fn safe(html: String) -> Value {
    Value::from_safe_string(html)
}

fn is_address(text: &str) -> bool {
    let digits = text.strip_prefix("0x");
    digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// ThreadLocals by the field that declares them.
pub(super) fn thread_locals(report: &Report) -> Vec<Value> {
    let view = report.thread_locals.iter().map(|row| {
        context! {
            f => Value::from(Serde(row)),
            facts => describe::thread_local_field(row).join(", "),
        }
    });
    view.collect()
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

/// The bar (or nothing) and the rows of the ledger.
pub(super) fn ledger(report: &Report, units: Units) -> [Value; 2] {
    let bar = ledger_view::bar(report);
    let rest = bar.as_ref().and_then(|bar| bar.rest());
    let fill = |index: usize| match bar.as_ref().and_then(|bar| bar.parts.get(index)) {
        Some(part) if part.component.starts_with(ledger_view::REST) => "rest".to_owned(),
        _ => format!("f{}", index % 8),
    };
    let row = |entry: &LedgerEntry| {
        context! {
            swatch => bar.as_ref().and_then(|bar| bar.index(entry)).map(|index| safe(picture::swatch(&fill(index)))),
            label => describe::component(&entry.component),
            amount => ledger_view::amount_text(entry, units),
            share => bar.as_ref().map(|bar| bar.share(entry)),
            kind => describe::ledger_kind(entry.kind),
            about => ledger_view::about(entry, units),
        }
    };
    let rows: Vec<Value> = report.ledger.iter().chain(&rest).map(row).collect();
    let Some(bar) = &bar else {
        return [Value::from(()), Value::from(rows)];
    };
    let name = |part: &ledger_view::Part| describe::component(&part.component);
    let told = bar.parts.iter();
    let told = told.map(|part| format!("{} {}", name(part), units.bytes(part.width())));
    let label = told.collect::<Vec<_>>().join(", ");
    let mut picture = Element::picture(&label).set("class", "bar");
    let mut left = 0u64;
    for (i, part) in bar.parts.iter().enumerate() {
        let percent = |bytes| width(share(bytes, bar.bytes).unwrap_or(0.0));
        let rect = Element::new("rect").set("class", fill(i));
        let rect = rect.set("x", format_args!("{}%", percent(left)));
        let rect = rect.set("width", format_args!("{}%", percent(part.width())));
        let title = format!("{}: {}", name(part), units.bytes(part.width()));
        picture.add(rect.set("height", "100%").title(&title));
        left = left.saturating_add(part.width());
    }
    let picture = safe(picture.to_string());
    let bar = context! { whole => bar.label.clone(), bytes => bar.bytes, picture => picture };
    [bar, Value::from(rows)]
}
