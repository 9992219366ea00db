import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.common.cache.CacheBuilder;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Real components of the JDK and of libraries, so that the field paths of the patterns can be tried on a real dump. Needs the
 * jars of Debian 12's libcaffeine-java, libguava-java, libjackson2-databind-java, libnetty-java, libjctools-java,
 * liblogback-java, liblog4j2-java, libdisruptor-java, libtomcat9-java, groovy, libokhttp-java and libhttpclient-java on the
 * class path, and `-Dlog4j2.contextSelector=org.apache.logging.log4j.core.async.AsyncLoggerContextSelector`. When it prints
 * `ready`, write a dump with `jcmd PID GC.heap_dump`.
 */
public class Libraries {
    static final List<Object> KEPT = new ArrayList<>();
    static volatile boolean stop;

    static <T> T keep(T object) {
        KEPT.add(object);
        return object;
    }

    static void part(String name, Part part) {
        try {
            part.run();
        } catch (Throwable problem) {
            System.out.println(name + ": " + problem);
        }
    }

    interface Part {
        void run() throws Exception;
    }

    public static class Lru extends LinkedHashMap<Integer, byte[]> {
        final int maxEntries = 500;

        Lru() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, byte[]> eldest) {
            return size() > maxEntries;
        }
    }

    public static void main(String[] arguments) throws Exception {
        part("caffeine", () -> {
            var bounded = keep(Caffeine.newBuilder().maximumSize(5_000).<Integer, byte[]>build());
            var unbounded = keep(Caffeine.newBuilder().<Integer, byte[]>build());
            var weighed = keep(Caffeine.newBuilder().maximumWeight(1 << 20).<Integer, byte[]>weigher((k, v) -> v.length).build());
            for (int i = 0; i < 20_000; i++) {
                bounded.put(i, new byte[300]);
                unbounded.put(i, new byte[200]);
                weighed.put(i, new byte[100]);
            }
            bounded.cleanUp();
            weighed.cleanUp();
        });
        part("guava", () -> {
            var bounded = keep(CacheBuilder.newBuilder().maximumSize(5_000).<Integer, byte[]>build());
            var unbounded = keep(CacheBuilder.newBuilder().<Integer, byte[]>build());
            for (int i = 0; i < 20_000; i++) {
                bounded.put(i, new byte[300]);
                unbounded.put(i, new byte[200]);
            }
        });
        part("jackson", () -> {
            for (int i = 0; i < 250; i++) {
                keep(new ObjectMapper()).writeValueAsString(new int[] {i});
            }
        });
        part("netty", () -> {
            var pool = new io.netty.buffer.PooledByteBufAllocator(false);
            for (int i = 0; i < 100; i++) {
                keep(pool.heapBuffer(100_000));
            }
            var channel = keep(new io.netty.channel.embedded.EmbeddedChannel());
            channel.unsafe().outboundBuffer().addMessage(
                io.netty.buffer.Unpooled.wrappedBuffer(new byte[4 << 20]), 4 << 20, channel.voidPromise());
        });
        part("logback", () -> {
            var context = new ch.qos.logback.classic.LoggerContext();
            var appender = keep(new ch.qos.logback.classic.AsyncAppender());
            appender.setContext(context);
            var sink = new ch.qos.logback.core.helpers.NOPAppender<ch.qos.logback.classic.spi.ILoggingEvent>();
            appender.addAppender(sink);
            appender.start();
        });
        part("log4j", () -> {
            org.apache.logging.log4j.LogManager.getLogger("a").error("hello");
        });
        part("tomcat", () -> {
            var context = new org.apache.catalina.core.StandardContext();
            context.setName("shop");
            context.setPath("/shop");
            var loader = new org.apache.catalina.loader.ParallelWebappClassLoader(Libraries.class.getClassLoader());
            var root = new org.apache.catalina.webresources.StandardRoot(context);
            loader.setResources(root);
            root.start(); loader.start();
            try {
                loader.stop();
            } finally {
                keep(loader);
            }
        });
        part("sessions", () -> {
            var manager = keep(new org.apache.catalina.session.StandardManager());
            var context = new org.apache.catalina.core.StandardContext();
            manager.setContext(context);
            for (int i = 0; i < 11_000; i++) {
                var session = new org.apache.catalina.session.StandardSession(manager);
                var field = org.apache.catalina.session.ManagerBase.class.getDeclaredField("sessions");
                field.setAccessible(true);
                @SuppressWarnings("unchecked")
                var sessions = (Map<String, org.apache.catalina.Session>) field.get(manager);
                session.setMaxInactiveInterval(-1);
                sessions.put("s" + i, session);
            }
        });
        part("groovy", () -> {
            for (int i = 0; i < 520; i++) {
                keep(new groovy.lang.GroovyShell().parse("println " + i));
            }
        });
        part("okhttp", () -> {
            for (int i = 0; i < 60; i++) {
                keep(new okhttp3.OkHttpClient());
            }
        });
        part("apache", () -> {
            for (int i = 0; i < 60; i++) {
                keep(new org.apache.http.impl.conn.PoolingHttpClientConnectionManager());
            }
        });
        jdk();
        System.out.println("ready " + ProcessHandle.current().pid());
        Thread.sleep(600_000);
    }

    static void jdk() {
        part("lru", () -> {
            var lru = keep(new Lru());
            for (int i = 0; i < 2_000; i++) {
                lru.put(i, new byte[4_000]);
            }
        });
        part("executor", () -> {
            var pool = keep(Executors.newFixedThreadPool(1));
            pool.submit(() -> { Thread.sleep(600_000); return 1; });
            for (int i = 0; i < 2_000; i++) {
                pool.submit(() -> 1);
            }
        });
        part("scheduled", () -> {
            var pool = keep(new ScheduledThreadPoolExecutor(1));
            for (int i = 0; i < 2_000; i++) {
                pool.schedule(() -> 1, 1, TimeUnit.HOURS).cancel(false);
            }
        });
        part("timer", () -> {
            var timer = keep(new Timer(true));
            for (int i = 0; i < 2_000; i++) {
                var task = new TimerTask() { @Override public void run() { } };
                timer.schedule(task, 3_600_000);
                task.cancel();
            }
        });
        part("future", () -> {
            var never = keep(new CompletableFuture<Integer>());
            for (int i = 0; i < 5_000; i++) {
                never.thenApply(x -> x + 1);
            }
        });
        part("delete", () -> {
            for (int i = 0; i < 11_000; i++) {
                new File("/tmp/none/" + i).deleteOnExit();
            }
        });
        part("hooks", () -> {
            for (int i = 0; i < 150; i++) {
                Runtime.getRuntime().addShutdownHook(new Thread(() -> { }));
            }
        });
        part("jmx", () -> {
            var server = ManagementFactory.getPlatformMBeanServer();
            for (int i = 0; i < 11_000; i++) {
                server.registerMBean(new Probe(), new javax.management.ObjectName("app:type=Probe,id=" + i));
            }
        });
        part("http", () -> {
            for (int i = 0; i < 60; i++) {
                keep(java.net.http.HttpClient.newHttpClient());
            }
        });
        part("tls", () -> keep(javax.net.ssl.SSLContext.getDefault().getClientSessionContext()));
        part("listeners", () -> {
            var list = keep(new CopyOnWriteArrayList<Runnable>());
            var all = new ArrayList<Runnable>();
            for (int i = 0; i < 11_000; i++) {
                all.add(() -> { });
            }
            list.addAll(all);
            var support = keep(new java.beans.PropertyChangeSupport(KEPT));
            for (int i = 0; i < 10_100; i++) {
                support.addPropertyChangeListener(event -> { });
            }
        });
        part("bundles", () -> {
            for (int i = 0; i < 30; i++) {
                try {
                    java.util.ResourceBundle.getBundle("sun.security.util.Resources", new java.util.Locale("x" + (char) ('a' + i % 26) + "y"));
                } catch (java.util.MissingResourceException expected) {
                    // The cache keeps what it did not find as well.
                }
            }
        });
        part("beans", () -> java.beans.Introspector.getBeanInfo(Lru.class));
        part("exceptions", () -> {
            for (int i = 0; i < 1_500; i++) {
                keep(new IllegalStateException("no " + i));
            }
        });
        part("locals", () -> {
            var local = keep(new ThreadLocal<byte[][]>());
            for (int i = 0; i < 6; i++) {
                var thread = new Thread(() -> {
                    local.set(new byte[10][100_000]);
                    try { Thread.sleep(600_000); } catch (InterruptedException e) { return; }
                });
                thread.setDaemon(true);
                thread.start();
            }
        });
        part("fork", () -> {
            var pool = keep(new java.util.concurrent.ForkJoinPool(1));
            pool.submit(() -> { Thread.sleep(600_000); return 1; });
            for (int i = 0; i < 11_000; i++) {
                pool.submit(() -> 1);
            }
        });
        part("zip", () -> {
            for (int i = 0; i < 1_100; i++) {
                keep(new java.util.zip.Inflater());
            }
        });
    }

    public interface ProbeMBean {
        int getValue();
    }

    public static class Probe implements ProbeMBean {
        @Override
        public int getValue() {
            return 1;
        }
    }
}
