import java.io.InputStream;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/** Runs out of metaspace, of heap or of room for one array, in the way that the argument says. */
public class OutOfSpace {
    static final List<Object> KEPT = new ArrayList<>();
    static final ClassValue<byte[]> BY_CLASS = new ClassValue<>() {
        @Override
        protected byte[] computeValue(Class<?> type) {
            return new byte[256 << 10];
        }
    };

    interface A { }
    interface B { }
    interface C { }
    interface D { }
    interface E { }
    interface F { }
    interface G { }

    /** What is defined again and again. */
    public static class Script {
        long a = System.nanoTime();
        String b = "b" + a;
    }

    static final class Loader extends ClassLoader {
        Loader() {
            super(OutOfSpace.class.getClassLoader());
        }

        Class<?> define(String name, byte[] bytes) {
            return defineClass(name, bytes, 0, bytes.length);
        }
    }

    static byte[] script() throws Exception {
        try (InputStream in = OutOfSpace.class.getResourceAsStream("OutOfSpace$Script.class")) {
            return in.readAllBytes();
        }
    }

    static Object same(Object object) {
        return object;
    }

    static Object lambda() throws Throwable {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        MethodType type = MethodType.methodType(Object.class, Object.class);
        MethodHandle same = lookup.findStatic(OutOfSpace.class, "same", type);
        return LambdaMetafactory.metafactory(lookup, "apply", MethodType.methodType(Function.class), type, same, type).getTarget().invoke();
    }

    static void proxies() {
        List<Class<?>> all = new ArrayList<>(Arrays.asList(A.class, B.class, C.class, D.class, E.class, F.class, G.class));
        Random random = new Random(1);
        while (true) {
            Collections.shuffle(all, random);
            KEPT.add(Proxy.newProxyInstance(OutOfSpace.class.getClassLoader(), all.toArray(new Class<?>[0]), (p, m, a) -> null));
        }
    }

    public static void main(String[] arguments) throws Throwable {
        byte[] script = script();
        switch (arguments[0]) {
            case "lambdas":
                while (true) {
                    KEPT.add(lambda());
                }
            case "proxies":
                proxies();
                break;
            case "text":
                for (int i = 0; i < 1_000; i++) {
                    KEPT.add(lambda());
                }
                StringBuilder text = new StringBuilder("x");
                KEPT.add(text);
                while (true) {
                    text.append(text);
                }
            case "classvalue":
                while (true) {
                    Class<?> type = new Loader().define("OutOfSpace$Script", script);
                    KEPT.add(type);
                    BY_CLASS.get(type);
                }
            default:
                throw new IllegalArgumentException(arguments[0]);
        }
    }
}
