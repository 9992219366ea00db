//! Commands that were pasted with their output: what they say of the output below them.

use super::context::Context;
use super::formats::cgroup;
use crate::verdict::clean_name;

/// Programs that people on call run. After a bare `#`, or without a prompt, only these are taken for commands.
const TOOLS: &[&str] = &[
    "kubectl",
    "oc",
    "k",
    "docker",
    "podman",
    "nerdctl",
    "crictl",
    "ps",
    "top",
    "pmap",
    "jcmd",
    "jmap",
    "jstat",
    "jinfo",
    "jhsdb",
    "cat",
    "grep",
    "egrep",
    "head",
    "tail",
    "curl",
    "wget",
    "free",
    "sudo",
    "dmesg",
    "journalctl",
    "systemd-cgtop",
    "watch",
    "date",
    "jfr",
    "java",
    "ssh",
    "vmstat",
    "less",
    "more",
];

/// The command in a line of a terminal: after a prompt, after `+ ` of a trace, or alone.
pub(super) fn command_of(line: &str) -> Option<&str> {
    /// Bytes of the longest command that anybody types.
    const LONGEST: usize = 1 << 16;
    let line = line.trim();
    if line.len() > LONGEST {
        return None;
    }
    // Cheap: most lines of most texts have none of it.
    let head = &line.as_bytes()[..line.len().min(160)];
    let has_mark = head
        .iter()
        .any(|b| matches!(b, b'$' | b'#' | b'%' | b'>' | 0xe2));
    if has_mark && let Some(command) = after_prompt(line) {
        return Some(command);
    }
    if let Some(rest) = line.strip_prefix("Every ") {
        let (_, command) = rest.split_once("s: ")?;
        return is_call(command).then_some(command);
    }
    let bare = line.strip_prefix("+ ").unwrap_or(line);
    is_call(bare).then_some(bare)
}

/// What follows a prompt: `user@host:~$ cmd`, `[root@host ~]# cmd`, `bash-5.1$ cmd`, `/ # cmd`, `PS C:\> cmd`, `$ cmd`.
fn after_prompt(line: &str) -> Option<&str> {
    let at = line.find(['$', '#', '%', '>', '❯', '➜'])?;
    let mark = line[at..].chars().next()?;
    let (before, rest) = (line[..at].trim_end(), &line[at + mark.len_utf8()..]);
    if !(rest.is_empty() || rest.starts_with(' ')) {
        return None;
    }
    let command = rest.trim();
    let is_prompt = match (mark, before) {
        ('$' | '❯' | '➜', "") => true,
        (_, "") => is_call(command),
        (_, before) => is_place(before),
    };
    is_prompt.then_some(command)
}

/// Whether `text` is what a shell shows before the mark of its prompt.
fn is_place(text: &str) -> bool {
    let is_shell = ["bash", "sh", "zsh", "ash", "dash"].iter().any(|shell| {
        text.strip_prefix(shell).is_some_and(|version| {
            version.is_empty() || version.starts_with('-') && !version.contains(' ')
        })
    });
    let words = text.split(' ').count();
    let is_host = text.contains('@') && words <= 3 && !text.contains(['=', '{', ':', '"'])
        || text.split_once('@').is_some_and(|(_, host)| {
            host.contains(':') && words <= 2 && !text.contains(['=', '{', '"'])
        });
    let is_path = words == 1 && (text.starts_with('/') || text.starts_with('~'));
    let is_powershell = text.strip_prefix("PS ").unwrap_or(text).get(1..3) == Some(":\\");
    let is_bracket = text.starts_with('[') && text.ends_with(']') && text.contains('@');
    is_shell || is_host || is_path || is_powershell || is_bracket
}

/// Whether `text` calls one of the known programs.
fn is_call(text: &str) -> bool {
    let Some((tool, rest)) = text.split_once(' ') else {
        return false;
    };
    let rest = rest.trim_start();
    let is_argument = rest.starts_with(['-', '/', '$', '.', '"', '\''])
        || rest.starts_with(char::is_alphanumeric);
    let name = tool.rsplit('/').next().unwrap_or(tool);
    // `top - 20:45:58 up` and `java 17` are output.
    let is_short = matches!(name, "java" | "k");
    let is_option = rest.starts_with('-') && !rest.starts_with("- ");
    TOOLS.contains(&name) && is_argument && (is_option || !(is_short || rest.starts_with("- ")))
}

/// What `command` says of the output below it; the time of what came before stays.
pub(super) fn context_of(command: &str, before: &Context) -> Context {
    let mut context = Context {
        command: Some(command.to_owned()),
        time: before.time,
        ..Context::default()
    };
    let words: Vec<&str> = command
        .split([' ', '|', ';', '&', '"', '\'', '(', ')'])
        .filter(|w| !w.is_empty())
        .collect();
    for word in &words {
        context.names.extend(files_of(word));
        context.take_path(word);
    }
    // `tail -n 3` is no namespace.
    if words.iter().any(|w| matches!(*w, "kubectl" | "oc" | "k")) {
        context.subject.namespace = option(&words, &["-n", "--namespace"]).map(clean_name);
    }
    place(&words, &mut context);
    let pid = option(&words, &["-p", "--pid", "-q"]).or_else(|| pid_argument(&words));
    if let Some(pid) = pid.filter(|p| is_pid(p)) {
        context.subject.pid = Some(pid.to_owned());
    }
    context
}

