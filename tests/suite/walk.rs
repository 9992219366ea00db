//! The numbering of large trees, which several threads make in segments, against one obvious walk.

use hprof_suspects::graph::{
    Dominators, Implicit, Input, Predecessors, Sizes, Strength, Tree, Unrooted,
};

const NODES: usize = 300_000;

struct Plain;

impl Implicit for Plain {
    fn target(&self, _node: u32) -> Option<u32> {
        None
    }
    fn targets(&self) -> &[u32] {
        &[]
    }
}

/// Every node's size depends on its number.
struct Scaled(u64);

impl Sizes for Scaled {
    fn units(&self, node: u32) -> u64 {
        (u64::from(node) % 13 + 1) * self.0
    }
    fn unit(&self) -> u64 {
        8
    }
}

/// A chain or a bushy tree with references across; some nodes are only softly or weakly reachable, some not at all.
fn dominators(deep: bool) -> Dominators {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut below = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % n as u64) as u32
    };
    let n = NODES as u32;
    let roots = [0, 7, 100_007];
    let referents = vec![(7, 5_000, Strength::Soft), (8, 10_000, Strength::Weak)];
    let predecessors = Predecessors::new(NODES, &roots);
    let mut further = Vec::new();
    // Nodes whose number divides by 5,000 are nobody's: what hangs below them has no path, or a soft or weak one.
    for to in (1..n).filter(|to| to % 5_000 != 0) {
        let near = if deep { to - 1 } else { (to - 1) / 3 };
        predecessors.add(near, to, &mut further);
        if below(10) == 0 {
            predecessors.add(below(NODES), to, &mut further);
        }
    }
    Dominators::compute(Input {
        predecessors,
        further: vec![further],
        roots: &roots,
        referents,
        implicit: &Plain,
        unrooted: if deep {
            Unrooted::Keep
        } else {
            Unrooted::LeaveOut
        },
        phase: &mut |_| {},
    })
    .expect("few references")
}

struct Expected {
    order: Vec<u32>,
    count: Vec<u32>,
    retained: Vec<u64>,
}

/// Preorder, counts and retained sizes with a stack.
fn expected(dominators: &Dominators, sizes: &Scaled) -> Expected {
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); NODES];
    let mut tops = dominators.tops();
    tops.sort_by_key(|&(node, strength)| (strength, node));
    for node in 0..NODES as u32 {
        if let Some(above) = dominators.immediate(node) {
            children[above as usize].push(node);
        }
    }
    let mut out = Expected {
        order: Vec::new(),
        count: vec![0; NODES],
        retained: vec![0; NODES],
    };
    let mut stack: Vec<u32> = tops.iter().rev().map(|&(node, _)| node).collect();
    while let Some(node) = stack.pop() {
        out.order.push(node);
        stack.extend(children[node as usize].iter().rev());
    }
    for &node in out.order.iter().rev() {
        out.count[node as usize] += 1;
        out.retained[node as usize] += sizes.units(node) * sizes.unit();
        if let Some(above) = dominators.immediate(node) {
            out.count[above as usize] += out.count[node as usize];
            out.retained[above as usize] += out.retained[node as usize];
        }
    }
    out
}

#[test]
fn segments_number_as_one_walk_does() {
    for deep in [true, false] {
        let mut dominators = dominators(deep);
        // The second factor makes sums that do not fit 32 bits.
        for sizes in [Scaled(1), Scaled(1 << 20)] {
            let expected = expected(&dominators, &sizes);
            assert!(expected.order.len() > NODES / 2, "most of it is walked");
            assert!(
                deep || expected.order.len() < NODES,
                "some of it is left out"
            );
            for threads in [1, 2, 5, 16] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
                let tree = pool
                    .expect("a pool")
                    .install(|| Tree::new(&mut dominators, &sizes));
                let what = format!("{threads} threads, deep {deep}, sizes x {}", sizes.0);
                let order: Vec<u32> = (0..tree.len()).map(|at| tree.node(at)).collect();
                assert!(order == expected.order, "order: {what}");
                for node in 0..NODES as u32 {
                    let got = (tree.count(node), tree.retained(node, &sizes));
                    let want = (
                        expected.count[node as usize],
                        expected.retained[node as usize],
                    );
                    assert_eq!(got, want, "node {node}: {what}");
                    assert_eq!(tree.contains(node), want.0 > 0, "node {node}: {what}");
                }
            }
        }
    }
}
