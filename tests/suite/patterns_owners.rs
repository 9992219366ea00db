//! Which pattern a suspect gets where the component does not dominate what is held, or only happens to lie around it.

use serde_json::Value as Json;

use crate::holders_support::{KB, in_static, json, object, payloads};
use crate::patterns_shapes::{self, Case};
use crate::synth::{Heap, Obj, Value};

/// The pattern of the first suspect.
fn pattern(heap: &Heap) -> Json {
    json(heap)["suspects"][0]["pattern"].clone()
}

fn keep(heap: &mut Heap, objects: &[Obj]) {
    let list = heap.array_list(objects);
    let registry = object(heap, "com.acme.Registry", &[("all", list.into())]);
    in_static(heap, "com.acme.Main", "REGISTRY", registry);
}

/// What the application holds does not wait for the finalizer.
#[test]
fn finalizable_objects_in_use_are_no_backlog() {
    for (n, bytes) in [(16, 400 * KB), (11_000, KB)] {
        let mut heap = Heap::new();
        let arenas = payloads(&mut heap, "com.acme.Arena", n, bytes);
        for &arena in &arenas {
            heap.finalizable(arena);
        }
        keep(&mut heap, &arenas);
        assert_eq!(pattern(&heap), Json::Null, "{n}");
    }
}

/// Producers are small; as many reporters of the same library are what keeps the memory.
#[test]
fn as_many_parts_as_components_are_theirs() {
    let producer = "org.apache.kafka.clients.producer.KafkaProducer";
    let reporter = "org.apache.kafka.common.telemetry.internals.ClientTelemetryReporter";
    for (class, parts, told) in [
        (reporter, 60, true),
        (reporter, 90, false),
        ("com.acme.Reporter", 60, false),
        ("org.apache.lucene.Reporter", 60, false),
    ] {
        let mut heap = Heap::new();
        patterns_shapes::many(&mut heap, producer, 60);
        let parts = payloads(&mut heap, class, parts, 60 * KB);
        keep(&mut heap, &parts);
        let id = pattern(&heap)["id"].clone();
        assert_eq!(id == "kafka_producers", told, "{class}: {id}");
    }
}

#[test]
fn statements_are_counted_by_their_connection() {
    for (connections, id) in [(1, "jdbc_open_statements"), (300, "jdbc_statements")] {
        let mut heap = Heap::new();
        let class = "org.postgresql.jdbc.PgConnection";
        let connections: Vec<Obj> = (0..connections)
            .map(|_| patterns_shapes::object(&mut heap, class, &[]))
            .collect();
        let statements: Vec<Obj> = (0..300)
            .map(|i| {
                let buffer = heap.bytes(&[1; 10 * KB]);
                let connection = connections[i % connections.len()];
                let fields = [("connection", connection.into()), ("buffer", buffer.into())];
                patterns_shapes::object(&mut heap, "org.postgresql.jdbc.PgStatement", &fields)
            })
            .collect();
        keep(&mut heap, &statements);
        let pattern = pattern(&heap);
        assert_eq!(pattern["id"], id, "{pattern}");
        assert_eq!(pattern["measured"], 300, "{pattern}");
        let advice = pattern["advice"].as_str().expect("an advice");
        assert_eq!(
            advice.starts_with("This number is usual"),
            connections.len() > 1,
            "{advice}"
        );
    }
}

/// The statements are listeners of the connection as well, so the connection dominates them, not their set.
#[test]
fn what_a_component_holds_twice_is_its_own() {
    for (n, told) in [(300, true), (200, false)] {
        let mut heap = Heap::new();
        let statements = payloads(&mut heap, "com.acme.driver.Stmt", n, 10 * KB);
        let values: Vec<Value> = statements.iter().map(|&s| s.into()).collect();
        let (active, listeners) = (heap.hash_set(&values), heap.array_list(&statements));
        let class = "com.mchange.v2.c3p0.impl.NewPooledConnection";
        let fields = [
            ("uncachedActiveStatements", active.into()),
            ("listeners", listeners.into()),
        ];
        let connection = object(&mut heap, class, &fields);
        in_static(&mut heap, "com.acme.Dao", "CONNECTION", connection);
        let pattern = pattern(&heap);
        assert_eq!(pattern["id"], "jdbc_open_statements", "{n}: {pattern}");
        assert_eq!(pattern["assessment"] == "unbounded", told, "{n}: {pattern}");
    }
}

