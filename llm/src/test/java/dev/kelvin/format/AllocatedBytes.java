// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import java.lang.reflect.Method;

/**
 * What the current thread has allocated on the heap so far, in bytes. The counter is looked up reflectively, since the
 * module under test does not read the management modules.
 */
public final class AllocatedBytes {
    private static final Object BEAN;
    private static final Method COUNTER;

    static {
        Object bean = null;
        Method counter = null;
        try {
            bean = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            counter = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        } catch (ReflectiveOperationException e) {
            System.out.println("SKIPPED: no count of allocated bytes in this run (" + e + "); time alone is checked");
        }
        BEAN = bean;
        COUNTER = counter;
    }

    private AllocatedBytes() {}

    /** The count, or always 0 where there is none. */
    public static long now() {
        if (COUNTER == null) {
            return 0;
        }
        try {
            return (long) COUNTER.invoke(BEAN);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }
}
