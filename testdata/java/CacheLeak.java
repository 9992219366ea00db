package com.acme.shop;

import java.util.HashMap;
import java.util.Map;

/** The leak of the README: a static map that only grows. Argument: number of entries. */
public final class CacheLeak {
    /** Who holds the memory: {@code com.acme.shop.CacheLeak.PRODUCTS}. */
    private static final Map<String, Product> PRODUCTS = new HashMap<>();

    static final class Product {
        final String name;
        final long price;
        final byte[] thumbnail;

        Product(String name, long price, byte[] thumbnail) {
            this.name = name;
            this.price = price;
            this.thumbnail = thumbnail;
        }
    }

    public static void main(String[] arguments) throws Exception {
        int entries = Integer.parseInt(arguments[0]);
        for (int i = 0; i < entries; i++) {
            PRODUCTS.put("product-" + i, new Product("Product number " + i, 100L + i, new byte[800]));
        }
        System.out.println("READY");
        System.in.read();
    }
}
