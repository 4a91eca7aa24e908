// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

import dev.kelvin.kernel.scalar.ScalarKernels;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Kernels of every lane width in one JVM: the classes of {@code dev.kelvin.kernel.simd} are defined once a width, each
 * time in a class loader of their own, with {@code kelvin.vectorBits} set while they initialise. Everything else is
 * shared.
 */
public final class LaneWidths {
    /** All widths, 0 being the plain loops. */
    public static final List<Integer> ALL = List.of(0, 128, 256, 512);

    /** The widths with lanes. */
    public static final List<Integer> SIMD = List.of(128, 256, 512);

    private static final Map<Integer, Class<? extends Kernels>> CLASSES = new ConcurrentHashMap<>();

    private LaneWidths() {}

    /**
     * New kernels of a width.
     *
     * @param bits 0, 128, 256 or 512
     * @return an instance for one thread
     */
    public static Kernels kernels(int bits) {
        if (bits == 0) {
            return new ScalarKernels();
        }
        try {
            Kernels kernels = CLASSES.computeIfAbsent(bits, LaneWidths::define)
                    .getConstructor()
                    .newInstance();
            if (kernels.vectorBits() != bits) {
                throw new IllegalStateException("asked for " + bits + " bits, got " + kernels.vectorBits());
            }
            return kernels;
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("kernels of " + bits + " bits", e);
        }
    }

    /**
     * A supplier of kernels of a width.
     *
     * @param bits 0, 128, 256 or 512
     * @return makes a new instance each time
     */
    public static Supplier<Kernels> supplier(int bits) {
        return () -> kernels(bits);
    }

    private static Class<? extends Kernels> define(int bits) {
        synchronized (LaneWidths.class) {
            String before = System.getProperty(Kernels.VECTOR_BITS);
            System.setProperty(Kernels.VECTOR_BITS, Integer.toString(bits));
            try {
                Class<?> type = Class.forName(SimdLoader.PACKAGE + "SimdKernels", true, new SimdLoader());
                // Lanes reads the property when the first kernels are made.
                type.getConstructor().newInstance();
                return type.asSubclass(Kernels.class);
            } catch (ReflectiveOperationException e) {
                throw new LinkageError("kernels of " + bits + " bits", e);
            } finally {
                if (before == null) {
                    System.clearProperty(Kernels.VECTOR_BITS);
                } else {
                    System.setProperty(Kernels.VECTOR_BITS, before);
                }
            }
        }
    }

    /** Defines the classes of one package itself and leaves all others to its parent. */
    private static final class SimdLoader extends ClassLoader {
        static final String PACKAGE = "dev.kelvin.kernel.simd.";

        SimdLoader() {
            super(LaneWidths.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(PACKAGE)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : define(name);
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            String file = name.replace('.', '/') + ".class";
            try (InputStream in = getParent().getResourceAsStream(file)) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
