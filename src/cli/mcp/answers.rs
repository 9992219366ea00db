//! From a call to a short answer: the data of the commands, paged, with the questions that follow.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::super::{commands, open};
use super::arguments::{Arguments, Page};
use super::tools;
use crate::analyze::explore::dominators::{self, By, Query};
use crate::analyze::explore::histogram::{Order, histogram};
use crate::analyze::explore::object::{self, Shown};
use crate::analyze::explore::{Listed, objects, paths};
use crate::heap::{ObjectIndex, Snapshot};
use crate::report::model::Suspect;
use crate::report::units::Units;
use crate::report::{Report, describe, ledger_view, neutralise};

/// Paths that are looked for at most.
const MOST_PATHS: usize = 20;
/// Frames of a stack by default, and at most.
const FRAMES: (usize, usize) = (8, 1_000);

/// Answers calls about one dump.
pub struct Answers<'s, 'd> {
    snapshot: &'s Snapshot<'d>,
    report: &'s Report,
    dump: String,
    units: Units,
}

/// A name without what would act on whoever looks at it.
pub fn plain(text: &str) -> String {
    neutralise::plain(text, true)
}

/// The same for every text in `value`. The depth is that of the answers' own types.
fn harmless(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(plain(&text)),
        Value::Array(items) => items.into_iter().map(harmless).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name, harmless(value)))
            .collect(),
        other => other,
    }
}

fn as_json(value: &impl Serialize) -> Result<Value, String> {
    serde_json::to_value(value).map_err(|error| error.to_string())
}

/// A question that comes next.
fn follow_up(tool: &str, arguments: Value) -> Value {
    json!({ "tool": tool, "arguments": arguments })
}

/// The rows of a page, the number of all, and where the next page begins.
fn paged(rows: Vec<Value>, page: Page, total: u64) -> Map<String, Value> {
    let mut answer = Map::new();
    let end = page.offset + rows.len();
    answer.insert("total".to_owned(), json!(total));
    if (end as u64) < total && !rows.is_empty() {
        answer.insert("next_offset".to_owned(), json!(end));
    }
    answer.insert("rows".to_owned(), Value::Array(rows));
    answer
}

impl<'s, 'd> Answers<'s, 'd> {
    /// About `snapshot`, whose `report` is made, of the file `dump`.
    pub fn new(snapshot: &'s Snapshot<'d>, report: &'s Report, dump: String) -> Answers<'s, 'd> {
        let units = Units::default();
        Answers {
            snapshot,
            report,
            dump,
            units,
        }
    }

    /// Answers one call.
    ///
    /// # Errors
    /// What is wrong with it, for whoever called.
    pub fn call(&self, tool: &str, arguments: &Map<String, Value>) -> Result<Value, String> {
        let known = tools::arguments(tool);
        let known = known
            .ok_or_else(|| format!("no tool `{}`; there are: {}", plain(tool), tools::names()))?;
        let arguments = Arguments(arguments);
        arguments.only(&known)?;
        let answer = match tool {
            "report" => self.report(),
            "suspects" => self.suspects(arguments.page()?),
            "object" => self.object(&arguments),
            "path" => self.path(&arguments),
            "dominators" => self.dominators(&arguments),
            "histogram" => self.histogram(&arguments),
            "instances" => {
                let page = arguments.page()?;
                let listed =
                    objects::objects(self.snapshot, arguments.needed("class")?, page.end());
                self.listed(&listed, page)
            }
            "threads" => self.threads(&arguments),
            _ => self.compare(arguments.page()?),
        };
        answer.map(harmless)
    }

    fn find(&self, address: &str) -> Result<ObjectIndex, String> {
        let address = commands::address(address.trim())?;
        open::find(self.snapshot, address).map_err(|failure| failure.to_string())
    }

