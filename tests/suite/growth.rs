//! What grew between two or more inputs, by owner.

use crate::growth_support::{
    compared, dump, grown, growth, heap, map_of, rooms, saved, store, with_course,
};
use crate::holders_support::{in_static, object, payloads};
use crate::support::{report, temporary};
use crate::synth::{Heap, Kind, Obj};

#[test]
fn the_field_that_grew_is_named_and_the_constant_one_is_not() {
    let dumps = [3_000, 12_000, 24_000].map(|n| dump(&store(7, n), n as u64));
    let growth = growth(&dumps);
    assert_eq!(grown(&growth), ["com.acme.Store.ORDERS"], "{growth}");
    let row = &growth["holders"][0];
    assert_eq!(row["objects"], serde_json::json!([3_000, 12_000, 24_000]));
    assert_eq!(row["content"]["class"], "com.acme.Order");
    assert_eq!(row["intervals_grown"], 2);
    assert_eq!(growth["judged"], serde_json::json!([0, 1, 2]));
    let constant = with_course(&growth, &["constant"]);
    assert_eq!(constant, ["com.acme.Table.RATES"], "{growth}");
    let share = row["share_of_growth"].as_f64().expect("a share");
    assert!((0.95..=1.05).contains(&share), "{share}");
}

#[test]
fn a_dump_compared_with_itself_accuses_nobody() {
    let same = dump(&store(7, 12_000), 0);
    let growth = growth(&[&same, &same, &same]);
    assert_eq!(grown(&growth), [""; 0]);
    assert_eq!(growth["grew_bytes"], 0);
    let moved = with_course(&growth, &["warmed_up", "peaked", "shrank", "gone"]);
    assert_eq!(moved, [""; 0], "{growth}");
}

/// Which field has the growth of a container's elements: the declaring one, not that of the container.
#[test]
fn elements_of_a_constant_container_grow() {
    let dumps = [20, 120, 220].map(|n| dump(&rooms(7, 100, n), n as u64));
    let growth = growth(&dumps);
    assert_eq!(grown(&growth), ["com.acme.Room.history"], "{growth}");
    let row = &growth["holders"][0];
    assert_eq!(row["objects"], serde_json::json!([2_000, 12_000, 22_000]));
    assert_eq!(row["instances"], serde_json::json!([100, 100, 100]));
    assert_eq!(row["inside"], "com.acme.Lobby.ROOMS");
}

/// More and more elements, each with a list of its own: the container grows.
#[test]
fn more_elements_with_fields_of_their_own() {
    let dumps = [20, 120, 220].map(|n| dump(&rooms(7, n, 50), n as u64));
    let growth = growth(&dumps);
    assert_eq!(grown(&growth), ["com.acme.Lobby.ROOMS"], "{growth}");
    assert_eq!(
        growth["holders"][0]["objects"],
        serde_json::json!([20, 120, 220])
    );
}

#[test]
fn a_queue_that_was_full_in_between_is_no_leak() {
    let sizes = [300, 25_000, 600].into_iter().zip(0..);
    let dumps: Vec<_> = sizes.map(|(n, at)| dump(&store(7, n), at)).collect();
    let growth = growth(&dumps);
    assert_eq!(grown(&growth), [""; 0], "{growth}");
    assert_eq!(with_course(&growth, &["peaked"]), ["com.acme.Store.ORDERS"]);
}

#[test]
fn what_stopped_growing_has_warmed_up() {
    let dumps: Vec<_> = [3_000, 15_000, 15_000]
        .iter()
        .zip(0..)
        .map(|(&n, at)| dump(&store(7, n), at))
        .collect();
    let growth = growth(&dumps);
    assert_eq!(grown(&growth), [""; 0], "{growth}");
    assert_eq!(
        with_course(&growth, &["warmed_up"]),
        ["com.acme.Store.ORDERS"]
    );
}