/// A user is in the map of users and in the session that the map of sessions has.
#[test]
fn a_registry_of_sessions_is_known_by_both_of_its_maps() {
    let mut heap = Heap::new();
    let users = payloads(&mut heap, "com.acme.User", 10_100, 300);
    let sessions: Vec<(Value, Value)> = users
        .iter()
        .map(|&user| {
            let class = "org.springframework.security.core.session.SessionInformation";
            let session = patterns_shapes::object(&mut heap, class, &[("principal", user.into())]);
            (session.into(), session.into())
        })
        .collect();
    let users: Vec<(Value, Value)> = users.iter().map(|&u| (u.into(), Value::Null)).collect();
    let (ids, principals) = (
        heap.concurrent_hash_map(&sessions),
        heap.concurrent_hash_map(&users),
    );
    let class = "org.springframework.security.core.session.SessionRegistryImpl";
    let fields = [
        ("sessionIds", ids.into()),
        ("principals", principals.into()),
    ];
    let registry = object(&mut heap, class, &fields);
    in_static(&mut heap, "com.acme.Security", "REGISTRY", registry);
    let pattern = pattern(&heap);
    assert_eq!(pattern["id"], "http_sessions", "{pattern}");
    assert_eq!(pattern["assessment"], "unbounded", "{pattern}");
}

#[test]
fn a_store_of_sessions_within_its_maximum_is_no_suspect() {
    for (most, within) in [(12_000, true), (9_000, false)] {
        let mut heap = Heap::new();
        let sessions = payloads(&mut heap, "com.acme.Basket", 12_000, 300);
        let pairs: Vec<(Value, Value)> = sessions.iter().map(|&s| (s.into(), s.into())).collect();
        let map = heap.concurrent_hash_map(&pairs);
        let class = "org.springframework.web.server.session.InMemoryWebSessionStore";
        let fields = [("sessions", map.into()), ("maxSessions", Value::Int(most))];
        let store = object(&mut heap, class, &fields);
        in_static(&mut heap, "com.acme.Web", "STORE", store);
        let json = json(&heap);
        let suspects = json["suspects"].as_array().expect("a list");
        assert_eq!(suspects.is_empty(), within, "{json}");
    }
}

/// Both the pool and its routes have what is leased.
#[test]
fn connections_that_were_not_given_back() {
    for (n, told) in [(300, true), (150, false)] {
        let mut heap = Heap::new();
        let class = "org.apache.http.impl.conn.CPoolEntry";
        let entries = payloads(&mut heap, class, n, 16 * KB);
        let values: Vec<Value> = entries.iter().map(|&e| e.into()).collect();
        let (leased, routes) = (heap.hash_set(&values), heap.hash_set(&values));
        let fields = [
            ("leased", leased.into()),
            ("routeToPool", routes.into()),
            ("maxTotal", Value::Int(1_000)),
        ];
        let pool = object(&mut heap, "org.apache.http.pool.AbstractConnPool", &fields);
        in_static(&mut heap, "com.acme.Http", "POOL", pool);
        let pattern = pattern(&heap);
        assert_eq!(pattern["id"], "http_connections_leased", "{pattern}");
        assert_eq!(pattern["assessment"] == "unbounded", told, "{pattern}");
    }
}

/// What threads share they have inherited; what each has for itself it may have set.
#[test]
fn the_advice_on_inherited_values_depends_on_whether_they_are_shared() {
    for shared in [true, false] {
        let mut heap = Heap::new();
        crate::patterns_jdk::inherited(&mut heap, shared, 1_300 * KB);
        let pattern = pattern(&heap);
        assert_eq!(pattern["id"], "inheritable_thread_local", "{pattern}");
        let advice = pattern["advice"].as_str().expect("an advice");
        assert_eq!(advice.contains("remove()"), !shared, "{advice}");
    }
}

