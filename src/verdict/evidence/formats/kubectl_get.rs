//! `kubectl get pods`: how often the containers of a pod were started again, and pods that ended as `OOMKilled`.

use super::super::table::cells;
use super::super::{Evidence, Found, Here, Quantity, Subject};
use super::{Format, Letters};
use crate::verdict::clean_name;

pub(super) const FORMAT: Format = Format {
    name: "kubectl get pods",
    letters: &[Letters::of("NAMESTATUSRESTARTSREADY")],
    read,
};

fn read(here: &Here<'_>) -> Option<Found> {
    let names = cells(here.first().text);
    let at = |name: &str| names.iter().position(|n| *n == name);
    let (pod, status, restarts) = (at("NAME")?, at("STATUS")?, at("RESTARTS")?);
    at("READY")?;
    let mut readings = Vec::new();
    let mut lines = 1;
    for line in here.rows(1) {
        let row = cells(line.text);
        // `3 (5h12m ago)` is one cell.
        let count = row
            .get(restarts)
            .and_then(|cell| cell.split(' ').next()?.parse().ok());
        let (Some(name), Some(count)) = (row.get(pod), count) else {
            break;
        };
        lines += 1;
        let subject = Subject {
            namespace: at("NAMESPACE")
                .and_then(|at| row.get(at))
                .map(|n| clean_name(n)),
            pod: Some(clean_name(name)),
            ..Subject::default()
        };
        readings.push(Evidence::new(Quantity::Restarts, count, line.number).of(&subject));
        if row[status].contains("OOMKilled") {
            readings.push(Evidence::new(Quantity::OomKilled, 1, line.number).of(&subject));
        }
    }
    if readings.is_empty() {
        return Some(Found::broken(
            lines,
            here.first().number,
            "no pod is listed",
        ));
    }
    Some(Found::new(lines, readings))
}
