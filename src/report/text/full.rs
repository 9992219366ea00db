//! What only `--detail full` tells: dominators, threads, class loaders, references, waste.

use anstyle::Style;

use super::super::describe;
use super::super::formats::RenderOptions;
use super::super::model::{ClassCount, References, Report, ThreadRow, Waste};
use super::super::table::{Align, Table};
use super::super::units::{count, counted, measured, percent, share};
use super::page::Page;

use Align::{Left, Right};

pub(super) fn sections(page: &mut Page, report: &Report, options: &RenderOptions) {
    dominators(page, report, options.top);
    threads(page, &report.threads, options.top);
    thread_local_fields(page, report, options.top);
    class_loaders(page, report, options.top);
    generated(page, report, options.top);
    if let Some(references) = &report.references {
        reference_objects(page, references);
    }
    no_path(page, report);
    if let Some(waste) = &report.waste {
        wasted(page, waste, options.top, true);
    }
    tool(page, report);
}

fn dominators(page: &mut Page, report: &Report, top: usize) {
    if report.dominators.is_empty() {
        return;
    }
    let reachable = report.heap.reachable_bytes();
    let base = page.units().bytes(reachable);
    page.heading(
        "TOPMOST DOMINATORS",
        &format!("by retained size; % of {base} reachable"),
    );
    let mut table = Table::new(&[Right, Right, Right, Left, Left], &[2, 3, 1]);
    for row in report.dominators.iter().take(top) {
        table.row([
            page.units().bytes(row.retained_bytes),
            share(row.retained_bytes, reachable)
                .map(percent)
                .unwrap_or_default(),
            counted(row.retained_objects, "object"),
            page.clean(&row.object_id),
            page.clean(&row.class),
        ]);
    }
    page.table(&table);
}

fn threads(page: &mut Page, threads: &[ThreadRow], top: usize) {
    if threads.is_empty() {
        return;
    }
    page.heading("THREADS", "by retained size");
    for thread in threads.iter().take(top) {
        let name = format!(
            "{} {}",
            page.units().bytes(thread.retained_bytes),
            thread.name
        );
        let facts = describe::thread_facts(thread).join(", ");
        page.paragraph(
            "  ",
            &format!("{name}, {facts}"),
            Style::new().bold(),
            usize::MAX,
        );
        if let Some(local) = &thread.biggest_local {
            let text = describe::local(local, page.units());
            page.paragraph("    local  ", &text, Style::new(), usize::MAX);
        }
        if let Some(text) = describe::thread_locals(thread.thread_locals, page.units()) {
            page.paragraph("    values ", &text, Style::new(), usize::MAX);
        }
        for frame in &thread.frames {
            page.paragraph("    at     ", frame, Style::new().dimmed(), usize::MAX);
        }
    }
    if let Some(more) = describe::more_threads(threads, top) {
        page.left_out(&format!("{more}: --top N"));
    }
}

fn thread_local_fields(page: &mut Page, report: &Report, top: usize) {
    if report.thread_locals.is_empty() {
        return;
    }
    page.heading("THREAD LOCALS", "retained size, threads, declaring field");
    let mut table = Table::new(&[Right, Right, Left], &[2]);
    for row in report.thread_locals.iter().take(top) {
        let mut name = vec![row.field.clone()];
        name.extend(describe::thread_local_field(row));
        table.row([
            page.units().bytes(row.retained_bytes),
            counted(row.threads, "thread"),
            page.clean(&name.join(", ")),
        ]);
    }
    page.table(&table);
    page.more(report.thread_locals.len(), top);
}

fn class_loaders(page: &mut Page, report: &Report, top: usize) {
    if report.class_loaders.is_empty() {
        return;
    }
    page.heading("CLASS LOADERS", "retained size, classes, instances");
    let mut table = Table::new(&[Right, Right, Right, Left], &[2, 1]);
    for row in report.class_loaders.iter().take(top) {
        let mut name = vec![row.name.clone()];
        name.extend(describe::loader_facts(row));
        table.row([
            page.units().bytes(row.retained_bytes),
            measured(row.classes, "classes"),
            measured(row.instances, "instances"),
            page.clean(&name.join(", ")),
        ]);
    }
    page.table(&table);
    page.more(report.class_loaders.len(), top);
}

