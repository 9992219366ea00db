//! `--format folded`: one line for each path of the dominator tree, frames separated by `;`, then its bytes.

use super::model::Report;
use super::neutralise;
use super::stacks;

/// The dominator tree as folded stacks; speedscope, inferno and flamegraph.pl read it.
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    for stack in stacks::stacks(&report.dominator_tree) {
        let frames: Vec<String> = stack
            .frames
            .iter()
            .map(|frame| neutralise::folded(frame))
            .collect();
        out.push_str(&format!("{} {}\n", frames.join(";"), stack.bytes));
    }
    out
}
