//! Tables of `kubectl get pod -o custom-columns` and of plugins like it: the memory limits of containers. What a column is, its heading
//! says; requests are neither a limit nor what is used.

use super::super::table::{between, cells};
use super::super::{Evidence, Found, Here, Quantity, Subject};
use super::refused::REQUESTS;
use super::{Format, Letters};
use crate::verdict::{clean_name, size};

pub(super) const FORMAT: Format = Format {
    name: "kubectl custom-columns",
    letters: &[Letters::of("LIM"), Letters::of("REQ")],
    read,
};

/// Where the columns are.
struct Columns {
    namespace: Option<usize>,
    pod: usize,
    container: Option<usize>,
    limit: Option<usize>,
}

fn read(here: &Here<'_>) -> Option<Found> {
    let names = cells(here.first().text);
    let columns = columns(&names)?;
    let rows = here
        .rows(1)
        .iter()
        .take_while(|l| cells(l.text).len() == names.len())
        .count();
    let lines = 1 + rows;
    let Some(limit) = columns.limit else {
        return Some(Found::refused(lines, REQUESTS));
    };
    let mut readings = Vec::new();
    let mut left_out = Vec::new();
    for line in &here.lines[1..lines] {
        let row = cells(line.text);
        match limits(&row, &columns, limit) {
            Some(of_row) => readings.extend(of_row.into_iter().map(|(subject, bytes)| {
                Evidence::new(Quantity::Limit, bytes, line.number).of(&subject)
            })),
            None => left_out.push(format!("line {}: no limit of one container", line.number)),
        }
    }
    Some(match readings.is_empty() {
        true => Found::refused(
            lines,
            "a table of pods in which no container has a memory limit",
        ),
        false => Found::new(lines, readings).without(left_out),
    })
}

/// The columns of a table with a pod and its memory limits or requests.
fn columns(names: &[&str]) -> Option<Columns> {
    let is_heading = |n: &str| !n.contains(|c: char| c.is_lowercase());
    if names.len() < 2 || !names.iter().all(|n| is_heading(n)) {
        return None;
    }
    let at = |wanted: &[&str]| names.iter().position(|n| wanted.contains(n));
    let of_memory = |part: &str| {
        let is_memory = |n: &str| n.contains("MEM") || matches!(n, "LIMITS" | "REQUESTS");
        names
            .iter()
            .position(|n| n.contains(part) && is_memory(n) && !n.contains("CPU"))
    };
    let pod = at(&["POD", "POD_NAME", "PODNAME"]);
    let name = at(&["NAME"]);
    let container = at(&["CONTAINER", "CONTAINERS", "CONTAINER_NAME"]);
    let (limit, request) = (of_memory("LIM"), of_memory("REQ"));
    (limit.is_some() || request.is_some()).then_some(())?;
    Some(Columns {
        namespace: at(&["NAMESPACE", "NS"]),
        pod: pod.or(name)?,
        container: container.or(pod.and(name)),
        limit,
    })
}

/// The limits in a row, one for each container that it names.
fn limits(row: &[&str], columns: &Columns, limit: usize) -> Option<Vec<(Subject, u64)>> {
    let sizes: Vec<u64> = row[limit].split(',').map(size_of).collect::<Option<_>>()?;
    let containers: Vec<Option<&str>> = match columns.container {
        Some(at) => row[at].split(',').map(Some).collect(),
        None => vec![None],
    };
    if sizes.len() != containers.len() || row[columns.pod] == "*" {
        return None;
    }
    let subject = |container: Option<&str>| Subject {
        namespace: columns.namespace.map(|at| clean_name(row[at])),
        pod: Some(clean_name(row[columns.pod])),
        container: container.map(clean_name),
        ..Subject::default()
    };
    Some(containers.into_iter().map(subject).zip(sizes).collect())
}

/// Bytes of `2Gi`, `2Gi (12%)`, `map[cpu:1 memory:2Gi]`.
fn size_of(cell: &str) -> Option<u64> {
    let text = match cell.starts_with("map[") {
        true => between(cell, "memory:", &[' ', ']'])?,
        false => cell.split_whitespace().next()?,
    };
    size::parse(text).ok().filter(|bytes| *bytes > 0)
}
