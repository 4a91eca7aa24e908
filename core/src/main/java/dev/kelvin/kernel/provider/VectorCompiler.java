// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.provider;

import java.util.function.UnaryOperator;

/**
 * Whether this JVM compiles vectors to vector instructions, as HotSpot's C2 does. Without it each operation on a vector
 * is a call that makes objects, and lanes are some hundred times slower than plain loops.
 *
 * <p>Told by system properties, which are there at once: asking the JVM for its flags loads the classes of management.
 * So it is asked only where it may have another compiler, and tiers that stop at level 0, 2 or 3, which are there to
 * look into compilers, are not noticed.
 */
final class VectorCompiler {
    private VectorCompiler() {}

    /**
     * Why there is none.
     *
     * @param property the JVM's properties
     * @return a clause about this JVM; null if nothing speaks against it
     */
    static String absence(UnaryOperator<String> property) {
        String info = property.apply("java.vm.info");
        String name = property.apply("java.vm.name");
        if (info.contains("interpreted mode")) {
            return "this JVM only interprets (-Xint)";
        }
        if (info.contains("emulated-client")) {
            return "this JVM compiles without C2 (-XX:TieredStopAtLevel=1)";
        }
        if (!name.contains("Server VM")) {
            return "this JVM, " + name + ", has no C2";
        }
        if (property.apply("java.vm.version").contains("jvmci") && isFlagSet("UseJVMCICompiler")) {
            return "this JVM compiles with Graal instead of C2 (-XX:+UseJVMCICompiler)";
        }
        return null;
    }

    /** Whether HotSpot has a flag of this name that is true; false where management is not there to tell. */
    private static boolean isFlagSet(String flag) {
        try {
            Class<?> type = Class.forName("com.sun.management.HotSpotDiagnosticMXBean");
            Object bean = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getPlatformMXBean", Class.class)
                    .invoke(null, type);
            Object option = type.getMethod("getVMOption", String.class).invoke(bean, flag);
            return "true".equals(option.getClass().getMethod("getValue").invoke(option));
        } catch (ReflectiveOperationException | LinkageError e) {
            return false;
        }
    }
}
