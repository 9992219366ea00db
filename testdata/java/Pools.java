import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads in masses, as programs leave them behind: `kept N`, `dropped N`, `shared N`. */
public class Pools {
    static final List<Tenant> TENANTS = new ArrayList<>();
    static ThreadPoolExecutor shared;

    static final class Tenant {
        final ExecutorService mails = Executors.newSingleThreadExecutor();
    }

    public static void main(String[] arguments) throws Exception {
        int n = Integer.parseInt(arguments[1]);
        for (int i = 0; i < n; i++) {
            switch (arguments[0]) {
                case "kept":
                    Tenant tenant = new Tenant();
                    tenant.mails.submit(() -> { }).get();
                    TENANTS.add(tenant);
                    break;
                case "dropped":
                    Executors.newFixedThreadPool(1, work -> new Thread(work, "report-writer")).submit(() -> { }).get();
                    break;
                default:
                    if (shared == null) {
                        shared = new ThreadPoolExecutor(n, n, 1, TimeUnit.HOURS, new LinkedBlockingQueue<>());
                    }
                    shared.submit(() -> { });
            }
        }
        System.out.println("READY");
        System.in.read();
    }
}
