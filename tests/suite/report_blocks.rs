//! Every section is written once, as blocks: what is a table in one format has the same rows in every other.

use hprof_suspects::report::model::Member;
use hprof_suspects::report::{Detail, Format, RenderOptions, Report, json, render};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::report_fixtures;
use crate::support::{golden, run};

/// The names of the columns, and the rows.
type Table = Vec<Vec<String>>;

fn written(report: &Report, format: Format) -> String {
    let options = RenderOptions {
        detail: Detail::Full,
        width: 400,
        top: 10_000,
        ..RenderOptions::default()
    };
    let bytes = render(report, format, &options).expect("renders");
    let text = String::from_utf8(bytes).expect("UTF-8");
    text.replace('\u{a0}', " ")
}

/// Hand-built reports, and reports of dumps with threads, growth, and everything else that a table is made of.
fn reports() -> Vec<(&'static str, Report)> {
    let mut reports = report_fixtures::all();
    reports.retain(|(name, _)| !["hostile", "large"].contains(name));
    let inputs: [(&str, &[&str]); 3] = [
        ("threads", &["thread-locals"]),
        ("error", &["out-of-memory"]),
        ("growth", &["bounded-queue", "sample"]),
    ];
    for (name, dumps) in inputs {
        let dumps: Vec<_> = dumps.iter().map(|dump| golden(dump)).collect();
        let mut words: Vec<&std::ffi::OsStr> = dumps.iter().map(|dump| dump.as_os_str()).collect();
        words.extend(["--waste", "--format", "json"].map(std::ffi::OsStr::new));
        let ran = run(words).succeeded();
        reports.push((name, json::parse(&ran.stdout).expect("a report")));
    }
    reports
}

fn tables_of_markdown(markdown: &str) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut cell: Option<String> = None;
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Table(_)) => tables.push(Table::new()),
            Event::Start(Tag::TableHead | Tag::TableRow) => {
                tables.last_mut().expect("a table").push(Vec::new());
            }
            Event::Start(Tag::TableCell) => cell = Some(String::new()),
            Event::End(TagEnd::TableCell) => {
                let row = tables.last_mut().and_then(|table| table.last_mut());
                let cell = cell.take().expect("a cell");
                row.expect("a row").push(cell.trim().to_owned());
            }
            Event::Text(text) | Event::Code(text) => {
                cell.iter_mut().for_each(|cell| cell.push_str(&text));
            }
            _ => {}
        }
    }
    tables
}

/// The tables without what stands below the rows, and without pictures.
fn tables_of_html(html: &str) -> Vec<Table> {
    let tables = html.split("<table").skip(1);
    let tables = tables.map(|table| table.split("</table>").next().expect("a table"));
    tables.map(rows_of_html).collect()
}

fn rows_of_html(table: &str) -> Table {
    let columns = table.matches("<th").count() - 1;
    let rows = table.split("<tr").skip(1);
    let row = |row: &str| {
        let cells = row.split_inclusive("<t").skip(1);
        let cells = cells.filter(|cell| cell.starts_with(['d', 'h']));
        let cells = cells.map(|cell| {
            let own = cell.split("<ul").next().expect("a cell");
            let own = own.split("<details").next().expect("a cell");
            text_of_html(own.split_once('>').expect("a tag").1)
        });
        cells.take(columns).collect()
    };
    rows.map(row).collect()
}

fn text_of_html(html: &str) -> String {
    let mut text = String::new();
    for (i, piece) in html.split('<').enumerate() {
        text.push_str(match i {
            0 => piece,
            _ => piece.split_once('>').map_or("", |(_, text)| text),
        });
    }
    let marks = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    let text = marks
        .iter()
        .fold(text, |text, (mark, c)| text.replace(mark, c));
    text.trim().to_owned()
}

#[test]
fn tables_have_the_same_rows_in_every_format() {
    for (name, report) in reports() {
        let mut expected = tables_of_markdown(&written(&report, Format::Markdown));
        let html = written(&report, Format::Html);
        let mut got = tables_of_html(&html);
        let jira = written(&report, Format::Jira);
        let text = written(&report, Format::Text);
        let lines: Vec<&str> = text.lines().collect();
        for table in &expected {
            let head = format!("||{}||", table[0].join("||"));
            assert!(jira.contains(&head), "{name}: {head}\n{jira}");
            for row in &table[1..] {
                // A long line goes on below.
                let has = |lines: &[&str]| {
                    let line = lines
                        .iter()
                        .map(|line| line.trim())
                        .collect::<Vec<_>>()
                        .join(" ");
                    row.iter().all(|cell| line.contains(cell.as_str()))
                };
                let found = (0..lines.len()).any(|i| has(&lines[i..(i + 3).min(lines.len())]));
                assert!(found, "{name}: {row:?}\n{text}");
            }
        }
        let rows_of_jira = jira.lines().filter(|line| line.starts_with('|')).count();
        let rows = expected.iter().map(Vec::len).sum::<usize>();
        assert_eq!(rows_of_jira, rows, "{name}\n{jira}");
        expected.sort();
        got.sort();
        assert_eq!(got, expected, "{name}\n{html}");
    }
}

