//! `kubectl describe pod`: limits of containers, restarts, and containers that were killed for their memory. Requests are no limits.

use super::super::{Evidence, Found, Here, Line, Quantity, Subject, Time};
use super::{Format, Letters, eviction};
use crate::verdict::{clean_name, size};

pub(super) const FORMAT: Format = Format {
    name: "kubectl describe pod",
    letters: &[Letters::of("Name:")],
    read,
};

/// Lines between the name and the namespace, at most.
const HEAD: usize = 4;

fn read(here: &Here<'_>) -> Option<Found> {
    let first = here.first().text;
    let name = first.strip_prefix("Name:")?.trim();
    let namespace = here
        .lines
        .iter()
        .take(HEAD)
        .find_map(|l| Some(l.text.strip_prefix("Namespace:")?.trim()))?;
    // The next pod begins with its own name at the left.
    let next = here.lines[1..]
        .iter()
        .position(|l| l.text.starts_with("Name:"));
    let lines = next.map_or(here.lines.len(), |at| at + 1);
    let end = extent(&here.lines[..lines]);
    let pod = Subject {
        namespace: Some(clean_name(namespace)),
        pod: Some(clean_name(name)),
        ..Subject::default()
    };
    let mut readings = containers(&here.lines[..end], &pod);
    // The events repeat what the message says.
    let mut messages = here.lines[..end].iter();
    readings.extend(
        messages
            .find_map(|line| {
                let facts = eviction::facts(line.text, line.number, &pod);
                (!facts.is_empty()).then_some(facts)
            })
            .unwrap_or_default(),
    );
    if readings.is_empty() {
        return Some(Found::refused(
            end,
            "a description without containers and their limits: take `kubectl describe pod POD` whole",
        ));
    }
    Some(Found::new(end, readings))
}

/// Where the description ends: at a line at the left that is no field of it.
fn extent(rows: &[Line<'_>]) -> usize {
    rows.iter()
        .take_while(|l| l.text.is_empty() || l.text.starts_with(' ') || l.text.contains(':'))
        .count()
}

/// What is being read of one container.
#[derive(Default)]
struct Container {
    subject: Subject,
    section: &'static str,
    state: bool,
    killed: Option<(u64, Option<Time>)>,
}

/// The facts of all containers. Their names are indented by two, their fields by four, what belongs to a field by six.
fn containers(rows: &[Line<'_>], pod: &Subject) -> Vec<Evidence> {
    let mut facts = Vec::new();
    let mut inside = false;
    let mut container: Option<Container> = None;
    for line in rows {
        let text = line.text.trim_start();
        match line.text.len() - text.len() {
            _ if text.is_empty() => {}
            0 => {
                finish(container.take(), &mut facts);
                inside = matches!(
                    text,
                    "Containers:" | "Init Containers:" | "Ephemeral Containers:"
                );
            }
            2 if inside && text.ends_with(':') => {
                finish(container.take(), &mut facts);
                let mut subject = pod.clone();
                subject.container = Some(clean_name(text.trim_end_matches(':')));
                container = Some(Container {
                    subject,
                    ..Container::default()
                });
            }
            indent => {
                if let Some(container) = &mut container {
                    field(container, indent, text, line.number, &mut facts);
                }
            }
        }
    }
    finish(container, &mut facts);
    facts
}

/// Adds the end by the kernel that a container had.
fn finish(container: Option<Container>, facts: &mut Vec<Evidence>) {
    if let Some(Container {
        subject,
        killed: Some((line, time)),
        ..
    }) = container
    {
        facts.push(
            Evidence::new(Quantity::OomKilled, 1, line)
                .of(&subject)
                .at(time),
        );
    }
}

/// Takes one line of a container.
fn field(
    container: &mut Container,
    indent: usize,
    text: &str,
    number: u64,
    facts: &mut Vec<Evidence>,
) {
    let Some((key, value)) = text.split_once(':') else {
        return;
    };
    let value = value.trim();
    if indent <= 4 {
        container.section = match key {
            "Limits" => "limits",
            "State" | "Last State" => "state",
            _ => "",
        };
        match key {
            "Container ID" if !value.is_empty() => container.subject.life = Some(clean_name(value)),
            "Restart Count" => {
                let count = value.parse().ok();
                facts.extend(
                    count.map(|n| {
                        Evidence::new(Quantity::Restarts, n, number).of(&container.subject)
                    }),
                );
            }
            _ => {}
        }
        return;
    }
    match (container.section, key) {
        ("limits", "memory") => {
            let bytes = size::parse(value).ok().filter(|b| *b > 0);
            facts.extend(
                bytes.map(|b| Evidence::new(Quantity::Limit, b, number).of(&container.subject)),
            );
        }
        ("state", "Reason") => {
            container.state = value == "OOMKilled";
            if container.state {
                container.killed = Some((number, None));
            }
        }
        ("state", "Finished") if container.state => {
            let line = container.killed.map_or(number, |(line, _)| line);
            container.killed = Some((line, Time::find(value)));
        }
        _ => {}
    }
}
