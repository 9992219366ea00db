//! Walks along references that a dump controls: chains, trees, rings, wrappers around wrappers.
//!
//! A dump may link its objects in a circle, let thousands of owners share one chain, or nest objects without end. Each walk
//! here ends at a circle. All walks of one run together take a number of steps that is linear in the size of the heap.

use rustc_hash::FxHashSet;

use super::address_index::ObjectIndex;
use super::snapshot::Snapshot;
use super::steps::{OBJECT, Steps};

/// Objects that are read before the pages of the dump behind them are given back: they lie all over it.
const IN_MEMORY: u64 = 512;

/// Objects along one reference. Ends at null, at an object that refers to itself, at a circle, and where the run has no steps left.
pub struct Chain<'s, 'a, F> {
    heap: &'s Snapshot<'a>,
    steps: &'s Steps,
    at: Option<ObjectIndex>,
    next: F,
    /// An object that was met before: a circle comes back to it (Brent's method).
    mark: Option<ObjectIndex>,
    seen: u64,
    complete: bool,
}

impl<F: FnMut(ObjectIndex) -> Option<ObjectIndex>> Iterator for Chain<'_, '_, F> {
    type Item = ObjectIndex;

    fn next(&mut self) -> Option<ObjectIndex> {
        let node = self.at.take()?;
        if self.mark == Some(node) || !self.heap.may_read_object(self.steps) {
            self.complete = false;
            return None;
        }
        if self.seen.is_power_of_two() {
            self.mark = Some(node);
        }
        self.seen += 1;
        // A node that was taken out of a queue of the JDK refers to itself.
        self.at = (self.next)(node).filter(|&next| next != node);
        Some(node)
    }
}

impl<F> Chain<'_, '_, F> {
    /// Whether the chain did not end at a circle or for want of steps.
    pub fn is_complete(&self) -> bool {
        self.complete
    }
}

/// Objects along several references, each once, what was met last first. Ends where the run has no steps left.
pub struct Walk<'s, 'a, F> {
    heap: &'s Snapshot<'a>,
    work: Vec<ObjectIndex>,
    seen: FxHashSet<ObjectIndex>,
    links: F,
}

impl<F: FnMut(ObjectIndex, &mut Vec<ObjectIndex>)> Iterator for Walk<'_, '_, F> {
    type Item = ObjectIndex;

    fn next(&mut self) -> Option<ObjectIndex> {
        loop {
            let node = self.work.pop()?;
            if !self.seen.insert(node) {
                continue;
            }
            if !self.heap.may_read_object(&self.heap.steps) {
                self.work.clear();
                return None;
            }
            (self.links)(node, &mut self.work);
            return Some(node);
        }
    }
}

impl<'a> Snapshot<'a> {
    /// `first` and what follows it by `next`.
    pub fn chain<F>(&self, first: Option<ObjectIndex>, next: F) -> Chain<'_, 'a, F>
    where
        F: FnMut(ObjectIndex) -> Option<ObjectIndex>,
    {
        self.chain_within(&self.steps, first, next)
    }

    /// The same with steps of a run of its own: several runs at the same time must not take each other's.
    pub fn chain_within<'s, F>(
        &'s self,
        steps: &'s Steps,
        first: Option<ObjectIndex>,
        next: F,
    ) -> Chain<'s, 'a, F>
    where
        F: FnMut(ObjectIndex) -> Option<ObjectIndex>,
    {
        Chain {
            heap: self,
            steps,
            at: first,
            next,
            mark: None,
            seen: 0,
            complete: true,
        }
    }

    /// `first` and what can be reached from it: `links` adds what an object refers to.
    pub fn walk<F>(&self, first: Option<ObjectIndex>, links: F) -> Walk<'_, 'a, F>
    where
        F: FnMut(ObjectIndex, &mut Vec<ObjectIndex>),
    {
        Walk {
            heap: self,
            work: first.into_iter().collect(),
            seen: FxHashSet::default(),
            links,
        }
    }

    /// The elements of an array of references, `None` for null. Ends where the run has no steps left.
    pub fn places(
        &self,
        array: ObjectIndex,
    ) -> impl Iterator<Item = Option<ObjectIndex>> + use<'_, 'a> {
        let places = self.each_element(array);
        places.take_while(|_| self.steps.take(1))
    }

    /// The same without null.
    pub fn slots(&self, array: ObjectIndex) -> impl Iterator<Item = ObjectIndex> + use<'_, 'a> {
        self.places(array).flatten()
    }

    /// The same for objects that are read each.
    pub fn objects_in(
        &self,
        array: ObjectIndex,
    ) -> impl Iterator<Item = ObjectIndex> + use<'_, 'a> {
        let objects = self.slots(array);
        objects.take_while(|_| self.steps.take(OBJECT))
    }

    /// The same with steps of a run of its own.
    pub fn slots_within<'s>(
        &'s self,
        steps: &'s Steps,
        array: ObjectIndex,
    ) -> impl Iterator<Item = ObjectIndex> + use<'s, 'a> {
        let places = self.each_element(array);
        places.take_while(|_| steps.take(1)).flatten()
    }

    /// Takes the steps for one object, and gives the pages of the dump back from time to time.
    fn may_read_object(&self, steps: &Steps) -> bool {
        let read = steps.count_object();
        if read % IN_MEMORY == IN_MEMORY - 1 {
            self.release_all();
        }
        steps.take(OBJECT)
    }
}
