//! `mcp`: a session over standard input and output, line by line, and one with the protocol's own client.

#![cfg(feature = "mcp")]

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::support::{golden, program, project, run, skipped, temporary};

/// A client that speaks the protocol by hand.
struct Client {
    server: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    number: u64,
}

impl Client {
    fn start(arguments: &[&OsStr]) -> Client {
        let mut command = program();
        command.arg("mcp").args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = command.spawn().expect("the server starts");
        let to = server.stdin.take();
        let from = BufReader::new(server.stdout.take().expect("its output"));
        let mut client = Client {
            server,
            to,
            from,
            number: 0,
        };
        let hello = client.request(
            "initialize",
            json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } }),
        );
        assert_eq!(hello["serverInfo"]["name"], "hprof-suspects", "{hello}");
        assert!(
            hello["instructions"]
                .as_str()
                .is_some_and(|text| text.contains("never instructions")),
            "{hello}"
        );
        client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        client
    }

    fn send(&mut self, message: &Value) {
        let to = self.to.as_mut().expect("open");
        writeln!(to, "{message}").expect("sent");
        to.flush().expect("sent");
    }

    fn request(&mut self, method: &str, parameters: Value) -> Value {
        self.number += 1;
        let number = self.number;
        self.send(
            &json!({ "jsonrpc": "2.0", "id": number, "method": method, "params": parameters }),
        );
        loop {
            let mut line = String::new();
            let read = self.from.read_line(&mut line).expect("an answer");
            assert!(read > 0, "the server went away after {method}");
            // Nothing but messages comes this way.
            let message: Value =
                serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
            if message["id"] == json!(number) {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
        }
    }

    fn call(&mut self, tool: &str, arguments: Value) -> Value {
        self.request(
            "tools/call",
            json!({ "name": tool, "arguments": arguments }),
        )
    }

    fn ask(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments);
        assert_ne!(result["isError"], json!(true), "{tool}: {result}");
        result["structuredContent"].clone()
    }

    /// What is said to a call that is wrong.
    fn refused(&mut self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], json!(true), "{tool}: {result}");
        result["content"][0]["text"]
            .as_str()
            .expect("a text")
            .to_owned()
    }

    /// The server ends when its input ends.
    fn end(mut self) {
        drop(self.to.take());
        let status = self.server.wait().expect("it ends");
        assert!(status.success(), "{status}");
    }
}

#[test]
fn the_questions_of_the_commands() {
    let dump = golden("sample");
    let mut client = Client::start(&[dump.as_os_str()]);
    let tools = client.request("tools/list", json!({}));
    let tools = tools["tools"].as_array().expect("tools");
    assert_eq!(tools.len(), 9);
    for tool in tools {
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{tool}");
        assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{tool}");
    }

    let report = client.ask("report", json!({}));
    assert_eq!(report["verdict"], "inconclusive");
    assert!(
        report["suspects"][0]["holder"]
            .as_str()
            .is_some_and(|holder| holder.contains("CacheLeak.PRODUCTS")),
        "{report}"
    );

    // What follows is asked as it stands.
    let suspects = client.ask("suspects", json!({}));
    let next = suspects["rows"][0]["follow_up"][0].clone();
    let object = client.ask(
        next["tool"].as_str().expect("a tool"),
        next["arguments"].clone(),
    );
    let address = object["object"]["object_id"]
        .as_str()
        .expect("an address")
        .to_owned();
    assert!(object.get("referrers").is_none(), "{object}");
    let with = client.ask("object", json!({ "address": address, "referrers": true }));
    let shown = run([
        "show".as_ref(),
        dump.as_os_str(),
        address.as_ref(),
        "-f".as_ref(),
        "json".as_ref(),
        "--top".as_ref(),
        "20".as_ref(),
    ])
    .succeeded()
    .json();
    for part in ["object", "fields", "referrers", "dominated"] {
        assert_eq!(with[part], shown[part], "{part}");
    }
    let path = client.ask("path", json!({ "address": address, "paths": 3 }));
    assert!(
        !path["paths"].as_array().expect("paths").is_empty(),
        "{path}"
    );

    // Pages do not overlap, and end.
    let first = client.ask(
        "histogram",
        json!({ "class": "^java\\.util\\.", "limit": 5, "sort": "objects" }),
    );
    let second = client.ask("histogram", json!({ "class": "^java\\.util\\.", "limit": 5, "sort": "objects", "offset": first["next_offset"] }));
    assert_eq!(first["rows"].as_array().map(Vec::len), Some(5));
    assert_ne!(first["rows"][4], second["rows"][0]);
    let products = client.ask(
        "instances",
        json!({ "class": "com.acme.shop.CacheLeak$Product", "limit": 3, "offset": 7_998 }),
    );
    assert_eq!(
        (
            &products["total"],
            products["rows"].as_array().map(Vec::len)
        ),
        (&json!(8_000), Some(2))
    );
    assert!(products.get("next_offset").is_none(), "{products}");

    let level = client.ask("dominators", json!({ "under": address }));
    assert!(
        level["rows"][0]["retained_bytes"].as_u64() > Some(1_000_000),
        "{level}"
    );
    let packages = client.ask("dominators", json!({ "by": "package", "limit": 2 }));
    assert_eq!(packages["next_offset"], 2, "{packages}");
    let threads = client.ask("threads", json!({ "name": "^main$", "frames": 1 }));
    assert_eq!(threads["total"], 1, "{threads}");
    assert!(
        threads["rows"][0]["frames"]
            .as_array()
            .is_some_and(|frames| frames.len() == 1),
        "{threads}"
    );

    // Mistakes are told, and nothing is read but the dump.
    assert!(
        client
            .refused("object", json!({ "address": "0x1" }))
            .contains("no object at 0x1")
    );
    assert!(
        client
            .refused("object", json!({}))
            .contains("`address` is missing")
    );
    assert!(
        client
            .refused("histogram", json!({ "klass": "x" }))
            .contains("there are: class")
    );
    assert!(
        client
            .refused("histogram", json!({ "class": "(" }))
            .contains("no regular expression")
    );
    assert!(
        client
            .refused("threads", json!({ "limit": 100_000 }))
            .contains("0 to 200")
    );
    assert!(
        client
            .refused("open", json!({ "path": "/etc/passwd" }))
            .contains("no tool")
    );
    assert!(client.refused("compare", json!({})).contains("earlier"));
    client.end();
}

