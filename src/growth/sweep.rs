//! A walk over the dominator tree of what is strongly reachable: what each label keeps, what was put in, and inside which other label.
//!
//! All threads walk, each over a piece of the positions: what is around a position follows from the objects that dominate it.

use std::cmp::Reverse;
use std::ops::Range;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::labels::{LabelId, Labels, PASS, Role};
use super::links::Links;
use crate::graph::Strength;
use crate::heap::{ClassIndex, ObjectIndex, Snapshot, Totals};

/// Class loaders that are listed.
const MOST_LOADERS: usize = 1 << 16;
/// Positions that one thread walks over at a time, and pieces at most: at the beginning of each one looks up to the root.
const PIECE: usize = 1 << 18;
const MOST_PIECES: usize = 8;

/// What a label keeps.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kept {
    pub bytes: u64,
    pub targets: u64,
    pub off_heap_bytes: u64,
    /// Bytes of its largest target, and where that is.
    pub largest: (u64, Reverse<usize>),
}

/// What the walk found.
#[derive(Default)]
pub(super) struct Sums {
    /// By label.
    pub kept: Vec<Kept>,
    /// By label and class of the content.
    pub contents: FxHashMap<(LabelId, ClassIndex), Totals>,
    /// Bytes of a label inside another one: (inner, outer).
    pub within: FxHashMap<(LabelId, LabelId), u64>,
    /// By class: strongly reachable objects.
    pub classes: Vec<Totals>,
    /// Positions of class loaders that are not the JDK's own.
    pub loaders: Vec<usize>,
}

impl Sums {
    fn new(snapshot: &Snapshot<'_>, labels: &Labels) -> Sums {
        Sums {
            kept: vec![Kept::default(); labels.len()],
            classes: vec![Totals::default(); snapshot.classes().len()],
            ..Sums::default()
        }
    }

    /// Adds what was found at later positions.
    fn join(mut self, later: Sums) -> Sums {
        for (known, more) in self.kept.iter_mut().zip(later.kept) {
            known.bytes = known.bytes.saturating_add(more.bytes);
            known.targets += more.targets;
            known.off_heap_bytes = known.off_heap_bytes.saturating_add(more.off_heap_bytes);
            known.largest = known.largest.max(more.largest);
        }
        for (known, more) in self.classes.iter_mut().zip(later.classes) {
            *known = known.join(more);
        }
        for (key, more) in later.contents {
            let known = self.contents.entry(key).or_default();
            *known = known.join(more);
        }
        for (key, more) in later.within {
            let known = self.within.entry(key).or_default();
            *known = known.saturating_add(more);
        }
        self.loaders.extend(later.loaders);
        self.loaders.truncate(MOST_LOADERS);
        self
    }
}

/// A label whose target is around the current position.
struct Frame {
    end: usize,
    label: LabelId,
    /// Where the current element of the application's ends, and its class.
    own_end: usize,
    own_class: ClassIndex,
    /// Where the current element of the JDK's ends.
    jdk_end: usize,
}

impl Frame {
    /// The object at `position`, farther out than those before, is around what comes.
    fn surround(&mut self, snapshot: &Snapshot<'_>, position: usize, role: Role) {
        match role {
            Role::Element | Role::Class => {
                (self.own_end, self.own_class) =
                    (snapshot.end_at(position), snapshot.at(position).1);
                // What lies in an element is a part of it.
                self.jdk_end = 0;
            }
            Role::Jdk => self.jdk_end = snapshot.end_at(position),
            Role::Transparent => {}
        }
    }
}

/// Walks. `native` are objects that give access to native memory, with its bytes.
pub(super) fn sweep(
    snapshot: &Snapshot<'_>,
    labels: &Labels,
    links: &Links,
    native: &[(ObjectIndex, u64)],
) -> Sums {
    let mut native: Vec<(usize, u64)> = native
        .iter()
        .filter_map(|&(object, bytes)| Some((snapshot.position(object)?, bytes)))
        .collect();
    native.sort_unstable();
    let all = snapshot.positions_of(Strength::Strong);
    let size = PIECE.max(all.len().div_ceil(MOST_PIECES));
    let starts: Vec<usize> = all.clone().step_by(size).collect();
    let piece = |start: usize| {
        let positions = start..(start + size).min(all.end);
        let mut walk = Walk {
            snapshot,
            labels,
            links,
            frames: Vec::new(),
            covered: vec![0; labels.len()],
            last_content: None,
            sums: Sums::new(snapshot, labels),
        };
        walk.begin(start);
        walk.over(positions, &native);
        walk.sums
    };
    let pieces: Vec<Sums> = starts.par_iter().map(|&start| piece(start)).collect();
    let pieces = pieces.into_iter();
    pieces
        .reduce(Sums::join)
        .unwrap_or_else(|| Sums::new(snapshot, labels))
}

struct Walk<'w, 'a> {
    snapshot: &'w Snapshot<'a>,
    labels: &'w Labels,
    links: &'w Links,
    frames: Vec<Frame>,
    /// By label: where what its last target dominates ends.
    covered: Vec<usize>,
    last_content: Option<((LabelId, ClassIndex), Totals)>,
    sums: Sums,
}

