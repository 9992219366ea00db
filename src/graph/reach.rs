//! What the GC roots reach, and how strongly.
//!
//! First everything that is strongly reachable; then, in turn, what is reachable once the referents of soft, weak, final
//! and phantom references are followed too; last what no path leads to. A breadth-first search, so that the first path
//! found to a tree crosses the fewest trees.

use super::core::Core;
use super::input::Unrooted;
use super::strength::Strength;

/// What is known of every core node after the search.
pub(crate) struct Reach {
    /// Strength as a number (see [`Strength`]); [`UNREACHED`] where nothing leads and `no_path` was not wanted.
    pub strength: Vec<u8>,
    /// How many trees the shortest path from an entry crosses before this one.
    pub distance: Vec<u32>,
    /// Core nodes where a search began: GC roots, referents, representatives of what has no path.
    /// Ascending by strength; may repeat.
    pub entries: Vec<u32>,
}

/// Strength of what was not reached.
pub(crate) const UNREACHED: u8 = u8::MAX;

/// Searches from `roots` (core nodes). `referents` are (reference's core node, referent's core node, strength).
pub(crate) fn search(
    core: &Core,
    roots: &[u32],
    mut referents: Vec<(u32, u32, Strength)>,
    unrooted: Unrooted,
) -> Reach {
    referents.sort_unstable();
    referents.dedup();
    let mut search = Search {
        core,
        out: Reach {
            strength: vec![UNREACHED; core.len()],
            distance: vec![0; core.len()],
            entries: Vec::new(),
        },
        queue: Vec::new(),
        referents,
        pending: Default::default(),
    };
    search.enter(roots, Strength::Strong);
    if unrooted == Unrooted::ProvisionalRoots {
        let entries = sources(core, &search.out.strength);
        search.enter_in_turn(&entries, Strength::Strong);
    }
    for strength in [
        Strength::Soft,
        Strength::Weak,
        Strength::Final,
        Strength::Phantom,
    ] {
        let waiting = std::mem::take(&mut search.pending[strength as usize]);
        search.enter(&waiting, strength);
    }
    if unrooted != Unrooted::LeaveOut {
        let entries = sources(core, &search.out.strength);
        search.enter_in_turn(&entries, Strength::NoPath);
    }
    search.out
}

struct Search<'a> {
    core: &'a Core,
    out: Reach,
    queue: Vec<u32>,
    referents: Vec<(u32, u32, Strength)>,
    pending: [Vec<u32>; 6],
}

impl Search<'_> {
    fn enter(&mut self, entries: &[u32], strength: Strength) {
        for &entry in entries {
            self.reach(entry, 0, strength, true);
        }
        self.drain(strength);
    }

    /// One after the other: an entry that was reached from an earlier one is none any more.
    fn enter_in_turn(&mut self, entries: &[u32], strength: Strength) {
        for &entry in entries {
            if self.out.strength[entry as usize] == UNREACHED {
                self.reach(entry, 0, strength, true);
                self.drain(strength);
            }
        }
    }

    fn reach(&mut self, node: u32, distance: u32, strength: Strength, entry: bool) {
        let known = &mut self.out.strength[node as usize];
        if *known == UNREACHED {
            *known = strength as u8;
            self.out.distance[node as usize] = distance;
            self.queue.push(node);
            if entry {
                self.out.entries.push(node);
            }
        } else if entry && *known == strength as u8 {
            // Reached by a reference first, but it is a way in all the same.
            self.out.entries.push(node);
        }
    }

    fn drain(&mut self, strength: Strength) {
        let mut next = 0;
        while next < self.queue.len() {
            let node = self.queue[next];
            next += 1;
            let distance = self.out.distance[node as usize].saturating_add(1);
            let core = self.core;
            for &to in core.successors(node) {
                self.reach(to, distance, strength, false);
            }
            self.follow_referents(node, strength);
        }
        self.queue.clear();
    }

    fn follow_referents(&mut self, node: u32, strength: Strength) {
        let mut at = self.referents.partition_point(|&(from, ..)| from < node);
        while let Some(&(from, to, needs)) = self.referents.get(at) {
            if from != node {
                break;
            }
            if needs > strength {
                self.pending[needs as usize].push(to);
            } else {
                self.reach(to, 0, strength, true);
            }
            at += 1;
        }
    }
}

/// One core node of every strongly connected part of the unreached nodes that nothing else unreached leads into: the last
/// node that a depth-first search finishes is in such a part (Kosaraju). The order is that in which to enter them.
fn sources(core: &Core, strength: &[u8]) -> Vec<u32> {
    let mut seen: Vec<bool> = strength.iter().map(|&s| s != UNREACHED).collect();
    seen[0] = true;
    let mut finished = Vec::new();
    let mut stack: Vec<(u32, u32)> = Vec::new();
    // Descending, so that of two candidates the smaller one finishes last and is entered first.
    for start in (1..core.len() as u32).rev() {
        if std::mem::replace(&mut seen[start as usize], true) {
            continue;
        }
        stack.push((start, 0));
        while let Some((node, next)) = stack.last_mut() {
            match core.successors(*node).get(*next as usize) {
                Some(&to) => {
                    *next += 1;
                    if !std::mem::replace(&mut seen[to as usize], true) {
                        stack.push((to, 0));
                    }
                }
                None => {
                    finished.push(*node);
                    stack.pop();
                }
            }
        }
    }
    finished.reverse();
    finished
}

/// For each core node the node that refers to it on a shortest path, + 1; 0 for entries.
pub(crate) fn path_sources(core: &Core, reach: &Reach) -> Vec<u32> {
    use rayon::prelude::*;
    (0..core.len() as u32)
        .into_par_iter()
        .map(|node| {
            let (strength, distance) =
                (reach.strength[node as usize], reach.distance[node as usize]);
            if node == 0 || distance == 0 || strength == UNREACHED {
                return 0;
            }
            let nearer = core.predecessors(node).iter().zip(core.sources(node));
            let nearer = nearer.filter(|&(_, &source)| {
                reach.strength[source as usize] == strength
                    && reach.distance[source as usize].saturating_add(1) == distance
            });
            nearer
                .map(|(from, _)| from)
                .min()
                .map_or(0, |from| from + 1)
        })
        .collect()
}
