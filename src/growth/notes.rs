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
                "{file} comes from another program and is not compared"
            ));
        } else if !input.facts.complete {
            notes.push(format!("{file} is damaged and is not compared"));
        } else if input.largest_only {
            notes.push(format!(
                "{file} was written by an earlier version of hprof-suspects and lists only the largest holders"
            ));
        } else if input.facts.kind == InputKind::Histogram && !judged.contains(&i) {
            notes.push(format!(
                "{file} belongs to another process and is not compared"
            ));
        }
    }
    notes.extend(processes(inputs, same, judged));
    notes.extend(unknown(inputs, judged));
    notes.extend(silent_histograms(inputs, judged));
    notes.extend(across.map(|across| baseline(inputs, across)));
    if layouts(inputs, same) > 1 {
        let text = "the JVMs lay out objects differently: numbers of objects are compared, bytes only within one process";
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
        "the inputs are of {} processes (another one begins at {at}): the JVM was restarted, or they are replicas",
        processes.len()
    );
    let second = match judged {
        [first, .., last] => format!(
            "growth is judged only within one process: from {} to {}",
            inputs[*first].facts.file, inputs[*last].facts.file
        ),
        _ => "growth is judged only within one process, and no two inputs are of the same process: take a second dump of the same process".to_owned(),
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
        "{first}{others} does not name its process (dumps of JDK 8 and before do not): it is taken for the same process, since layout and maximum \
         heap are the same; if the JVM was restarted in between, the growth is wrong"
    ))
}

/// Whether class histograms of any process may be among the judged inputs. Those of a folder are all of one, and say when they were taken.
fn silent_histograms(inputs: &[Input], judged: &[usize]) -> Option<String> {
    let silent =
        |input: &GrowthInput| input.kind == InputKind::Histogram && input.captured_at.is_none();
    let facts = || judged.iter().map(|&i| &inputs[i].facts);
    let among_others = facts().any(silent) && facts().any(|it| it.kind != InputKind::Histogram);
    among_others.then(|| {
        "class histograms do not name their process: they are taken for the same process, unless the Java release or the sizes of objects differ"
            .to_owned()
    })
}

/// What may be said of two processes.
fn baseline(inputs: &[Input], across: Across) -> String {
    let [baseline, later] = [across.baseline, across.later].map(|i| &inputs[i as usize].facts);
    let most = baseline.max_bytes.zip(later.max_bytes);
    let most = match most.is_some_and(|(a, b)| a != b) {
        true => "; the maximum heaps differ, so what is sized by them differs too",
        false => "",
    };
    format!(
        "{} is compared with {} as a baseline, by size only: an owner that is larger may have been so from the start{most}",
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
