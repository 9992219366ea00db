//! Finds secrets in bytes, however they are spelt.

use std::collections::{BTreeSet, HashMap};
use std::io::Read;

use base64::Engine;

/// Bytes of a secret that give it away.
const TELLING: usize = 8;

/// Secrets by their parts.
pub struct Secrets {
    parts: HashMap<[u8; TELLING], String>,
}

impl Secrets {
    /// The words of `sources` that begin with `Zq` and a digit from 1: those beginning with `Zq0` may be shown.
    pub fn planted_by(sources: &[String]) -> Secrets {
        // A secret that is put together at run time, so that it is no constant of its class.
        let sources = sources
            .iter()
            .map(|text| text.replace("\", \"", "").replace("(\"\", \"", "(\""));
        let mut parts = HashMap::new();
        for text in sources {
            let words = text.split(|c: char| !c.is_ascii_alphanumeric());
            let planted = |word: &&str| {
                let mut letters = word.chars();
                word.len() > TELLING
                    && letters.next() == Some('Z')
                    && letters.next() == Some('q')
                    && letters.next() != Some('0')
            };
            for word in words.filter(planted) {
                // Without a digit it is an ordinary word, such as a field is called.
                let telling = |part: &&[u8]| part.iter().any(u8::is_ascii_digit);
                for part in word.as_bytes().windows(TELLING).filter(telling) {
                    parts.insert(part.try_into().expect("so many bytes"), word.to_owned());
                }
            }
        }
        Secrets { parts }
    }

    /// All secrets.
    pub fn names(&self) -> BTreeSet<String> {
        self.parts.values().cloned().collect()
    }

    /// The secrets of which a part is in `bytes`: as they are, in UTF-16, in hexadecimal or decimal numbers, in Base64.
    pub fn found_in(&self, bytes: &[u8]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.look(bytes, &mut found);
        for phase in 0..2 {
            let every_other: Vec<u8> = bytes.iter().copied().skip(phase).step_by(2).collect();
            self.look(&every_other, &mut found);
        }
        for run in runs(bytes, |b| b.is_ascii_hexdigit()) {
            for phase in 0..2.min(run.len()) {
                self.look(&hexadecimal(&run[phase..]), &mut found);
            }
        }
        self.look(&numbers(bytes), &mut found);
        for run in runs(bytes, |b| b.is_ascii_alphanumeric() || b"+/-_".contains(&b)) {
            for phase in 0..4.min(run.len()) {
                self.look(&base64(&run[phase..]), &mut found);
            }
        }
        found
    }

    fn look(&self, bytes: &[u8], found: &mut BTreeSet<String>) {
        for part in bytes.windows(TELLING) {
            if let Some(name) = self.parts.get(part) {
                found.insert(name.clone());
            }
        }
    }
}

/// Stretches of bytes that are long enough to hide a part of a secret.
fn runs(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(move |&b| !belongs(b))
        .filter(|run| run.len() >= TELLING)
}

fn hexadecimal(run: &[u8]) -> Vec<u8> {
    let digit = |b: u8| char::from(b).to_digit(16).unwrap_or(0) as u8;
    run.chunks_exact(2)
        .map(|pair| digit(pair[0]) << 4 | digit(pair[1]))
        .collect()
}

/// The numbers in `bytes` that can be a character each.
fn numbers(bytes: &[u8]) -> Vec<u8> {
    bytes
        .split(|b| !b.is_ascii_digit())
        .filter_map(|digits| std::str::from_utf8(digits).ok()?.parse().ok())
        .collect()
}

fn base64(run: &[u8]) -> Vec<u8> {
    let whole = &run[..run.len() / 4 * 4];
    let plain: Vec<u8> = whole
        .iter()
        .map(|&b| match b {
            b'-' => b'+',
            b'_' => b'/',
            b => b,
        })
        .collect();
    base64::engine::general_purpose::STANDARD
        .decode(plain)
        .unwrap_or_default()
}

/// What a gzip file holds.
pub fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes)
        .read_to_end(&mut plain)
        .expect("a gzip file");
    plain
}

#[test]
fn every_spelling_is_found() {
    let secret = "Zq1somePassword7Kw3Rt9";
    let secrets = Secrets::planted_by(&[format!("x = \"{secret}\"; y = \"Zq0Shown00000\"")]);
    let name = BTreeSet::from([secret.to_owned()]);
    assert_eq!(secrets.names(), name);
    let units: Vec<u16> = secret.encode_utf16().collect();
    let hex: String = secret.bytes().map(|b| format!("{b:02x}")).collect();
    let list: Vec<String> = secret.bytes().map(|b| b.to_string()).collect();
    for spelt in [
        format!("name {secret} and so on").into_bytes(),
        // Half of a secret is one too.
        format!("...{}...", &secret[9..]).into_bytes(),
        units.iter().flat_map(|u| u.to_be_bytes()).collect(),
        units.iter().flat_map(|u| u.to_le_bytes()).collect(),
        format!("0x{hex}").into_bytes(),
        hex.to_uppercase().into_bytes(),
        format!("[{}]", list.join(", ")).into_bytes(),
        base64::engine::general_purpose::STANDARD
            .encode(format!("a{secret}"))
            .into_bytes(),
        base64::engine::general_purpose::URL_SAFE
            .encode(format!("?>{secret}"))
            .into_bytes(),
    ] {
        assert_eq!(
            secrets.found_in(&spelt),
            name,
            "{}",
            String::from_utf8_lossy(&spelt)
        );
    }
    assert_eq!(
        secrets.found_in(b"some password, Zq0Shown00000, thread worker-*"),
        BTreeSet::new()
    );
}
