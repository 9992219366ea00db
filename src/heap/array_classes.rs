//! The classes of arrays belong to the classes of their elements.

use foldhash::HashMap;

use super::class::{ClassKind, Classes};

/// Makes each class refer to the classes of its arrays, among its constants: HotSpot keeps them so (`InstanceKlass::_array_klasses`) and does
/// not write it into the dump. An array does not retain its class then.
pub(super) fn link(classes: &mut Classes) {
    let mut arrays: HashMap<(&str, u64), Vec<u64>> = HashMap::default();
    let mut elements: Vec<(usize, Vec<u64>)> = Vec::new();
    let dumped = || classes.iter().filter(|(_, class)| class.dumped);
    for (_, array) in dumped().filter(|(_, class)| class.kind == ClassKind::ObjectArray) {
        let element = (array.name.trim_end_matches("[]"), array.dump.loader_id);
        arrays.entry(element).or_default().push(array.id);
    }
    for (index, class) in dumped() {
        let of_class = arrays.remove(&(class.name.as_str(), class.dump.loader_id));
        elements.extend(of_class.map(|arrays| (index.0 as usize, arrays)));
    }
    let all = classes.all_mut();
    for (number, arrays) in elements {
        all[number].dump.constants.extend(arrays);
    }
}
