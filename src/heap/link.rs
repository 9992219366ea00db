//! How one object refers to another, and tables of that for objects of which it is asked often.

use foldhash::HashMap;

use super::address_index::ObjectIndex;
use super::class::ClassIndex;

/// Objects that are remembered.
const REMEMBERED: usize = 8;
/// References of an object from which on the second question about it makes a table, which takes 48 bytes for each.
const SOME: usize = 64;
/// References from which on only many questions make one, and those of other such objects go.
const MANY: usize = 1 << 16;
/// So many questions.
const OFTEN: u32 = 64;
/// References for which no table is made.
const TOO_MANY: usize = 1 << 23;

/// How one object refers to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Through an instance field.
    Field {
        /// The class that declares it.
        declared_by: ClassIndex,
        /// Identifier of its name.
        name_id: u64,
    },
    /// Through a static field.
    Static {
        /// The class that declares it.
        class: ClassIndex,
        /// Identifier of its name.
        name_id: u64,
    },
    /// As an element of an array.
    Element(u32),
    /// A thread, through a local variable of the frame with this number from the top; `u32::MAX` for no frame.
    Local {
        /// Frame number.
        frame: u32,
    },
    /// An object's class.
    Class,
    /// A class's super class.
    Super,
    /// A class's loader.
    Loader,
    /// A class's signers.
    Signers,
    /// A class's protection domain.
    ProtectionDomain,
    /// A class's constant pool, or the class of its arrays.
    Constant,
}

/// An object of whose references was asked.
#[derive(Debug)]
struct Known {
    object: ObjectIndex,
    references: usize,
    questions: u32,
    /// The first way to each address.
    table: Option<HashMap<u64, Link>>,
}

/// The objects of whose references was asked last, the latest at the end.
///
/// Whoever prints the rows below an object asks of each how the object refers to it. Without a table that costs rows times
/// references, and an array of 100,000 elements has as many rows.
#[derive(Debug, Default)]
pub(crate) struct Asked(Vec<Known>);

impl Asked {
    /// How `from` refers to `address`, where a table says so. `Err` where there is none. `count` is about how many references `from` has,
    /// `outgoing` are all of them.
    pub fn find(
        &mut self,
        (from, address): (ObjectIndex, u64),
        count: impl FnOnce() -> usize,
        outgoing: impl FnOnce() -> Vec<(Link, u64)>,
    ) -> Result<Option<Link>, ()> {
        let Some(at) = self.0.iter().position(|known| known.object == from) else {
            if self.0.len() >= REMEMBERED {
                self.0.remove(0);
            }
            self.0.push(Known {
                object: from,
                references: count(),
                questions: 1,
                table: None,
            });
            return Err(());
        };
        let mut known = self.0.remove(at);
        known.questions = known.questions.saturating_add(1);
        let worth = match known.references {
            ..SOME | TOO_MANY.. => false,
            ..MANY => true,
            _ => known.questions >= OFTEN,
        };
        if worth && known.table.is_none() {
            if known.references >= MANY {
                self.0.retain(|other| other.references < MANY);
            }
            let mut table: HashMap<u64, Link> = HashMap::default();
            for (link, id) in outgoing() {
                table.entry(id).or_insert(link);
            }
            known.table = Some(table);
        }
        let found = known
            .table
            .as_ref()
            .map(|table| table.get(&address).copied());
        self.0.push(known);
        found.ok_or(())
    }
}
