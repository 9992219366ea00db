package com.acme.chat;

import java.util.concurrent.CountDownLatch;

/** Forty parked virtual threads, each with a buffer in a local variable (JDK 21 and later). */
public final class VirtualThreads {
    private static final CountDownLatch READY = new CountDownLatch(40);
    private static final CountDownLatch NEVER = new CountDownLatch(1);
    private static final Thread[] SESSIONS = new Thread[40];

    static void session(int number) {
        byte[] inbox = new byte[4000 + number];
        READY.countDown();
        try {
            NEVER.await();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        System.out.println(inbox.length);
    }

    public static void main(String[] arguments) throws Exception {
        for (int i = 0; i < SESSIONS.length; i++) {
            int number = i;
            SESSIONS[i] = Thread.ofVirtual().name("session-" + i).start(() -> session(number));
        }
        READY.await();
        Thread.sleep(200);
        System.out.println("READY");
        System.in.read();
    }
}
