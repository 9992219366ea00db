//! The dominator tree, objects of a class, one object, who refers to it.

use super::super::screen::{Ask, Cell, Row, Screen, Target};
use super::{Asker, is_harmless};
use crate::analyze::explore::dominators::{self, By, Query};
use crate::analyze::explore::object::{self, FieldRow, ObjectDetails};
use crate::analyze::explore::objects;
use crate::analyze::explore::{self, Listed, ObjectRow};
use crate::heap::ObjectIndex;
use crate::report::units::{counted, share};

/// Columns of a list of objects.
const OBJECTS: [(&str, bool); 5] = [
    ("Retained", true),
    ("Objects", true),
    ("Shallow", true),
    ("Address", false),
    ("Object", false),
];

impl Asker<'_, '_> {
    pub(super) fn tree(&self, under: Option<ObjectIndex>, by: By, ask: &Ask) -> Screen {
        let (rows, total, left) = match by {
            By::Object => {
                let rows = self.tree_rows(under, 0, ask.top);
                (rows, None, 0)
            }
            _ => self.groups(under, by, ask.top),
        };
        let mut facts = vec![match under {
            Some(object) => format!("below {} {}", self.title_of(object), self.address(object)),
            None => "what has a path from a GC root, by who keeps it alive".to_owned(),
        }];
        facts.extend(total.map(|total: u64| {
            format!(
                "{} in all; siblings add up: no byte is in two of them",
                self.units.bytes(total)
            )
        }));
        let by_word = match by {
            By::Object => "",
            By::Class => " --by class",
            By::Loader => " --by loader",
            By::Package => " --by package",
        };
        let below = under.map(|object| format!("--under {}", self.address(object)));
        let options = format!("{}{by_word} --top {}", below.unwrap_or_default(), ask.top);
        let mut rows = rows;
        if left > 0 {
            rows.push(Row::more(left, ask));
        }
        Screen {
            title: format!("Dominators{}", by_word.replace(" --by", " by")),
            facts,
            columns: vec![
                ("Retained", true),
                ("Share", true),
                ("Objects", true),
                ("Shallow", true),
                ("Dominator", false),
            ],
            optional: &[3, 2],
            rows,
            command: self.command("dominators", options.trim()),
        }
    }

    /// The rows of one level; what is left out is a row that leads to more of them.
    pub(super) fn tree_rows(
        &self,
        under: Option<ObjectIndex>,
        depth: usize,
        top: usize,
    ) -> Vec<Row> {
        let query = Query {
            under,
            depth: 1,
            top,
            by: By::Object,
        };
        let tree = dominators::dominators(self.snapshot, query);
        let whole = match under {
            Some(object) => self.snapshot.retained(object),
            None => tree.total_bytes,
        };
        let ask = Ask {
            target: Target::Tree {
                under,
                by: By::Object,
            },
            top,
        };
        let row = |node: &dominators::Node| {
            let Some(name) = &node.name else {
                return Row {
                    depth,
                    ..Row::more(node.objects, &ask)
                };
            };
            let title = explore::title(name, node.thread.as_deref());
            let mut label = match &node.reference {
                Some(reference) => format!("{reference}: {title}"),
                None => title,
            };
            label.extend(node.object_id.iter().map(|address| format!(" {address}")));
            let object = node
                .object_id
                .as_deref()
                .and_then(|address| self.at(address));
            let cells = vec![
                Cell::Bytes(node.retained_bytes),
                share(node.retained_bytes, whole).map_or(Cell::Empty, Cell::Share),
                Cell::Count(node.retained_objects),
                Cell::Bytes(node.shallow_bytes),
                Cell::Text(label),
            ];
            Row {
                target: object.map(|object| Ask::first(Target::Object(object))),
                opens: object.filter(|_| node.retained_objects > 1),
                depth,
                ..Row::data(cells)
            }
        };
        tree.nodes.iter().map(row).collect()
    }

