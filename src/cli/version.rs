//! What `--version` says: `-V` the number alone.

use std::sync::LazyLock;

use crate::platform;

/// Version, commit, target and what this build can do, a line each.
pub fn long() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "{}\ncommit: {}\ntarget: {}\nfeatures: {}",
            env!("CARGO_PKG_VERSION"),
            env!("HPROF_SUSPECTS_BUILT_FROM"),
            env!("HPROF_SUSPECTS_TARGET"),
            features().join(", ")
        )
    });
    &TEXT
}

/// What is not the same in every build.
fn features() -> Vec<&'static str> {
    let all = [
        (crate::collect::IS_SUPPORTED, "collect"),
        (platform::MAPS_FILES, "mapped files"),
        (platform::pages::MAPS_MEMORY, "recycled memory"),
        // The processor must have it: see .cargo/config.toml.
        (cfg!(target_feature = "popcnt"), "popcnt"),
    ];
    let built_in = all.into_iter().filter(|(is_there, _)| *is_there);
    built_in.map(|(_, name)| name).collect()
}
