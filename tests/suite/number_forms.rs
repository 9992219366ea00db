//! A number is written in one form in every output: `71 %`, `6.0 to 14 MiB`, `150,000 × com.acme.Order`, `3 → 5`.

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
        let text = read_text(file);
        for (form, instead) in OTHER_FORMS.iter().chain(special) {
            let form = regex_lite::Regex::new(form).expect("a pattern");
            let lines = text.lines().filter(|line| form.is_match(line));
            found.extend(lines.map(|line| format!("{name}: {instead}: {line}")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