/// Growth is judged within a process: a smaller dump after a restart is no fix, a larger one no growth.
#[test]
fn restarts_are_recognised() {
    let leak = [(7, 3_000), (7, 12_000), (8, 500)];
    let dumps: Vec<_> = leak
        .iter()
        .zip(0..)
        .map(|(&(salt, n), at)| dump(&store(salt, n), at))
        .collect();
    let of_first = growth(&dumps);
    assert_eq!(grown(&of_first), ["com.acme.Store.ORDERS"], "{of_first}");
    assert_eq!(of_first["judged"], serde_json::json!([0, 1]));
    assert_ne!(
        of_first["inputs"][1]["process"],
        of_first["inputs"][2]["process"]
    );
    assert!(
        of_first["notes"].to_string().contains("2 processes"),
        "{of_first}"
    );
    let replicas = [dump(&store(7, 3_000), 0), dump(&store(8, 12_000), 1)];
    let of_two = growth(&replicas);
    assert_eq!(grown(&of_two), [""; 0], "{of_two}");
    assert_eq!(of_two["judged"], serde_json::json!([]));
    assert!(of_two["grew_bytes"].is_null());
}

#[test]
fn another_program_is_told_and_not_compared() {
    let other = |salt| {
        let mut heap = heap(salt);
        for class in ["org.other.A", "org.other.B", "org.other.C", "org.other.D"] {
            let all = payloads(&mut heap, &format!("{class}Item"), 2_000, 200);
            let list = heap.array_list(&all);
            in_static(&mut heap, class, "ALL", list);
        }
        heap
    };
    let dumps = [dump(&other(7), 0), dump(&store(8, 12_000), 1)];
    let growth = growth(&dumps);
    assert_eq!(grown(&growth), [""; 0]);
    assert!(
        growth["notes"].to_string().contains("another program"),
        "{growth}"
    );
}

#[test]
fn a_damaged_dump_is_no_baseline() {
    let mut cut = store(7, 3_000).write().bytes;
    cut.truncate(cut.len() / 2);
    let cut = temporary(".hprof", &cut);
    let whole = [5_000, 12_000].map(|n| dump(&store(7, n), n as u64));
    let growth = growth(&[&cut, &whole[0], &whole[1]]);
    assert_eq!(growth["inputs"][0]["complete"], false);
    assert_eq!(growth["judged"], serde_json::json!([1, 2]));
    assert_eq!(
        growth["holders"][0]["objects"],
        serde_json::json!([null, 5_000, 12_000])
    );
    assert_eq!(grown(&growth), ["com.acme.Store.ORDERS"]);
}

/// Two fields hold the same: the first by name has it, whichever the dump has first.
#[test]
fn the_first_by_name_has_what_two_fields_hold() {
    let two = |n: usize, swapped: bool| {
        let mut heap = heap(7);
        let all = payloads(&mut heap, "com.acme.Trigger", n, 200);
        let maps: [Obj; 2] = [map_of(&mut heap, &all), map_of(&mut heap, &all)];
        let (a, b) = if swapped { (1, 0) } else { (0, 1) };
        let fields = [("byJob", maps[a].into()), ("byKey", maps[b].into())];
        let scheduler = object(&mut heap, "com.acme.Scheduler", &fields);
        in_static(&mut heap, "com.acme.Main", "SCHEDULER", scheduler);
        heap
    };
    let dumps =
        [(2_000, false), (9_000, true)].map(|(n, swapped)| dump(&two(n, swapped), n as u64));
    let growth = growth(&dumps);
    assert_eq!(grown(&growth)[0], "com.acme.Scheduler.byJob", "{growth}");
    assert_eq!(
        growth["holders"][0]["objects"],
        serde_json::json!([2_000, 9_000])
    );
}