/// Sections that text has under another name, or below another section.
const OTHER_IN_TEXT: [(&str, &str); 2] = [
    ("Evidence from outside the dump", "EVIDENCE"),
    ("Off-heap memory", "MEMORY OF THE PROCESS"),
];

#[test]
fn sections_are_in_every_format() {
    let mut found = 0;
    for (name, report) in reports() {
        let html = written(&report, Format::Html);
        let markdown = written(&report, Format::Markdown);
        let jira = written(&report, Format::Jira);
        let text = written(&report, Format::Text);
        let headings = |page: &str, lead: &str, title: &str| {
            let leads = page.lines().filter_map(|line| line.split_once(lead));
            leads.into_iter().any(|(_, line)| line.starts_with(title))
        };
        let sections = html.split("<h2 ").skip(1).map(|section| {
            let title = section.split_once('>').expect("a tag").1;
            text_of_html(title.split_once("</h2>").expect("a heading").0)
        });
        // The first is a paragraph in tickets; the second is the pictures.
        let sections = sections.filter(|title| !["Why", "Retained heap"].contains(&title.as_str()));
        for title in sections {
            found += 1;
            let in_markdown = ["### ", "<summary>"].map(|lead| headings(&markdown, lead, &title));
            assert!(in_markdown.contains(&true), "{name}: {title}\n{markdown}");
            let in_jira = ["h3. ", "h4. "].map(|lead| headings(&jira, lead, &title));
            assert!(in_jira.contains(&true), "{name}: {title}\n{jira}");
            let other = OTHER_IN_TEXT.iter().find(|(other, _)| *other == title);
            let in_text = other.map_or(title.to_uppercase(), |(_, title)| (*title).to_owned());
            assert!(
                text.lines().any(|line| line.starts_with(&in_text)),
                "{name}: {title}\n{text}"
            );
        }
    }
    assert!(found > 40, "{found} sections");
}

/// A message has the suspects and the memory of the process as tickets have them.
#[test]
fn messages_tell_what_tickets_tell() {
    for (name, report) in reports() {
        let bare = |text: String| text.replace(['*', '`', '|'], "").replace("- ", "• ");
        let ticket = bare(written(&report, Format::Markdown));
        let message = written(&report, Format::Slack);
        let shown = message
            .lines()
            .filter(|line| line.starts_with('*') && line.contains(" = "));
        for head in shown.clone() {
            assert!(
                ticket.contains(&bare(head.to_owned())),
                "{name}: {head}\n{ticket}"
            );
        }
        assert_eq!(
            shown.count(),
            report.suspects.len().min(3),
            "{name}\n{message}"
        );
        if let Some(part) = report.ledger.first() {
            let live = part.component == "java_heap_live";
            assert!(
                !live || message.contains("• Java heap, live: "),
                "{name}\n{message}"
            );
        }
    }
}

/// A name and a value of a suspect, without markup.
type Fact = (String, String);

/// The text of Markdown, Jira markup or Slack's without marks and escapes.
fn bare(markup: &str) -> String {
    let marks: &[char] = &['*', '`', '\\', '{', '}'];
    markup.replace(marks, "").trim().to_owned()
}

fn all_bare(suspects: Vec<Vec<Fact>>) -> Vec<Vec<Fact>> {
    let bare = |(name, value): Fact| (name, bare(&value));
    let suspect = |facts: Vec<Fact>| facts.into_iter().map(bare).collect();
    suspects.into_iter().map(suspect).collect()
}

/// The facts of each suspect in a list of which `mark` begins a fact: `- **keeps**: …`. A suspect begins with its rank and size.
fn facts_of_lists(page: &str, (mark, bold): (&str, &str)) -> Vec<Vec<Fact>> {
    let mut suspects = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if !line.starts_with(bold) || !line.contains(" = ") {
            continue;
        }
        let (numbers, holder) = line.split_once(", held by ").expect("a holder");
        let (holder, kind) = holder.rsplit_once(" (").expect("a kind");
        let (size, shares) = numbers.split_once(" = ").expect("shares");
        let mut facts = vec![
            ("size".to_owned(), bare(size)),
            ("shares".to_owned(), bare(shares)),
            ("kind".to_owned(), bare(kind.trim_end_matches(')'))),
            ("held by".to_owned(), bare(holder)),
        ];
        let listed = lines.by_ref().skip_while(|line| line.is_empty());
        let listed = listed.map_while(|line| line.strip_prefix(mark));
        facts.extend(listed.map(|line| {
            let (name, value) = line.split_once(": ").expect("a value");
            (bare(name), bare(value))
        }));
        suspects.push(facts);
    }
    suspects
}

