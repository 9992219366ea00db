//! `--format text`: for a terminal. Verdict first, then why, suspects, the ledger as a bar, what was checked and cleared,
//! warnings: one screen by default.

mod evidence;
mod full;
mod growth;
mod ledger;
mod page;
mod suspects;

use anstyle::{AnsiColor, Style};

use self::page::Page;
use super::describe;
use super::formats::{Detail, RenderOptions};
use super::model::{HeapVerdict, Report, Warning};
use super::table::{Align, Table};
use super::units::{count, percent, share};

/// Lines of the default report at most.
pub const SCREEN_LINES: usize = 50;
/// Suspects for which it has room; who asks for more gets two more lines for each.
const SUSPECTS: usize = 5;

/// How much of each section to write.
#[derive(Debug, Clone, Copy)]
struct Plan {
    /// Lines that one sentence may take.
    sentence_lines: usize,
    /// Lines that the facts about dump, JVM and heap may take each.
    fact_lines: usize,
    reasons: usize,
    next_steps: usize,
    /// Suspects with path and advice.
    long_suspects: usize,
    suspects: usize,
    ledger: usize,
    cleared: usize,
    classes: usize,
    warnings: usize,
}

/// From generous to tight: the first that fits the screen is used.
const PLANS: [Plan; 9] = [
    plan([3, 3], [6, 5], [3, 5], [12, 6, 6, 5]),
    plan([2, 2], [5, 4], [2, 5], [10, 5, 5, 4]),
    plan([2, 2], [4, 3], [1, 5], [9, 4, 5, 3]),
    plan([2, 1], [4, 3], [1, 5], [8, 3, 3, 3]),
    plan([2, 1], [3, 2], [1, 5], [8, 3, 3, 2]),
    plan([2, 1], [3, 2], [1, 5], [7, 3, 0, 2]),
    plan([2, 1], [3, 2], [1, 3], [6, 2, 0, 2]),
    plan([1, 1], [3, 2], [1, 3], [6, 2, 0, 2]),
    plan([1, 1], [3, 2], [0, 5], [6, 2, 0, 2]),
];

const EVERYTHING: Plan = plan(
    [usize::MAX; 2],
    [usize::MAX; 2],
    [usize::MAX; 2],
    [usize::MAX; 4],
);

const fn plan(
    lines: [usize; 2],
    words: [usize; 2],
    suspects: [usize; 2],
    lists: [usize; 4],
) -> Plan {
    Plan {
        sentence_lines: lines[0],
        fact_lines: lines[1],
        reasons: words[0],
        next_steps: words[1],
        long_suspects: suspects[0],
        suspects: suspects[1],
        ledger: lists[0],
        cleared: lists[1],
        classes: lists[2],
        warnings: lists[3],
    }
}

/// Findings of waste on the first screen, where they were asked for.
const WASTE_ROWS: usize = 5;

/// The report for a terminal.
pub fn render(report: &Report, options: &RenderOptions) -> String {
    if options.detail == Detail::Full {
        let everything = Plan {
            classes: options.top,
            ..EVERYTHING
        };
        let mut page = compose(report, options, everything);
        read(&mut page, report, everything);
        full::sections(&mut page, report, options);
        return page.finish();
    }
    let more = report.suspects.len().saturating_sub(SUSPECTS);
    let lines = SCREEN_LINES.saturating_add(more.saturating_mul(2));
    let mut page = Page::new(options);
    let mut facts = Page::new(options);
    for plan in PLANS {
        let plan = Plan {
            suspects: plan.suspects.saturating_add(more),
            ..plan
        };
        page = compose(report, options, plan);
        facts = Page::new(options);
        if let Some(waste) = &report.waste {
            full::wasted(&mut facts, waste, WASTE_ROWS, false);
        }
        read(&mut facts, report, plan);
        if page.line_count() + facts.line_count() <= lines {
            break;
        }
    }
    // Which dump it was is never cut off.
    page.cut(lines.saturating_sub(facts.line_count()));
    page.append(facts);
    page.finish()
}

fn compose(report: &Report, options: &RenderOptions, plan: Plan) -> Page {
    let mut page = Page::new(options);
    headline(&mut page, report, plan);
    growth::section(&mut page, report, plan);
    why(&mut page, report, plan);
    suspects::section(&mut page, report, plan);
    ledger::section(&mut page, report, plan);
    evidence::section(&mut page, report, plan);
    cleared(&mut page, report, plan);
    classes(&mut page, report, plan);
    warnings(&mut page, report, plan);
    page
}

