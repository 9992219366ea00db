package com.acme.shop;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The log shipper beside the shop: for each line, a number of MiB, it takes so much native memory and keeps it. */
public final class Sidecar {
    static final List<ByteBuffer> BUFFERS = new ArrayList<>();

    public static void main(String[] arguments) throws Exception {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        System.out.println("READY");
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(Integer.parseInt(line) << 20);
            for (int at = 0; at < buffer.capacity(); at += 4096) {
                buffer.put(at, (byte) 1);
            }
            BUFFERS.add(buffer);
            System.out.println("GROWN");
        }
    }
}
