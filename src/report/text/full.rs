//! What stands below the first screen: waste where it was asked for, and everything of `--detail full`.

use anstyle::Style;

use super::super::blocks::Block;
use super::super::describe;
use super::super::model::{Report, Waste};
use super::super::options::RenderOptions;
use super::super::outline::{Level, Words, appendix};
use super::page::Page;

/// The sections of `--detail full`, which all formats write from the same blocks.
pub(super) fn sections(page: &mut Page, report: &Report, options: &RenderOptions) {
    let words = Words::for_terminal(options, Level::all(options.top));
    let mut blocks = Vec::new();
    appendix::dominators(&mut blocks, report, &words);
    appendix::details(&mut blocks, report, &words);
    blocks.push(Block::Heading("Tool".to_owned()));
    page.blocks(&blocks);
    let application = report.jvm.application.as_ref();
    let tool = describe::tool(&report.tool);
    let tool = format!("{tool}, schema {}", report.schema_version);
    for line in application.map(describe::application).iter().chain([&tool]) {
        page.paragraph("  ", line, Style::new().dimmed(), usize::MAX);
    }
}

/// The largest findings, a line each.
pub(super) fn wasted(page: &mut Page, waste: &Waste, top: usize) {
    if top == 0 {
        return;
    }
    let about = "bytes that a change would save; findings may overlap";
    page.heading("WASTE", about);
    for finding in waste.findings.iter().take(top) {
        let size = page.units().bytes(finding.bytes);
        let text = format!("{size}  {}", describe::waste(finding, page.units()));
        page.paragraph("  ", &text, Style::new(), 1);
    }
    let more = waste.findings.len().saturating_sub(top) as u64;
    if more > 0 {
        page.blocks(&[Block::Rest(more, "--detail full".to_owned())]);
    }
}
