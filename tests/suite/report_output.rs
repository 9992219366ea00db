//! Writing reports: several at once, whole or not at all, never over the dump.

use std::fs;
use std::path::Path;

use hprof_suspects::report::output::{Output, OutputError, Target, check, write_all};
use hprof_suspects::report::{Format, RenderOptions, render};

use crate::report_fixtures;

fn write(outputs: &[Output], dump: Option<&Path>) -> Result<Vec<u8>, OutputError> {
    let mut stdout = Vec::new();
    write_all(
        &report_fixtures::suspected(),
        outputs,
        dump,
        |_| RenderOptions::default(),
        &mut stdout,
    )?;
    Ok(stdout)
}

fn output(path: &Path) -> Output {
    Output::new(path, None).expect("known extension")
}

#[test]
fn several_at_once_by_extension() {
    let folder = tempfile::tempdir().expect("folder");
    let names = ["report.html", "report.md", "report.json", "heap.pb.gz"];
    let mut outputs: Vec<Output> = names
        .iter()
        .map(|name| output(&folder.path().join(name)))
        .collect();
    outputs.push(Output::new(Path::new("-"), None).expect("standard output"));
    let stdout = write(&outputs, None).expect("written");
    let report = report_fixtures::suspected();
    for (name, format) in
        names
            .iter()
            .zip([Format::Html, Format::Markdown, Format::Json, Format::Pprof])
    {
        let expected = render(&report, format, &RenderOptions::default()).expect("renders");
        assert_eq!(
            fs::read(folder.path().join(name)).expect(name),
            expected,
            "{name}"
        );
    }
    assert_eq!(
        stdout,
        render(&report, Format::Text, &RenderOptions::default()).expect("renders")
    );
    assert_eq!(
        fs::read_dir(folder.path()).expect("folder").count(),
        names.len(),
        "no temporary file is left"
    );
}

#[test]
fn the_dump_is_never_overwritten() {
    let folder = tempfile::tempdir().expect("folder");
    let dump = folder.path().join("heap.json");
    fs::write(&dump, b"JAVA PROFILE 1.0.2").expect("written");
    let hard = folder.path().join("hard.json");
    fs::hard_link(&dump, &hard).expect("linked");
    let mut ways = vec![dump.clone(), folder.path().join("./heap.json"), hard];
    #[cfg(unix)]
    {
        let soft = folder.path().join("soft.json");
        std::os::unix::fs::symlink(&dump, &soft).expect("linked");
        ways.push(soft);
    }
    for way in ways {
        let error = write(&[output(&way)], Some(&dump)).expect_err("refused");
        assert!(matches!(error, OutputError::IsTheDump { .. }), "{error}");
        assert_eq!(fs::read(&dump).expect("there"), b"JAVA PROFILE 1.0.2");
    }
}

#[test]
fn refused_before_the_work() {
    let folder = tempfile::tempdir().expect("folder");
    let twice = [
        output(&folder.path().join("a.md")),
        output(&folder.path().join("a.md")),
    ];
    assert!(matches!(
        check(&twice, None),
        Err(OutputError::Twice { .. })
    ));
    let is_folder = [Output {
        target: Target::File(folder.path().to_owned()),
        format: Format::Text,
    }];
    assert!(matches!(
        check(&is_folder, None),
        Err(OutputError::NotAFile { .. })
    ));
    // As it comes from the command line, without a word about its extension.
    assert!(matches!(
        Output::<Format>::new(folder.path(), None),
        Err(OutputError::NotAFile { .. })
    ));
    let missing = [output(&folder.path().join("missing/report.md"))];
    assert!(matches!(
        check(&missing, None),
        Err(OutputError::Folder { .. })
    ));
    let fine = [output(&folder.path().join("a.md"))];
    check(&fine, None).expect("can be written");
    assert_eq!(
        fs::read_dir(folder.path()).expect("a folder").count(),
        0,
        "nothing is left of the check"
    );
    let error = Output::<Format>::new(Path::new("report.docx"), None).expect_err("unknown");
    assert!(error.to_string().contains(".md"), "{error}");
    assert!(Output::new(Path::new("report.docx"), Some(Format::Html)).is_ok());
}

#[test]
fn a_failed_write_leaves_the_old_file() {
    let folder = tempfile::tempdir().expect("folder");
    let error = write(&[output(&folder.path().join("missing/report.md"))], None)
        .expect_err("no such folder");
    assert!(
        matches!(error, OutputError::Folder { .. }) && error.to_string().contains("report.md"),
        "{error}"
    );
    assert!(!error.to_string().contains("hprof-suspects-"), "{error}");
    let old = folder.path().join("old.md");
    fs::write(&old, "old").expect("written");
    write(&[output(&old)], None).expect("replaced");
    assert_ne!(fs::read_to_string(&old).expect("there"), "old");
}

#[test]
fn a_closed_pipe_is_no_failure() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let outputs = [Output {
        target: Target::StandardOutput,
        format: Format::Text,
    }];
    let options = |_: &Output| RenderOptions::default();
    let error = write_all(
        &report_fixtures::suspected(),
        &outputs,
        None,
        options,
        &mut Closed,
    )
    .expect_err("closed");
    assert!(error.is_closed_pipe());
}

#[cfg(unix)]
#[test]
fn files_are_readable_as_any_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("folder");
    let plain = folder.path().join("plain");
    fs::write(&plain, "").expect("written");
    let path = folder.path().join("report.md");
    write(&[output(&path)], None).expect("written");
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode();
    assert_eq!(mode(&path), mode(&plain));
}
