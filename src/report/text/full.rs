//! What stands below the first screen: waste where it was asked for, and everything of `--detail full`.

use anstyle::Style;

use super::super::describe;
use super::super::formats::RenderOptions;
use super::super::model::{Report, Waste};
use super::super::outline::{Words, appendix};
use super::page::Page;

/// The sections of `--detail full`, which all formats write from the same blocks.
pub(super) fn sections(page: &mut Page, report: &Report, options: &RenderOptions) {
    let words = Words::for_terminal(options);
    let mut blocks = Vec::new();
    appendix::dominators(&mut blocks, report, &words);
    appendix::details(&mut blocks, report, &words);
    page.blocks(&blocks);
    tool(page, report);
}

/// The largest findings, a line each.
pub(super) fn wasted(page: &mut Page, waste: &Waste, top: usize) {
    page.heading(
        "WASTE",
        "bytes that a change would save; findings may overlap",
    );
    for finding in waste.findings.iter().take(top) {
        let size = page.units().bytes(finding.bytes);
        let text = format!("{size}  {}", describe::waste(finding, page.units()));
        page.paragraph("  ", &text, Style::new(), 1);
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
