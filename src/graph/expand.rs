//! From dominators of the core graph to those of all nodes.
//!
//! A node that is no head is dominated by its only referrer. The immediate dominator of a head `v` whose core dominator is
//! `D` is a node of `D`'s tree: the nearest common ancestor, in that tree, of all ways into `v`. A reference that starts in
//! `D`'s tree is a way in at its start. A reference that starts elsewhere starts below exactly one sibling `c` of `v` (a head
//! with the same core dominator), so its way in is `c`'s own immediate dominator. Siblings may depend on each other in
//! rings; all members of a ring can be reached from every way into the ring, so they share one immediate dominator.

use rustc_hash::FxHashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rayon::prelude::*;

use super::core::Core;
use super::forest::Forest;
use super::input::Implicit;
use super::reach::{Reach, UNREACHED};
use super::{CHUNK, plain};

/// Stands for "not known yet".
const NONE: u32 = u32::MAX;
/// A reference that starts in the dominator's own tree.
const DIRECT: u32 = u32::MAX - 1;

/// Gives the immediate dominator + 1 of every node (0: the virtual root, or not reached).
pub(crate) fn expand(
    core: &Core,
    forest: Forest,
    reach: &Reach,
    core_idom: &[u32],
    implicit: &dyn Implicit,
) -> Vec<u32> {
    let siblings = Siblings::new(core_idom);
    let inner: Vec<u32> = (1..core.len() as u32)
        .filter(|&v| core_idom[v as usize] != 0)
        .collect();
    let trees = Trees {
        forest: &forest,
        steps: AtomicU64::new(0),
        lifting: OnceLock::new(),
    };
    let from_implicit = implicit_ways(core, &trees, core_idom, implicit, reach);
    let work = Work {
        core,
        reach,
        core_idom,
        siblings: &siblings,
        trees: &trees,
        from_implicit,
    };
    let dependencies = work.dependencies(&inner);
    let found = work.resolve(&inner, &dependencies);
    for (&v, &node) in inner.iter().zip(&found) {
        forest.parent[core.node_of[v as usize] as usize].store(node + 1, Relaxed);
    }
    plain(forest.parent)
}

/// Children of each core node in the core dominator tree, in preorder, to find below which child a node lies.
struct Siblings {
    /// Preorder number of each core node.
    position: Vec<u32>,
    /// `children[rows[d]..rows[d + 1]]`.
    rows: Vec<u32>,
    /// Children, by ascending position.
    children: Vec<u32>,
}

impl Siblings {
    fn new(core_idom: &[u32]) -> Siblings {
        let n = core_idom.len();
        let mut rows = vec![0u32; n + 1];
        for &d in &core_idom[1..] {
            rows[d as usize + 1] += 1;
        }
        for i in 0..n {
            rows[i + 1] += rows[i];
        }
        let mut fill = rows.clone();
        let mut children = vec![0; n - 1];
        for v in 1..n {
            let slot = &mut fill[core_idom[v] as usize];
            children[*slot as usize] = v as u32;
            *slot += 1;
        }
        let mut position = vec![0; n];
        let mut stack = vec![0u32];
        let mut next = 0;
        while let Some(node) = stack.pop() {
            position[node as usize] = next;
            next += 1;
            let row = rows[node as usize] as usize..rows[node as usize + 1] as usize;
            stack.extend(children[row].iter().rev());
        }
        Siblings {
            position,
            rows,
            children,
        }
    }

    /// The child of `d` that `node`, which `d` dominates and is not, lies below or is.
    fn below(&self, d: u32, node: u32) -> u32 {
        let row =
            &self.children[self.rows[d as usize] as usize..self.rows[d as usize + 1] as usize];
        let position = self.position[node as usize];
        let after = row.partition_point(|&child| self.position[child as usize] <= position);
        row[after.saturating_sub(1)]
    }
}

struct Work<'a> {
    core: &'a Core,
    reach: &'a Reach,
    core_idom: &'a [u32],
    siblings: &'a Siblings,
    trees: &'a Trees<'a>,
    from_implicit: FxHashMap<u32, u32>,
}

/// What each head in question depends on: rows parallel to its predecessors.
struct Dependencies {
    rows: Vec<usize>,
    /// A sibling's place in the list of heads in question, [`DIRECT`], or [`NONE`] where the reference does not count.
    on: Vec<u32>,
}

