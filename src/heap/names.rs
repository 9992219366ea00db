//! Names: modified UTF-8 to text, class names as Java writes them.

/// Names longer than this many bytes are cut: no real class or field comes near, and no format carries more than 600 characters of one
/// (`report::neutralise`). Names are searched often, so a longer limit lets a small file with long names cost seconds.
const LONGEST: usize = 700;

/// Decodes modified UTF-8 (JVM specification 4.4.7): NUL as two bytes, supplementary characters as two surrogates of three
/// bytes each. What is invalid becomes U+FFFD.
pub fn decode(bytes: &[u8]) -> String {
    let cut = bytes.len() > LONGEST;
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    let mut text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let units = utf16_units(bytes);
            char::decode_utf16(units)
                .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        }
    };
    if cut {
        text.push('…');
    }
    text
}

fn utf16_units(bytes: &[u8]) -> Vec<u16> {
    let mut units = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(&first) = rest.first() {
        let continued = |i: usize| {
            rest.get(i)
                .filter(|&&b| b & 0xC0 == 0x80)
                .map(|&b| u16::from(b & 0x3F))
        };
        let (unit, length) = match first {
            0x00..=0x7F => (Some(u16::from(first)), 1),
            0xC0..=0xDF => (continued(1).map(|b| u16::from(first & 0x1F) << 6 | b), 2),
            0xE0..=0xEF => (
                continued(1)
                    .zip(continued(2))
                    .map(|(b, c)| u16::from(first & 0x0F) << 12 | b << 6 | c),
                3,
            ),
            _ => (None, 1),
        };
        match unit {
            Some(unit) => {
                units.push(unit);
                rest = &rest[length..];
            }
            None => {
                units.push(0xFFFD);
                rest = &rest[1..];
            }
        }
    }
    units
}

/// A class name as Java writes it: `java/lang/String` becomes `java.lang.String`, `[[I` becomes `int[][]`. Names that are
/// in Java's form already (Android, the old hprof agent) stay as they are.
pub fn java_name(raw: &str) -> String {
    let dimensions = raw.bytes().take_while(|&b| b == b'[').count();
    let element = &raw[dimensions..];
    let base = match element {
        "Z" if dimensions > 0 => "boolean",
        "C" if dimensions > 0 => "char",
        "F" if dimensions > 0 => "float",
        "D" if dimensions > 0 => "double",
        "B" if dimensions > 0 => "byte",
        "S" if dimensions > 0 => "short",
        "I" if dimensions > 0 => "int",
        "J" if dimensions > 0 => "long",
        _ if dimensions > 0 && element.starts_with('L') && element.ends_with(';') => {
            &element[1..element.len() - 1]
        }
        _ => element,
    };
    let mut name = base.replace('/', ".");
    // A hidden class keeps its suffix as the JVM prints it: `Host$$Lambda/0x...` (`+0x` in dumps).
    if let (Some(at), true) = (name.rfind(".0x"), base.contains("/0x")) {
        name.replace_range(at..=at, "/");
    }
    name.push_str(&"[]".repeat(dimensions.min(255)));
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_names() {
        for (raw, name) in [
            ("java/lang/String", "java.lang.String"),
            ("[Ljava/lang/String;", "java.lang.String[]"),
            ("[[I", "int[][]"),
            ("[B", "byte[]"),
            ("I", "I"),
            ("byte[]", "byte[]"),
            ("java.lang.String[]", "java.lang.String[]"),
            ("a/B$$Lambda+0x00007f01", "a.B$$Lambda+0x00007f01"),
            ("a/B$$Lambda/0x00007f01", "a.B$$Lambda/0x00007f01"),
            ("", ""),
            ("[", "[]"),
        ] {
            assert_eq!(java_name(raw), name);
        }
    }

    #[test]
    fn modified_utf8() {
        assert_eq!(decode(b"abc"), "abc");
        assert_eq!(decode(&[b'a', 0xC0, 0x80]), "a\0");
        assert_eq!(decode(&[0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80]), "😀");
        assert_eq!(decode(&[0xED, 0xA0, 0xBD]), "\u{FFFD}");
        assert_eq!(
            decode(&[0xFF, b'x', 0xE2, 0x82]),
            "\u{FFFD}x\u{FFFD}\u{FFFD}"
        );
        assert_eq!(decode(&vec![b'x'; 5_000]).chars().count(), LONGEST + 1);
    }
}
