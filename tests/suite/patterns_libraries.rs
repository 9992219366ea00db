//! Patterns of libraries: each fires in one synthetic heap and stays quiet at a near miss.
//!
//! The layouts here are those the rules were written against. Those whose library Debian 12 has were tried on a real dump
//! too (`testdata/java/Libraries.java`, JDK 17): Caffeine 2.6, Guava, Jackson, Netty 4.1 (recycler, chunks, write backlog,
//! event loops), Dropwizard Metrics, DBCP, Ehcache 2.6, Jersey, Logback, Log4j2 2.19, Tomcat 9 (stopped loader, sessions), Groovy 2.4, OkHttp 3.13, Apache HttpClient 4, and all of the JDK's
//! that do not need another JDK.

use hprof_suspects::suspects::patterns::Assessment;

use crate::patterns_shapes::{
    Case, above, array, check, component, concurrent_map, either, holding, in_static, keep, list,
    many, map, object, unbounded,
};
use crate::synth::{Heap, Kind, Obj, Value};

/// Fires as a line under "checked and cleared"; a class of the same simple name elsewhere is nobody we know.
const fn cleared(id: &'static str, build: fn(&mut Heap, bool)) -> Case {
    Case {
        id,
        build,
        fires: Assessment::ByDesign,
        misses: None,
    }
}

fn otel(heap: &mut Heap, fire: bool) {
    let queue = heap.array_blocking_queue::<Obj>(2_048, &[]);
    let class = match fire {
        true => "io.opentelemetry.sdk.trace.export.BatchSpanProcessor",
        false => "com.acme.trace.export.BatchSpanProcessor",
    };
    holding(heap, class, "worker.queue", queue);
}

/// The agent's own copy, with a queue of JCTools of which 3 of 2,048 places are taken.
fn otel_logs(heap: &mut Heap, fire: bool) {
    let queue = object(
        heap,
        "io.opentelemetry.internal.shaded.jctools.queues.MpscArrayQueue",
        &[
            ("mask", Value::Long(2_047)),
            ("producerIndex", Value::Long(10_003)),
            ("consumerIndex", Value::Long(10_000)),
        ],
    );
    let class = match fire {
        true => {
            "io.opentelemetry.javaagent.shaded.io.opentelemetry.sdk.logs.export.BatchLogRecordProcessor"
        }
        false => "xio.opentelemetry.sdk.logs.export.BatchLogRecordProcessor",
    };
    holding(heap, class, "worker.queue", queue);
}

/// A ring of 256 slots with events of class `event`.
fn ring(heap: &mut Heap, event: &str) {
    let event = object(heap, event, &[]);
    let object_class = heap.jdk("java.lang.Object");
    let mut slots = vec![Value::Null; 32];
    slots.extend(vec![Value::from(event); 256]);
    slots.extend(vec![Value::Null; 32]);
    let entries = heap.object_array(object_class, &slots);
    component(
        heap,
        "com.lmax.disruptor.RingBufferFields",
        &[("entries", entries.into()), ("bufferSize", Value::Int(256))],
    );
}

fn log4j_ring(heap: &mut Heap, fire: bool) {
    ring(
        heap,
        match fire {
            true => "org.apache.logging.log4j.core.async.RingBufferLogEvent",
            false => "com.acme.Event",
        },
    );
}

fn logstash_ring(heap: &mut Heap, fire: bool) {
    ring(
        heap,
        match fire {
            true => "net.logstash.logback.appender.AsyncDisruptorAppender$LogEvent",
            false => "com.acme.LogEvent",
        },
    );
}

/// A full queue of events; where it fires each keeps a large argument.
fn log_queue(heap: &mut Heap, class: &str, path: &str, fire: bool) {
    let events: Vec<Obj> = (0..256)
        .map(|_| {
            let argument = heap.bytes(&vec![0; either(fire, 20_000, 200)]);
            object(heap, "com.acme.LogEvent", &[("argument", argument.into())])
        })
        .collect();
    let queue = heap.array_blocking_queue(256, &events);
    holding(heap, class, path, queue);
}

fn webapp(heap: &mut Heap, fire: bool) {
    let name = heap.string(if fire { "STOPPED" } else { "STARTED" });
    let state = object(
        heap,
        "org.apache.catalina.LifecycleState",
        &[("name", name.into())],
    );
    let base = heap
        .class("org.apache.catalina.loader.WebappClassLoaderBase")
        .extends("java.net.URLClassLoader")
        .field("state", Kind::Object)
        .done();
    let class = heap
        .class("org.apache.catalina.loader.ParallelWebappClassLoader")
        .superclass(base)
        .done();
    let loader = heap.url_class_loader(class, None);
    heap.set(loader, "state", state);
    keep(heap, &[loader]);
}

