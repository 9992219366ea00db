package io.opentelemetry.sdk.trace.export;

import java.util.ArrayList;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The shape of OpenTelemetry's span exporter, as far as a heap dump shows it: a worker thread with a bounded queue, which people blame for
 * memory that it does not hold. Names of classes and fields are OpenTelemetry's, so that they are recognised; the code is not.
 */
public final class BatchSpanProcessor {
    private final Worker worker;

    public BatchSpanProcessor(int maxQueueSize) {
        worker = new Worker(new ArrayBlockingQueue<>(maxQueueSize), 512);
        Thread thread = new Thread(worker, "BatchSpanProcessor_WorkerThread-1");
        thread.setDaemon(true);
        thread.start();
    }

    private static final class Worker implements Runnable {
        private final Queue<Object> queue;
        private final BlockingQueue<Boolean> signal = new ArrayBlockingQueue<>(1);
        private final AtomicInteger spansNeeded = new AtomicInteger(Integer.MAX_VALUE);
        private final int maxExportBatchSize;
        private final ArrayList<Object> batch;
        private volatile boolean continueWork = true;

        Worker(Queue<Object> queue, int maxExportBatchSize) {
            this.queue = queue;
            this.maxExportBatchSize = maxExportBatchSize;
            this.batch = new ArrayList<>(maxExportBatchSize);
        }

        @Override
        public void run() {
            try {
                while (continueWork) {
                    signal.take();
                    while (batch.size() < maxExportBatchSize && !queue.isEmpty()) {
                        batch.add(queue.poll());
                    }
                    spansNeeded.set(Integer.MAX_VALUE);
                    batch.clear();
                }
            } catch (InterruptedException stop) {
                continueWork = false;
            }
        }
    }
}