    fn groups(
        &self,
        under: Option<ObjectIndex>,
        by: By,
        top: usize,
    ) -> (Vec<Row>, Option<u64>, u64) {
        let tree = dominators::dominators(
            self.snapshot,
            Query {
                under,
                depth: 1,
                top,
                by,
            },
        );
        let mut left = 0;
        let mut rows = Vec::new();
        for node in &tree.nodes {
            let Some(name) = &node.name else {
                left = node.objects;
                continue;
            };
            let cells = vec![
                Cell::Bytes(node.retained_bytes),
                share(node.retained_bytes, tree.total_bytes).map_or(Cell::Empty, Cell::Share),
                Cell::Count(node.objects),
                Cell::Bytes(node.shallow_bytes),
                Cell::Text(name.clone()),
            ];
            let name = name.clone();
            rows.push(Row::data(cells).to(Target::Group { under, by, name }));
        }
        (rows, Some(tree.total_bytes), left)
    }

    pub(super) fn group(
        &self,
        under: Option<ObjectIndex>,
        (by, name): (By, &str),
        ask: &Ask,
    ) -> Screen {
        let listed = dominators::members(self.snapshot, under, (by, name), ask.top);
        Screen {
            title: name.to_owned(),
            facts: vec![format!(
                "{} on this level of the dominator tree",
                counted(listed.total, "object")
            )],
            command: None,
            ..self.list(&listed, ask)
        }
    }

    pub(super) fn instances(&self, class: &str, ask: &Ask) -> Screen {
        let known = match ask.top {
            1..=Ask::FIRST => self.largest().of(self.snapshot, class, ask.top),
            _ => None,
        };
        let listed = known.unwrap_or_else(|| objects::objects(self.snapshot, class, ask.top));
        let command = is_harmless(class).then(|| {
            let dump = &self.dump;
            format!("hprof-suspects objects {dump} | awk -F'\\t' '$2 == \"{class}\"'")
        });
        Screen {
            title: class.to_owned(),
            facts: vec![format!(
                "{} of {class}, those that retain most first",
                counted(listed.total, "object")
            )],
            command,
            ..self.list(&listed, ask)
        }
    }

    /// The options of a command about one object, whose answer is that of `ask`.
    fn object_options(&self, object: ObjectIndex, ask: &Ask) -> String {
        let values = self.values_option();
        format!("{} --top {}{values}", self.address(object), ask.top)
    }

    pub(super) fn referrers(&self, object: ObjectIndex, ask: &Ask) -> Screen {
        let listed = object::referrers(self.snapshot, object, self.shown(ask.top));
        let options = self.object_options(object, ask);
        Screen {
            title: "Referrers".to_owned(),
            facts: vec![format!(
                "{} to {} {}",
                match listed.total {
                    1 => "1 object refers".to_owned(),
                    total => format!("{} refer", counted(total, "object")),
                },
                self.title_of(object),
                self.address(object)
            )],
            command: self.command("show", &options),
            ..self.list(&listed, ask)
        }
    }

    /// A list of objects, and a row for those that it leaves out.
    fn list(&self, listed: &Listed, ask: &Ask) -> Screen {
        let mut rows: Vec<Row> = listed.rows.iter().map(|row| self.object_row(row)).collect();
        let left = listed.total.saturating_sub(rows.len() as u64);
        if left > 0 {
            rows.push(Row::more(left, ask));
        }
        Screen {
            title: String::new(),
            facts: Vec::new(),
            columns: OBJECTS.to_vec(),
            optional: &[2, 1],
            rows,
            command: None,
        }
    }

    /// A row that leads to an object; the reference by which it is connected comes first.
    pub(super) fn object_row(&self, row: &ObjectRow) -> Row {
        let title = match &row.reference {
            Some(reference) => format!("{reference}  {}", row.title()),
            None => row.title(),
        };
        let cells = vec![
            Cell::Bytes(row.retained_bytes),
            Cell::Count(row.retained_objects),
            Cell::Bytes(row.shallow_bytes),
            Cell::Text(row.object_id.clone()),
            Cell::Text(title),
        ];
        let object = self.at(&row.object_id);
        Row {
            target: object.map(|object| Ask::first(Target::Object(object))),
            ..Row::data(cells)
        }
    }

    pub(super) fn title_of(&self, object: ObjectIndex) -> String {
        explore::row(self.snapshot, object, None).title()
    }