/// Two segments that evict from 1,024 plans on.
fn plans(heap: &mut Heap, fire: bool) {
    let count = Value::Int(either(fire, 1_100, 1_000) as i32);
    let class = "org.hibernate.internal.util.collections.BoundedConcurrentHashMap$Segment";
    let table = array(heap, 4_096);
    let fields = [
        ("count", count),
        ("evictCap", Value::Int(1_024)),
        ("table", table.into()),
    ];
    let segments = [object(heap, class, &fields), object(heap, class, &fields)];
    let segment = heap.class_named(class).expect("declared");
    let segments = heap.object_array(segment, &segments);
    let cache = object(
        heap,
        "org.hibernate.internal.util.collections.BoundedConcurrentHashMap",
        &[("segments", segments.into())],
    );
    holding(
        heap,
        "org.hibernate.engine.query.spi.QueryPlanCache",
        "queryPlanCache",
        cache,
    );
}

/// 32 MiB in all; the miss has a total that cannot be.
fn producer_buffer(heap: &mut Heap, fire: bool) {
    let total = if fire { 32 << 20 } else { -1 };
    let pool = object(
        heap,
        "org.apache.kafka.clients.producer.internals.BufferPool",
        &[
            ("totalMemory", Value::Long(total)),
            ("nonPooledAvailableMemory", Value::Long(31 << 20)),
        ],
    );
    let class = "org.apache.kafka.clients.producer.internals.RecordAccumulator";
    holding(heap, class, "free", pool);
}

fn fetches(heap: &mut Heap, fire: bool) {
    let bytes = heap.bytes(&vec![0; either(fire, 3 << 20, 1 << 20)]);
    let queue = heap.linked_list(&[bytes]);
    component(
        heap,
        "org.apache.kafka.clients.consumer.internals.Fetcher",
        &[
            ("completedFetches", queue.into()),
            ("maxBytes", Value::Int(1 << 20)),
        ],
    );
}

fn recycler(heap: &mut Heap, fire: bool) {
    let elements = array(heap, 5_000);
    component(
        heap,
        "io.netty.util.Recycler$Stack",
        &[
            ("elements", elements.into()),
            ("size", Value::Int(either(fire, 4_500, 4_000) as i32)),
            ("maxCapacity", Value::Int(4_096)),
        ],
    );
}

fn backlog(heap: &mut Heap, fire: bool) {
    let pending = Value::Long(either(fire, 5 << 20, 60_000) as i64);
    component(
        heap,
        "io.grpc.netty.shaded.io.netty.channel.ChannelOutboundBuffer",
        &[("totalPendingSize", pending)],
    );
}

/// A cache with a maximum of 10,000 entries, or none: the generated subclass says which.
fn caffeine(heap: &mut Heap, fire: bool) {
    let data = concurrent_map(heap, 12_000);
    let name = "com.github.benmanes.caffeine.cache.BoundedLocalCache";
    let base = heap.class(name).field("data", Kind::Object).done();
    if fire {
        heap.class("com.github.benmanes.caffeine.cache.SS")
            .superclass(base)
            .done();
        component(
            heap,
            "com.github.benmanes.caffeine.cache.SS",
            &[("data", data.into())],
        );
        return;
    }
    let class = "com.github.benmanes.caffeine.cache.SSMS";
    heap.class(class)
        .superclass(base)
        .fields("maximum:J weightedSize:J")
        .done();
    component(
        heap,
        class,
        &[
            ("data", data.into()),
            ("maximum", Value::Long(12_000)),
            ("weightedSize", Value::Long(12_000)),
        ],
    );
}

fn guava(heap: &mut Heap, fire: bool) {
    let class = "com.google.common.cache.LocalCache$Segment";
    let table = array(heap, 16_384);
    let fields = [
        ("count", Value::Int(6_000)),
        ("totalWeight", Value::Long(6_000)),
        ("table", table.into()),
    ];
    let segments = [object(heap, class, &fields), object(heap, class, &fields)];
    let segment = heap.class_named(class).expect("declared");
    let segments = heap.object_array(segment, &segments);
    let most = if fire { -1 } else { 20_000 };
    component(
        heap,
        "com.google.common.cache.LocalCache",
        &[
            ("segments", segments.into()),
            ("maxWeight", Value::Long(most)),
        ],
    );
}

