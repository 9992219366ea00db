//! Names that act, and as much as fits.

use super::*;

/// Names that try to act in a terminal, in Markdown, HTML, SVG, Jira, folded stacks and JSON.
pub fn hostile() -> Report {
    let evil = "evil\u{1b}[31m\u{1b}]0;owned\u{7}<script>alert(1)</script><img src=x onerror=alert(2)>\
                |`*_[x](http://evil.example)\n# h1\r\n@everyone #1 {color:red}!x! \u{202e}gpj.exe\u{9b}2J;1 \
                </svg>&amp;\"'\\{{ 7*7 }}{% raw %}</details>";
    let huge = format!("com.acme.{}Huge", "Ä".repeat(990));
    let mut report = suspected();
    report.dump.file_name = format!("{evil}.hprof");
    report.jvm.version = Some(s(evil));
    report.jvm.main_class = Some(huge.clone());
    report.verdict.headline = format!("Java heap SUSPECTED: {evil}").into();
    report.verdict.reasons = vec![s(evil), huge.clone().into()];
    report.verdict.next_steps = vec![format!("run `{evil}`").into()];
    report.verdict.judged_against = Some(s(evil));
    for suspect in &mut report.suspects {
        suspect.signature = s(evil);
        suspect.holder.class = s(evil);
        suspect.holder.field = Some(huge.clone());
        suspect.content.class = s(evil);
        suspect.path_root = Some(s(evil));
        suspect.notes = vec![s(evil)];
        suspect.members = vec![Member {
            title: s(evil),
            object_id: Some(s(evil)),
            retained_bytes: 1,
        }];
        for step in &mut suspect.path {
            step.class = s(evil);
            step.reference = Some(s(evil));
            step.object_id = s(evil);
        }
        if let Some(pattern) = &mut suspect.pattern {
            pattern.title = s(evil);
            pattern.advice = s(evil);
            pattern.unit = s(evil);
        }
    }
    for entry in &mut report.ledger {
        entry.source = s(evil);
        entry.note = Some(s(evil));
    }
    report.ledger[2].component = s(evil);
    report.checked_and_cleared = vec![Cleared {
        id: s(evil),
        title: s(evil),
        text: s(evil),
        ..Cleared::default()
    }];
    report.classes.push(class(evil, 1, 2, 3));
    report.classes.push(class(&huge, 1, 2, 3));
    report.dominators.push(dominator(evil, evil, 1, 2, 3));
    report
        .dominator_tree
        .nodes
        .push(node(None, Some(evil), evil, MIB, 16, 1));
    report
        .dominator_tree
        .nodes
        .push(node(Some(0), Some("__proto__"), &huge, MIB, 16, 2));
    report.threads = vec![ThreadRow {
        name: s(evil),
        frames: vec![s(evil)],
        state: Some(s(evil)),
        ..ThreadRow::default()
    }];
    report.class_loaders = vec![ClassLoaderRow {
        name: s(evil),
        parent: Some(s(evil)),
        ..ClassLoaderRow::default()
    }];
    report.evidence = vec![Evidence {
        source: s(evil),
        kind: s(evil),
        text: s(evil),
        contradiction: Some(s(evil)),
        readings: Vec::new(),
    }];
    report.waste = Some(Waste {
        findings: vec![WasteFinding {
            kind: s(evil),
            title: s(evil),
            examples: vec![s(evil)],
            ..WasteFinding::default()
        }],
    });
    report.warnings.push(Warning {
        code: s(evil),
        message: s(evil),
        damage: true,
        ..Warning::default()
    });
    report
}

/// As much of everything as a dump of a large application gives, with names as long as they come.
pub fn large() -> Report {
    let mut report = suspected();
    let name = |i: u64| {
        format!(
            "com.acme.platform.subsystem{}.internal.ConfigurationEntryFactoryBean$$Lambda${i}",
            i % 97
        )
    };
    report.verdict.reasons = (0..20)
        .map(|i| format!("reason {i}: {} keeps {i} MiB", name(i)).into())
        .collect();
    report.verdict.next_steps = (0..20)
        .map(|i| format!("step {i}: `jcmd PID GC.heap_dump {}`", name(i)).into())
        .collect();
    let mut suspects = report.suspects.clone();
    for i in 0..30u32 {
        let mut suspect = report.suspects[0].clone();
        suspect.rank = i + 3;
        suspect.notes = (0..10)
            .map(|n| format!("note {n} about {}", name(n)).into())
            .collect();
        suspect.path = (0..400)
            .map(|d| {
                step(
                    &format!("0x7f{d:08x}"),
                    &name(d),
                    Some("next"),
                    65_000_000 - d,
                )
            })
            .collect();
        suspect.members = (0..500)
            .map(|m| Member {
                title: name(m),
                object_id: None,
                retained_bytes: 5_000_000 - m,
            })
            .collect();
        suspects.push(suspect);
    }
    report.suspects = suspects;
    report.ledger.extend((0..40).map(|i| {
        range(
            &format!("component_{i}"),
            i * MIB,
            2 * i * MIB,
            "x",
            &name(i),
        )
    }));
    report.classes = (0..5_000)
        .map(|i| class(&name(i), 10_000 - i, 1_000_000 - i, 80_000_000 - i))
        .collect();
    report.dominators = (0..5_000)
        .map(|i| {
            dominator(
                &format!("0x7f{i:08x}"),
                &name(i),
                48,
                70_000_000 - i,
                9_000 - i,
            )
        })
        .collect();
    report.threads = (0..2_000)
        .map(|i| ThreadRow {
            name: format!("worker-{}", name(i)),
            count: 1,
            retained_bytes: 1_000_000 - i,
            frames: (0..100)
                .map(|f| format!("{}.run(Main.java:{f})", name(f)))
                .collect(),
            ..ThreadRow::default()
        })
        .collect();
    report.class_loaders = (0..1_000)
        .map(|i| ClassLoaderRow {
            name: name(i),
            count: 1,
            classes: i,
            retained_bytes: i,
            ..ClassLoaderRow::default()
        })
        .collect();
    report.checked_and_cleared = (0..52)
        .map(|i| Cleared {
            id: s("x"),
            title: format!("Component{i}"),
            text: s("400 B, by design"),
            ..Cleared::default()
        })
        .collect();
    report.warnings.extend((0..300).map(|i| Warning {
        code: s("unknown_sub_record"),
        message:
            format!("sub-record 0x{i:02x} is not known: the segment behind it was left out").into(),
        offset: Some(i * 1_000_003),
        count: Some(i),
        damage: i % 3 == 0,
    }));
    let total = report.dominator_tree.total_bytes;
    let mut nodes: Vec<TreeNode> = Vec::new();
    for i in 0..20_000u64 {
        // 200 trees of 100 nodes, each a chain that branches: deep and wide.
        let parent =
            (i % 100 != 0).then(|| u32::try_from(i - 1 - (i % 7).min(i % 100 - 1)).expect("small"));
        let retained = parent.map_or(total / 200, |p| nodes[p as usize].retained_bytes / 8);
        nodes.push(node(parent, Some("field"), &name(i), retained, 16, 1));
    }
    report.dominator_tree.nodes = nodes;
    report
}