impl Walk<'_, '_> {
    /// Puts around `start` what is around it. That may be millions of objects (a list): they are walked over twice, and none is remembered
    /// but for the outermost target of each label.
    fn begin(&mut self, start: usize) {
        let snapshot = self.snapshot;
        let above = |at: &ObjectIndex| snapshot.dominator(*at);
        let around = || {
            let objects = std::iter::successors(above(&snapshot.at(start).0), above);
            objects.filter_map(|object| snapshot.position(object))
        };
        let mut outermost: FxHashMap<LabelId, usize> = FxHashMap::default();
        for position in around() {
            let label = self.links.at(position);
            if label != 0 && label != PASS {
                outermost.insert(label, position);
            }
        }
        let mut targets: Vec<(usize, LabelId)> = outermost
            .into_iter()
            .map(|(label, position)| (position, label))
            .collect();
        targets.sort_unstable();
        for &(position, label) in &targets {
            self.open(position, label);
        }
        let mut inside = targets.len();
        for position in around() {
            while inside > 0 && targets[inside - 1].0 > position {
                inside -= 1;
            }
            let Some(number) = inside.checked_sub(1) else {
                break;
            };
            let role = self.labels.role(snapshot.at(position).1);
            self.frames[number].surround(snapshot, position, role);
        }
    }

    fn over(&mut self, positions: Range<usize>, native: &[(usize, u64)]) {
        let first = native.partition_point(|&(at, _)| at < positions.start);
        let mut native = native[first..].iter().peekable();
        for position in positions {
            while self
                .frames
                .last()
                .is_some_and(|frame| frame.end <= position)
            {
                self.frames.pop();
            }
            self.enter(position);
            while let Some((_, bytes)) = native.next_if(|&&(at, _)| at <= position) {
                self.note_native(*bytes);
            }
        }
        self.flush();
    }

    fn enter(&mut self, position: usize) {
        let (object, class) = self.snapshot.at(position);
        let label = self.links.at(position);
        if let Some(outer) = self.open(position, label) {
            self.note_target(position, label, outer);
        }
        self.sums.classes[class.0 as usize].add(self.snapshot.shallow_of(object, class));
        if self.labels.is_loader(class) && self.sums.loaders.len() < MOST_LOADERS {
            self.sums.loaders.push(position);
        }
        if let Some((key, own)) = self.content(position, class) {
            let bytes = match own {
                true => self.snapshot.retained_at(position),
                false => 0,
            };
            self.add_content(key, bytes);
        }
    }

    /// A target of `label` begins, unless it lies inside another one. Returns the label around it.
    #[inline]
    fn open(&mut self, position: usize, label: LabelId) -> Option<LabelId> {
        if label == 0 || label == PASS || self.covered[usize::from(label)] > position {
            return None;
        }
        let end = self.snapshot.end_at(position);
        self.covered[usize::from(label)] = end;
        let outer = self.frames.last().map_or(0, |frame| frame.label);
        self.frames.push(Frame {
            end,
            label,
            own_end: 0,
            own_class: ClassIndex(0),
            jdk_end: 0,
        });
        Some(outer)
    }

    fn note_target(&mut self, position: usize, label: LabelId, outer: LabelId) {
        let kept = &mut self.sums.kept[usize::from(label)];
        kept.targets += 1;
        let bytes = self.snapshot.retained_at(position);
        kept.bytes = kept.bytes.saturating_add(bytes);
        kept.largest = kept.largest.max((bytes, Reverse(position)));
        let within = self.sums.within.entry((label, outer)).or_default();
        *within = within.saturating_add(bytes);
    }

    /// What the object at `position` is to the label around it, if it was put in: label and class, and whether it counts with what it
    /// keeps.
    #[inline]
    fn content(
        &mut self,
        position: usize,
        class: ClassIndex,
    ) -> Option<((LabelId, ClassIndex), bool)> {
        let role = self.labels.role(class);
        let frame = self
            .frames
            .last_mut()
            .filter(|_| role != Role::Transparent)?;
        let (key, inside) = ((frame.label, class), position < frame.own_end);
        match role {
            Role::Element | Role::Class if !inside => {
                frame.own_end = self.snapshot.end_at(position);
                frame.own_class = class;
                Some((key, true))
            }
            // The members of a list or tree that is linked by themselves.
            Role::Element if frame.own_class == class => Some((key, false)),
            Role::Jdk if !inside && position >= frame.jdk_end => {
                frame.jdk_end = self.snapshot.end_at(position);
                Some((key, true))
            }
            _ => None,
        }
    }

    fn add_content(&mut self, key: (LabelId, ClassIndex), bytes: u64) {
        match &mut self.last_content {
            Some((last, totals)) if *last == key => totals.add(bytes),
            _ => {
                self.flush();
                let mut totals = Totals::default();
                totals.add(bytes);
                self.last_content = Some((key, totals));
            }
        }
    }

    fn flush(&mut self) {
        if let Some((key, totals)) = self.last_content.take() {
            let known = self.sums.contents.entry(key).or_default();
            *known = known.join(totals);
        }
    }

    /// Native memory belongs to all that is around the object which gives access to it.
    fn note_native(&mut self, bytes: u64) {
        for frame in &self.frames {
            let kept = &mut self.sums.kept[usize::from(frame.label)];
            kept.off_heap_bytes = kept.off_heap_bytes.saturating_add(bytes);
        }
    }
}