/// Who keeps what is shared is asked for each group of objects by itself: many groups with many referrers hide no answer of another one.
#[test]
fn many_shared_objects_hide_no_owner_of_another() {
    let mut heap = heap(7);
    for number in 0..20 {
        let all = payloads(&mut heap, &format!("com.acme.Part{number}"), 32, 2_000);
        // Each part is in four lists, and two fields have all of these.
        let lists = all.iter().flat_map(|&part| [part; 4]);
        let lists: Vec<Obj> = lists.map(|part| heap.array_list(&[part])).collect();
        let (first, second) = (heap.array_list(&lists), heap.array_list(&lists));
        let fields = [("first", first.into()), ("second", second.into())];
        let table = object(&mut heap, &format!("com.acme.Table{number}"), &fields);
        in_static(&mut heap, &format!("com.acme.Main{number}"), "TABLE", table);
    }
    // Views that a screen shows, and that a bus knows through their listeners.
    let view = heap.class("com.acme.View").app();
    let view = view
        .field("pixels", Kind::Object)
        .field("listener", Kind::Object)
        .done();
    let listener = heap.class("com.acme.View$$Lambda+0x0000000056040a70").app();
    let listener = listener.field("arg$1", Kind::Object).done();
    let (mut views, mut listeners) = (Vec::new(), Vec::new());
    for _ in 0..200 {
        let (shown, listening) = (heap.instance(view), heap.instance(listener));
        let pixels = heap.prim_array(Kind::Byte, 400);
        heap.set(shown, "pixels", pixels)
            .set(shown, "listener", listening);
        heap.set(listening, "arg$1", shown);
        views.push(shown);
        listeners.push(listening);
    }
    let (views, listeners) = (heap.array_list(&views), heap.array_list(&listeners));
    let fields = [("listeners", listeners.into()), ("open", views.into())];
    let desk = object(&mut heap, "com.acme.Desk", &fields);
    in_static(&mut heap, "com.acme.Main", "DESK", desk);
    let dump = dump(&heap, 0);
    let report = report(&dump);
    let owners = report["inventory"]["owners"].as_array().expect("owners");
    let of_views = |owner: &&serde_json::Value| {
        let contents = owner["contents"].as_array().into_iter().flatten();
        contents.clone().any(|of| of["class"] == "com.acme.View")
    };
    let keeps = owners.iter().find(of_views);
    // Both fields have them: the first by name.
    assert_eq!(
        keeps.expect("an owner")["field"],
        "listeners",
        "{owners:#?}"
    );
}

/// Threads of a pool and what each has in a thread-local: the pool where there are more threads, the thread-local where it grows.
#[test]
fn threads_and_thread_locals() {
    let pool = |threads: usize, buffers: usize| {
        let mut heap = heap(7);
        let key = heap.new_object("java.lang.ThreadLocal");
        in_static(&mut heap, "com.acme.Buffers", "LOCAL", key);
        for i in 0..threads {
            let thread = heap.thread(&format!("mail-sender-{i}"));
            let all = payloads(&mut heap, "com.acme.Buffer", buffers, 500);
            let list = heap.array_list(&all);
            heap.set_thread_local(thread, key, list);
        }
        heap
    };
    let dumps = [(20, 20), (80, 20)].map(|(n, each)| dump(&pool(n, each), n as u64));
    let more = growth(&dumps);
    // The words of a name that no class has are masked.
    assert_eq!(grown(&more).len(), 1, "{more}");
    assert_eq!(more["holders"][0]["holder"]["kind"], "thread", "{more}");
    assert_eq!(more["threads"][0]["count"], serde_json::json!([20, 80]));
    let dumps = [(20, 20), (20, 80)].map(|(n, each)| dump(&pool(n, each), each as u64));
    let larger = growth(&dumps);
    assert_eq!(grown(&larger), ["com.acme.Buffers.LOCAL"], "{larger}");
}

