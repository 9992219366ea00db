//! JVM arguments that bear on memory. Arguments may hold secrets (`-Dpassword=...`): only those listed here are kept, with values that
//! are numbers, sizes or known words.

use crate::heap::Snapshot;
use crate::verdict::facts::Sourced;
use crate::verdict::size::parse_hotspot;

/// Arguments that are kept as they are.
const SWITCHES: &[&str] = &[
    "-XX:+AlwaysPreTouch",
    "-XX:-AlwaysPreTouch",
    "-XX:+HeapDumpOnOutOfMemoryError",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:+CrashOnOutOfMemoryError",
    "-XX:-UseCompressedOops",
    "-XX:+UseCompactObjectHeaders",
    "-XX:+UseContainerSupport",
    "-XX:-UseContainerSupport",
    "-XX:+UseSerialGC",
    "-XX:+UseParallelGC",
    "-XX:+UseParallelOldGC",
    "-XX:+UseConcMarkSweepGC",
    "-XX:+UseParNewGC",
    "-XX:+UseG1GC",
    "-XX:+UseZGC",
    "-XX:+ZGenerational",
    "-XX:-ZGenerational",
    "-XX:+UseShenandoahGC",
    "-XX:+UseEpsilonGC",
];

/// Arguments that are kept if a number, a size or one of [`WORDS`] follows.
const WITH_VALUE: &[&str] = &[
    "-Xmx",
    "-Xms",
    "-Xmn",
    "-Xss",
    "-XX:MaxHeapSize=",
    "-XX:InitialHeapSize=",
    "-XX:SoftMaxHeapSize=",
    "-XX:MaxRAM=",
    "-XX:MaxRAMPercentage=",
    "-XX:MaxRAMFraction=",
    "-XX:InitialRAMPercentage=",
    "-XX:MinRAMPercentage=",
    "-XX:MaxDirectMemorySize=",
    "-XX:MaxMetaspaceSize=",
    "-XX:G1HeapRegionSize=",
    "-XX:CompressedClassSpaceSize=",
    "-XX:ReservedCodeCacheSize=",
    "-XX:ThreadStackSize=",
    "-XX:NativeMemoryTracking=",
    "-Djdk.nio.maxCachedBufferSize=",
    "-Dio.netty.maxDirectMemory=",
    "-Dio.netty.noPreferDirect=",
    "-Dio.netty.allocator.cacheTrimInterval=",
    "-Dio.netty.allocator.cacheTrimIntervalMillis=",
    "-Dio.netty.allocator.chunkSize=",
    "-Dio.netty.allocator.directMemoryCacheAlignment=",
    "-Dio.netty.allocator.maxCachedBufferCapacity=",
    "-Dio.netty.allocator.maxCachedByteBuffersPerChunk=",
    "-Dio.netty.allocator.maxOrder=",
    "-Dio.netty.allocator.normalCacheSize=",
    "-Dio.netty.allocator.numDirectArenas=",
    "-Dio.netty.allocator.numHeapArenas=",
    "-Dio.netty.allocator.pageSize=",
    "-Dio.netty.allocator.smallCacheSize=",
    "-Dio.netty.allocator.tinyCacheSize=",
    "-Dio.netty.allocator.type=",
    "-Dio.netty.allocator.useCacheForAllThreads=",
];

/// Values that are words.
const WORDS: &[&str] = &[
    "true", "false", "off", "summary", "detail", "pooled", "unpooled", "adaptive",
];

/// Whether `argument` is one that bears on memory, with a value that cannot be anything else: a password may stand anywhere.
fn is_kept(argument: &str) -> bool {
    let value = |beginning: &&str| argument.strip_prefix(*beginning);
    SWITCHES.contains(&argument) || WITH_VALUE.iter().filter_map(value).any(is_value)
}

/// Whether `value` is a number with an optional sign and fraction, a size, or one of [`WORDS`].
pub(crate) fn is_value(value: &str) -> bool {
    let number = value.strip_prefix('-').unwrap_or(value);
    let units = ['k', 'K', 'm', 'M', 'g', 'G', 't', 'T'];
    let digits = number.strip_suffix(units).unwrap_or(number);
    let mut parts = digits.splitn(2, '.');
    let is_digits = |part: &str| {
        let all = part.bytes().all(|byte| byte.is_ascii_digit());
        all && (1..=MOST_DIGITS).contains(&part.len())
    };
    WORDS.contains(&value) || parts.all(is_digits)
}

/// Digits of the largest number of bytes.
const MOST_DIGITS: usize = 20;
/// Longest argument that is read, in UTF-16 units.
const LONGEST: usize = 200;
/// Most arguments that are looked at.
const MOST: usize = 2_000;

