package com.acme.plugin;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** Plug-ins that were unloaded but stay listed: 30 class loaders, each with its own copy of one class. */
public final class ClassLoaders {
    private static final List<ClassLoader> LOADED = new ArrayList<>();

    public static final class Plugin {
        static final byte[] SETTINGS = new byte[60_000];
        static final List<String> LOG = new ArrayList<>(List.of("started"));
    }

    static final class PluginLoader extends ClassLoader {
        PluginLoader(int number) {
            super("plugin-" + number, ClassLoaders.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.equals("com.acme.plugin.ClassLoaders$Plugin")) {
                return super.loadClass(name, resolve);
            }
            try (InputStream in = getResourceAsStream("com/acme/plugin/ClassLoaders$Plugin.class")) {
                byte[] code = in.readAllBytes();
                return defineClass(name, code, 0, code.length);
            } catch (java.io.IOException failed) {
                throw new ClassNotFoundException(name, failed);
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        for (int i = 0; i < 30; i++) {
            PluginLoader loader = new PluginLoader(i);
            Class.forName("com.acme.plugin.ClassLoaders$Plugin", true, loader);
            LOADED.add(loader);
        }
        System.out.println("READY");
        System.in.read();
    }
}
