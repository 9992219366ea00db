package com.acme.refs;

import java.lang.ref.Cleaner;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.SoftReference;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.WeakHashMap;

/** What only soft, weak, final and phantom references reach, each of its own class and number. */
public final class References {
    private static final List<Reference<?>> REFERENCES = new ArrayList<>();
    private static final ReferenceQueue<Object> QUEUE = new ReferenceQueue<>();
    private static final WeakHashMap<Object, Object> WEAK_MAP = new WeakHashMap<>();
    private static final Object[] STRONG = new Object[50];
    private static final Cleaner CLEANER = Cleaner.create();

    static final class Soft {
        final byte[] content = new byte[1000];
    }

    static final class Weak {
        final byte[] content = new byte[500];
    }

    static class Final {
        final byte[] content = new byte[700];

        @SuppressWarnings({"deprecation", "removal"})
        @Override
        protected void finalize() {
            System.out.println(content.length);
        }
    }

    static final class Phantom {
        final byte[] content = new byte[300];
    }

    static final class Strong {
        final byte[] content = new byte[100];
    }

    public static void main(String[] arguments) throws Exception {
        for (int i = 0; i < 200; i++) {
            REFERENCES.add(new SoftReference<>(new Soft()));
        }
        for (int i = 0; i < STRONG.length; i++) {
            Strong strong = new Strong();
            STRONG[i] = strong;
            REFERENCES.add(new WeakReference<>(strong));
            REFERENCES.add(new PhantomReference<>(strong, QUEUE));
            // The value leads back to its key: neither ever goes.
            WEAK_MAP.put(new Weak(), "value " + i);
            CLEANER.register(strong, () -> { });
        }
        Object key = new Weak();
        WEAK_MAP.put(key, new Object[] {key});
        Final[] kept = new Final[100];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = new Final();
        }
        System.out.println("READY");
        System.in.read();
        System.out.println(kept.length + WEAK_MAP.size());
    }
}
