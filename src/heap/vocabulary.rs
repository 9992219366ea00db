//! Words that may travel: those of the program itself.
//!
//! A name that is made at run time (of a thread, of a web application's context) may hold the login of a user or the id of a client.
//! Such a word looks like any other. But what a program calls its threads it mostly calls its classes, fields and methods as well, and
//! those names stand in a report anyway. So a word is shown that occurs in one of them, in a string literal of the program's code, or
//! that threads are called everywhere. Literals hang on the classes that use them (`<resolved_references>`, JDK 9 and later).

use foldhash::HashSet;

/// Words up to this many letters are shown: they tell nothing.
const SHORT: usize = 2;
/// Longer words are not learned.
const LONGEST: usize = 40;

/// Words in the names of threads of JVMs, the JDK and wide-spread libraries, in small letters.
const USUAL: &[&str] = &[
    "acceptor",
    "agent",
    "app",
    "async",
    "attach",
    "background",
    "batch",
    "blocking",
    "boss",
    "broker",
    "build",
    "cache",
    "carrier",
    "cleaner",
    "cleanup",
    "client",
    "commit",
    "common",
    "compaction",
    "compiler",
    "conc",
    "connection",
    "consumer",
    "container",
    "coordinator",
    "core",
    "cpu",
    "daemon",
    "database",
    "default",
    "deflation",
    "destroy",
    "dispatcher",
    "driver",
    "elastic",
    "epoll",
    "event",
    "exec",
    "executor",
    "export",
    "exporter",
    "fetcher",
    "finalizer",
    "flush",
    "fork",
    "group",
    "handler",
    "heap",
    "heartbeat",
    "hikari",
    "hook",
    "housekeeper",
    "http",
    "https",
    "idle",
    "import",
    "init",
    "java",
    "jdbc",
    "job",
    "join",
    "kafka",
    "kqueue",
    "listener",
    "load",
    "log",
    "logger",
    "loop",
    "main",
    "maintenance",
    "manager",
    "media",
    "memory",
    "message",
    "metrics",
    "monitor",
    "netty",
    "network",
    "nio",
    "notification",
    "order",
    "page",
    "parallel",
    "periodic",
    "platform",
    "poller",
    "pool",
    "process",
    "processor",
    "producer",
    "publisher",
    "quartz",
    "query",
    "queue",
    "reactor",
    "read",
    "reader",
    "receiver",
    "reference",
    "refine",
    "refresh",
    "remote",
    "request",
    "response",
    "retry",
    "runner",
    "scan",
    "scheduled",
    "scheduler",
    "selector",
    "sender",
    "serial",
    "server",
    "service",
    "session",
    "shutdown",
    "signal",
    "single",
    "socket",
    "span",
    "statistics",
    "stream",
    "sweeper",
    "sync",
    "system",
    "task",
    "tcp",
    "test",
    "thread",
    "threads",
    "ticker",
    "timer",
    "transaction",
    "transport",
    "unparker",
    "update",
    "user",
    "virtual",
    "wait",
    "waiter",
    "watch",
    "watcher",
    "web",
    "work",
    "worker",
    "workers",
    "write",
    "writer",
];

/// The words of a program.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary(HashSet<String>);

impl Vocabulary {
    /// Learns the words in `name`.
    pub fn learn(&mut self, name: &str) {
        for run in name.split(|c: char| !c.is_alphabetic()) {
            if (1..=LONGEST).contains(&run.len()) {
                self.add(run);
                pieces(run).for_each(|piece| self.add(piece));
            }
        }
    }

    fn add(&mut self, word: &str) {
        let word = word.to_lowercase();
        if !self.0.contains(&word) {
            self.0.insert(word);
        }
    }

    /// `text` with `*` for every word that the program does not use.
    pub fn masked(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_alphabetic());
            let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
            let next = after.find(char::is_alphabetic).unwrap_or(after.len());
            out.push_str(if self.knows(word) { word } else { "*" });
            out.push_str(&after[..next]);
            rest = &after[next..];
        }
        out
    }

    fn knows(&self, word: &str) -> bool {
        let known = |word: &str| {
            let small = word.to_lowercase();
            small.chars().count() <= SHORT
                || USUAL.binary_search(&small.as_str()).is_ok()
                || self.0.contains(&small)
        };
        known(word) || pieces(word).all(known)
    }
}

/// The words that a name in camel case is made of: `HTTPServerPool` of three.
fn pieces(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let mut letters = rest.char_indices().peekable();
        let (_, mut before) = letters.next()?;
        let mut end = rest.len();
        while let Some((at, c)) = letters.next() {
            let small_follows = letters.peek().is_some_and(|(_, next)| next.is_lowercase());
            if c.is_uppercase() && (before.is_lowercase() || small_follows) {
                end = at;
                break;
            }
            before = c;
        }
        let (piece, more) = rest.split_at(end);
        rest = more;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn camel_case_comes_apart() {
        let all = |name| pieces(name).collect::<Vec<_>>();
        assert_eq!(all("HTTPServerPool"), ["HTTP", "Server", "Pool"]);
        assert_eq!(all("nioEventLoop"), ["nio", "Event", "Loop"]);
        assert_eq!(all("x"), ["x"]);
    }

    #[test]
    fn words_of_nobody_are_masked() {
        let mut words = Vocabulary::default();
        words.learn("com.acme.orders.HouseKeeper");
        for (text, shown) in [
            ("HTTP-nio-*-exec-*", "HTTP-nio-*-exec-*"),
            ("orders-worker-*", "orders-worker-*"),
            ("session-jdoe", "session-*"),
            ("acme housekeeper of JDoe", "acme housekeeper of *"),
            ("OrdersThreadPool-*", "OrdersThreadPool-*"),
            ("client | müller", "client | *"),
            ("G* Conc#*", "G* Conc#*"),
        ] {
            assert_eq!(words.masked(text), shown, "{text}");
        }
        assert!(USUAL.is_sorted());
    }
}
