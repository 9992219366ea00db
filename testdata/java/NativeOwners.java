package com.acme.media;

import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Native memory of every kind that a heap dump reveals; waits until its input ends. */
public class NativeOwners {
    static final int MIB = 1 << 20;
    static final List<ByteBuffer> SLABS = new ArrayList<>();
    static final List<ByteBuffer> VIEWS = new ArrayList<>();
    static final List<Inflater> INFLATERS = new ArrayList<>();
    static final List<Deflater> DEFLATERS = new ArrayList<>();
    static LongBuffer numbers;
    static MappedByteBuffer index;
    static Object arena;

    public static void main(String[] args) throws Exception {
        for (int i = 0; i < 6; i++) SLABS.add(ByteBuffer.allocateDirect(4 * MIB));
        views(SLABS.get(0));
        Path file = Path.of(args[0]);
        Files.write(file, new byte[3 * MIB]);
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            index = access.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, 3 * MIB);
        }
        if (Runtime.version().feature() >= 22) arena = allocate();
        for (int i = 0; i < 50; i++) INFLATERS.add(new Inflater());
        for (int i = 0; i < 20; i++) DEFLATERS.add(new Deflater());
        for (int i = 0; i < 5; i++) DEFLATERS.get(i).end();
        CountDownLatch started = new CountDownLatch(40);
        for (int i = 0; i < 40; i++) {
            final int number = i;
            // The first five write 2 MiB through a channel: each leaves a cached buffer.
            Thread thread = new Thread(null, () -> run(number, started), "media-writer-" + i, i < 3 ? 4L * MIB : 0);
            thread.setDaemon(true);
            thread.start();
        }
        started.await();
        if (System.getenv("POD_NAME") == null) throw new IllegalStateException("no POD_NAME");
        System.gc();
        System.out.println("READY");
        while (System.in.read() >= 0) { }
    }

    /** Views of one buffer, none of which owns memory; and a buffer that nobody keeps. */
    static void views(ByteBuffer first) {
        VIEWS.add(first.slice());
        VIEWS.add(first.duplicate());
        VIEWS.add(first.asReadOnlyBuffer());
        numbers = first.asLongBuffer();
        ByteBuffer.allocateDirect(1000);
    }

    static void run(int number, CountDownLatch started) {
        try {
            if (number < 5) {
                Path file = Files.createTempFile("media", ".bin");
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.write(ByteBuffer.wrap(new byte[2 * MIB]));
                }
                Files.delete(file);
            }
            started.countDown();
            Thread.sleep(Long.MAX_VALUE);
        } catch (Exception ended) {
            throw new IllegalStateException(ended);
        }
    }

    /** {@code Arena.ofShared()} by reflection, so that this compiles for JDK 17: two allocations, and an automatic arena. */
    static Object allocate() throws Exception {
        Class<?> type = Class.forName("java.lang.foreign.Arena");
        Object shared = type.getMethod("ofShared").invoke(null);
        var allocate = type.getMethod("allocate", long.class, long.class);
        Object segment = allocate.invoke(shared, 8L * MIB, 8L);
        allocate.invoke(shared, 1L * MIB, 8L);
        Object automatic = type.getMethod("ofAuto").invoke(null);
        Object kept = allocate.invoke(automatic, 2L * MIB, 8L);
        var view = Class.forName("java.lang.foreign.MemorySegment").getMethod("asByteBuffer");
        VIEWS.add((ByteBuffer) view.invoke(segment));
        return new Object[] {shared, kept};
    }
}
