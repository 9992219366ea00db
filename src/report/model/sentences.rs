//! Where a report has sentences, so that a saved report keeps the exact sizes in them.

use crate::sentence::Sentence;

use super::{Report, Suspect};

impl Report {
    /// Every sentence, each with its JSON pointer (RFC 6901) in the saved report.
    pub fn sentences_mut(&mut self) -> Vec<(String, &mut Sentence)> {
        let mut all = Vec::new();
        let verdict = &mut self.verdict;
        all.push(("/verdict/headline".to_owned(), &mut verdict.headline));
        add(&mut all, "/verdict/reasons", &mut verdict.reasons);
        add(&mut all, "/verdict/next_steps", &mut verdict.next_steps);
        one(
            &mut all,
            "/verdict/judged_against",
            &mut verdict.judged_against,
        );
        let source = &mut self.heap.max_bytes_source;
        one(&mut all, "/heap/max_bytes_source", source);
        for (i, entry) in self.ledger.iter_mut().enumerate() {
            all.push((format!("/ledger/{i}/source"), &mut entry.source));
            one(&mut all, &format!("/ledger/{i}/note"), &mut entry.note);
        }
        for (i, row) in self.evidence.iter_mut().enumerate() {
            all.push((format!("/evidence/{i}/text"), &mut row.text));
            let path = format!("/evidence/{i}/contradiction");
            one(&mut all, &path, &mut row.contradiction);
        }
        suspects(&mut all, "/suspects", &mut self.suspects);
        suspects(&mut all, "/largest_holders", &mut self.largest_holders);
        for (i, row) in self.checked_and_cleared.iter_mut().enumerate() {
            all.push((format!("/checked_and_cleared/{i}/text"), &mut row.text));
        }
        let findings = self.waste.iter_mut().flat_map(|waste| &mut waste.findings);
        for (i, row) in findings.enumerate() {
            all.push((format!("/waste/findings/{i}/title"), &mut row.title));
        }
        for (i, row) in self.warnings.iter_mut().enumerate() {
            all.push((format!("/warnings/{i}/message"), &mut row.message));
        }
        all
    }
}

type All<'r> = Vec<(String, &'r mut Sentence)>;

fn one<'r>(all: &mut All<'r>, path: &str, sentence: &'r mut Option<Sentence>) {
    all.extend(sentence.iter_mut().map(|s| (path.to_owned(), s)));
}

fn add<'r>(all: &mut All<'r>, path: &str, sentences: &'r mut [Sentence]) {
    let numbered = sentences.iter_mut().enumerate();
    all.extend(numbered.map(|(i, s)| (format!("{path}/{i}"), s)));
}

fn suspects<'r>(all: &mut All<'r>, path: &str, suspects: &'r mut [Suspect]) {
    for (i, suspect) in suspects.iter_mut().enumerate() {
        add(all, &format!("{path}/{i}/notes"), &mut suspect.notes);
    }
}
