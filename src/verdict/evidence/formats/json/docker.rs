//! Container engines: the API's `stats` (docker, and all tasks of ECS at once), `docker stats --format json`, `docker inspect`, ECS metadata.

use super::super::super::{Evidence, Found, Quantity, Resident, Subject, Time};
use super::super::cgroup::NO_LIMIT;
use super::super::docker_stats::pair_of;
use super::{Json, number, text};
use crate::verdict::clean_name;
use serde_json::Value;

/// A line of `docker stats --format json`, or the list of `podman stats --format json`.
pub(super) fn command_line(json: &Json<'_>) -> Option<Found> {
    let rows: Vec<&Value> = match json.value {
        Value::Array(rows) => rows.iter().collect(),
        one => vec![one],
    };
    let usage = |row: &Value| {
        row["MemUsage"]
            .as_str()
            .or_else(|| row["mem_usage"].as_str())
            .map(str::to_owned)
    };
    usage(rows.first()?)?;
    let mut readings = Vec::new();
    for row in rows {
        let Some((used, limit)) = usage(row).and_then(|cell| pair_of(&cell)) else {
            continue;
        };
        let first = |names: &[&str]| names.iter().find_map(|n| text(&row[*n]));
        let id = first(&["ID", "Container", "id", "ContainerID"]);
        let subject = Subject {
            container: first(&["Name", "name"]).or_else(|| id.clone()),
            life: id,
            ..Subject::default()
        };
        let fact = |quantity, bytes| Evidence::new(quantity, bytes, json.line).of(&subject);
        readings.push(fact(Quantity::Resident(Resident::WorkingSet), used));
        readings.extend(limit.filter(|l| *l > 0).map(|l| fact(Quantity::Limit, l)));
    }
    Some(Found::new(1, readings))
}

/// `/containers/ID/stats` of docker, `/task/stats` of the ECS agent: cgroup numbers of one container or of several by ID.
pub(super) fn engine(json: &Json<'_>) -> Option<Found> {
    let is_one = |v: &Value| v["memory_stats"].is_object();
    let all: Vec<&Value> = match json.value {
        one if is_one(one) => vec![one],
        Value::Object(map) if map.values().any(is_one) => map.values().collect(),
        Value::Array(list) if list.first().is_some_and(is_one) => list.iter().collect(),
        _ => return None,
    };
    let readings: Vec<Evidence> = all
        .iter()
        .flat_map(|one| of_engine(one, json.line))
        .collect();
    if readings.is_empty() {
        return Some(Found::broken(
            1,
            json.line,
            "`memory_stats` without `usage`",
        ));
    }
    Some(Found::new(1, readings))
}

fn of_engine(one: &Value, line: u64) -> Vec<Evidence> {
    let memory = &one["memory_stats"];
    let stats = &memory["stats"];
    let subject = Subject {
        container: text(&one["name"]).map(|n| n.trim_start_matches('/').to_owned()),
        life: text(&one["id"]),
        ..Subject::default()
    };
    let time = one["read"].as_str().and_then(Time::find);
    let usage = number(&memory["usage"]);
    let first = |keys: &[&str]| keys.iter().find_map(|k| number(&stats[*k]));
    let anonymous = first(&["total_rss", "rss", "anon"]);
    let inactive = first(&["total_inactive_file", "inactive_file"]);
    let working = usage.zip(inactive).and_then(|(u, i)| u.checked_sub(i));
    let limit = number(&memory["limit"]).filter(|l| *l > 0 && *l < NO_LIMIT);
    let fact = |quantity, bytes: Option<u64>| {
        Some(Evidence::new(quantity, bytes?, line).of(&subject).at(time))
    };
    [
        fact(Quantity::Resident(Resident::WorkingSet), working),
        fact(Quantity::Resident(Resident::Usage), usage),
        fact(Quantity::Resident(Resident::Anonymous), anonymous),
        fact(Quantity::Limit, limit),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// `docker inspect`: limit, restarts, whether the kernel killed it.
pub(super) fn inspect(json: &Json<'_>) -> Option<Found> {
    let all: Vec<&Value> = match json.value {
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    };
    all.first()
        .filter(|c| c["HostConfig"].is_object() && c["State"].is_object())?;
    let mut readings = Vec::new();
    for one in all {
        let name = one["Name"]
            .as_str()
            .map(|n| clean_name(n.trim_start_matches('/')));
        let subject = Subject {
            container: name,
            life: text(&one["Id"]),
            ..Subject::default()
        };
        let fact = |quantity, value| Evidence::new(quantity, value, json.line).of(&subject);
        let limit = number(&one["HostConfig"]["Memory"]).filter(|l| *l > 0);
        readings.extend(limit.map(|l| fact(Quantity::Limit, l)));
        readings.extend(number(&one["RestartCount"]).map(|n| fact(Quantity::Restarts, n)));
        let killed = one["State"]["OOMKilled"].as_bool() == Some(true);
        readings.extend(killed.then(|| {
            let time = one["State"]["FinishedAt"].as_str().and_then(Time::find);
            fact(Quantity::OomKilled, 1).at(time)
        }));
    }
    Some(Found::new(1, readings))
}

/// The task of the ECS metadata endpoint: limits in MiB.
pub(super) fn task_metadata(json: &Json<'_>) -> Option<Found> {
    let all: Vec<&Value> = match &json.value["Containers"] {
        Value::Array(all) => all.iter().collect(),
        _ if json.value["DockerId"].is_string() => vec![json.value],
        _ => return None,
    };
    all.first()
        .filter(|c| c["DockerId"].is_string() || c["DockerName"].is_string())?;
    let readings: Vec<Evidence> = all
        .iter()
        .filter_map(|one| {
            let mib = number(&one["Limits"]["Memory"]).filter(|m| *m > 0)?;
            let subject = Subject {
                container: text(&one["Name"]),
                life: text(&one["DockerId"]),
                ..Subject::default()
            };
            Some(Evidence::new(Quantity::Limit, mib.checked_mul(1 << 20)?, json.line).of(&subject))
        })
        .collect();
    if readings.is_empty() {
        return Some(Found::refused(
            1,
            "ECS metadata without limits of memory: take ${ECS_CONTAINER_METADATA_URI_V4}/task/stats",
        ));
    }
    Some(Found::new(1, readings))
}
