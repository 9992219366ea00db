package com.acme.trace;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** An innocent control: a span exporter with a bounded queue in which three spans wait. Nothing leaks here. */
public final class BoundedQueue {
    static final class Span {
        final String name;
        final long start = 1_700_000_000L;

        Span(String name) {
            this.name = name;
        }
    }

    static final class BatchExporter implements Runnable {
        private final BlockingQueue<Span> queue = new ArrayBlockingQueue<>(2048);

        @Override
        public void run() {
            Object never = new Object();
            synchronized (never) {
                try {
                    never.wait();
                } catch (InterruptedException stop) {
                    queue.clear();
                }
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        BatchExporter exporter = new BatchExporter();
        for (int i = 0; i < 3; i++) {
            exporter.queue.add(new Span("GET /orders/" + i));
        }
        Thread worker = new Thread(exporter, "BatchExporter_WorkerThread-1");
        worker.setDaemon(true);
        worker.start();
        System.out.println("READY");
        System.in.read();
    }
}
