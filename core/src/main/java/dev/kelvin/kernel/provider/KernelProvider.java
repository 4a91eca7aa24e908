// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.provider;

import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.scalar.ScalarKernels;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;

/**
 * Chooses the kernels, once a JVM: those on lanes where the JVM has the module {@code jdk.incubator.vector} and a
 * compiler for its vectors, else the plain loops.
 *
 * <p>The property {@code kelvin.vectorBits} forces a width: 128, 256 or 512, or 0 for the plain loops. Results are the
 * same bits in every case; only speed differs. Safe for use by several threads.
 */
public final class KernelProvider {
    private static final String VECTOR_BITS = Kernels.VECTOR_BITS;
    private static final String MODULE = "jdk.incubator.vector";
    private static final String SIMD_KERNELS = "dev.kelvin.kernel.simd.SimdKernels";
    /**
     * What is wrong with the property, or null. Said at each call: an exception in a static initialiser is told only
     * once.
     */
    private static final String REFUSAL = refusal(System.getProperty(VECTOR_BITS));

    private KernelProvider() {}

    /** Looked for when they are first asked for: who computes with plain loops alone need not have them. */
    private static final class Lanes {
        /** Makes the kernels on lanes; null where there are none. */
        static final Constructor<? extends Kernels> CONSTRUCTOR = probe();

        private Lanes() {}
    }

    /**
     * New kernels, for one thread.
     *
     * @return an instance of the chosen implementation
     * @throws IllegalArgumentException if {@code kelvin.vectorBits} is set to anything but 0, 128, 256 or 512
     */
    public static Kernels create() {
        if (REFUSAL != null) {
            throw new IllegalArgumentException(REFUSAL);
        }
        if (Lanes.CONSTRUCTOR == null) {
            return new ScalarKernels();
        }
        try {
            return Lanes.CONSTRUCTOR.newInstance();
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the kernels on lanes cannot be made", e);
        }
    }

    /**
     * New kernels of plain loops, for one thread.
     *
     * @return kernels that are fast at once, and slower than lanes later
     */
    public static Kernels createPlain() {
        return new ScalarKernels();
    }

    /**
     * New kernels, for one thread, that do a short first piece of work in plain loops: {@link QuickStartKernels}. Where
     * there are no lanes, or their width is forced, those of {@link #create}.
     *
     * @return kernels whose first results are there soon
     * @throws IllegalArgumentException as {@link #create}
     */
    public static Kernels createQuickStart() {
        Kernels chosen = create();
        return Lanes.CONSTRUCTOR == null || System.getProperty(VECTOR_BITS) != null
                ? chosen
                : new QuickStartKernels(new ScalarKernels(), chosen);
    }

    /**
     * What was chosen, for people.
     *
     * @return for instance "512-bit lanes" or "plain loops"
     * @throws IllegalArgumentException as {@link #create}
     */
    public static String choice() {
        int bits = create().vectorBits();
        return bits == 0 ? "plain loops" : bits + "-bit lanes";
    }

    private static String refusal(String forced) {
        return forced == null || forced.matches("0|128|256|512")
                ? null
                : "kernels: " + VECTOR_BITS + "=" + forced + " is none of 0, 128, 256, 512";
    }

    private static Constructor<? extends Kernels> probe() {
        if ("0".equals(System.getProperty(VECTOR_BITS))) {
            return null;
        }
        if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
            System.getLogger(KernelProvider.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "no SIMD lanes, plain loops take over: the module {0} is not there;"
                                    + " pass --add-modules {0} to java",
                            MODULE);
            return null;
        }
        String absence = VectorCompiler.absence(System::getProperty);
        if (absence != null && System.getProperty(VECTOR_BITS) == null) {
            System.getLogger(KernelProvider.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "no SIMD lanes, plain loops take over: {0}, where lanes would be a hundred times slower;"
                                    + " -D{1}=256 takes them all the same",
                            absence,
                            VECTOR_BITS);
            return null;
        }
        try {
            return Class.forName(SIMD_KERNELS).asSubclass(Kernels.class).getConstructor();
        } catch (ReflectiveOperationException | LinkageError e) {
            System.getLogger(KernelProvider.class.getName())
                    .log(System.Logger.Level.WARNING, "no SIMD lanes, plain loops take over: " + e, e);
            return null;
        }
    }
}
