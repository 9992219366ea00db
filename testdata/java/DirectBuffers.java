package com.acme.net;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Sixteen direct buffers of 1 MiB: little on the heap, 16 MiB outside. */
public final class DirectBuffers {
    private static final List<ByteBuffer> POOL = new ArrayList<>();

    public static void main(String[] arguments) throws Exception {
        for (int i = 0; i < 16; i++) {
            POOL.add(ByteBuffer.allocateDirect(1 << 20));
        }
        // A slice shares the memory of its buffer: counted once.
        POOL.add(POOL.get(0).slice());
        System.out.println("READY");
        System.in.read();
    }
}
