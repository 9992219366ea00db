//! Names that were made at run time, as reports may show them.

use foldhash::HashSet;

use super::privacy;
use super::snapshot::Snapshot;
use super::vocabulary::Vocabulary;

/// UTF-16 units of a literal that are read: a name of a thread is short.
const LONGEST_LITERAL: usize = 80;
/// Constants of classes that are looked at.
const MOST_LITERALS: usize = 500_000;

impl Snapshot<'_> {
    /// A name that was made at run time, as reports may show it: shortened unless [`Snapshot::show_values`] was called.
    pub(crate) fn shown(&self, name: String) -> String {
        if self.values_shown {
            return name;
        }
        let words = self.vocabulary.get_or_init(|| self.words());
        privacy::collapse(&words.masked(&privacy::shortened(&name)))
    }

    /// The words in the names of all classes, fields and methods, and in the literals of their code.
    fn words(&self) -> Vocabulary {
        let mut words = Vocabulary::default();
        let frames = self.container.frames.values();
        let mut names: HashSet<u64> = frames.map(|frame| frame.method_id).collect();
        let mut literals = MOST_LITERALS;
        for (_, class) in self.classes.iter() {
            words.learn(&class.name);
            names.extend(class.dump.fields.iter().map(|field| field.name_id));
            for field in &class.dump.statics {
                if self.is_name(field.name_id, "<resolved_references>") {
                    self.learn_literals(field.value.reference(), &mut words, &mut literals);
                }
                names.insert(field.name_id);
            }
        }
        for name in names {
            let name = self.container.string(self.bytes, name);
            words.learn(&String::from_utf8_lossy(name.unwrap_or_default()));
        }
        words
    }

    /// Learns the strings in `array`, the resolved constants of a class; at most `left` of them.
    fn learn_literals(&self, array: Option<u64>, words: &mut Vocabulary, left: &mut usize) {
        let Some(array) = array.and_then(|id| self.find(id)) else {
            return;
        };
        for constant in self.each_element(array).flatten().take(*left) {
            *left -= 1;
            if self.class(constant).name == "java.lang.String"
                && let Some(text) = self.string(constant, LONGEST_LITERAL)
            {
                words.learn(&text);
            }
        }
    }
}
