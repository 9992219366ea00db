//! What the kubelet says when it evicts a pod since its node runs out of memory: how much each container had.
//!
//! `The node was low on resource: memory. Container app was using 2011Mi, request is 1Gi, has larger consumption of memory.` Releases before
//! 1.26 write `which exceeds its request of 1Gi`.

use super::super::{Evidence, Found, Here, Quantity, Resident, Subject, Time};
use super::{Format, Letters};
use crate::verdict::{clean_name, size};

pub(super) const FORMAT: Format = Format {
    name: "kubelet eviction",
    letters: &[Letters::of("low on resource: memory")],
    read,
};

const EVICTED: &str = "low on resource: memory";

fn read(here: &Here<'_>) -> Option<Found> {
    let first = here.first();
    let time = first.text.split_whitespace().next().and_then(Time::find);
    let pod = first
        .text
        .split_whitespace()
        .find_map(|word| word.strip_prefix("pod/"));
    let subject = Subject {
        pod: pod.map(clean_name),
        ..Subject::default()
    };
    let facts = facts(first.text, first.number, &subject);
    let facts: Vec<Evidence> = facts.into_iter().map(|fact| fact.at(time)).collect();
    (!facts.is_empty()).then(|| Found::new(1, facts))
}

/// What `line` says that containers of `pod` were using; nothing, where it is of no eviction.
pub(super) fn facts(line: &str, number: u64, pod: &Subject) -> Vec<Evidence> {
    let Some((_, message)) = line.split_once(EVICTED) else {
        return Vec::new();
    };
    let of_container = |part: &str| {
        let (name, rest) = part.split_once(" was using ")?;
        let used = rest.split([',', ' ']).next()?;
        let subject = Subject {
            container: Some(clean_name(name.trim())),
            ..pod.clone()
        };
        let used = size::parse(used).ok()?;
        let fact = Evidence::new(Quantity::Resident(Resident::WorkingSet), used, number);
        Some(fact.of(&subject))
    };
    let parts = message.split("Container ").skip(1);
    parts.filter_map(of_container).collect()
}
