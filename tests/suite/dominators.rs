//! Dominators and retained sizes against their definitions.

use hprof_suspects::graph::{
    Dominators, Implicit, Input, Predecessors, Sizes, Strength, Tree, Unrooted,
};
use petgraph::graph::{DiGraph, NodeIndex};

/// A small deterministic generator (xorshift), so that every failure can be run again.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

struct Graph {
    n: usize,
    edges: Vec<(u32, u32)>,
    roots: Vec<u32>,
    referents: Vec<(u32, u32, Strength)>,
    /// node -> class object
    class: Vec<Option<u32>>,
    targets: Vec<u32>,
    sizes: Vec<u64>,
}

impl Implicit for Graph {
    fn target(&self, node: u32) -> Option<u32> {
        self.class[node as usize].filter(|&target| self.roots.binary_search(&target).is_err())
    }
    fn targets(&self) -> &[u32] {
        &self.targets
    }
}

impl Sizes for Graph {
    fn units(&self, node: u32) -> u64 {
        self.sizes[node as usize]
    }
    fn unit(&self) -> u64 {
        8
    }
}

impl Graph {
    fn random(random: &mut Random) -> Graph {
        let n = 1 + random.below(24);
        let density = 1 + random.below(3);
        let shape = random.below(4);
        let edges = (0..random.below(n * density + 2))
            .map(|_| {
                let from = random.below(n) as u32;
                let to = match shape {
                    0 => random.below(n) as u32,
                    1 => (from + 1 + random.below(2) as u32) % n as u32,
                    2 => ((from as usize + 2 * n - 1 - random.below(2)) % n) as u32,
                    _ => {
                        if random.below(3) == 0 {
                            from / 2
                        } else {
                            (2 * from + random.below(2) as u32) % n as u32
                        }
                    }
                };
                (from, to)
            })
            .collect();
        let mut roots: Vec<u32> = (0..random.below(3))
            .map(|_| random.below(n) as u32)
            .collect();
        roots.sort_unstable();
        roots.dedup();
        let kinds = [
            Strength::Soft,
            Strength::Weak,
            Strength::Final,
            Strength::Phantom,
        ];
        let referents = (0..random.below(4))
            .map(|_| {
                (
                    random.below(n) as u32,
                    random.below(n) as u32,
                    kinds[random.below(4)],
                )
            })
            .collect();
        let classes = random.below(3);
        let mut targets: Vec<u32> = (0..classes).map(|_| random.below(n) as u32).collect();
        targets.sort_unstable();
        targets.dedup();
        let class = (0..n)
            .map(|_| {
                if targets.is_empty() || random.below(2) == 0 {
                    None
                } else {
                    Some(targets[random.below(targets.len())])
                }
            })
            .collect();
        let sizes = (0..n).map(|_| random.below(9) as u64).collect();
        let mut graph = Graph {
            n,
            edges,
            roots,
            referents,
            class,
            targets,
            sizes,
        };
        graph
            .targets
            .retain(|target| graph.roots.binary_search(target).is_err());
        graph
    }

    fn all_edges(&self) -> Vec<(u32, u32)> {
        let implicit =
            (0..self.n as u32).filter_map(|node| self.target(node).map(|target| (node, target)));
        self.edges.iter().copied().chain(implicit).collect()
    }

    fn dominators(&self, keep_unreachable: bool) -> Dominators {
        let predecessors = Predecessors::new(self.n, &self.roots);
        let mut further = Vec::new();
        for &(from, to) in &self.edges {
            predecessors.add(from, to, &mut further);
        }
        Dominators::compute(Input {
            predecessors,
            further: vec![further],
            roots: &self.roots,
            referents: self.referents.clone(),
            implicit: self,
            unrooted: if keep_unreachable {
                Unrooted::Keep
            } else {
                Unrooted::LeaveOut
            },
            phase: &mut |_| {},
        })
        .expect("few references")
    }