#[test]
fn reports_in_the_place_of_dumps_say_the_same() {
    let dumps = [3_000, 12_000, 24_000].map(|n| dump(&store(7, n), n as u64));
    let direct = growth(&dumps);
    let reports: Vec<_> = dumps.iter().map(|dump| saved(dump)).collect();
    let mixed = growth(&[&*reports[0], &*reports[1], &*dumps[2]]);
    assert_eq!(direct["holders"], mixed["holders"]);
    assert_eq!(direct["classes"], mixed["classes"]);
    let alone = growth(&reports);
    assert_eq!(direct["holders"], alone["holders"]);
    let kinds: Vec<_> = mixed["inputs"]
        .as_array()
        .expect("inputs")
        .iter()
        .map(|input| input["kind"].clone())
        .collect();
    assert_eq!(kinds, ["report", "report", "dump"]);
}

#[test]
fn the_order_of_the_arguments_and_threads_do_not_matter() {
    let dumps = [3_000, 12_000, 24_000].map(|n| dump(&store(7, n), n as u64));
    let [a, b, c] = &dumps;
    let in_order = growth(&[a, b, c]);
    let out_of_order = compared(&[c, a, b], &["--format", "json"])
        .succeeded()
        .json();
    assert_eq!(in_order["holders"], out_of_order["growth"]["holders"]);
    assert!(
        out_of_order["warnings"]
            .to_string()
            .contains("order_of_inputs")
    );
    let text = |threads: &str| {
        compared(&[a, b, c], &["--format", "json", "--threads", threads])
            .succeeded()
            .stdout
    };
    assert_eq!(text("1"), text("4"));
    let baseline = a.to_str().expect("a plain path");
    let named = compared(&[b, c], &["--baseline", baseline, "--format", "json"])
        .succeeded()
        .json();
    assert_eq!(in_order["holders"], named["growth"]["holders"]);
}

#[test]
fn gates() {
    let dumps = [3_000, 24_000].map(|n| dump(&store(7, n), n as u64));
    let exit = |gate: &str| compared(&dumps, &["--fail-on", gate]).code;
    assert_eq!(exit("grew=1MiB"), Some(3));
    assert_eq!(exit("grew=50MiB"), Some(0));
    assert_eq!(exit("new-suspect"), Some(0));
    let reports: Vec<_> = dumps.iter().map(|dump| saved(dump)).collect();
    assert_eq!(
        compared(&reports, &["--fail-on", "grew=1MiB"]).code,
        Some(3)
    );
    let appeared = [heap(7), store(7, 30_000)].map(|heap: Heap| dump(&heap, 0));
    assert_eq!(
        compared(&appeared, &["--fail-on", "new-suspect"]).code,
        Some(3)
    );
}

/// With reports alone, what grew decides as it does with the dump.
#[test]
fn reports_alone_are_judged() {
    let dumps = [3_000, 12_000, 24_000].map(|n| dump(&store(7, n), n as u64));
    let reports: Vec<_> = dumps.iter().map(|dump| saved(dump)).collect();
    let of = |inputs: &[&std::path::Path]| {
        let report = compared(inputs, &["--format", "json"]).succeeded().json();
        report["verdict"].clone()
    };
    let verdict = of(&[&reports[0], &reports[1], &reports[2]]);
    assert_eq!(verdict["heap"], "suspected", "{verdict}");
    assert_eq!(verdict["confidence"], "high", "{verdict}");
    let headline = verdict["headline"].as_str().expect("a headline");
    assert!(headline.contains("com.acme.Store.ORDERS"), "{headline}");
    let same = of(&[&reports[2], &reports[2]]);
    assert_eq!(same["heap"], "ruled_out", "{same}");
    let exit = |gate: &str| compared(&reports, &["--fail-on", gate]).code;
    assert_eq!(exit("suspected"), Some(3));
}

