//! One walk over the dominator tree of what is strongly reachable: what each label keeps, what was put in, and inside which other label.

use rustc_hash::FxHashMap;

use super::labels::{LabelId, Labels, PASS, Role};
use super::links::Links;
use crate::graph::Strength;
use crate::heap::{ClassIndex, ClassKind, ObjectIndex, Snapshot, Totals};

/// What no label keeps alone is looked at where one object of it keeps at least so many bytes, or it is a thing of the application's.
const SHARED_FLOOR: u64 = 1 << 10;
/// Objects that are remembered because several labels share them.
const MOST_SHARED: usize = 4 << 20;

/// Class loaders that are listed.
const MOST_LOADERS: usize = 1 << 16;

/// What a label keeps.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kept {
    pub bytes: u64,
    pub targets: u64,
    pub off_heap_bytes: u64,
}

/// Objects of one class that lie inside one label and that no single label keeps.
pub(super) type SharedKey = (LabelId, ClassIndex);

/// What the walk found.
#[derive(Default)]
pub(super) struct Sums {
    /// By label.
    pub kept: Vec<Kept>,
    /// By label and class of the content.
    pub contents: FxHashMap<(LabelId, ClassIndex), Totals>,
    /// Bytes of a label inside another one: (inner, outer).
    pub within: FxHashMap<(LabelId, LabelId), u64>,
    /// Positions of what is shared, and what it keeps.
    pub shared: FxHashMap<SharedKey, Shared>,
    /// By class: strongly reachable objects.
    pub classes: Vec<Totals>,
    /// Positions of class loaders that are not the JDK's own.
    pub loaders: Vec<usize>,
}

/// Objects that no single label keeps.
#[derive(Default)]
pub(super) struct Shared {
    pub positions: Vec<u32>,
    /// Bytes that they retain.
    pub bytes: u64,
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
    let mut walk = Walk {
        snapshot,
        labels,
        links,
        frames: Vec::new(),
        covered: vec![0; labels.len()],
        remembered: 0,
        last_content: None,
        sums: Sums {
            kept: vec![Kept::default(); labels.len()],
            classes: vec![Totals::default(); snapshot.classes().len()],
            ..Sums::default()
        },
    };
    let mut native = native.into_iter().peekable();
    for position in snapshot.positions_of(Strength::Strong) {
        walk.enter(position);
        while let Some((_, bytes)) = native.next_if(|&(at, _)| at <= position) {
            walk.note_native(bytes);
        }
    }
    walk.flush();
    walk.sums
}

struct Walk<'w, 'a> {
    snapshot: &'w Snapshot<'a>,
    labels: &'w Labels,
    links: &'w Links,
    frames: Vec<Frame>,
    /// By label: where what its last target dominates ends.
    covered: Vec<usize>,
    remembered: usize,
    last_content: Option<((LabelId, ClassIndex), Totals)>,
    sums: Sums,
}

impl Walk<'_, '_> {
    fn enter(&mut self, position: usize) {
        while self
            .frames
            .last()
            .is_some_and(|frame| frame.end <= position)
        {
            self.frames.pop();
        }
        let (object, class) = self.snapshot.at(position);
        self.sums.classes[class.0 as usize].add(self.snapshot.shallow_of(object, class));
        if self.labels.is_loader(class) && self.sums.loaders.len() < MOST_LOADERS {
            self.sums.loaders.push(position);
        }
        let label = self.links.at(position);
        if label != 0 && label != PASS {
            self.open(position, label);
        } else if label == 0 {
            self.note_shared(position, object, class);
        }
        self.note_content(position, class);
    }

    /// A target of `label` begins.
    fn open(&mut self, position: usize, label: LabelId) {
        if self.covered[usize::from(label)] > position {
            return;
        }
        let end = self.snapshot.end_at(position);
        let bytes = self.snapshot.retained_at(position);
        self.covered[usize::from(label)] = end;
        let kept = &mut self.sums.kept[usize::from(label)];
        kept.bytes = kept.bytes.saturating_add(bytes);
        kept.targets += 1;
        let outer = self.frames.last().map_or(0, |frame| frame.label);
        let within = self.sums.within.entry((label, outer)).or_default();
        *within = within.saturating_add(bytes);
        self.frames.push(Frame {
            end,
            label,
            own_end: 0,
            own_class: ClassIndex(0),
            jdk_end: 0,
        });
    }

    /// What lies inside an element of the application's, or at the root, and hangs on no field of its dominator: several refer to it.
    fn note_shared(&mut self, position: usize, object: ObjectIndex, class: ClassIndex) {
        let inside = self
            .frames
            .last()
            .is_none_or(|frame| position < frame.own_end);
        let primitive = matches!(
            self.snapshot.classes().get(class).kind,
            ClassKind::PrimitiveArray(_)
        );
        let role = self.labels.role(class);
        if !inside || primitive || role == Role::Class || self.remembered >= MOST_SHARED {
            return;
        }
        let bytes = self.snapshot.retained_at(position);
        if bytes < SHARED_FLOOR && role != Role::Element {
            return;
        }
        let is_shared = match self.snapshot.dominator(object) {
            Some(above) => match self.labels.role(self.snapshot.class_of(above)) {
                Role::Element | Role::Class => true,
                // The list of the classes of a loader dominates what several of them share.
                Role::Transparent => self.has_classes(above),
                _ => false,
            },
            None => !self.snapshot.roots().kinds.contains_key(&object),
        };
        if is_shared {
            self.remembered += 1;
            let outer = self.frames.last().map_or(0, |frame| frame.label);
            let shared = self.sums.shared.entry((outer, class)).or_default();
            shared.positions.push(position as u32);
            shared.bytes = shared.bytes.saturating_add(bytes);
        }
    }

    /// Whether the first object that `above` dominates is a class object.
    fn has_classes(&self, above: ObjectIndex) -> bool {
        let mut below = self.snapshot.child_positions(Some(above));
        let first = below.next().map(|first| self.snapshot.at(first).1);
        first.is_some_and(|class| self.labels.role(class) == Role::Class)
    }

    fn note_content(&mut self, position: usize, class: ClassIndex) {
        let role = self.labels.role(class);
        let Some(frame) = self.frames.last_mut().filter(|_| role != Role::Transparent) else {
            return;
        };
        let (key, inside) = ((frame.label, class), position < frame.own_end);
        let found = match role {
            Role::Element | Role::Class if !inside => {
                frame.own_end = self.snapshot.end_at(position);
                frame.own_class = class;
                Some(self.snapshot.retained_at(position))
            }
            // The members of a list or tree that is linked by themselves.
            Role::Element if frame.own_class == class => Some(0),
            Role::Jdk if !inside && position >= frame.jdk_end => {
                frame.jdk_end = self.snapshot.end_at(position);
                Some(self.snapshot.retained_at(position))
            }
            _ => None,
        };
        if let Some(bytes) = found {
            self.add_content(key, bytes);
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