    fn listed_suspects(&self) -> impl Iterator<Item = &'s Suspect> {
        self.report
            .suspects
            .iter()
            .chain(&self.report.largest_holders)
    }

    fn report(&self) -> Result<Value, String> {
        let report = self.report;
        let verdict = &report.verdict;
        let written = |sentence: &crate::sentence::Sentence| sentence.written(self.units);
        let suspect = |suspect: &Suspect| {
            json!({
                "rank": suspect.rank,
                "holder": describe::holder(&suspect.holder),
                "keeps": describe::content(&suspect.content),
                "retained_bytes": suspect.retained_bytes,
                "address": suspect.holder.object_id,
            })
        };
        let part = |entry: &crate::report::model::LedgerEntry| {
            json!({
                "component": describe::component(&entry.component),
                "low_bytes": entry.low,
                "high_bytes": entry.high,
                "source": ledger_view::about(entry, self.units),
            })
        };
        let damage = report.warnings.iter().filter(|warning| warning.damage);
        let mut follow = vec![follow_up("suspects", json!({}))];
        if report.growth.is_some() {
            follow.push(follow_up("compare", json!({})));
        }
        Ok(json!({
            "dump": self.dump,
            "complete": report.dump.complete,
            "damage": damage.map(|warning| describe::warning(warning, self.units)).collect::<Vec<_>>(),
            "headline": describe::headline(report, self.units),
            "verdict": as_json(&verdict.heap)?,
            "confidence": describe::confidence(verdict.confidence),
            "judged_against": verdict.judged_against.as_ref().map(written),
            "reasons": verdict.reasons.iter().map(written).collect::<Vec<_>>(),
            "next_steps": verdict.next_steps.iter().map(written).collect::<Vec<_>>(),
            "are_suspected": !report.suspects.is_empty(),
            "suspects": self.listed_suspects().map(suspect).collect::<Vec<_>>(),
            "live_heap_bytes": report.heap.reachable_bytes(),
            "max_heap_bytes": report.heap.max_bytes,
            "memory": report.ledger.iter().map(part).collect::<Vec<_>>(),
            "contains_values": report.tool.values_shown,
            "follow_up": follow,
        }))
    }

    fn suspects(&self, page: Page) -> Result<Value, String> {
        let all = self.listed_suspects().count() as u64;
        let shown = self.listed_suspects().skip(page.offset).take(page.limit);
        let rows = shown.map(|suspect| {
            let address = suspect.holder.object_id.as_ref();
            let point = suspect
                .accumulation_point
                .as_ref()
                .map(|point| &point.object_id);
            let object = address.or(point);
            let mut value = as_json(suspect)?;
            if let (Value::Object(fields), Some(address)) = (&mut value, object) {
                let next = [
                    follow_up("object", json!({ "address": address })),
                    follow_up("dominators", json!({ "under": address })),
                ];
                fields.insert("follow_up".to_owned(), json!(next));
            }
            Ok(value)
        });
        let rows: Result<Vec<Value>, String> = rows.collect();
        Ok(Value::Object(paged(rows?, page, all)))
    }

    fn shown(&self, top: usize) -> Shown {
        Shown {
            top,
            values: self.snapshot.values_shown(),
        }
    }

    fn object(&self, arguments: &Arguments<'_>) -> Result<Value, String> {
        let object = self.find(arguments.needed("address")?)?;
        let shown = self.shown(arguments.page()?.limit);
        let with_referrers = arguments.flag("referrers")?;
        let details = match with_referrers {
            true => object::object(self.snapshot, object, shown),
            false => object::without_referrers(self.snapshot, object, shown),
        };
        let address = details.object.object_id.clone();
        let mut value = as_json(&details)?;
        if let Value::Object(fields) = &mut value {
            let mut next = vec![
                follow_up("path", json!({ "address": address })),
                follow_up("dominators", json!({ "under": address })),
            ];
            if !with_referrers {
                fields.remove("referrers");
                next.push(follow_up(
                    "object",
                    json!({ "address": address, "referrers": true }),
                ));
            }
            fields.insert("follow_up".to_owned(), json!(next));
        }
        Ok(value)
    }

    fn path(&self, arguments: &Arguments<'_>) -> Result<Value, String> {
        let object = self.find(arguments.needed("address")?)?;
        let most = arguments.number("paths", 1, MOST_PATHS)?.max(1);
        let found = paths::paths(self.snapshot, object, most);
        let address = found.object.object_id.clone();
        let mut value = as_json(&found)?;
        if let Value::Object(fields) = &mut value {
            let next = match most {
                1 => follow_up("path", json!({ "address": address, "paths": 5 })),
                _ => follow_up("object", json!({ "address": address })),
            };
            fields.insert("follow_up".to_owned(), json!([next]));
        }
        Ok(value)
    }

    fn dominators(&self, arguments: &Arguments<'_>) -> Result<Value, String> {
        let page = arguments.page()?;
        let under = arguments
            .text("under")?
            .map(|address| self.find(address))
            .transpose()?;
        let by = match arguments.text("by")? {
            None | Some("object") => By::Object,
            Some("class") => By::Class,
            Some("package") => By::Package,
            Some("loader") => By::Loader,
            Some(other) => {
                return Err(format!(
                    "`by` is object, class, package or loader, not `{}`",
                    plain(other)
                ));
            }
        };
        let query = Query {
            under,
            depth: 1,
            top: page.end(),
            by,
        };
        let tree = dominators::dominators(self.snapshot, query);
        let (rows, rest): (Vec<_>, Vec<_>) =
            tree.nodes.iter().partition(|node| node.name.is_some());
        let rest: u64 = rest.iter().map(|node| node.objects).sum();
        let page_rows: Result<Vec<Value>, String> =
            rows.iter().skip(page.offset).map(as_json).collect();
        let page_rows = page_rows?;
        let mut answer = Map::new();
        answer.insert("total_bytes".to_owned(), json!(tree.total_bytes));
        if rest > 0 {
            answer.insert("objects_not_shown".to_owned(), json!(rest));
            answer.insert(
                "next_offset".to_owned(),
                json!(page.offset + page_rows.len()),
            );
        }
        let first = rows
            .get(page.offset)
            .and_then(|node| node.object_id.clone());
        let next = first.map(|address| follow_up("dominators", json!({ "under": address })));
        answer.insert("rows".to_owned(), Value::Array(page_rows));
        answer.insert(
            "follow_up".to_owned(),
            json!(next.into_iter().collect::<Vec<_>>()),
        );
        Ok(Value::Object(answer))
    }

    fn histogram(&self, arguments: &Arguments<'_>) -> Result<Value, String> {
        let page = arguments.page()?;
        let class = arguments.regex("class")?;
        let order = match arguments.text("sort")? {
            None | Some("retained") => Order::Retained,
            Some("shallow") => Order::Shallow,
            Some("objects") => Order::Objects,
            Some(other) => {
                return Err(format!(
                    "`sort` is retained, shallow or objects, not `{}`",
                    plain(other)
                ));
            }
        };
        let wanted = |name: &str| class.as_ref().is_none_or(|class| class.is_match(name));
        let found = histogram(self.snapshot, wanted, order, page.end());
        let rows: Result<Vec<Value>, String> =
            found.rows.iter().skip(page.offset).map(as_json).collect();
        let mut answer = paged(rows?, page, found.classes);
        answer.insert("objects".to_owned(), json!(found.objects));
        answer.insert("shallow_bytes".to_owned(), json!(found.shallow_bytes));
        let next = found
            .rows
            .get(page.offset)
            .map(|row| follow_up("instances", json!({ "class": row.class })));
        answer.insert(
            "follow_up".to_owned(),
            json!(next.into_iter().collect::<Vec<_>>()),
        );
        Ok(Value::Object(answer))
    }

    fn listed(&self, listed: &Listed, page: Page) -> Result<Value, String> {
        let rows: Result<Vec<Value>, String> =
            listed.rows.iter().skip(page.offset).map(as_json).collect();
        let mut answer = paged(rows?, page, listed.total);
        let next = listed
            .rows
            .get(page.offset)
            .map(|row| follow_up("path", json!({ "address": row.object_id })));
        answer.insert(
            "follow_up".to_owned(),
            json!(next.into_iter().collect::<Vec<_>>()),
        );
        Ok(Value::Object(answer))
    }

    fn threads(&self, arguments: &Arguments<'_>) -> Result<Value, String> {
        let page = arguments.page()?;
        let name = arguments.regex("name")?;
        let frames = arguments.number("frames", FRAMES.0, FRAMES.1)?;
        let threads = self.report.threads.iter();
        let found: Vec<_> = threads
            .filter(|row| name.as_ref().is_none_or(|name| name.is_match(&row.name)))
            .collect();
        let shown = found.iter().skip(page.offset).take(page.limit).map(|row| {
            let mut row = (**row).clone();
            let all = row.frames.len();
            row.frames.truncate(frames);
            let mut value = as_json(&row)?;
            if let Value::Object(fields) = &mut value {
                fields.insert("frames_in_all".to_owned(), json!(all));
            }
            Ok(value)
        });
        let rows: Result<Vec<Value>, String> = shown.collect();
        Ok(Value::Object(paged(rows?, page, found.len() as u64)))
    }

    fn compare(&self, page: Page) -> Result<Value, String> {
        let Some(growth) = &self.report.growth else {
            return Err("there is nothing to compare with: start the server with earlier dumps, reports or histograms before the dump".to_owned());
        };
        let (grown, others) = describe::growth::holders(growth, self.units);
        let all = (grown.len() + others.len()) as u64;
        let rows = grown
            .iter()
            .chain(&others)
            .skip(page.offset)
            .take(page.limit);
        let row = |row: &describe::growth::HolderLine| json!({ "owner": row.owner, "course": row.word, "bytes": row.bytes, "content": row.content, "notes": row.notes });
        let mut answer = paged(rows.map(row).collect(), page, all);
        answer.insert(
            "summary".to_owned(),
            json!(describe::growth::summary(growth, self.units)),
        );
        answer.insert("notes".to_owned(), as_json(&growth.notes)?);
        Ok(Value::Object(answer))
    }
}