fn generated(page: &mut Page, report: &Report, top: usize) {
    if !report.duplicate_classes.is_empty() {
        page.heading(
            "CLASSES OF SEVERAL LOADERS",
            "loaders that define the same name",
        );
        let mut table = Table::new(&[Right, Left], &[]);
        for row in report.duplicate_classes.iter().take(top) {
            table.row([count(row.loaders), page.clean(&row.class)]);
        }
        page.table(&table);
        page.more(report.duplicate_classes.len(), top);
    }
    if !report.class_families.is_empty() {
        page.heading("GENERATED CLASSES", "classes, instances, family");
        let mut table = Table::new(&[Right, Right, Left], &[1]);
        for row in report.class_families.iter().take(top) {
            table.row([
                count(row.classes),
                count(row.objects),
                page.clean(&row.name),
            ]);
        }
        page.table(&table);
        page.more(report.class_families.len(), top);
    }
}

fn reference_objects(page: &mut Page, references: &References) {
    page.heading("REFERENCES", "what only references of a kind reach");
    for kind in &references.kinds {
        let text = describe::reference_kind(kind, page.units());
        page.paragraph("  ", &text, Style::new(), usize::MAX);
        class_counts(page, &kind.classes);
        for row in &kind.holders {
            let text = describe::reference_holder(row, &kind.kind, page.units());
            let text = format!("{}: {text}", row.holder);
            page.paragraph("    held by ", &text, Style::new(), usize::MAX);
        }
    }
    for text in describe::reference_queues(references) {
        page.paragraph("  ", &text, Style::new(), usize::MAX);
    }
    for own in &references.self_referencing {
        let text = describe::self_reference(own, page.units());
        let text = format!("{}: {text}", own.holder);
        page.paragraph("  ", &text, Style::new(), usize::MAX);
    }
}

fn no_path(page: &mut Page, report: &Report) {
    let no_path = &report.heap.no_path;
    if no_path.objects == 0 {
        return;
    }
    let base = page.units().bytes(no_path.bytes);
    page.heading(
        "NO PATH FROM A ROOT",
        &format!("{base} in {} objects", count(no_path.objects)),
    );
    for part in describe::no_path(no_path) {
        let mut table = Table::new(&[Right, Right, Left], &[1]);
        table.row([
            page.units().bytes(part.amount.bytes),
            format!("{} objects", count(part.amount.objects)),
            part.what.to_owned(),
        ]);
        page.table(&table);
        class_counts(page, part.classes);
    }
}

fn class_counts(page: &mut Page, classes: &[ClassCount]) {
    let mut table = Table::new(&[Right, Right, Left], &[1]);
    for row in classes {
        let objects = format!("{} {}", count(row.objects), page.glyph("×", "x"));
        table.row([
            format!("  {}", page.units().bytes(row.bytes)),
            objects,
            page.clean(&row.class),
        ]);
    }
    page.table(&table);
}

/// The largest findings; with their examples or, where space is short, on one line each.
pub(super) fn wasted(page: &mut Page, waste: &Waste, top: usize, examples: bool) {
    page.heading(
        "WASTE",
        "bytes that a change would save; findings may overlap",
    );
    for finding in waste.findings.iter().take(top) {
        let size = page.units().bytes(finding.bytes);
        let text = format!("{size}  {}", describe::waste(finding, page.units()));
        let lines = if examples { usize::MAX } else { 1 };
        page.paragraph("  ", &text, Style::new(), lines);
        for example in finding.examples.iter().filter(|_| examples) {
            page.paragraph("      ", example, Style::new().dimmed(), 2);
        }
    }
    page.more(waste.findings.len(), top);
}

fn tool(page: &mut Page, report: &Report) {
    let tool = &report.tool;
    let options: Vec<String> = tool
        .options
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let text = format!(
        "{} {}, schema {}. {}",
        tool.name,
        tool.version,
        report.schema_version,
        options.join(" ")
    );
    page.heading("TOOL", "");
    if let Some(text) = report.jvm.application.as_ref().map(describe::application) {
        page.paragraph("  ", &text, Style::new().dimmed(), usize::MAX);
    }
    page.paragraph(
        "  ",
        text.trim_end_matches([' ', '.']),
        Style::new().dimmed(),
        usize::MAX,
    );
}
