//! Names: their identifiers in the dump and their spelling.

use std::collections::HashMap;

use super::Kind;

/// Names and their identifiers, in order of first use.
#[derive(Default)]
pub(super) struct Symbols {
    pub ids: HashMap<String, u64>,
    pub order: Vec<String>,
}

impl Symbols {
    pub fn id(&mut self, name: &str, id_size: usize) -> u64 {
        if let Some(&id) = self.ids.get(name) {
            return id;
        }
        let base: u64 = if id_size >= 8 {
            0x7f10_0000_0010
        } else {
            0x0800_0010
        };
        let id = base + 24 * self.order.len() as u64;
        self.ids.insert(name.to_owned(), id);
        self.order.push(name.to_owned());
        id
    }
}

/// `java.lang.String[]` to `[Ljava/lang/String;`, as HotSpot spells it.
pub(super) fn internal_name(name: &str) -> String {
    let element = name.trim_end_matches("[]");
    let dimensions = (name.len() - element.len()) / 2;
    let slashed = element.replace('.', "/");
    if dimensions == 0 {
        return slashed;
    }
    use Kind::*;
    let primitive = [Boolean, Char, Float, Double, Byte, Short, Int, Long]
        .into_iter()
        .map(Kind::array_names)
        .find(|(_, java)| java.trim_end_matches("[]") == element);
    let element = match primitive {
        Some((internal, _)) => internal[1..].to_owned(),
        None => format!("L{slashed};"),
    };
    format!("{}{element}", "[".repeat(dimensions))
}