/// The cgroup files that a word names: `memory.current`, `/sys/fs/cgroup/memory.{current,max}`.
fn files_of(word: &str) -> Vec<String> {
    let names: Vec<String> = match (word.split_once('{'), word.split_once('}')) {
        (Some((before, rest)), Some((_, after))) => rest
            .split('}')
            .next()
            .unwrap_or("")
            .split(',')
            .take(40)
            .map(|part| format!("{before}{part}{after}"))
            .collect(),
        _ => vec![word.to_owned()],
    };
    names
        .into_iter()
        .filter(|name| cgroup::is_file(name) && !name.contains('*'))
        .collect()
}

/// Pod and container of `kubectl exec` and `docker exec`.
fn place(words: &[&str], context: &mut Context) {
    let Some(at) = words.iter().position(|w| *w == "exec") else {
        return;
    };
    const WITH_VALUE: [&str; 8] = [
        "-n",
        "--namespace",
        "-c",
        "--container",
        "--context",
        "-u",
        "-e",
        "-w",
    ];
    let mut rest = words[at + 1..].iter();
    let mut name = None;
    while let Some(word) = rest.next() {
        if *word == "--" {
            break;
        } else if WITH_VALUE.contains(word) {
            rest.next();
        } else if !word.starts_with('-') {
            name = Some(*word);
            break;
        }
    }
    let tool = words[..at]
        .iter()
        .any(|w| matches!(*w, "docker" | "podman" | "nerdctl" | "crictl"));
    match name {
        Some(name) if tool => context.subject.container = Some(clean_name(name)),
        // `deploy/shop` is no pod.
        Some(name) => {
            let pod = name.strip_prefix("pod/").unwrap_or(name);
            context.subject.pod = (!pod.contains('/')).then(|| clean_name(pod));
            context.subject.container = option(words, &["-c", "--container"]).map(clean_name);
        }
        None => {}
    }
}

/// The value of an option: `-n shop`, `--namespace=shop`.
fn option<'a>(words: &[&'a str], names: &[&str]) -> Option<&'a str> {
    let mut words = words.iter().take_while(|w| **w != "--");
    while let Some(word) = words.next() {
        if names.contains(word) {
            return words.next().copied();
        }
        if let Some((name, value)) = word.split_once('=')
            && names.contains(&name)
        {
            return Some(value);
        }
    }
    None
}

/// The PID in `jcmd 17 GC.heap_info`, `jstat -gc 17 1s`, `pmap -x 17`.
fn pid_argument<'a>(words: &[&'a str]) -> Option<&'a str> {
    let is_tool = |w: &str| {
        let name = w.rsplit('/').next().unwrap_or(w);
        matches!(name, "jcmd" | "jstat" | "jmap" | "jinfo" | "pmap")
    };
    let at = words.iter().position(|w| is_tool(w))?;
    words[at + 1..].iter().find(|w| is_pid(w)).copied()
}

fn is_pid(word: &str) -> bool {
    !word.is_empty() && word.len() <= 10 && word.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_of_shells() {
        for (line, command) in [
            ("user@bastion:~$ kubectl top pod", "kubectl top pod"),
            ("[root@node-a1 ~]# dmesg -T", "dmesg -T"),
            (
                "bash-5.1# cat /sys/fs/cgroup/memory.max",
                "cat /sys/fs/cgroup/memory.max",
            ),
            ("/ # cat memory.max", "cat memory.max"),
            ("root@shop-7d9f:/app# ps aux", "ps aux"),
            ("PS C:\\> kubectl top pod", "kubectl top pod"),
            ("ada@mac ~ % kubectl top pod", "kubectl top pod"),
            ("$ free -m", "free -m"),
            ("# cat memory.max", "cat memory.max"),
            ("+ jcmd 17 GC.heap_info", "jcmd 17 GC.heap_info"),
            ("Every 2.0s: kubectl top pod", "kubectl top pod"),
            ("user@bastion:~$", ""),
        ] {
            assert_eq!(command_of(line), Some(command), "{line}");
        }
        for line in [
            "# HELP jvm_memory_used_bytes The amount of used memory",
            "shop-7d9f app 3m 12Mi",
            "top - 20:45:58 up 53 min",
            "  num     #instances         #bytes  class name",
            "object space 699392K, 50% used",
            "934d7bb71e1a   shop-app-1   9.60%   1.097GiB / 2GiB",
            "[0.1s][info][gc] GC(1) Pause Full 3M->2M(17M)",
            "jvm_memory_used_bytes{area=\"heap\"} 3 # {id=\"1\"}",
            "==> memory.max <==",
        ] {
            assert_eq!(command_of(line), None, "{line}");
        }
    }

    #[test]
    fn commands_say_whose_it_is() {
        let context = |command: &str| context_of(command, &Context::default());
        let pod = context(
            "kubectl exec -n shop shop-1 -c app -- cat /sys/fs/cgroup/memory.{current,max}",
        );
        assert_eq!(pod.subject.label().as_deref(), Some("shop/shop-1/app"));
        assert_eq!(pod.names.len(), 2);
        assert_eq!(pod.names[1], "/sys/fs/cgroup/memory.max");
        assert_eq!(
            context("docker exec -it app-1 jcmd 17 VM.info")
                .subject
                .label()
                .as_deref(),
            Some("app-1, process 17")
        );
        assert_eq!(context("tail -n 3 gc.log").subject.namespace, None);
        assert_eq!(
            context("cat /proc/17/status").subject.pid.as_deref(),
            Some("17")
        );
        assert_eq!(
            context("ps -o rss= -p 17").subject.pid.as_deref(),
            Some("17")
        );
    }
}
