package com.acme.shop;

import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A small service with tracing. Its heap is fine: four tables of 1.2 MiB that do not grow, and a span queue that is empty. The memory of
 * the story is a sidecar's. Property {@code span.queue}: spans that fit the queue. Argument {@code leak=N}: N audit records of 100 KiB that nobody takes away.
 */
public final class TracedShop {
    static final BatchSpanProcessor TRACING = new BatchSpanProcessor(Integer.getInteger("span.queue", 2048));

    static final Map<String, byte[]> PRICES = new HashMap<>();
    static final Map<String, byte[]> STOCK = new HashMap<>();
    static final Map<String, byte[]> IMAGES = new HashMap<>();
    static final Map<String, byte[]> ROUTES = new HashMap<>();

    /** Who holds the memory in the story with a leak: {@code com.acme.shop.TracedShop.AUDIT_LOG}. */
    static final List<AuditRecord> AUDIT_LOG = new ArrayList<>();

    static final class AuditRecord {
        final long order;
        final byte[] document = new byte[100 * 1024];

        AuditRecord(long order) {
            this.order = order;
        }
    }

    public static void main(String[] arguments) throws Exception {
        for (Map<String, byte[]> table : List.of(PRICES, STOCK, IMAGES, ROUTES)) {
            for (int i = 0; i < 300; i++) {
                table.put("row-" + i, new byte[4 * 1024]);
            }
        }
        for (String argument : arguments) {
            if (argument.startsWith("leak=")) {
                int records = Integer.parseInt(argument.substring("leak=".length()));
                for (int i = 0; i < records; i++) {
                    AUDIT_LOG.add(new AuditRecord(i));
                }
            }
        }
        System.out.println("READY");
        System.in.read();
    }
}
