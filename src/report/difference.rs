//! The heap at two times as stacks of owners, for differential profiles and flame graphs.

use super::model::{Difference, Report};

/// Frames of one stack at most.
const DEEPEST: usize = 64;
/// What the heap has besides its owners that are listed.
const REST: &str = "(everything else)";

/// One owner inside others with the bytes that those inside it do not account for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferenceStack {
    /// Names from the outermost owner in, not neutralised.
    pub frames: Vec<String>,
    /// Bytes at the earlier time.
    pub before: u64,
    /// Bytes at the later time.
    pub after: u64,
}

/// What a differential profile of `report` shows; `None` where nothing was compared, or no two inputs are of one process.
pub fn of(report: &Report) -> Option<&Difference> {
    let difference = report.growth.as_ref()?.difference.as_ref()?;
    (difference.before_bytes > 0 && difference.after_bytes > 0).then_some(difference)
}

/// The files that are compared, such as `one.hprof to two.hprof`.
pub fn files(report: &Report, difference: &Difference) -> String {
    let inputs = report.growth.iter().flat_map(|growth| &growth.inputs);
    let files: Vec<&str> = inputs.map(|input| input.file.as_str()).collect();
    let file = |number: u32| files.get(number as usize).copied().unwrap_or("?");
    format!("{} to {}", file(difference.from), file(difference.to))
}

/// Every owner with bytes of its own at one of the times. The bytes of all stacks add up to those of the heap.
pub fn stacks(difference: &Difference) -> Vec<DifferenceStack> {
    let nodes = &difference.nodes;
    let mut own: Vec<[u64; 2]> = nodes
        .iter()
        .map(|node| [node.before_bytes, node.after_bytes])
        .collect();
    let mut top = [difference.before_bytes, difference.after_bytes];
    let mut paths: Vec<Vec<String>> = Vec::with_capacity(nodes.len());
    for (i, node) in nodes.iter().enumerate() {
        // A hand-edited report may say anything: what does not stand behind its parent stands at the top.
        let parent = node.parent.map(|parent| parent as usize);
        let parent = parent.filter(|&parent| parent < i);
        let room = parent.map_or(&mut top, |parent| &mut own[parent]);
        room[0] = room[0].saturating_sub(node.before_bytes);
        room[1] = room[1].saturating_sub(node.after_bytes);
        let mut path = parent.map_or_else(Vec::new, |parent| paths[parent].clone());
        if path.len() < DEEPEST {
            path.push(node.name.clone());
        }
        paths.push(path);
    }
    let rest = (vec![REST.to_owned()], top);
    let all = paths.into_iter().zip(own).chain([rest]);
    all.filter(|(_, bytes)| *bytes != [0, 0])
        .map(|(frames, [before, after])| DifferenceStack {
            frames,
            before,
            after,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::model::DifferenceNode;
    use super::*;

    #[test]
    fn bytes_of_all_stacks_add_up_at_both_times() {
        let node = |parent, name: &str, before_bytes, after_bytes| DifferenceNode {
            parent,
            name: name.to_owned(),
            before_bytes,
            after_bytes,
        };
        let difference = Difference {
            before_bytes: 100,
            after_bytes: 300,
            nodes: vec![
                node(None, "service", 60, 260),
                node(Some(0), "map", 50, 255),
                node(None, "gone", 10, 0),
                node(Some(9), "odd", 1, 1),
            ],
            ..Difference::default()
        };
        let found: Vec<(String, u64, u64)> = stacks(&difference)
            .into_iter()
            .map(|stack| (stack.frames.join(">"), stack.before, stack.after))
            .collect();
        let expected = [
            ("service", 10, 5),
            ("service>map", 50, 255),
            ("gone", 10, 0),
            ("odd", 1, 1),
            (REST, 29, 39),
        ];
        let expected = expected.map(|(name, before, after)| (name.to_owned(), before, after));
        assert_eq!(found, expected);
    }
}
