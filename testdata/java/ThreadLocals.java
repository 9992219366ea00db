package com.acme.render;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Eight pool threads keep a buffer each in one ThreadLocal; one more thread keeps a list in a local variable. */
public final class ThreadLocals {
    private static final ThreadLocal<byte[]> BUFFER = new ThreadLocal<>();
    private static final CountDownLatch READY = new CountDownLatch(9);
    private static final CountDownLatch NEVER = new CountDownLatch(1);

    static final class Job {
        final int[] pixels = new int[1000];
    }

    static void render(int kib) {
        BUFFER.set(new byte[kib * 1024]);
        await();
    }

    static void collect(int jobs) {
        List<Job> pending = new ArrayList<>();
        for (int i = 0; i < jobs; i++) {
            pending.add(new Job());
        }
        await();
        System.out.println(pending.size());
    }

    static void await() {
        READY.countDown();
        try {
            NEVER.await();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    public static void main(String[] arguments) throws Exception {
        for (int i = 1; i <= 8; i++) {
            start("render-pool-" + i, () -> render(200));
        }
        start("job-collector", () -> collect(100));
        READY.await();
        System.out.println("READY");
        System.in.read();
    }
}