impl Work<'_> {
    fn dependencies(&self, inner: &[u32]) -> Dependencies {
        let mut place = vec![NONE; if inner.is_empty() { 0 } else { self.core.len() }];
        for (i, &v) in inner.iter().enumerate() {
            place[v as usize] = i as u32;
        }
        let mut rows = Vec::with_capacity(inner.len() + 1);
        rows.push(0);
        let mut total = 0;
        rows.extend(inner.iter().map(|&v| {
            total += self.core.predecessor_range(v).len();
            total
        }));
        let on = inner
            .par_iter()
            .flat_map_iter(|&v| {
                let d = self.core_idom[v as usize];
                let place = &place;
                self.core.sources(v).iter().map(move |&source| {
                    if self.reach.strength[source as usize] != self.reach.strength[v as usize] {
                        NONE
                    } else if source == d {
                        DIRECT
                    } else {
                        let sibling = self.siblings.below(d, source);
                        if sibling == v {
                            NONE
                        } else {
                            place[sibling as usize]
                        }
                    }
                })
            })
            .collect();
        Dependencies { rows, on }
    }

    /// Immediate dominators (nodes) of `inner`, rings of dependencies at once (Tarjan's strongly connected components,
    /// which come out dependencies first).
    fn resolve(&self, inner: &[u32], dependencies: &Dependencies) -> Vec<u32> {
        let n = inner.len();
        let mut result = vec![NONE; n];
        let (mut index, mut low) = (vec![0u32; n], vec![0u32; n]);
        let mut component: Vec<u32> = Vec::new();
        let mut stack: Vec<(u32, usize)> = Vec::new();
        let mut next_index = 0;
        for start in 0..n as u32 {
            if index[start as usize] != 0 {
                continue;
            }
            stack.push((start, dependencies.rows[start as usize]));
            while let Some(&mut (v, ref mut at)) = stack.last_mut() {
                let vi = v as usize;
                if index[vi] == 0 {
                    next_index += 1;
                    (index[vi], low[vi]) = (next_index, next_index);
                    component.push(v);
                }
                let mut descended = false;
                while *at < dependencies.rows[vi + 1] {
                    let on = dependencies.on[*at];
                    *at += 1;
                    if on >= DIRECT || result[on as usize] != NONE {
                        continue;
                    }
                    if index[on as usize] == 0 {
                        stack.push((on, dependencies.rows[on as usize]));
                        descended = true;
                        break;
                    }
                    low[vi] = low[vi].min(index[on as usize]);
                }
                if descended {
                    continue;
                }
                stack.pop();
                if let Some(&(above, _)) = stack.last() {
                    low[above as usize] = low[above as usize].min(low[vi]);
                }
                if low[vi] == index[vi] {
                    let from = component
                        .iter()
                        .rposition(|&member| member == v)
                        .unwrap_or(0);
                    let members = component.split_off(from);
                    let node = self.ways_into(inner, &members, dependencies, &result);
                    for member in members {
                        result[member as usize] = node;
                    }
                }
            }
        }
        result
    }

    /// The nearest common ancestor of all ways into the ring `members`.
    fn ways_into(
        &self,
        inner: &[u32],
        members: &[u32],
        dependencies: &Dependencies,
        result: &[u32],
    ) -> u32 {
        let d = self.core_idom[inner[members[0] as usize] as usize];
        let top = self.core.node_of[d as usize];
        let mut common = NONE;
        let mut meet = |way: u32| {
            common = if common == NONE {
                way
            } else {
                self.trees.nearest_common(common, way, top)
            }
        };
        for &member in members {
            let v = inner[member as usize];
            if let Some(&way) = self.from_implicit.get(&v) {
                meet(way);
            }
            let row = dependencies.rows[member as usize]..dependencies.rows[member as usize + 1];
            for (&from, &on) in self.core.predecessors(v).iter().zip(&dependencies.on[row]) {
                match on {
                    NONE => {}
                    DIRECT => meet(from),
                    // Members of this ring have no result yet.
                    sibling if result[sibling as usize] != NONE => meet(result[sibling as usize]),
                    _ => {}
                }
            }
        }
        if common == NONE { top } else { common }
    }
}