/// The arguments that matter, those that count more later.
#[derive(Debug, Default)]
pub(crate) struct Flags {
    /// With where each was read.
    kept: Vec<(String, &'static str)>,
}

impl Flags {
    /// From the management interface, where the program asked it, and from the texts of environment `variables`.
    pub fn read(snapshot: &Snapshot, variables: Vec<String>) -> Flags {
        let mut flags = Flags::default();
        for text in variables {
            for word in text.split_whitespace() {
                flags.keep(word, "the environment's JVM options");
            }
        }
        for argument in vm_arguments(snapshot) {
            flags.keep(&argument, "sun.management.VMManagementImpl.vmArgs");
        }
        flags
    }

    fn keep(&mut self, argument: &str, source: &'static str) {
        if is_kept(argument) {
            self.kept.push((argument.to_owned(), source));
        }
    }

    /// The arguments, each once.
    pub fn listed(&self) -> Vec<String> {
        let mut listed: Vec<String> = Vec::new();
        for (argument, _) in &self.kept {
            if !listed.contains(argument) {
                listed.push(argument.clone());
            }
        }
        listed
    }

    /// Whether an argument reads `argument`.
    pub fn has(&self, argument: &str) -> bool {
        self.kept.iter().any(|(it, _)| it == argument)
    }

    /// The last size that an argument with one of these beginnings gives.
    fn size(&self, beginnings: &[&str]) -> Option<(u64, String)> {
        self.kept.iter().rev().find_map(|(argument, source)| {
            let value = beginnings
                .iter()
                .find_map(|beginning| argument.strip_prefix(beginning))?;
            Some((size(value)?, format!("{argument} in {source}")))
        })
    }

    /// The maximum heap that an argument gives.
    pub fn max_heap(&self) -> Option<Sourced> {
        let (bytes, source) = self.size(&["-Xmx", "-XX:MaxHeapSize="])?;
        let source = source.into();
        (bytes > 0).then_some(Sourced { bytes, source })
    }

    /// The stack size in bytes that an argument gives; `ThreadStackSize` is in KiB.
    pub fn stack_bytes(&self) -> Option<u64> {
        let (bytes, _) = self.size(&["-Xss"]).or_else(|| {
            let (kib, source) = self.size(&["-XX:ThreadStackSize="])?;
            Some((kib.checked_mul(1 << 10)?, source))
        })?;
        (bytes > 0).then_some(bytes)
    }

    /// The size in bytes of G1's regions that an argument gives.
    pub fn region_bytes(&self) -> Option<u64> {
        let (bytes, _) = self.size(&["-XX:G1HeapRegionSize="])?;
        bytes.is_power_of_two().then_some(bytes)
    }
}

/// A size as an argument gives it: bytes, or with a unit that is a power of 1024.
fn size(value: &str) -> Option<u64> {
    value
        .parse()
        .ok()
        .or_else(|| parse_hotspot(&value.to_ascii_uppercase()))
}

/// `VMManagementImpl.vmArgs`: an unmodifiable list around a list or an array, or the array itself.
fn vm_arguments(snapshot: &Snapshot) -> Vec<String> {
    let management = snapshot.static_object("sun.management.ManagementFactoryHelper", "jvm");
    let Some(arguments) = management.and_then(|jvm| snapshot.field_object(jvm, "vmArgs")) else {
        return Vec::new();
    };
    let mut at = Some(arguments);
    // Wrappers: unmodifiable list -> list -> array; a chain of any length is a hostile dump.
    for _ in 0..4 {
        let Some(here) = at else { break };
        let elements = snapshot.elements(here);
        if !elements.is_empty() {
            return elements
                .into_iter()
                .take(MOST)
                .flatten()
                .filter_map(|text| snapshot.string(text, LONGEST + 1))
                .collect();
        }
        // Two arguments or one: `List12`.
        let few: Vec<String> = ["e0", "e1"]
            .iter()
            .filter_map(|field| snapshot.field_object(here, field))
            .filter_map(|text| snapshot.string(text, LONGEST + 1))
            .collect();
        if !few.is_empty() {
            return few;
        }
        at = ["list", "c", "a", "elementData", "elements"]
            .iter()
            .find_map(|field| snapshot.field_object(here, field));
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::is_kept;

    #[test]
    fn values_are_sizes_numbers_and_known_words() {
        for kept in [
            "-Xmx512m",
            "-Xss1M",
            "-XX:MaxHeapSize=536870912",
            "-XX:MaxRAMPercentage=75.0",
            "-XX:NativeMemoryTracking=summary",
            "-XX:+UseG1GC",
            "-Dio.netty.maxDirectMemory=-1",
            "-Dio.netty.allocator.type=pooled",
        ] {
            assert!(is_kept(kept), "{kept}");
        }
        for dropped in [
            "-XX:NativeMemoryTracking=hunter2",
            "-Xmxhunter2",
            "-Xmx512mhunter2",
            "-Xmx",
            "-XX:+UseG1GChunter2",
            "-XX:MaxRAMPercentage=7.5.hunter",
            "-Dio.netty.allocator.hunter2=1",
            "-Dio.netty.allocator.type=hunter",
            "-Dpassword=1",
        ] {
            assert!(!is_kept(dropped), "{dropped}");
        }
    }
}
