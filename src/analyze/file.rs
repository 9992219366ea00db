//! The file that a dump was read from.

use crate::heap::Pages;
use crate::input::Input;
use crate::report::model::Warning;

/// The file, as far as the report tells of it.
#[derive(Clone, Debug, Default)]
pub struct FileFacts {
    /// Name without folder.
    pub name: String,
    /// Bytes of the dump, unpacked.
    pub bytes: u64,
    /// Bytes on disk where it is compressed.
    pub compressed_bytes: Option<u64>,
    /// The container it was in.
    pub compression: Option<String>,
    /// What opening it found.
    pub warnings: Vec<Warning>,
}

impl FileFacts {
    /// What is known of an opened file. Asks whether it changed meanwhile, so call it last.
    pub fn of(input: &Input) -> FileFacts {
        let changed = input.check_unchanged();
        let found = input.warnings().iter().chain(&changed);
        let warnings = found.map(|warning| Warning {
            code: warning.code.to_owned(),
            message: (&warning.message).into(),
            offset: warning.offset,
            count: warning.count,
            damage: warning.is_damage(),
        });
        FileFacts {
            name: input.file_name().to_owned(),
            bytes: input.bytes().len() as u64,
            compressed_bytes: input.compression().map(|_| input.file_bytes()),
            compression: input.compression().map(str::to_owned),
            warnings: warnings.collect(),
        }
    }
}

impl Pages for Input {
    fn release(&self, range: std::ops::Range<usize>) {
        Input::release(self, range);
    }
}
