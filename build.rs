//! Says for which target and from which commit the program is built: `hprof-suspects --version` prints both.
//!
//! The commit comes from `HPROF_SUSPECTS_COMMIT`, else from the file that `cargo package` adds, else from git. Git is asked for release
//! builds only: a commit must not make the next `cargo check` of a developer build everything again.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const GIVEN: &str = "HPROF_SUSPECTS_COMMIT";
const PACKED: &str = ".cargo_vcs_info.json";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={GIVEN}");
    let target = env::var("TARGET").unwrap_or_default();
    println!("cargo::rustc-env=HPROF_SUSPECTS_TARGET={target}");
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let commit = given()
        .or_else(|| packed(&folder))
        .or_else(|| checked_out(&folder))
        .unwrap_or_else(|| "unknown".to_owned());
    println!("cargo::rustc-env=HPROF_SUSPECTS_BUILT_FROM={commit}");
}

fn given() -> Option<String> {
    let commit = env::var(GIVEN).ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-+".contains(&byte);
    (!commit.is_empty() && commit.bytes().all(plain)).then_some(commit)
}

/// The commit that `cargo package` wrote down.
fn packed(folder: &Path) -> Option<String> {
    let text = fs::read_to_string(folder.join(PACKED)).ok()?;
    let (_, rest) = text.split_once("\"sha1\": \"")?;
    Some(short(rest.split('"').next()?))
}

/// The commit of the work tree, in a release build.
fn checked_out(folder: &Path) -> Option<String> {
    // A package that lies in somebody else's repository is not of its commit.
    if env::var("PROFILE").as_deref() != Ok("release") || !folder.join(".git").exists() {
        return None;
    }
    let git = |arguments: &[&str]| {
        let done = Command::new("git")
            .arg("-C")
            .arg(folder)
            .args(arguments)
            .output()
            .ok()?;
        let text = String::from_utf8(done.stdout).ok()?;
        done.status.success().then(|| text.trim().to_owned())
    };
    // Its last line is written with every commit, checkout and rebase.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={}", folder.join(log).display());
    }
    git(&["rev-parse", "HEAD"]).map(|commit| short(&commit))
}

fn short(commit: &str) -> String {
    commit.chars().take(12).collect()
}