    pub(super) fn object(&self, object: ObjectIndex, ask: &Ask) -> Screen {
        let details = object::without_referrers(self.snapshot, object, self.shown(ask.top));
        let mut rows = vec![
            Row::text(format!("who refers to it{}", self.cost_of_referrers()))
                .to(Target::Referrers(object)),
            Row::text("paths from GC roots: what keeps it alive").to(Target::Paths(object)),
            Row::text("what it dominates, as a tree").to(Target::Tree {
                under: Some(object),
                by: By::Object,
            }),
            Row::text("what it dominates, by class").to(Target::Tree {
                under: Some(object),
                by: By::Class,
            }),
            Row::text("all objects of its class")
                .to(Target::Instances(self.snapshot.class(object).name.clone())),
        ];
        if let Some(above) = &details.dominator {
            rows.push(Row::heading("Dominated by"));
            rows.push(self.object_row(above));
        }
        self.fields(&details, ask, &mut rows);
        if details.dominated.total > 0 {
            rows.push(Row::heading(format!(
                "Dominates {}",
                counted(details.dominated.total, "object")
            )));
            rows.extend(
                details
                    .dominated
                    .rows
                    .iter()
                    .map(|row| self.object_row(row)),
            );
            let left = details
                .dominated
                .total
                .saturating_sub(details.dominated.rows.len() as u64);
            if left > 0 {
                rows.push(Row::more(left, ask));
            }
        }
        let options = self.object_options(object, ask);
        Screen {
            title: details.object.title(),
            facts: self.facts_of(&details),
            columns: OBJECTS.to_vec(),
            optional: &[2, 1],
            rows,
            command: self.command("show", &options),
        }
    }

    fn facts_of(&self, details: &ObjectDetails) -> Vec<String> {
        let object = &details.object;
        let mut facts = vec![format!("{} {}", object.title(), object.object_id)];
        let mut sizes = format!(
            "{} retained in {}, {} itself; reachable: {}",
            self.units.bytes(object.retained_bytes),
            counted(object.retained_objects, "object"),
            self.units.bytes(object.shallow_bytes),
            details.strength
        );
        if !details.gc_roots.is_empty() {
            sizes.push_str(&format!("; GC root: {}", details.gc_roots.join(", ")));
        }
        facts.push(sizes);
        let mut rest = vec![format!(
            "loaded by {}",
            details.loader.as_deref().unwrap_or("unknown")
        )];
        rest.extend(details.length.map(|length| format!("length {length}")));
        if details.dominator.is_none() {
            rest.push("topmost in the dominator tree".to_owned());
        }
        facts.push(rest.join("; "));
        facts.extend(details.value.as_ref().map(|value| format!("value {value}")));
        facts
    }

    fn fields(&self, details: &ObjectDetails, ask: &Ask, rows: &mut Vec<Row>) {
        if !details.fields.is_empty() {
            rows.push(Row::heading("Fields"));
            rows.extend(details.fields.iter().map(|field| self.field(field)));
        }
        if details.elements.is_empty() {
            return;
        }
        rows.push(Row::heading("Elements that are not null"));
        rows.extend(details.elements.iter().map(|field| self.field(field)));
        let all = details.length.unwrap_or(0);
        if details.elements.len() >= ask.top && all > details.elements.len() as u64 {
            rows.push(Row {
                cells: vec![Cell::Text(format!("of {all} elements: Enter shows more"))],
                ..Row::more(1, ask)
            });
        }
    }

    fn field(&self, field: &FieldRow) -> Row {
        let name = match &field.declared_by {
            Some(class) => format!(
                "{} ({})",
                field.name,
                class.rsplit('.').next().unwrap_or(class)
            ),
            None => field.name.clone(),
        };
        let value = field.value.as_deref();
        match &field.object {
            Some(object) => {
                let mut row = self.object_row(object);
                let said = [Some(object.title().as_str()), value]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(" ");
                if let Some(last) = row.cells.last_mut() {
                    *last = Cell::Text(format!("{name}  {said}"));
                }
                row
            }
            None => {
                let said = Cell::Text(format!(
                    "{name}  {}",
                    value.unwrap_or("(hidden: --show-values)")
                ));
                Row::data(vec![
                    Cell::Empty,
                    Cell::Empty,
                    Cell::Empty,
                    Cell::Empty,
                    said,
                ])
            }
        }
    }
}
