package com.acme.orders;

import java.util.ArrayList;
import java.util.List;

/** Fills a list in a local variable until the JVM gives up and dumps its heap. */
public final class OutOfMemory {
    static final class Order {
        final String customer;
        final byte[] document = new byte[2000];

        Order(String customer) {
            this.customer = customer;
        }
    }

    static void importAll() {
        List<Order> imported = new ArrayList<>();
        for (int i = 0; ; i++) {
            imported.add(new Order("customer " + i));
        }
    }

    public static void main(String[] arguments) throws Exception {
        Thread importer = new Thread(OutOfMemory::importAll, "order-import");
        importer.start();
        importer.join();
    }
}
