// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The native peer of the matrix product: {@code libopenblas.so.0} of the system, Debian's libopenblas0-pthread. */
@SuppressWarnings("restricted") // Native code is the point of this class.
public final class OpenBlas {
    private static final int ROW_MAJOR = 101;
    private static final int NO_TRANS = 111;
    private static final int TRANS = 112;

    /** Bytes within which the text of the configuration ends. */
    private static final long MOST_OF_CONFIG = 4096;

    private final MethodHandle sgemm;
    private final MethodHandle sgemv;
    private final MethodHandle setThreads;
    private final MethodHandle config;

    /**
     * Loads the library.
     *
     * @throws IllegalArgumentException if the system has none
     */
    public OpenBlas() {
        SymbolLookup library = SymbolLookup.libraryLookup("libopenblas.so.0", Arena.global());
        ValueLayout.OfInt i = ValueLayout.JAVA_INT;
        ValueLayout.OfFloat f = ValueLayout.JAVA_FLOAT;
        Linker linker = Linker.nativeLinker();
        sgemm = linker.downcallHandle(
                library.findOrThrow("cblas_sgemm"),
                FunctionDescriptor.ofVoid(
                        i,
                        i,
                        i,
                        i,
                        i,
                        i,
                        f,
                        ValueLayout.ADDRESS,
                        i,
                        ValueLayout.ADDRESS,
                        i,
                        f,
                        ValueLayout.ADDRESS,
                        i));
        sgemv = linker.downcallHandle(
                library.findOrThrow("cblas_sgemv"),
                FunctionDescriptor.ofVoid(
                        i, i, i, i, f, ValueLayout.ADDRESS, i, ValueLayout.ADDRESS, i, f, ValueLayout.ADDRESS, i));
        setThreads =
                linker.downcallHandle(library.findOrThrow("openblas_set_num_threads"), FunctionDescriptor.ofVoid(i));
        config = linker.downcallHandle(
                library.findOrThrow("openblas_get_config"), FunctionDescriptor.of(ValueLayout.ADDRESS));
    }

    /** What the library says of itself: its version, how it was built, and the processor whose kernels it chose. */
    public String config() {
        try {
            MemorySegment text = (MemorySegment) config.invokeExact();
            return text.reinterpret(MOST_OF_CONFIG).getString(0).strip();
        } catch (Throwable thrown) {
            throw new IllegalStateException("openblas_get_config", thrown);
        }
    }

    /** How many threads a product may use from now on. */
    public void setThreads(int threads) {
        try {
            setThreads.invokeExact(threads);
        } catch (Throwable thrown) {
            throw new IllegalStateException("openblas_set_num_threads", thrown);
        }
    }

    /** Y = X·Wᵀ of arrays outside the heap, x [m, k], w [n, k], y [m, n]. */
    public void multiply(int m, int n, int k, MemorySegment x, MemorySegment w, MemorySegment y) {
        try {
            sgemm.invokeExact(ROW_MAJOR, NO_TRANS, TRANS, m, n, k, 1f, x, k, w, k, 0f, y, n);
        } catch (Throwable thrown) {
            throw new IllegalStateException("cblas_sgemm", thrown);
        }
    }

    /** y = W·x of arrays outside the heap, w [n, k], x [k], y [n]. */
    public void multiply(int n, int k, MemorySegment w, MemorySegment x, MemorySegment y) {
        try {
            sgemv.invokeExact(ROW_MAJOR, NO_TRANS, n, k, 1f, w, k, x, 1, 0f, y, 1);
        } catch (Throwable thrown) {
            throw new IllegalStateException("cblas_sgemv", thrown);
        }
    }
}