/// The queue of an executor is a bounded queue: it is told once, by the pattern that knows what it is for.
#[test]
fn a_queue_of_a_known_component_is_told_once() {
    let mut heap = Heap::new();
    let pages = payloads(&mut heap, "com.acme.Task", 1_000, 4 * KB);
    let queue = heap.array_blocking_queue(1_000, &pages);
    let class = "java.util.concurrent.ThreadPoolExecutor";
    let pool = patterns_shapes::object(&mut heap, class, &[("workQueue", queue.into())]);
    // The caches of plans are below the component that the pattern knows.
    let segment = [("count", Value::Int(90)), ("evictCap", Value::Int(100))];
    let segment = patterns_shapes::object(&mut heap, "org.hibernate.Segment", &segment);
    let body = heap.bytes(&[1; 2_000 * KB]);
    let body = patterns_shapes::object(&mut heap, "org.hibernate.Plan", &[("b", body.into())]);
    let class = heap.jdk("java.lang.Object");
    let segments = heap.object_array(class, &[segment, body]);
    let class = "org.hibernate.internal.util.collections.BoundedConcurrentHashMap";
    let map = patterns_shapes::object(&mut heap, class, &[("segments", segments.into())]);
    let class = "org.hibernate.engine.query.spi.QueryPlanCache";
    let plans = patterns_shapes::object(&mut heap, class, &[("queryPlanCache", map.into())]);
    patterns_shapes::keep(&mut heap, &[pool, plans]);
    let json = json(&heap);
    let rows = json["checked_and_cleared"].as_array().expect("rows");
    let ids: Vec<&str> = rows.iter().filter_map(|row| row["id"].as_str()).collect();
    let expected = ["executor_unbounded_queue", "hibernate_query_plan_cache"];
    assert_eq!(ids, expected, "{json}");
}

/// One meter with a hundred thousand tasks has no tag without end.
#[test]
fn few_entries_that_keep_a_lot_are_not_advised_against() {
    let mut heap = Heap::new();
    let values = payloads(&mut heap, "com.acme.Context", 20, 100 * KB);
    let pairs: Vec<(Value, Value)> = values.iter().map(|&v| (v.into(), v.into())).collect();
    let locals = heap.hash_map(&pairs);
    let class = "org.jvnet.hk2.internal.Hk2ThreadLocal";
    patterns_shapes::component(&mut heap, class, &[("locals", locals.into())]);
    let pattern = pattern(&heap);
    assert_eq!(pattern["id"], "hk2_thread_locals", "{pattern}");
    let advice = pattern["advice"].as_str().expect("an advice");
    assert!(advice.starts_with("This number is usual"), "{advice}");
}

/// A chunk is 4 MiB whatever is in it: few of them say nothing against lost buffers.
#[test]
fn chunks_of_lost_buffers_get_the_advice_of_their_own() {
    let mut heap = Heap::new();
    let chunks = payloads(&mut heap, "io.netty.buffer.PoolChunk", 4, 1_000 * KB);
    keep(&mut heap, &chunks);
    let pattern = pattern(&heap);
    assert_eq!(pattern["id"], "netty_pooled_chunks", "{pattern}");
    let advice = pattern["advice"].as_str().expect("an advice");
    assert!(advice.contains("not released"), "{advice}");
}

