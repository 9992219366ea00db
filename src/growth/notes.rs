//! What the reader should know of a comparison.

use super::input::Input;
use super::model::{Across, GrowthInput, InputKind};

/// Sentences about inputs that are not compared, and about processes.
pub(super) fn notes(
    inputs: &[Input],
    same: &[bool],
    judged: &[usize],
    across: Option<Across>,
) -> Vec<String> {
    let mut notes = Vec::new();
    for (i, (input, same)) in inputs.iter().zip(same).enumerate() {
        let file = &input.facts.file;
        if !same {
            notes.push(format!(
                "{file} is of another program: nothing is compared with it"
            ));
        } else if !input.facts.complete {
            notes.push(format!("{file} is damaged: nothing is compared with it"));
        } else if input.largest_only {
            notes.push(format!(
                "{file} was written by an earlier version: it has its largest holders only"
            ));
        } else if input.facts.kind == InputKind::Histogram && !judged.contains(&i) {
            notes.push(format!(
                "{file} counts to another process: nothing is compared with it"
            ));
        }
    }
    notes.extend(processes(inputs, same, judged));
    notes.extend(unknown(inputs, judged));
    notes.extend(silent_histograms(inputs, judged));
    notes.extend(across.map(|across| baseline(inputs, across)));
    if layouts(inputs, same) > 1 {
        let text = "the JVMs lay objects out differently: numbers of objects can be compared, bytes within one process only";
        notes.push(text.to_owned());
    }
    notes
}

/// Whether the inputs are of one process.
fn processes(inputs: &[Input], same: &[bool], judged: &[usize]) -> Vec<String> {
    let mut processes: Vec<&str> = Vec::new();
    let mut begun: Vec<&str> = Vec::new();
    for (input, _) in inputs.iter().zip(same).filter(|(_, same)| **same) {
        let Some(process) = input.facts.process.as_deref() else {
            continue;
        };
        if !processes.contains(&process) {
            processes.push(process);
            if processes.len() > 1 {
                begun.push(&input.facts.file);
            }
        }
    }
    if processes.len() < 2 {
        return Vec::new();
    }
    let at = begun.join(", ");
    let first = format!(
        "the inputs are of {} processes (another one from {at} on): restarts, or replicas",
        processes.len()
    );
    let second = match judged {
        [first, .., last] => format!(
            "growth is judged within one process, from {} to {}",
            inputs[*first].facts.file, inputs[*last].facts.file
        ),
        _ => "growth is judged within one process, and no two inputs are of one: take a second dump of the same process".to_owned(),
    };
    vec![first, second]
}

/// Whether it is only assumed that the judged inputs are of one process. Histograms never say.
fn unknown(inputs: &[Input], judged: &[usize]) -> Option<String> {
    let silent = judged.iter().map(|&i| &inputs[i].facts);
    let mut silent = silent.filter(|it| it.process.is_none() && it.kind != InputKind::Histogram);
    let first = &silent.next()?.file;
    let others = match silent.count() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!(
        "of which process {first}{others} is, is unknown (JDK 8 and before do not say): one process is assumed, since layout and maximum heap do \
         not differ; after a restart in between, growth is not judged rightly"
    ))
}

/// Whether class histograms of any process may be among the judged inputs. Those of a folder are all of one, and say when they were taken.
fn silent_histograms(inputs: &[Input], judged: &[usize]) -> Option<String> {
    let silent =
        |input: &GrowthInput| input.kind == InputKind::Histogram && input.captured_at.is_none();
    let facts = || judged.iter().map(|&i| &inputs[i].facts);
    let among_others = facts().any(silent) && facts().any(|it| it.kind != InputKind::Histogram);
    among_others.then(|| {
        "class histograms do not say of which process they are: one process is assumed, where release and sizes of objects do not differ"
            .to_owned()
    })
}

/// What may be said of two processes.
fn baseline(inputs: &[Input], across: Across) -> String {
    let [baseline, later] = [across.baseline, across.later].map(|i| &inputs[i as usize].facts);
    let most = baseline.max_bytes.zip(later.max_bytes);
    let most = match most.is_some_and(|(a, b)| a != b) {
        true => "; their maximum heaps differ, and with them what is sized by that",
        false => "",
    };
    format!(
        "{} is compared with {} as a baseline, by size only: what is larger may have been so from the start{most}",
        later.file, baseline.file
    )
}

fn layouts(inputs: &[Input], same: &[bool]) -> usize {
    let compared = inputs.iter().zip(same).filter(|(_, same)| **same);
    let mut layouts: Vec<[u32; 4]> = compared.filter_map(|(input, _)| input.layout).collect();
    layouts.sort_unstable();
    layouts.dedup();
    layouts.len()
}
