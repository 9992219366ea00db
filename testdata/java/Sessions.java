package com.acme.shop;

import java.util.HashMap;
import java.util.Map;

/** Keeps some sessions more every few milliseconds, and makes garbage besides, until its input ends. */
public class Sessions {
    static final class Session {
        final byte[] data = new byte[1_000];
    }

    static final Map<Integer, Session> SESSIONS = new HashMap<>();

    static byte[] garbage;

    static void work(int most) {
        while (SESSIONS.size() < most) {
            for (int i = 0; i < 100; i++) {
                SESSIONS.put(SESSIONS.size(), new Session());
                garbage = new byte[2_000];
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException stopped) {
                return;
            }
        }
    }

    /** How many sessions at once, and how many at most. */
    public static void main(String[] arguments) throws Exception {
        int first = Integer.parseInt(arguments[0]);
        for (int i = 0; i < first; i++) {
            SESSIONS.put(i, new Session());
        }
        Thread worker = new Thread(() -> work(Integer.parseInt(arguments[1])), "worker");
        worker.setDaemon(true);
        worker.start();
        System.out.println("READY");
        while (System.in.read() >= 0) {
        }
    }
}
