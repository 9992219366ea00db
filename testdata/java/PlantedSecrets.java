package com.acme.vault;

import java.io.File;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Logger;

/**
 * Every place where a heap holds what must not travel, each with a secret of its own: words that begin with Zq and a digit, here and
 * in regenerate.sh. Its last thread runs out of memory, which writes the dump. Several secrets are in names of what holds much memory:
 * those are the first that a report would tell.
 */
public final class PlantedSecrets {
    private static final List<Object> KEPT = new ArrayList<>();
    private static final Map<String, byte[]> SESSIONS = new HashMap<>();
    private static final ThreadLocal<Object[]> USER = new ThreadLocal<>();
    private static final CountDownLatch READY = new CountDownLatch(3);
    private static final CountDownLatch NEVER = new CountDownLatch(1);

    // One field for each place, so that one look at this class leads to all of them.
    static String field = String.join("", "Zq1fieldString", "7Kw3Rt9");
    static String wide = String.join("", "Zq2wideString", "8Mx4Pv6") + " \u0416";
    static String interned = "Zq3internedConstant5Hd2Lk7";
    static char[] password = "Zq4charArrayPassword9Bn3".toCharArray();
    static byte[] token = "Zq5byteArrayToken6Vc8Jf2".getBytes(StandardCharsets.US_ASCII);
    static byte[] utf16 = "Zq6utf16ByteArray4Gs7Wq1".getBytes(StandardCharsets.UTF_16LE);
    static int[] codePoints = "Zq7codePoints2Td5Yz8".codePoints().toArray();
    static StringBuilder builder = new StringBuilder("Zq8stringBuilder3Fr6Nm9");
    static ByteBuffer heapBuffer = ByteBuffer.wrap("Zq9heapBuffer7Cj2Xp5".getBytes(StandardCharsets.US_ASCII));
    static CharBuffer charBuffer = CharBuffer.wrap("Zq1charBuffer8Lw4Kd3".toCharArray());
    static Exception exception = new IllegalStateException("login failed for Zq2exceptionMessage6Hb9");
    static File file = new File("/home/acme/Zq3fileName5Rv7Tm2/key.pem");
    static Path path = Path.of("/home/acme/Zq4pathName8Dx3Wn6/key.pem");
    static Properties properties = new Properties();
    static Object[] request;
    static ThreadGroup group = new ThreadGroup("Zq5threadGroup2Jk9Fs4");
    static Logger logger = Logger.getLogger("Zq6loggerName7Pc3Vh8");
    static Map<String, String> environment = System.getenv();
    static List<String> arguments;
    static RandomAccessFile open;
    static ByteBuffer direct = ByteBuffer.allocateDirect(3 << 20);
    static MappedByteBuffer mapped;
    static ClassLoader loader;

    /** Class and field names are shown. */
    static final class Zq0ClassNamesAreShown {
        final long[] zq0FieldNamesAreShown = new long[200_000];
    }

    /** A loader that holds much and has a name. */
    static final class Plugin extends URLClassLoader {
        final byte[] cache = new byte[1_400_000];

        Plugin(String name) throws Exception {
            super(name, new URL[] {new URL("file:/opt/Zq7loaderUrl4Bt6Md1/plugin.jar")}, null);
        }
    }

    static void start(String name, Runnable work) {
        Thread thread = new Thread(group, work, name);
        thread.setDaemon(true);
        thread.start();
    }

    static void await() {
        READY.countDown();
        try {
            NEVER.await();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    static void plant(String[] main) throws Exception {
        arguments = List.of(main);
        KEPT.add(ManagementFactory.getRuntimeMXBean().getInputArguments());
        KEPT.add(new Zq0ClassNamesAreShown());
        properties.setProperty("jdbc.password", "Zq8propertyValue9Gn5Kx2");
        System.setProperty("late.password", "Zq9systemProperty3Ls7Qd6");
        request = new Object[] {
            HttpRequest.newBuilder(URI.create("https://example.com/pay?card=Zq1queryString6Wf8Hj4"))
                .header("Authorization", "Bearer Zq2httpHeader5Xm9Rb3").build(),
            new URL("https://user:Zq3urlUserInfo8Tk2Pv7@example.com/"),
            InetAddress.getByAddress("Zq4hostName6Cd4Ns9.example.com", new byte[] {10, 0, 0, 1}),
        };
        for (int i = 0; i < 400; i++) {
            // Keys and values alike: what --waste finds are copies of a secret.
            SESSIONS.put("Zq5mapKey7Jw3Fh5-" + i, new byte[4_000]);
            KEPT.add(new String("Zq6duplicateString9Vr6Lg2".toCharArray()));
        }
        File onDisk = new File(main[1]);
        open = new RandomAccessFile(onDisk, "rw");
        open.setLength(2 << 20);
        mapped = open.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, 2 << 20);
        loader = new Plugin("tenant-Zq7loaderName4Ky8Bz1");
    }

    public static void main(String[] main) throws Exception {
        plant(main);
        start("session Zq8threadName5Mp2Tc7", () -> {
            USER.set(new Object[] {"Zq9threadLocalValue3Rj6Wd8", new byte[1_300_000]});
            await();
        });
        start("upload Zq1localVariable7Fx4Hn9", () -> {
            List<byte[]> parts = new ArrayList<>();
            for (int i = 0; i < 120; i++) {
                parts.add(new byte[12_000]);
            }
            await();
            System.out.println(parts.size());
        });
        start("reader Zq2bufferOwner8Ls3Kv5", () -> {
            ByteBuffer own = ByteBuffer.allocateDirect(1 << 20);
            await();
            System.out.println(own);
        });
        READY.await();
        Thread last = new Thread(group, () -> {
            List<byte[]> orders = new ArrayList<>();
            while (true) {
                orders.add(new byte[10_000]);
            }
        }, "import Zq3outOfMemoryThread6Dq9Gt2");
        last.start();
        last.join();
    }
}
