//! Whether two inputs are of the same program.

use std::collections::BTreeSet;

use super::input::Input;
use crate::suspects::{Level, naming};

/// Classes of the application that both need before their names decide.
const LEAST: usize = 3;

/// Whether `a` and `b` are of one program, as far as they tell: by the classes of the application that they have, else by the main class.
pub fn are_of_one_program(a: &Input, b: &Input) -> bool {
    let (of_a, of_b) = (own_classes(a), own_classes(b));
    let mains = a.main_class.as_ref().zip(b.main_class.as_ref());
    let same_main = mains.is_none_or(|(a, b)| a == b);
    let fewest = of_a.len().min(of_b.len());
    if fewest < LEAST {
        return same_main;
    }
    let common = of_a.intersection(&of_b).count();
    match common * 10 / fewest {
        0 => false,
        1 | 2 => same_main,
        _ => true,
    }
}

/// The classes of the application that have owners or many objects.
fn own_classes(input: &Input) -> BTreeSet<&str> {
    let owners = input.inventory.owners.iter();
    let owners = owners.filter(|owner| owner.level == Level::Application && owner.field.is_some());
    let owners = owners.map(|owner| owner.class.as_str());
    let classes = input.inventory.classes.iter().map(|row| row.class.as_str());
    owners
        .chain(classes.filter(|class| naming::is_owner(class)))
        .collect()
}