    /// Strength by definition, `None` for what no path leads to.
    fn strengths(&self) -> Vec<Option<Strength>> {
        let mut out: Vec<Option<Strength>> = vec![None; self.n];
        for level in [
            Strength::Strong,
            Strength::Soft,
            Strength::Weak,
            Strength::Final,
            Strength::Phantom,
        ] {
            loop {
                let before = out.clone();
                let mut reach = |node: u32| {
                    out[node as usize].get_or_insert(level);
                };
                if level == Strength::Strong {
                    self.roots.iter().for_each(|&root| reach(root));
                }
                for &(from, to, needs) in &self.referents {
                    if needs <= level && before[from as usize].is_some() {
                        reach(to);
                    }
                }
                for (from, to) in self.all_edges() {
                    if before[from as usize].is_some() {
                        reach(to);
                    }
                }
                if out == before {
                    break;
                }
            }
        }
        out
    }

    /// Entries and edges of the graph whose dominators are meant: by strength level.
    fn levelled(&self, strength: &[Option<Strength>]) -> (Vec<u32>, Vec<(u32, u32)>) {
        let level = |node: u32| strength[node as usize];
        let mut entries: Vec<u32> = self.roots.clone();
        // A referent is entered on its own level when it is not reached before.
        for &(from, to, needs) in &self.referents {
            if let (Some(from), Some(to_level)) = (level(from), level(to))
                && to_level != Strength::Strong
                && from.max(needs) == to_level
            {
                entries.push(to);
            }
        }
        let mut edges = Vec::new();
        for (from, to) in self.all_edges() {
            if level(from).is_some() && level(from) == level(to) {
                edges.push((from, to));
            }
        }
        (entries, edges)
    }
}

/// What `entries` reach without passing `without`.
fn reached(n: usize, entries: &[u32], edges: &[(u32, u32)], without: Option<u32>) -> Vec<bool> {
    let mut seen = vec![false; n];
    let mut work: Vec<u32> = entries
        .iter()
        .copied()
        .filter(|&e| Some(e) != without)
        .collect();
    while let Some(node) = work.pop() {
        if std::mem::replace(&mut seen[node as usize], true) {
            continue;
        }
        work.extend(
            edges
                .iter()
                .filter(|&&(from, to)| from == node && Some(to) != without)
                .map(|&(_, to)| to),
        );
    }
    seen
}

#[test]
fn random_graphs_by_definition() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..20_000 {
        let graph = Graph::random(&mut random);
        let strength = graph.strengths();
        let mut dominators = graph.dominators(false);
        let tree = Tree::new(&mut dominators, &graph);
        for node in 0..graph.n as u32 {
            assert_eq!(
                tree.contains(node),
                strength[node as usize].is_some(),
                "round {round}, node {node}"
            );
            if let Some(wanted) = strength[node as usize] {
                assert_eq!(tree.strength(node), wanted, "round {round}, node {node}");
            }
        }
        let (entries, edges) = graph.levelled(&strength);
        let all = reached(graph.n, &entries, &edges, None);
        for node in 0..graph.n as u32 {
            let without = reached(graph.n, &entries, &edges, Some(node));
            let lost: Vec<u32> = (0..graph.n as u32)
                .filter(|&v| all[v as usize] && !without[v as usize])
                .collect();
            let bytes: u64 = lost.iter().map(|&v| graph.sizes[v as usize] * 8).sum();
            assert_eq!(
                tree.retained(node, &graph),
                bytes,
                "round {round}, retained bytes of {node}"
            );
            assert_eq!(
                tree.count(node) as usize,
                lost.len(),
                "round {round}, retained objects of {node}"
            );
            let mut listed = tree.dominated(node).to_vec();
            listed.sort_unstable();
            assert_eq!(listed, lost, "round {round}, dominated by {node}");
        }
        check_paths(&graph, &dominators, &tree, round);
    }
}

fn check_paths(graph: &Graph, dominators: &Dominators, tree: &Tree, round: usize) {
    let edges = graph.all_edges();
    for node in (0..graph.n as u32).filter(|&node| tree.contains(node)) {
        let path = dominators.path(node);
        assert!(
            path.len() <= graph.n,
            "round {round}: path of {node} runs in circles"
        );
        for pair in path.windows(2) {
            assert!(
                edges.contains(&(pair[0], pair[1])),
                "round {round}: {pair:?} on the path of {node} is no reference"
            );
        }
        let start = path[0];
        let referred = graph.referents.iter().any(|&(_, to, _)| to == start);
        assert!(
            graph.roots.contains(&start) || referred,
            "round {round}: path of {node} starts nowhere"
        );
    }
}