/// Bytes and objects from input to input, and in an hour where the times are known.
#[test]
fn rates_and_intervals() {
    let dumps = [(0, 3_000), (30, 12_000), (120, 24_000)];
    let dumps = dumps.map(|(minutes, n)| dump(&store(7, n), minutes));
    let told = growth(&dumps);
    let row = &told["holders"][0];
    assert_eq!(row["interval_objects"], serde_json::json!([9_000, 12_000]));
    assert_eq!(row["objects_per_hour"], 10_500);
    let grew = row["grew_bytes"].as_i64().expect("bytes");
    assert_eq!(row["bytes_per_hour"], grew / 2);
    let intervals = row["interval_bytes"].as_array().expect("intervals");
    let sum: i64 = intervals.iter().filter_map(|it| it.as_i64()).sum();
    assert_eq!(sum, grew);
    let text = compared(&dumps, &[]).succeeded().text();
    assert!(text.contains("an hour"), "{text}");
    // Dumps of one minute give no rate.
    let near = [3_000, 12_000].map(|n| dump(&store(7, n), 0));
    assert!(growth(&near)["holders"][0]["bytes_per_hour"].is_null());
}

/// One interval may be a warm-up: the next step is the command that compares all of them with a later one.
#[test]
fn the_next_step_names_all_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let names = ["one.hprof", "two.hprof"].map(|name| folder.path().join(name));
    for (name, orders) in names.iter().zip([3_000, 60_000]) {
        std::fs::write(name, store(7, orders).write().bytes).expect("a dump");
    }
    let report = compared(&names, &["--format", "json"]).succeeded().json();
    let steps = report["verdict"]["next_steps"].to_string();
    assert!(
        steps.contains("`hprof-suspects one.hprof two.hprof LATER.hprof`"),
        "{steps}"
    );
}

/// What a comparison needs of a report with hundreds of owners and classes is at most 40 KB of it; what does not fit is below the floors.
#[test]
fn the_inventory_of_a_large_application_is_small() {
    let mut heap = heap(7);
    for i in 0..400 {
        let class = format!("com.acme.inventory.of.a.large.application.part{i}.Service{i}");
        let all = payloads(&mut heap, &format!("{class}Item"), 2, 9_000 + i);
        let list = heap.array_list(&all);
        in_static(&mut heap, &class, "ALL_THAT_IT_HAS", list);
    }
    let saved = saved(&dump(&heap, 0));
    let text = std::fs::read_to_string(&saved).expect("a report");
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let inventory = &report["inventory"];
    let start = text.find("\n  \"inventory\": {").expect("an inventory");
    let length = text[start + 1..].find("\n  \"").expect("what follows");
    assert!((20_000..=40_960).contains(&length), "{length}");
    let owners = inventory["owners"].as_array().expect("owners");
    assert!(owners.len() > 50, "{}", owners.len());
    let floor = inventory["owners_floor_bytes"].as_u64().expect("a floor");
    let least = owners
        .iter()
        .filter_map(|owner| owner["bytes"].as_u64())
        .min();
    assert!(
        floor > 16 << 10 && least >= Some(floor - 1),
        "{floor} {least:?}"
    );
    // A dump compared with itself is the same all the same.
    let twice = growth(&[&saved, &saved]);
    assert_eq!(grown(&twice), [""; 0]);
}

#[test]
fn a_report_alone_has_nothing_to_be_compared_with() {
    let report = saved(&dump(&store(7, 3_000), 0));
    let run = compared(&[report], &[]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("later input"), "{}", run.stderr);
}

#[test]
fn growth_comes_first_in_every_text() {
    let dumps = [3_000, 12_000, 24_000].map(|n| dump(&store(7, n), n as u64));
    for (format, heading) in [
        ("text", "\nGROWTH"),
        ("markdown", "### Growth"),
        ("jira", "h3. Growth"),
    ] {
        let text = compared(&dumps, &["--format", format]).succeeded().text();
        assert!(text.contains(heading), "{format}: {text}");
        assert!(text.contains("com.acme.Store.ORDERS"), "{format}: {text}");
        assert!(text.contains("12,000"), "{format}: {text}");
    }
}