fn facts_of_html(html: &str) -> Vec<Vec<Fact>> {
    let between = |text: &str, from: &str, to: &str| {
        let rest = text.split_once(from).expect(from).1;
        text_of_html(rest.split_once(to).expect(to).0)
    };
    let article = |article: &str| {
        let heading = between(article, "<h3>", "</h3>");
        let (rank, holder) = heading.split_once(". ").expect("a rank");
        let numbers = article.split_once("</h3>").expect("a heading").1;
        let size = between(numbers, "bytes\">", "</span>");
        let mut facts = vec![
            ("size".to_owned(), format!("{rank}. {size}")),
            ("shares".to_owned(), between(numbers, "<span>", "</span>")),
            ("kind".to_owned(), between(numbers, "\"dim\">", "</span>")),
            ("held by".to_owned(), holder.to_owned()),
        ];
        let list = numbers.split_once("<dl>").expect("facts").1;
        let list = list.split_once("</dl>").expect("facts").0;
        let rows = list.split("<dt>").skip(1);
        facts.extend(rows.map(|row| {
            let (name, value) = row.split_once("</dt>").expect("a value");
            (text_of_html(name), text_of_html(value))
        }));
        facts
    };
    let articles = html.split("<article class=\"suspect\">").skip(1);
    articles.map(article).collect()
}

/// The facts with the names that `known` has; what is no fact (paths and lists) has other names.
fn facts_of_text(text: &str, known: &[Vec<Fact>]) -> Vec<Vec<Fact>> {
    let mut suspects: Vec<Vec<Fact>> = Vec::new();
    let mut values: Option<usize> = None;
    for line in text.lines() {
        let rank = line.trim_start().split(". ").next().unwrap_or_default();
        let place = suspects.len();
        if line.starts_with(' ') && *rank == (place + 1).to_string() && line.ends_with(']') {
            let (numbers, kind) = line.rsplit_once("  [").expect("a kind");
            let (size, shares) = numbers.split_once("iB  ").expect("shares");
            suspects.push(vec![
                ("size".to_owned(), format!("{}iB", size.trim())),
                ("shares".to_owned(), shares.to_owned()),
                ("kind".to_owned(), kind.trim_end_matches(']').to_owned()),
            ]);
            continue;
        }
        let Some(facts) = suspects.last_mut() else {
            continue;
        };
        let expected = known.get(place - 1).map_or(&[][..], Vec::as_slice);
        let lead = |name: &str| format!("    {name} ");
        let named = expected
            .iter()
            .find(|(name, _)| line.starts_with(&lead(name)));
        match (named, values) {
            (Some((name, _)), _) => {
                let value = line[lead(name).len()..].trim_start();
                values = Some(line.len() - value.len());
                facts.push((name.clone(), value.to_owned()));
            }
            // A long value goes on below.
            (None, Some(at)) if line.len() > at && line[..at].trim().is_empty() => {
                let value = &mut facts.last_mut().expect("a fact").1;
                value.push_str(&format!(" {}", line.trim()));
            }
            _ => values = None,
        }
    }
    suspects
}

/// What one format tells of a suspect every other one tells as well, in the same order.
#[test]
fn suspects_have_the_same_facts_in_every_format() {
    let mut names = std::collections::BTreeSet::new();
    let mut shared = report_fixtures::suspected();
    shared.suspects[0].shared_with = vec![Member {
        title: "com.acme.Catalog.BY_NAME".to_owned(),
        retained_bytes: 5,
        ..Member::default()
    }];
    for (name, report) in reports().into_iter().chain([("shared", shared)]) {
        let markdown = written(&report, Format::Markdown);
        let expected = facts_of_lists(&markdown, ("- ", "**"));
        assert_eq!(expected.len(), report.suspects.len(), "{name}\n{markdown}");
        let jira = written(&report, Format::Jira);
        assert_eq!(
            facts_of_lists(&jira, ("* ", "*")),
            expected,
            "{name}\n{jira}"
        );
        let html = written(&report, Format::Html);
        assert_eq!(all_bare(facts_of_html(&html)), expected, "{name}\n{html}");
        let text = written(&report, Format::Text);
        assert_eq!(
            all_bare(facts_of_text(&text, &expected)),
            expected,
            "{name}\n{text}"
        );
        // A message has fewer, none of them another.
        let slack = written(&report, Format::Slack);
        let heads = slack.lines().filter(|line| line.contains(", held by "));
        let facts = slack.lines().filter(|line| line.starts_with("• *keeps*: "));
        for ((head, facts), expected) in heads.zip(facts).zip(&expected) {
            let said = format!("{}; {}", bare(head), bare(facts));
            let of = |name: &str| expected.iter().find(|(known, _)| known == name);
            for (name, value) in ["size", "shares", "held by", "kind", "signature"]
                .map(of)
                .iter()
                .flatten()
            {
                assert!(said.contains(value), "{name}: {value}\n{slack}");
            }
        }
        names.extend(expected.into_iter().flatten().map(|(name, _)| name));
    }
    for name in [
        "also held by",
        "fix",
        "note",
        "frees",
        "gathers in",
        "address",
        "go on with",
    ] {
        assert!(names.contains(name), "{name}: {names:?}");
    }
}
