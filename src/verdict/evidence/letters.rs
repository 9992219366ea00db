//! Which characters a line has: most formats begin with a line that most lines have not the letters for.

/// A set of characters: each of ASCII by itself, but all digits as one, and all others as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Letters(u128);

impl Letters {
    /// The characters of `text`.
    pub const fn of(text: &str) -> Letters {
        let (bytes, mut at) = (text.as_bytes(), 0);
        let mut low = 0;
        let mut high = 0;
        while at < bytes.len() {
            let place = PLACES[bytes[at] as usize];
            low |= place.0;
            high |= place.1;
            at += 1;
        }
        Letters(low as u128 | (high as u128) << 64)
    }

    /// Whether all of `others` are among them.
    pub const fn have(self, others: Letters) -> bool {
        self.0 & others.0 == others.0
    }
}

/// A part of lines, which is looked for only where its letters are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sought {
    text: &'static str,
    letters: Letters,
}

impl Sought {
    pub const fn of(text: &'static str) -> Sought {
        Sought {
            text,
            letters: Letters::of(text),
        }
    }

    /// Whether it is in `line`, which has these letters.
    pub fn is_in(&self, line: &str, letters: Letters) -> bool {
        letters.have(self.letters) && line.contains(self.text)
    }
}

/// The bit of each byte, in the two halves of a set.
const PLACES: [(u64, u64); 256] = places();

const fn places() -> [(u64, u64); 256] {
    let mut places = [(0, 0); 256];
    let mut byte = 0;
    while byte < 256 {
        let place = match byte {
            0x30..=0x39 => 0x30,
            0x80.. => 0x7f,
            other => other,
        };
        places[byte] = match place {
            0..64 => (1 << place, 0),
            _ => (0, 1 << (place - 64)),
        };
        byte += 1;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_letters_of_its_parts() {
        let line = Letters::of("● shop: 12 of GiB");
        for part in ["", "GiB", "7", "é", " :", "shop"] {
            assert!(line.have(Letters::of(part)), "{part}");
        }
        for part in ["x", "%", "gib", "\t"] {
            assert!(!line.have(Letters::of(part)), "{part}");
        }
    }
}
