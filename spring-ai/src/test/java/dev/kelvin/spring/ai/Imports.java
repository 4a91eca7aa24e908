// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;

/** The packages that compiled classes use, by the JDK's own {@code jdeps}. */
public final class Imports {
    private static final String ROOT = "dev.kelvin.";
    private static final Pattern LINE = Pattern.compile("\\s+(\\S+)\\s+->\\s+(\\S+)\\s+.*");

    private Imports() {}

    /** The packages that the package of a class uses, itself and those of Java left out. */
    private static Set<String> of(Class<?> member) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = ToolProvider.findFirst("jdeps")
                .orElseThrow()
                .run(
                        new PrintWriter(out),
                        new PrintWriter(err),
                        "-verbose:package",
                        "-filter:none",
                        "--multi-release",
                        "25",
                        classes(member).toString());
        assertEquals(0, exitCode, () -> "jdeps: " + out + err);
        Set<String> used = new TreeSet<>();
        for (String line : out.toString().lines().toList()) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()
                    && matcher.group(1).equals(member.getPackageName())
                    && !matcher.group(2).equals(member.getPackageName())
                    && !matcher.group(2).startsWith("java.")) {
                used.add(matcher.group(2));
            }
        }
        assertFalse(used.isEmpty(), () -> "jdeps found no imports of " + member.getPackageName() + ": " + out + err);
        return used;
    }

    private static Path classes(Class<?> member) {
        try {
            return Path.of(
                    member.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Checks what a package uses: of Kelvin exactly these packages, of libraries those that begin like this.
     *
     * @param member a class of the package
     * @param kelvin packages without {@code dev.kelvin.}
     * @param libraries beginnings of their packages' names
     */
    public static void check(Class<?> member, Set<String> kelvin, Set<String> libraries) {
        Set<String> used = of(member);
        Set<String> expected = new TreeSet<>();
        kelvin.forEach(name -> expected.add(ROOT + name));
        Set<String> own = new TreeSet<>(used);
        own.removeIf(name -> !name.startsWith(ROOT));
        assertEquals(expected, own, "what it uses of Kelvin: this test, and ARCHITECTURE.md");
        used.removeAll(own);
        used.removeIf(name -> libraries.stream().anyMatch(name::startsWith));
        assertEquals(Set.of(), used, "libraries that nobody has allowed");
    }
}
