//! Whose code a thread runs: the frame of the application or a library whose work keeps most, where the JDK's has the local variables.

use foldhash::HashMap;
use rustc_hash::{FxHashMap, FxHashSet};

use super::holder::Holder;
use super::naming;
use super::owners::Owners;
use crate::heap::{ObjectIndex, StackFrame, Thread};

/// Classes of the JDK that run what somebody else gave them: what they keep is not for the code that started them.
const RUNNERS: &[&str] = &[
    "java.lang.Thread",
    "java.lang.VirtualThread",
    "java.util.TimerThread",
    "java.util.concurrent.ThreadPoolExecutor",
    "java.util.concurrent.Executors$",
    "java.util.concurrent.FutureTask",
    "java.util.concurrent.ForkJoinWorkerThread",
    "java.util.concurrent.CompletableFuture",
];

/// A method of the application or a library on a stack: its nearest frame, and what all its frames keep.
struct Method {
    frame: StackFrame,
    bytes: u64,
}

impl Owners<'_, '_> {
    /// Code of the JDK: name a frame of the application or a library instead, that whose work keeps most, or the nearest.
    pub(super) fn name_by_stack(&self, holder: &mut Holder, thread: ObjectIndex) {
        let own = self.thread(thread).and_then(|known| self.with_most(known));
        if let Some(frame) = own {
            holder.frame = Some(frame.to_string());
            holder.class = frame.class;
            // A field of the thread is none of that class.
            holder.field = None;
            holder.by_stack = true;
        }
    }

    /// The frame of the own method whose local variables keep most, with those of the JDK's methods that it called: a stream collects
    /// for whom asked it to, not for the code that it calls for each element. The nearest one of several.
    fn with_most(&self, thread: &Thread) -> Option<StackFrame> {
        let stack = self.snapshot.stack(thread);
        let of_application = |frame: &StackFrame| self.is_own_name(&frame.class);
        let is_owner = |frame: &StackFrame| naming::is_owner(&frame.class);
        let own: &dyn Fn(&StackFrame) -> bool = match stack.iter().any(of_application) {
            true => &of_application,
            false => &is_owner,
        };
        let callers = callers(&stack, own);
        let (mut methods, place_of) = methods(stack, own);
        // An object that is passed on lies in many frames.
        let mut seen: FxHashSet<(usize, ObjectIndex)> = FxHashSet::default();
        for &(number, object) in &thread.locals {
            let caller = callers.get(number as usize).copied().flatten();
            let place = caller.and_then(|caller| place_of.get(&caller));
            let Some(&place) = place else { continue };
            let own = self.snapshot.dominator(object) == Some(thread.object);
            if own && seen.insert((place, object)) {
                let bytes = &mut methods[place].bytes;
                *bytes = bytes.saturating_add(self.snapshot.retained_by_application(object));
            }
        }
        let most = methods.iter().map(|method| method.bytes).max()?;
        // An object that is still being made holds nothing: of frames that all keep nothing, not that of its constructor.
        let telling = |method: &Method| method.bytes > 0 || method.frame.method != "<init>";
        let best = |method: &&Method| method.bytes == most;
        let found = methods.iter().filter(best).find(|method| telling(method));
        let found = found.or_else(|| methods.iter().find(best));
        found.map(|method| method.frame.clone())
    }
}

/// Of every frame the number of the own one that it works for: itself, or the nearest one that called it.
fn callers(stack: &[StackFrame], own: &dyn Fn(&StackFrame) -> bool) -> Vec<Option<usize>> {
    let mut callers = vec![None; stack.len()];
    let mut nearest = None;
    for (number, frame) in stack.iter().enumerate().rev() {
        if naming::is_lambda(&frame.class) {
            // It leads from the JDK's code to a method: the code around says more, if there is any.
            nearest = nearest.or(Some(number));
        } else if own(frame) {
            nearest = Some(number);
        } else if RUNNERS.iter().any(|class| frame.class.starts_with(class)) {
            nearest = None;
        }
        callers[number] = nearest;
    }
    callers
}

/// The own methods on a stack from the top, and the place among them of each own frame. A method that calls itself has many frames.
fn methods(
    stack: Vec<StackFrame>,
    own: &dyn Fn(&StackFrame) -> bool,
) -> (Vec<Method>, FxHashMap<usize, usize>) {
    let mut methods: Vec<Method> = Vec::new();
    let mut place_of = FxHashMap::default();
    let mut places: HashMap<(String, String), usize> = HashMap::default();
    for (number, frame) in stack.into_iter().enumerate() {
        if !own(&frame) {
            continue;
        }
        let method = (frame.class.clone(), frame.method.clone());
        let place = *places.entry(method).or_insert(methods.len());
        if place == methods.len() {
            methods.push(Method { frame, bytes: 0 });
        }
        place_of.insert(number, place);
    }
    (methods, place_of)
}
