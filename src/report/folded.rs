//! `--format folded`: one line for each path of the dominator tree, frames separated by `;`, then its bytes. Of a comparison: one line for
//! each owner inside owners, with its bytes before and after, as `difffolded.pl` writes them.

use super::model::Report;
use super::{difference, neutralise, stacks};

/// The dominator tree, or a difference, as folded stacks; speedscope, inferno and flamegraph.pl read them.
pub fn render(report: &Report) -> String {
    let line = |frames: &[String]| {
        let frames: Vec<String> = frames.iter().map(|it| neutralise::folded(it)).collect();
        frames.join(";")
    };
    let mut out = String::new();
    if let Some(difference) = difference::of(report) {
        for stack in difference::stacks(difference) {
            let frames = line(&stack.frames);
            out.push_str(&format!("{frames} {} {}\n", stack.before, stack.after));
        }
        return out;
    }
    for stack in stacks::stacks(&report.dominator_tree) {
        out.push_str(&format!("{} {}\n", line(&stack.frames), stack.bytes));
    }
    out
}