#[test]
fn random_graphs_against_petgraph() {
    let mut random = Random(0xD1B5_4A32_D192_ED03);
    for _ in 0..5_000 {
        let mut graph = Graph::random(&mut random);
        graph.referents.clear();
        let mut dominators = graph.dominators(false);
        let mut other = DiGraph::<(), ()>::new();
        let nodes: Vec<NodeIndex> = (0..=graph.n).map(|_| other.add_node(())).collect();
        let root = nodes[graph.n];
        for &entry in &graph.roots {
            other.add_edge(root, nodes[entry as usize], ());
        }
        for (from, to) in graph.all_edges() {
            other.add_edge(nodes[from as usize], nodes[to as usize], ());
        }
        let tree = Tree::new(&mut dominators, &graph);
        let expected = petgraph::algo::dominators::simple_fast(&other, root);
        for node in (0..graph.n as u32).filter(|&node| tree.contains(node)) {
            let wanted = expected
                .immediate_dominator(nodes[node as usize])
                .filter(|&d| d != root);
            assert_eq!(dominators.immediate(node), wanted.map(|d| d.index() as u32));
        }
    }
}

#[test]
fn what_has_no_path_hangs_below_representatives() {
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    for round in 0..5_000 {
        let graph = Graph::random(&mut random);
        let mut dominators = graph.dominators(true);
        let tree = Tree::new(&mut dominators, &graph);
        let unreached: Vec<u32> = (0..graph.n as u32)
            .filter(|&v| tree.strength(v) == Strength::NoPath)
            .collect();
        let known = graph.strengths();
        let expected: Vec<u32> = (0..graph.n as u32)
            .filter(|&v| known[v as usize].is_none())
            .collect();
        assert_eq!(unreached, expected, "round {round}");
        let tops: u64 = (0..graph.n as u32)
            .filter(|&v| dominators.immediate(v).is_none())
            .map(|v| tree.retained(v, &graph))
            .sum();
        assert_eq!(
            tops,
            graph.sizes.iter().sum::<u64>() * 8,
            "round {round}: every byte is below one topmost node"
        );
    }
}

/// Every node takes one unit of eight bytes.
struct Ones;

impl Sizes for Ones {
    fn units(&self, _node: u32) -> u64 {
        1
    }
    fn unit(&self) -> u64 {
        8
    }
}

fn chain(n: usize, edges: impl Iterator<Item = (u32, u32)>) -> (Dominators, Tree) {
    let graph = Graph {
        n,
        edges: edges.collect(),
        roots: vec![0],
        referents: Vec::new(),
        class: vec![None; n],
        targets: Vec::new(),
        sizes: vec![1; n],
    };
    let mut dominators = graph.dominators(true);
    let tree = Tree::new(&mut dominators, &graph);
    (dominators, tree)
}

#[test]
fn a_list_of_five_million_nodes() {
    let n = 5_000_000;
    let (dominators, tree) = chain(n, (1..n as u32).map(|v| (v - 1, v)));
    assert_eq!(tree.retained(0, &Ones), n as u64 * 8);
    assert_eq!(dominators.immediate(n as u32 - 1), Some(n as u32 - 2));
}

#[test]
fn a_doubly_linked_list_of_a_million_nodes() {
    let n = 1_000_000u32;
    let (dominators, tree) = chain(n as usize, (1..n).flat_map(|v| [(v - 1, v), (v, v - 1)]));
    assert_eq!(tree.count(1), n - 1);
    assert_eq!(dominators.immediate(n - 1), Some(n - 2));
}

#[test]
fn two_long_lists_that_share_their_elements() {
    // 0 -> two chains of a million nodes; element i is referred to from both chains at different depths.
    let m = 1_000_000u32;
    let first = (1..=m).map(|v| (if v == 1 { 0 } else { v - 1 }, v));
    let second = (1..=m).map(|v| (if v == 1 { 0 } else { m + v - 1 }, m + v));
    let shared = (1..=m).flat_map(|v| [(v, 2 * m + v), (m + (m + 1 - v), 2 * m + v)]);
    let (dominators, tree) = chain(3 * m as usize + 1, first.chain(second).chain(shared));
    assert_eq!(tree.retained(0, &Ones), (3 * u64::from(m) + 1) * 8);
    assert_eq!(dominators.immediate(2 * m + 5), Some(0));
}