/// 12,000 elements, of at most 20,000 or without a maximum.
fn ehcache(heap: &mut Heap, fire: bool) {
    let class = "net.sf.ehcache.store.chm.SelectableConcurrentHashMap$Segment";
    let table = array(heap, 16_384);
    let fields = [("count", Value::Int(6_000)), ("table", table.into())];
    let segments = [object(heap, class, &fields), object(heap, class, &fields)];
    let segment = heap.class_named(class).expect("declared");
    let segments = heap.object_array(segment, &segments);
    let class = "net.sf.ehcache.store.chm.SelectableConcurrentHashMap";
    let map = object(heap, class, &[("segments", segments.into())]);
    let most = Value::Int(if fire { 0 } else { 20_000 });
    let class = "net.sf.ehcache.store.MemoryStore";
    component(heap, class, &[("map", map.into()), ("maximumSize", most)]);
}

fn drools(heap: &mut Heap, fire: bool) {
    let class = "org.drools.kiesession.session.StatefulKnowledgeSessionImpl";
    many(heap, class, either(fire, 201, 8));
}

fn scripts(heap: &mut Heap, fire: bool) {
    let script = heap.class("groovy.lang.Script").done();
    for i in 0..either(fire, 501, 12) {
        heap.class(&format!("Script{i}"))
            .superclass(script)
            .app()
            .done();
    }
}

fn breaker(heap: &mut Heap, fire: bool) {
    component(
        heap,
        "org.elasticsearch.common.breaker.ChildMemoryCircuitBreaker",
        &[
            ("used", Value::Long(either(fire, 700, 500) as i64)),
            ("memoryBytesLimit", Value::Long(600)),
        ],
    );
}

fn query_cache(heap: &mut Heap, fire: bool) {
    let cache = map(heap, 10);
    component(
        heap,
        "org.apache.lucene.search.LRUQueryCache",
        &[
            ("cache", cache.into()),
            ("ramBytesUsed", Value::Long(either(fire, 700, 500) as i64)),
            ("maxRamBytesUsed", Value::Long(600)),
        ],
    );
}

fn field_cache(heap: &mut Heap, fire: bool) {
    let readers = map(heap, either(fire, 1_001, 50));
    let cache = object(
        heap,
        "org.apache.lucene.uninverting.FieldCacheImpl$Cache",
        &[("readerCache", readers.into())],
    );
    let caches = heap.hash_map(&[(cache.into(), cache.into())]);
    let class = "org.apache.lucene.uninverting.FieldCacheImpl";
    holding(heap, class, "caches", caches);
}

/// Meters whose identifiers have names.
fn micrometer(heap: &mut Heap, fire: bool) {
    let base = "io.micrometer.core.instrument.MeterRegistry";
    let base = heap.class(base).field("meterMap", Kind::Object).done();
    let class = "io.micrometer.prometheus.PrometheusMeterRegistry";
    heap.class(class).superclass(base).done();
    let name = heap.string("http.server.requests");
    let meter = heap.new_object("java.lang.Object");
    let entries: Vec<(Value, Value)> = (0..either(fire, 10_001, 200))
        .map(|_| {
            let class = "io.micrometer.core.instrument.Meter$Id";
            let id = object(heap, class, &[("name", name.into())]);
            (id.into(), meter.into())
        })
        .collect();
    let map = heap.concurrent_hash_map(&entries);
    holding(heap, class, "meterMap", map);
}

