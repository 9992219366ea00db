//! What grew: the owners of one dump, and how they develop over several.
//!
//! An [`inventory`] lists the owners of one dump with what they keep; a report carries it, so that a later dump can be compared with
//! the report alone. [`take`] makes it: [`labels`] are the places that can be owners; [`reading`] is the one passage over the dump, which
//! fills [`links`] (which object hangs on which label) and tells who refers to what several may share ([`asked`]); [`shared`] finds the
//! owner of that; [`sweep`] walks over the dominator tree and sums what each label keeps. Objects that only pass on what they hold
//! have no label, so the same thing has the same owner in every dump; where two fields hold the same, the first by name has it.

mod across;
mod asked;
mod by_class;
mod classes;
mod compare;
mod content;
pub(crate) mod course;
mod difference;
mod groups;
mod held;
#[doc(hidden)]
pub mod histogram;
mod input;
mod inventory;
mod jvm;
mod labels;
mod links;
mod model;
pub(crate) mod names;
mod notes;
mod owners;
mod process;
mod program;
mod reading;
mod rows;
mod series;
mod shared;
mod sweep;
mod take;

pub use compare::compare;
pub use input::{Input, Kept};
pub use inventory::{Bound, ClassAmount, Contents, FLOOR, Holding, Inventory, Outside, Owner};
pub use jvm::release;
pub use model::*;
pub use take::{Taken, take};