/// Purging removes what is cancelled, and nothing here is.
#[test]
fn the_advice_on_a_timer_depends_on_the_state_of_its_tasks() {
    for (state, purge) in [(1, false), (3, true)] {
        let mut heap = Heap::new();
        let tasks: Vec<Obj> = (0..2_000)
            .map(|_| {
                let context = heap.bytes(&[1; KB]);
                let fields = [("state", Value::Int(state)), ("context", context.into())];
                patterns_shapes::object(&mut heap, "com.acme.Job", &fields)
            })
            .collect();
        let object_class = heap.jdk("java.lang.Object");
        let slots = heap.object_array(object_class, &tasks);
        let fields = [("queue", slots.into()), ("size", Value::Int(2_000))];
        let queue = object(&mut heap, "java.util.TaskQueue", &fields);
        let fields = [("queue", queue.into())];
        patterns_shapes::component(&mut heap, "java.util.TimerThread", &fields);
        let pattern = pattern(&heap);
        assert_eq!(pattern["id"], "timer_tasks", "{pattern}");
        let advice = pattern["advice"].as_str().expect("an advice");
        assert_eq!(advice.contains("purge"), purge, "{advice}");
    }
}

pub const CASES: &[Case] = &[
    patterns_shapes::unbounded("lucene_directory_readers", |heap, fire| {
        let class = "org.apache.lucene.index.DirectoryReader";
        let base = heap.class(class).fields("directory:L").done();
        let class = "org.apache.lucene.index.StandardDirectoryReader";
        heap.class(class).superclass(base).done();
        // Of one index, or of one each.
        let first = heap.new_object("java.lang.Object");
        let readers: Vec<Obj> = (0..30)
            .map(|_| {
                let other = heap.new_object("java.lang.Object");
                let reader = patterns_shapes::object(heap, class, &[]);
                heap.set(reader, "directory", if fire { first } else { other });
                reader
            })
            .collect();
        patterns_shapes::keep(heap, &readers);
    }),
    patterns_shapes::unbounded("rxjava_queue", |heap, fire| {
        let index = |heap: &mut Heap, value| {
            let class = "java.util.concurrent.atomic.AtomicLong";
            patterns_shapes::object(heap, class, &[("value", Value::Long(value))])
        };
        let produced = index(heap, patterns_shapes::either(fire, 20_000, 20) as i64);
        let consumed = index(heap, 5);
        let class = "io.reactivex.rxjava3.operators.SpscLinkedArrayQueue";
        let room = patterns_shapes::array(heap, 40_000);
        let fields = [
            ("consumerBuffer", room.into()),
            ("producerIndex", produced.into()),
            ("consumerIndex", consumed.into()),
        ];
        let queue = patterns_shapes::object(heap, class, &fields);
        let class = "io.reactivex.rxjava3.processors.UnicastProcessor";
        patterns_shapes::holding(heap, class, "queue", queue);
    }),
    patterns_shapes::unbounded("jdbc_result_rows", |heap, fire| {
        let rows = patterns_shapes::array(heap, 160_000);
        let size = Value::Int(patterns_shapes::either(fire, 100_001, 1_000) as i32);
        let class = "org.mariadb.jdbc.internal.com.read.resultset.SelectResultSet";
        patterns_shapes::component(heap, class, &[("data", rows.into()), ("dataSize", size)]);
    }),
    patterns_shapes::unbounded("jdbc_statements", |heap, fire| {
        let class = "org.mariadb.jdbc.MariaDbStatement";
        let base = heap.class(class).done();
        let class = "org.mariadb.jdbc.ClientSidePreparedStatement";
        heap.class(class).superclass(base).done();
        patterns_shapes::many(heap, class, patterns_shapes::either(fire, 10_001, 300));
    }),
    patterns_shapes::unbounded("http_connections_leased", |heap, fire| {
        let leased = heap.hash_set(&vec![Value::Null; patterns_shapes::either(fire, 201, 20)]);
        let class = "org.apache.hc.core5.pool.StrictConnPool";
        patterns_shapes::holding(heap, class, "leased", leased);
    }),
    patterns_shapes::unbounded("micrometer_long_tasks", |heap, fire| {
        let tasks = patterns_shapes::list(heap, patterns_shapes::either(fire, 10_001, 30));
        let class = "io.micrometer.core.instrument.internal.DefaultLongTaskTimer";
        patterns_shapes::holding(heap, class, "activeTasks", tasks);
    }),
];

#[test]
fn patterns_of_owners_fire_and_stay_quiet() {
    patterns_shapes::check(CASES);
}