/// Cases of all libraries.
pub const CASES: &[Case] = &[
    cleared("otel_batch_span_processor", otel),
    cleared("otel_batch_log_processor", otel_logs),
    unbounded("otel_export_in_flight", |heap, fire| {
        let class = "io.opentelemetry.exporter.internal.otlp.KeyValueMarshaler";
        many(heap, class, either(fire, 200_001, 2_000));
    }),
    unbounded("otel_agent_contexts", |heap, fire| {
        let class = "io.opentelemetry.javaagent.bootstrap.executors.PropagatedContext";
        many(heap, class, either(fire, 100_001, 2_000));
    }),
    unbounded("micrometer_cardinality", micrometer),
    unbounded("dropwizard_cardinality", |heap, fire| {
        let class = "com.codahale.metrics.MetricRegistry";
        let metrics = concurrent_map(heap, either(fire, 5_001, 90));
        holding(heap, class, "metrics", metrics);
    }),
    unbounded("netty_event_loop_tasks", |heap, fire| {
        let class = "io.netty.util.concurrent.SingleThreadEventExecutor";
        let tasks = list(heap, either(fire, 10_001, 90));
        holding(heap, class, "taskQueue", tasks);
    }),
    unbounded("prometheus_cardinality", |heap, fire| {
        let children = concurrent_map(heap, either(fire, 10_001, 90));
        holding(
            heap,
            "io.prometheus.client.SimpleCollector",
            "children",
            children,
        );
    }),
    unbounded("circuit_breaker_keys", |heap, fire| {
        let keys = concurrent_map(heap, either(fire, 1_001, 90));
        in_static(
            heap,
            "com.netflix.hystrix.HystrixCommandMetrics",
            "metrics",
            keys,
        );
    }),
    cleared("log4j2_ring_buffer", log4j_ring),
    cleared("logstash_ring_buffer", logstash_ring),
    Case {
        fires: Assessment::Unknown,
        ..unbounded("log4j2_async_appender", |heap, fire| {
            let class = "org.apache.logging.log4j.core.appender.AsyncAppender";
            log_queue(heap, class, "queue", fire);
        })
    },
    Case {
        fires: Assessment::Unknown,
        ..unbounded("logback_async_appender", |heap, fire| {
            log_queue(
                heap,
                "ch.qos.logback.core.AsyncAppenderBase",
                "blockingQueue",
                fire,
            );
        })
    },
    above("stopped_webapp_loader", webapp),
    unbounded("mysql_abandoned_connections", |heap, fire| {
        let class = "com.mysql.cj.jdbc.AbandonedConnectionCleanupThread";
        let refs = map(heap, either(fire, 1_001, 20));
        in_static(heap, class, "connectionFinalizerPhantomRefs", refs);
    }),
    above("hibernate_query_plan_cache", plans),
    unbounded("hibernate_persistence_context", |heap, fire| {
        let class = "org.hibernate.engine.internal.StatefulPersistenceContext";
        let entities = map(heap, either(fire, 10_001, 300));
        holding(heap, class, "entitiesByKey", entities);
    }),
    unbounded("jdbc_open_statements", |heap, fire| {
        let statements = list(heap, either(fire, 251, 200));
        holding(
            heap,
            "com.mysql.cj.jdbc.ConnectionImpl",
            "openStatements",
            statements,
        );
    }),
    unbounded("jdbc_statements", |heap, fire| {
        let statement = heap.class("org.postgresql.jdbc.PgStatement").done();
        let class = "org.postgresql.jdbc.PgPreparedStatement";
        heap.class(class).superclass(statement).done();
        many(heap, class, either(fire, 10_001, 300));
    }),
    unbounded("jdbc_result_rows", |heap, fire| {
        let rows = list(heap, either(fire, 100_001, 1_000));
        holding(heap, "com.mysql.jdbc.RowDataStatic", "rows", rows);
    }),
    unbounded("connection_pools", |heap, fire| {
        many(
            heap,
            "com.zaxxer.hikari.pool.HikariPool",
            either(fire, 51, 4),
        );
    }),
    unbounded("kafka_producers", |heap, fire| {
        let class = "org.apache.kafka.clients.producer.KafkaProducer";
        many(heap, class, either(fire, 51, 4));
    }),
    cleared("kafka_producer_buffer", producer_buffer),
    unbounded("kafka_metrics", |heap, fire| {
        let metrics = concurrent_map(heap, either(fire, 20_001, 500));
        holding(
            heap,
            "org.apache.kafka.common.metrics.Metrics",
            "metrics",
            metrics,
        );
    }),
    above("kafka_fetched_records", fetches),
    unbounded("grpc_channels", |heap, fire| {
        many(
            heap,
            "io.grpc.internal.ManagedChannelImpl",
            either(fire, 101, 4),
        );
    }),
    unbounded("http2_streams", |heap, fire| {
        let class = "io.netty.handler.codec.http2.DefaultHttp2Connection$DefaultStream";
        many(heap, class, either(fire, 10_001, 400));
    }),
    unbounded("grpc_write_queue", |heap, fire| {
        let queue = heap.linked_list(&vec![Value::Null; either(fire, 10_001, 20)]);
        holding(heap, "io.grpc.netty.WriteQueue", "queue", queue);
    }),
    above("netty_recycler", recycler),
    unbounded("netty_pooled_chunks", |heap, fire| {
        many(heap, "io.netty.buffer.PoolChunk", either(fire, 513, 16));
    }),
    unbounded("netty_write_backlog", backlog),
    unbounded("caffeine_cache", caffeine),
    unbounded("guava_cache", guava),
    unbounded("ehcache", ehcache),
    unbounded("spring_concurrent_map_cache", |heap, fire| {
        let class = "org.springframework.cache.concurrent.ConcurrentMapCache";
        let store = concurrent_map(heap, either(fire, 10_001, 300));
        holding(heap, class, "store", store);
    }),
    unbounded("spring_introspection_cache", |heap, fire| {
        let class = "org.springframework.beans.CachedIntrospectionResults";
        let cache = concurrent_map(heap, either(fire, 20_001, 300));
        in_static(heap, class, "strongClassCache", cache);
    }),
    unbounded("groovy_scripts", scripts),
    unbounded("groovy_class_info", |heap, fire| {
        let class = "org.codehaus.groovy.reflection.ClassInfo";
        many(heap, class, either(fire, 50_001, 500));
    }),
    unbounded("jackson_mappers", |heap, fire| {
        let mapper = heap
            .class("com.fasterxml.jackson.databind.ObjectMapper")
            .done();
        let class = "com.fasterxml.jackson.databind.json.JsonMapper";
        heap.class(class).superclass(mapper).done();
        many(heap, class, either(fire, 201, 6));
    }),
    unbounded("jackson_type_cache", |heap, fire| {
        let class = "com.fasterxml.jackson.databind.type.TypeFactory";
        let types = concurrent_map(heap, either(fire, 5_001, 200));
        holding(heap, class, "_typeCache._map", types);
    }),
    unbounded("jackson_serializers", |heap, fire| {
        let class = "com.fasterxml.jackson.databind.ser.SerializerCache";
        let types = map(heap, either(fire, 5_001, 200));
        holding(heap, class, "_sharedMap", types);
    }),
    unbounded("http_sessions", |heap, fire| {
        let class = "org.apache.catalina.session.ManagerBase";
        let sessions = concurrent_map(heap, either(fire, 10_001, 300));
        holding(heap, class, "sessions", sessions);
    }),
    unbounded("okhttp_clients", |heap, fire| {
        let class = "okhttp3.ConnectionPool";
        many(heap, class, either(fire, 51, 2));
    }),
    unbounded("apache_http_clients", |heap, fire| {
        let class = "org.apache.http.impl.conn.PoolingHttpClientConnectionManager";
        many(heap, class, either(fire, 51, 2));
    }),
    unbounded("jaxb_contexts", |heap, fire| {
        let class = "com.sun.xml.bind.v2.runtime.JAXBContextImpl";
        many(heap, class, either(fire, 101, 5));
    }),
    unbounded("jersey_clients", |heap, fire| {
        let class = "org.glassfish.jersey.client.ClientRuntime";
        many(heap, class, either(fire, 51, 5));
    }),
    unbounded("hk2_thread_locals", |heap, fire| {
        let class = "org.jvnet.hk2.internal.Hk2ThreadLocal";
        let locals = map(heap, either(fire, 10_001, 60));
        holding(heap, class, "locals", locals);
    }),
    unbounded("drools_sessions", drools),
    unbounded("script_contexts", |heap, fire| {
        let class = "com.oracle.truffle.polyglot.PolyglotContextImpl";
        many(heap, class, either(fire, 101, 4));
    }),
    above("circuit_breaker_bytes", breaker),
    above("lucene_query_cache", query_cache),
    unbounded("lucene_segment_readers", |heap, fire| {
        many(
            heap,
            "org.apache.lucene.index.SegmentReader",
            either(fire, 20_001, 400),
        );
    }),
    unbounded("lucene_field_cache", field_cache),
    unbounded("rocksdb_handles", |heap, fire| {
        let base = heap.class("org.rocksdb.AbstractNativeReference").done();
        heap.class("org.rocksdb.RocksIterator")
            .superclass(base)
            .done();
        many(heap, "org.rocksdb.RocksIterator", either(fire, 10_001, 10));
    }),
];

#[test]
fn library_patterns_fire_and_stay_quiet() {
    check(CASES);
}
