//! `objects`: one line for every object.

use std::io::{BufWriter, Write};

use super::commands::ObjectsArgs;
use super::exit::{Exit, Failure};
use super::open;
use crate::report::neutralise;

/// Streams the table to standard output: address, class, shallow and retained bytes, address of the immediate dominator.
pub fn run(args: &ObjectsArgs) -> Result<Exit, Failure> {
    let input = open::open(&args.dump, &args.reading)?;
    let snapshot = open::load_input(&input, &args.reading)?;
    let complete = open::is_complete(&input, &snapshot);
    let names: Vec<String> = snapshot
        .classes()
        .iter()
        .map(|(_, class)| neutralise::plain(&class.name, true).replace('\t', " "))
        .collect();
    let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    writeln!(
        out,
        "address\tclass\tshallow_bytes\tretained_bytes\tdominator"
    )?;
    for (object, address) in snapshot.addresses().enumerate() {
        let object = object as u32;
        if !snapshot.contains(object) {
            continue;
        }
        let class = &names[snapshot.class_of(object).0 as usize];
        let (shallow, retained) = (snapshot.shallow(object), snapshot.retained(object));
        match snapshot.dominator(object) {
            Some(dominator) => writeln!(
                out,
                "{address:#x}\t{class}\t{shallow}\t{retained}\t{:#x}",
                snapshot.address(dominator)
            )?,
            None => writeln!(out, "{address:#x}\t{class}\t{shallow}\t{retained}\troot")?,
        }
    }
    out.flush()?;
    Ok(Exit::Analysed.strict(args.strict.strict, complete))
}