/// Implicit references were written down once a tree. Where they start in the dominator's own tree, all of them count:
/// the nearest common ancestor of their starts, by target (core node).
fn implicit_ways(
    core: &Core,
    trees: &Trees<'_>,
    core_idom: &[u32],
    implicit: &dyn Implicit,
    reach: &Reach,
) -> FxHashMap<u32, u32> {
    let wanted: FxHashMap<u32, (u32, u32)> = implicit
        .targets()
        .iter()
        .filter_map(|&target| {
            let v = core.core_of(target);
            let d = core_idom[v as usize];
            (d != 0 && reach.strength[v as usize] != UNREACHED)
                .then(|| (target, (v, core.node_of[d as usize])))
        })
        .collect();
    if wanted.is_empty() {
        return FxHashMap::default();
    }
    let n = trees.forest.parent.len();
    let meet = |mut a: FxHashMap<u32, u32>, b: FxHashMap<u32, u32>| {
        for (v, way) in b {
            let top = core.node_of[core_idom[v as usize] as usize];
            a.entry(v)
                .and_modify(|common| *common = trees.nearest_common(*common, way, top))
                .or_insert(way);
        }
        a
    };
    (0..n.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let mut ways: FxHashMap<u32, u32> = FxHashMap::default();
            for node in (chunk * CHUNK) as u32..((chunk + 1) * CHUNK).min(n) as u32 {
                let Some(&(v, top)) = implicit.target(node).and_then(|target| wanted.get(&target))
                else {
                    continue;
                };
                let common = ways.entry(v).or_insert(NONE);
                if *common == top || trees.forest.head(node) != top {
                    continue;
                }
                *common = if *common == NONE {
                    node
                } else {
                    trees.nearest_common(*common, node, top)
                };
            }
            ways.retain(|_, way| *way != NONE);
            ways
        })
        .reduce(FxHashMap::default, meet)
}

/// Nearest common ancestors in the trees of the forest. Trees are shallow as a rule, so walking up is fastest; where that
/// has cost too much, jump pointers (E. W. Myers, 1983) bound every question by the logarithm of the depth.
struct Trees<'a> {
    forest: &'a Forest,
    steps: AtomicU64,
    lifting: OnceLock<Lifting>,
}

struct Lifting {
    depth: Vec<u32>,
    jump: Vec<u32>,
}

impl Trees<'_> {
    fn parent(&self, node: u32) -> u32 {
        self.forest.parent[node as usize].load(Relaxed) - 1
    }

    /// The nearest common ancestor of `a` and `b`, both in the tree of head `top`.
    fn nearest_common(&self, mut a: u32, mut b: u32, top: u32) -> u32 {
        if a == b || a == top || b == top {
            return if a == b { a } else { top };
        }
        if self.steps.load(Relaxed) > 16_000_000 + 4 * self.forest.parent.len() as u64 {
            return self
                .lifting
                .get_or_init(|| Lifting::new(self.forest))
                .nearest_common(self, a, b);
        }
        let (depth_a, depth_b) = (self.depth(a, top), self.depth(b, top));
        self.steps.fetch_add(depth_a.max(depth_b), Relaxed);
        for _ in depth_b..depth_a {
            a = self.parent(a);
        }
        for _ in depth_a..depth_b {
            b = self.parent(b);
        }
        while a != b {
            (a, b) = (self.parent(a), self.parent(b));
        }
        a
    }

    fn depth(&self, mut node: u32, top: u32) -> u64 {
        let mut depth = 0;
        while node != top {
            node = self.parent(node);
            depth += 1;
        }
        depth
    }
}

impl Lifting {
    fn new(forest: &Forest) -> Lifting {
        let n = forest.parent.len();
        let (mut depth, mut jump) = (vec![NONE; n], vec![0u32; n]);
        let mut path = Vec::new();
        for node in 0..n as u32 {
            let mut at = node;
            while depth[at as usize] == NONE {
                if forest.heads.contains(at) {
                    (depth[at as usize], jump[at as usize]) = (0, at);
                } else {
                    path.push(at);
                    at = forest.parent[at as usize].load(Relaxed) - 1;
                }
            }
            while let Some(below) = path.pop() {
                let (p, j) = (at as usize, jump[at as usize] as usize);
                depth[below as usize] = depth[p] + 1;
                let even = depth[p] - depth[j] == depth[j] - depth[jump[j] as usize];
                jump[below as usize] = if even { jump[j] } else { at };
                at = below;
            }
        }
        Lifting { depth, jump }
    }

    fn nearest_common(&self, trees: &Trees<'_>, mut a: u32, mut b: u32) -> u32 {
        let depth = |node: u32| self.depth[node as usize];
        if depth(a) < depth(b) {
            (a, b) = (b, a);
        }
        while depth(a) > depth(b) {
            let far = self.jump[a as usize];
            a = if depth(far) >= depth(b) {
                far
            } else {
                trees.parent(a)
            };
        }
        while a != b {
            let (far_a, far_b) = (self.jump[a as usize], self.jump[b as usize]);
            (a, b) = if far_a != far_b {
                (far_a, far_b)
            } else {
                (trees.parent(a), trees.parent(b))
            };
        }
        a
    }
}
