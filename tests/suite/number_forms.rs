//! A number is written in one form in every output and document: `71 %`, `6.0 to 14 MiB`, `150,000 × com.acme.Order`, `3 → 5`.

use crate::support::{files_ending, project, read_text};

/// What is not written, with the form that is.
const OTHER_FORMS: &[(&str, &str)] = &[
    (r"[0-9]%", "`12 %`"),
    (r"[0-9]\.[0-9]+ %", "`12 %`"),
    (r"[0-9]\.[0-9][0-9]+ [KMGT]iB", "`7.7 MiB`"),
    (r"[0-9][0-9]\.[0-9] [KM]iB", "`77 MiB`"),
    (r"[0-9] [kKMGT]B\b", "`7.7 MiB`"),
    (r"[0-9]( %| [KMGT]?i?B)?\.\.\.?[<> 0-9]", "`6.0 to 14 MiB`"),
    (r"[ (][0-9]{5,}([ ),;:]|$)", "`12,345`"),
];
const UNICODE_ONLY: &[(&str, &str)] = &[("[0-9] x ", "`2 ×`"), ("->", "`→`")];
const ASCII_ONLY: &[(&str, &str)] = &[("[^ -~]", "ASCII")];

/// Ranges with a stroke, and sizes without a number; output of other programs is not in running text.
const DOCUMENTS: &[(&str, &str)] = &[
    (
        r"[0-9] ?[-\u2013] ?[0-9]+ ?([KMGT]i?B|%|s)\b",
        "`6.0 to 14 MiB`",
    ),
    (r"\b[kKMGT]B\b", "`7.7 MiB`"),
];

#[test]
fn committed_outputs_write_numbers_in_one_form() {
    let outputs = ["report", "explore"].map(|folder| {
        let folder = project().join("tests/suite/expected").join(folder);
        files_ending(&folder, &[".txt", ".md", ".jira", ".slack"])
    });
    let mut outputs = outputs.concat();
    // Names in there are chosen to look like anything.
    outputs.retain(|(name, _)| !name.starts_with("hostile"));
    assert!(outputs.len() > 20, "{outputs:?}");
    let mut found = Vec::new();
    for (name, file) in &outputs {
        let special = match name.ends_with(".ascii") {
            true => ASCII_ONLY,
            false => UNICODE_ONLY,
        };
        let forms = OTHER_FORMS.iter().chain(special);
        found.extend(in_other_forms(name, &read_text(file), forms));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The lines of `text` with a number in one of `forms`, and how it is written instead.
fn in_other_forms<'f>(
    name: &str,
    text: &str,
    forms: impl Iterator<Item = &'f (&'f str, &'f str)>,
) -> Vec<String> {
    let mut found = Vec::new();
    for (form, instead) in forms {
        let form = regex_lite::Regex::new(form).expect("a pattern");
        let lines = text.lines().filter(|line| form.is_match(line));
        found.extend(lines.map(|line| format!("{name}: {instead}: {line}")));
    }
    found
}

#[test]
fn documents_write_numbers_as_reports_do() {
    let mut documents = files_ending(&project().join("docs"), &[".md"]);
    documents.push(("README".to_owned(), project().join("README.md")));
    assert!(documents.len() > 8, "{documents:?}");
    let mut found = Vec::new();
    for (name, file) in &documents {
        let forms = OTHER_FORMS.iter().chain(UNICODE_ONLY).chain(DOCUMENTS);
        found.extend(in_other_forms(name, &running_text(&read_text(file)), forms));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// `markdown` without code, where other programs have the word, and without comments.
fn running_text(markdown: &str) -> String {
    let mut text = String::new();
    let mut is_code = false;
    for line in markdown.lines() {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        if is_code || is_fence || line.starts_with("    ") || line.starts_with("<!--") {
            continue;
        }
        let outside = line.split('`').step_by(2);
        text.push_str(&outside.collect::<Vec<_>>().join("`"));
        text.push('\n');
    }
    text
}
