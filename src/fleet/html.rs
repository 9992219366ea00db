//! A fleet as one page that loads and runs nothing: a timeline for each cause, a table, links to the reports.

use std::path::{Component, Path, PathBuf};

use minijinja::{Value, context};

use super::model::{Cause, Fleet, Seen};
use super::view::View;
use super::{blocks, describe};
use crate::numbers::Units;
use crate::report::drawing::Element;
use crate::report::html as page_of_report;
use crate::report::neutralise;

const TEMPLATE: &str = include_str!("fleet.html");

/// Width and height of a timeline, and the radius of a dump in it.
const SIZE: [f64; 2] = [640.0, 64.0];
const RADIUS: f64 = 4.0;

pub(super) fn page(fleet: &Fleet, view: &View) -> Result<String, minijinja::Error> {
    let mut env = page_of_report::environment()?;
    env.add_template("fleet.html", TEMPLATE)?;
    let units = view.units;
    let folder = std::path::absolute(&view.folder).unwrap_or_default();
    let span = span(fleet);
    let causes = fleet.causes.iter().map(|cause| {
        context! {
            dumps => describe::share(cause, fleet),
            median => units.bytes(cause.median_retained_bytes),
            largest => units.bytes(cause.largest_retained_bytes),
            verdicts => describe::verdicts(cause.verdicts),
            holder => cause.holder.clone(),
            content => cause.content.clone(),
            places => describe::places(cause),
            grew => describe::grew(cause, units),
            signature => cause.signature.clone(),
            picture => Value::from_safe_string(timeline(cause, span, units)),
            seen => cause.seen.iter().map(|seen| row(seen, units, &folder)).collect::<Vec<_>>(),
        }
    });
    let values = page_of_report::values;
    env.get_template("fleet.html")?.render(context! {
        csp => Value::from_safe_string(page_of_report::policy(None)),
        css => Value::from_safe_string(page_of_report::CSS.to_owned()),
        title => describe::summary(fleet),
        head => values(&blocks::title(fleet)),
        causes => causes.collect::<Vec<_>>(),
        more_causes => fleet.more_causes,
        first => fleet.first_seen.as_deref().map(describe::day),
        last => fleet.last_seen.as_deref().map(describe::day),
        rest => values(&blocks::rest(fleet, units)),
        tool => fleet.tool.clone(),
    })
}

fn row(seen: &Seen, units: Units, folder: &Path) -> Value {
    let report = Path::new(&seen.report);
    context! {
        time => seen.captured_at.clone(),
        service => seen.service.clone(),
        version => seen.version.clone(),
        pod => seen.pod.clone(),
        bytes => units.bytes(seen.retained_bytes),
        verdict => seen.verdict.as_str().replace('_', " "),
        link => Value::from_safe_string(neutralise::html(&link(report, folder))),
        name => report.file_name().unwrap_or_default().to_string_lossy().into_owned(),
    }
}

/// The address of a report for a page in `folder`: the page of the report where one lies beside the JSON.
fn link(report: &Path, folder: &Path) -> String {
    let page = report.with_extension("html");
    let target = if page.is_file() {
        page
    } else {
        report.to_owned()
    };
    let target = std::path::absolute(&target).unwrap_or(target);
    encoded(&relative(&target, folder))
}

/// `target` as seen from `folder`; both absolute.
fn relative(target: &Path, folder: &Path) -> PathBuf {
    let (mut target, mut folder) = (
        target.components().peekable(),
        folder.components().peekable(),
    );
    while let (Some(a), Some(b)) = (target.peek(), folder.peek()) {
        if a != b {
            break;
        }
        target.next();
        folder.next();
    }
    let up = folder.map(|_| Component::ParentDir);
    up.chain(target).collect()
}

/// A path in an address: no character in it begins a scheme, a query or a fragment.
fn encoded(path: &Path) -> String {
    let mut out = String::new();
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// The time of the first and of the last dump, in seconds.
fn span(fleet: &Fleet) -> Option<[f64; 2]> {
    let first = seconds(fleet.first_seen.as_deref()?)?;
    let last = seconds(fleet.last_seen.as_deref()?)?;
    Some([first, last])
}

fn seconds(time: &str) -> Option<f64> {
    let time = humantime::parse_rfc3339_weak(time).ok()?;
    let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(since.as_secs_f64())
}

/// A dot for each dump: its time from left to right over the time of the whole fleet, its size upwards. `None` without times.
fn timeline(cause: &Cause, span: Option<[f64; 2]>, units: Units) -> String {
    let Some([first, last]) = span else {
        return String::new();
    };
    let [width, height] = SIZE;
    let largest = cause.largest_retained_bytes.max(1) as f64;
    let label = format!(
        "{} over time, at most {}",
        cause.holder,
        units.bytes(cause.largest_retained_bytes)
    );
    let floor = Element::new("line").set("x1", 0).set("y1", height);
    let floor = floor.set("x2", width).set("y2", height);
    let mut picture = Element::picture(&label)
        .set("viewBox", format_args!("0 0 {width} {height}"))
        .set("width", "100%")
        .set("height", height)
        .set("preserveAspectRatio", "none")
        .with(floor.set("stroke", "currentColor"));
    for seen in &cause.seen {
        let Some(time) = seen.captured_at.as_deref().and_then(seconds) else {
            continue;
        };
        let share = if last > first {
            (time - first) / (last - first)
        } else {
            0.5
        };
        let x = RADIUS + share.clamp(0.0, 1.0) * (width - 2.0 * RADIUS);
        let y = height - RADIUS - seen.retained_bytes as f64 / largest * (height - 2.0 * RADIUS);
        let title = [
            seen.captured_at.as_deref(),
            seen.pod.as_deref(),
            seen.version.as_deref(),
        ];
        let title: Vec<&str> = title.into_iter().flatten().collect();
        let class = match seen.verdict {
            crate::report::model::HeapVerdict::Suspected => "critical",
            crate::report::model::HeapVerdict::Inconclusive => "warning",
            crate::report::model::HeapVerdict::RuledOut => "",
        };
        let size = units.bytes(seen.retained_bytes);
        let dot = Element::new("circle")
            .set("class", format_args!("meter {class}"))
            .set("cx", format_args!("{x:.1}"))
            .set("cy", format_args!("{y:.1}"))
            .set("r", RADIUS);
        picture.add(dot.title(&format!("{}: {size}", title.join(" "))));
    }
    picture.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_relative_and_begin_no_scheme() {
        let folder = Path::new("/a/b");
        let of = |target: &str| encoded(&relative(Path::new(target), folder));
        assert_eq!(of("/a/b/c/x.json"), "c/x.json");
        assert_eq!(of("/a/d/x y.json"), "../d/x%20y.json");
        assert_eq!(
            of("/a/b/javascript:alert(1).json"),
            "javascript%3Aalert%281%29.json"
        );
    }
}
