//! `show`: one object.

use super::commands::ShowArgs;
use super::exit::{Exit, Failure};
use super::open;
use super::page::Page;
use super::view::{self, Answer, AnswerWriter, or_empty};
use crate::analyze::explore::object::{self, FieldRow, ObjectDetails, Shown};
use crate::analyze::explore::{Listed, ObjectRow};
use crate::report::table::{Align, Table};
use crate::report::units::{count, counted};

/// Prints the object.
pub fn run(args: &ShowArgs) -> Result<Exit, Failure> {
    let writer = AnswerWriter::new(&args.view, &args.dump)?;
    let input = open::open(&args.dump, &args.reading)?;
    let mut snapshot = open::load_input(&input, &args.reading)?;
    if args.show_values {
        snapshot.show_values();
    }
    let found = open::find(&snapshot, args.address)?;
    let shown = Shown {
        top: args.top,
        values: args.show_values,
    };
    let details = object::object(&snapshot, found, shown);
    let complete = open::is_complete(&input, &snapshot);
    let answer = Answer {
        subject: "Object in",
        json: &|| view::json_of_dump(&details, complete),
        tsv: &|| tsv(&details),
        page: &|page| self::page(&details, args, page),
    };
    writer.write(&answer, &input, complete)?;
    Ok(Exit::Analysed.strict(args.strict.strict, complete))
}

fn tsv(details: &ObjectDetails) -> String {
    let header = [
        "part",
        "name",
        "value",
        "address",
        "class",
        "shallow_bytes",
        "retained_bytes",
    ];
    let object = |part: &str, name: String, value: String, row: Option<&ObjectRow>| {
        let cell = |of: fn(&ObjectRow) -> String| row.map(of).unwrap_or_default();
        [
            part.to_owned(),
            name,
            value,
            cell(|row| row.object_id.clone()),
            cell(|row| row.class.clone()),
            cell(|row| row.shallow_bytes.to_string()),
            cell(|row| row.retained_bytes.to_string()),
        ]
    };
    let mut rows = vec![object(
        "object",
        String::new(),
        or_empty(&details.value),
        Some(&details.object),
    )];
    for (part, fields) in [("field", &details.fields), ("element", &details.elements)] {
        rows.extend(fields.iter().map(|field| {
            object(
                part,
                field.name.clone(),
                or_empty(&field.value),
                field.object.as_ref(),
            )
        }));
    }
    for (part, list) in [
        ("referrer", &details.referrers),
        ("dominated", &details.dominated),
    ] {
        rows.extend(
            list.rows
                .iter()
                .map(|row| object(part, or_empty(&row.reference), String::new(), Some(row))),
        );
    }
    view::tsv(header, rows)
}

fn page(details: &ObjectDetails, args: &ShowArgs, page: &mut Page) {
    if args.show_values {
        page.alarm("This page shows values from the heap", "They may be secret");
    }
    head(details, page);
    if !details.fields.is_empty() {
        page.heading("Fields");
        fields(&details.fields, page);
    }
    if !details.elements.is_empty() {
        let all = details.length.unwrap_or(0);
        page.heading(format!(
            "First {} of {} elements that are not null",
            count(details.elements.len() as u64),
            count(all)
        ));
        fields(&details.elements, page);
    }
    let class_note = if details.object.class.starts_with("class ") {
        " (besides its instances)"
    } else {
        ""
    };
    list(
        page,
        &format!("Referred to by{class_note}"),
        &details.referrers,
        |row| match &row.reference {
            Some(reference) => format!("{} {reference}", row.title()),
            None => row.title(),
        },
    );
    list(page, "Dominates", &details.dominated, |row| {
        match &row.reference {
            Some(reference) => format!("{reference}  {}", row.title()),
            None => row.title(),
        }
    });
}

fn head(details: &ObjectDetails, page: &mut Page) {
    let object = &details.object;
    page.line(format!(
        "{} {}",
        page.name(&object.title()),
        object.object_id
    ));
    let retained = format!(
        "{} in {}",
        page.bytes(object.retained_bytes),
        counted(object.retained_objects, "object")
    );
    let mut facts = vec![
        ("retained", retained),
        ("shallow", page.bytes(object.shallow_bytes)),
    ];
    if let Some(length) = details.length {
        facts.push(("length", count(length)));
    }
    let loader = details.loader.as_deref().unwrap_or("unknown");
    facts.push(("loaded by", page.name(loader)));
    facts.push(("reachable", details.strength.clone()));
    if !details.gc_roots.is_empty() {
        facts.push(("GC root", details.gc_roots.join(", ")));
    }
    let dominator = match &details.dominator {
        Some(above) => format!(
            "{} {} ({} retained)",
            page.name(&above.title()),
            above.object_id,
            page.bytes(above.retained_bytes)
        ),
        None => "none: topmost in the dominator tree".to_owned(),
    };
    facts.push(("dominator", dominator));
    if let Some(value) = &details.value {
        facts.push(("value", page.name(value)));
    }
    page.facts(facts);
}

fn fields(rows: &[FieldRow], page: &mut Page) {
    let mut table = Table::new(&[Align::Right, Align::Left, Align::Left], &[]);
    table.head(["Retained", "Field", "Value"]);
    for field in rows {
        let retained = field
            .object
            .as_ref()
            .map(|object| page.bytes(object.retained_bytes));
        let name = match &field.declared_by {
            Some(class) => {
                let simple = class.rsplit('.').next().unwrap_or(class);
                format!("{} ({simple})", field.name)
            }
            None => field.name.clone(),
        };
        let mut value = String::new();
        if let Some(object) = &field.object {
            value = format!("{} {}", object.object_id, page.name(&object.title()));
        }
        if let Some(text) = &field.value {
            let space = if value.is_empty() { "" } else { "  " };
            value = format!("{value}{space}{}", page.name(text));
        }
        table.row([retained.unwrap_or_default(), page.name(&name), value]);
    }
    page.table(table);
}

fn list(page: &mut Page, title: &str, list: &Listed, link: impl Fn(&ObjectRow) -> String) {
    let (total, shown) = (list.total, list.rows.len() as u64);
    let mut heading = format!("{title} {}", counted(total, "object"));
    if shown < total {
        heading.push_str(&format!(", the largest {}", count(shown)));
    }
    page.heading(heading);
    if shown > 0 {
        page.objects(&list.rows, link);
    }
}