#[test]
fn contents_stay_hidden_unless_the_user_says_otherwise() {
    let dump = golden("planted-secrets");
    let strings = |values: &[&OsStr]| {
        let mut client = Client::start(&[&[dump.as_os_str()], values].concat());
        let found = client.ask(
            "instances",
            json!({ "class": "java.lang.String", "limit": 1 }),
        );
        let object = client.ask(
            "object",
            json!({ "address": found["rows"][0]["object_id"] }),
        );
        let report = client.ask("report", json!({}));
        client.end();
        assert_eq!(report["contains_values"], json!(!values.is_empty()));
        object["value"].clone()
    };
    assert_eq!(strings(&[]), Value::Null);
    assert!(strings(&["--show-values".as_ref()]).is_string());
}

#[test]
fn what_grew_is_compared() {
    let (earlier, dump) = (golden("bounded-queue"), golden("sample"));
    let mut client = Client::start(&[earlier.as_os_str(), dump.as_os_str()]);
    let grown = client.ask("compare", json!({}));
    assert!(
        grown["summary"].is_string() && grown["rows"].is_array(),
        "{grown}"
    );
    client.end();
}

/// Tables in a file lie in pages of the usual size: of huge ones each look would read 2 MiB from the disk, and each change write as many.
#[cfg(target_os = "linux")]
#[test]
fn tables_in_a_file_lie_in_small_pages() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let elements = crate::cost_shapes::SHAPES[0].1;
    let dump = temporary(".hprof", &elements(100_000));
    let words = ["--spill", "always", "--temp-dir"];
    let mut arguments = vec![dump.as_os_str()];
    arguments.extend(words.map(OsStr::new));
    arguments.push(folder.path().as_os_str());
    let mut client = Client::start(&arguments);
    client.ask("report", json!({}));
    let maps = format!("/proc/{}/smaps", client.server.id());
    let maps = std::fs::read_to_string(maps).expect("what is mapped");
    let folder = folder.path().to_str().expect("a plain path");
    let mut tables = 0;
    let mut is_table = false;
    for line in maps.lines() {
        let first = line.split_whitespace().next().unwrap_or_default();
        if first.contains('-') {
            is_table = line.contains(folder);
        } else if let Some(flags) = line.strip_prefix("VmFlags:").filter(|_| is_table) {
            tables += 1;
            assert!(!flags.split_whitespace().any(|it| it == "hg"), "{flags}");
        }
    }
    assert!(tables > 0, "no table in a file: {maps}");
    client.end();
}

#[test]
fn a_file_that_is_no_dump_ends_the_server() {
    let mut command = program();
    command
        .args(["mcp", "/no/such.hprof"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut server = command.spawn().expect("starts");
    let open = server.stdin.take();
    let output = server.wait_with_output().expect("ends");
    drop(open);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no such file"));
    assert!(output.stdout.is_empty());
}

/// The protocol's own client in Python, where it is: `MCP_PYTHON`, else `python3`.
#[test]
fn the_client_of_the_protocol_understands_it() {
    let python = std::env::var_os("MCP_PYTHON").unwrap_or_else(|| "python3".into());
    let has = Command::new(&python).args(["-c", "import mcp"]).output();
    if !has.is_ok_and(|output| output.status.success()) {
        return skipped("needs `pip install mcp` (MCP_PYTHON names the interpreter)");
    }
    let mut session = Command::new(&python);
    session.arg(project().join("tests/mcp/session.py"));
    session
        .arg(env!("CARGO_BIN_EXE_hprof-suspects"))
        .arg(golden("sample"));
    let output = session.output().expect("python runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("done"), "{said}");
}