fn headline(page: &mut Page, report: &Report, plan: Plan) {
    let colour = match report.verdict.heap {
        HeapVerdict::Suspected => AnsiColor::Red,
        HeapVerdict::RuledOut => AnsiColor::Green,
        HeapVerdict::Inconclusive => AnsiColor::Yellow,
    };
    let style = Style::new().bold().fg_color(Some(colour.into()));
    page.paragraph(
        "",
        &describe::headline(report, page.units()),
        style,
        // It has at most 250 characters, and what it ends with counts as well.
        plan.sentence_lines.max(5),
    );
    let alarm = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    let damage: Vec<&Warning> = report.warnings.iter().filter(|w| w.damage).collect();
    for warning in damage.iter().take(plan.warnings) {
        page.paragraph(
            "DAMAGED  ",
            &describe::warning(warning, page.units()),
            alarm,
            plan.sentence_lines,
        );
    }
    page.more(damage.len(), plan.warnings);
    if damage.is_empty() && !report.dump.complete {
        page.paragraph(
            "DAMAGED  ",
            "the dump is incomplete: numbers cover what could be read",
            alarm,
            2,
        );
    }
    if report.tool.values_shown {
        page.paragraph("CONTAINS VALUES  ", describe::VALUES_SHOWN, alarm, 2);
    }
}

fn why(page: &mut Page, report: &Report, plan: Plan) {
    let verdict = &report.verdict;
    let mut aside = format!("confidence {}", describe::confidence(verdict.confidence));
    if let Some(base) = &verdict.judged_against {
        aside = format!("judged against {}; {aside}", base.written(page.units()));
    }
    page.heading("WHY", &aside);
    let bullet = page.glyph("  • ", "  * ");
    for reason in verdict.reasons.iter().take(plan.reasons) {
        page.paragraph(
            bullet,
            &reason.written(page.units()),
            Style::new(),
            plan.sentence_lines,
        );
    }
    page.more(verdict.reasons.len(), plan.reasons);
    if verdict.next_steps.is_empty() {
        return;
    }
    page.heading("NEXT", "");
    for (i, step) in verdict.next_steps.iter().take(plan.next_steps).enumerate() {
        page.paragraph(
            &format!("  {}. ", i + 1),
            &step.written(page.units()),
            Style::new(),
            plan.sentence_lines,
        );
    }
    page.more(verdict.next_steps.len(), plan.next_steps);
}

fn cleared(page: &mut Page, report: &Report, plan: Plan) {
    if report.checked_and_cleared.is_empty() {
        return;
    }
    page.heading("CHECKED AND CLEARED", "");
    let mark = page.glyph("  ✓ ", "  ok ");
    for item in report.checked_and_cleared.iter().take(plan.cleared) {
        let text = format!("{}: {}", item.title, describe::cleared(item, page.units()));
        page.paragraph(mark, &text, Style::new(), plan.sentence_lines);
    }
    page.more(report.checked_and_cleared.len(), plan.cleared);
}

fn classes(page: &mut Page, report: &Report, plan: Plan) {
    if report.classes.is_empty() || plan.classes == 0 {
        return;
    }
    let reachable = report.heap.reachable_bytes();
    page.heading(
        "TOP CLASSES",
        &format!(
            "by retained size; % of {} reachable",
            page.units().bytes(reachable)
        ),
    );
    let mut table = Table::new(
        &[Align::Right, Align::Right, Align::Right, Align::Left],
        &[2, 1],
    );
    for row in report.classes.iter().take(plan.classes) {
        table.row([
            page.units().bytes(row.retained_bytes),
            share(row.retained_bytes, reachable)
                .map(percent)
                .unwrap_or_default(),
            format!("{} {}", count(row.objects), page.glyph("×", "x")),
            page.clean(&row.class),
        ]);
    }
    page.table(&table);
}

fn warnings(page: &mut Page, report: &Report, plan: Plan) {
    let others: Vec<&Warning> = report.warnings.iter().filter(|w| !w.damage).collect();
    if others.is_empty() {
        return;
    }
    page.heading("WARNINGS", "");
    let style = Style::new().fg_color(Some(AnsiColor::Yellow.into()));
    for warning in others.iter().take(plan.warnings) {
        page.paragraph(
            "  ! ",
            &describe::warning(warning, page.units()),
            style,
            plan.sentence_lines,
        );
    }
    page.more(others.len(), plan.warnings);
}

fn read(page: &mut Page, report: &Report, plan: Plan) {
    page.heading("READ", "");
    let units = page.units();
    let separator = page.glyph(" · ", "; ");
    let mut totals = describe::heap_facts(&report.heap, units);
    totals.extend(describe::counts(&report.heap));
    let dim = Style::new().dimmed();
    for (label, facts) in [
        ("  dump  ", describe::dump_facts(report, units)),
        ("  JVM   ", describe::jvm_facts(&report.jvm)),
        (
            "  sizes ",
            report.jvm.layout.iter().map(describe::layout).collect(),
        ),
        ("  heap  ", totals),
    ] {
        if !facts.is_empty() {
            page.paragraph(label, &facts.join(separator), dim, plan.fact_lines);
        }
    }
}
