// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;

/**
 * Which packages of Kelvin may import which, and what the compiled classes do import, by the JDK's own {@code jdeps}. A
 * module holds its own rows: whatever else the build does at the same time, its classes are there when its tests run.
 */
public final class ImportTable {
    private static final String ROOT = "dev.kelvin.";
    private static final Pattern LINE = Pattern.compile("\\s+(\\S+)\\s+->\\s+(\\S+)\\s+(.*\\S)\\s*");

    private final Map<String, Row> rows = new TreeMap<>();
    private final Map<String, Set<String>> archives;
    private final Map<String, List<String>> libraries;
    private final List<Import> imports = new ArrayList<>();

    private record Row(String module, Set<String> mayImport) {}

    /** A package of a module needs another package, which lies in an archive. */
    private record Import(String module, String from, String to, String archive) {}

    /**
     * A table and nothing read yet.
     *
     * @param rows a line a package, without {@code dev.kelvin.}: its name, its module, the packages that it may import,
     *     or {@code -} for none
     * @param archives the modules of others that a module may need at run time
     * @param libraries beginnings of packages that it may use of libraries on the class path
     */
    public ImportTable(String rows, Map<String, Set<String>> archives, Map<String, List<String>> libraries) {
        this.archives = archives;
        this.libraries = libraries;
        for (String line : rows.lines().toList()) {
            String[] words = line.strip().split(" +", -1);
            Set<String> mayImport = new TreeSet<>();
            for (int i = 2; i < words.length; i++) {
                if (!words[i].equals("-")) {
                    mayImport.add(ROOT + words[i]);
                }
            }
            this.rows.put(ROOT + words[0], new Row(words[1], mayImport));
        }
    }

    /**
     * Reads what the classes of a module import.
     *
     * @param module its name in the table
     * @param classes the folder of its compiled classes
     * @return this table
     */
    public ImportTable read(String module, Path classes) {
        assertTrue(
                Files.isDirectory(classes.resolve("dev/kelvin")),
                () -> "no compiled classes of " + module + " in "
                        + classes.toAbsolutePath().normalize()
                        + "; run the build of all modules, or give -Dkelvin.classes=<core>:<llm>:<server>:<cli>");
        ToolProvider jdeps = ToolProvider.findFirst("jdeps")
                .orElseThrow(() -> new AssertionError("this JDK has no jdeps (module jdk.jdeps)"));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        // Only the packages' folder: with module-info.class jdeps would resolve modules, and want all of them on its
        // path.
        int exitCode = jdeps.run(
                new PrintWriter(out),
                new PrintWriter(err),
                "-verbose:package",
                "-filter:none",
                "--multi-release",
                "25",
                classes.resolve("dev").toString());
        assertEquals(0, exitCode, () -> "jdeps: " + out + err);
        int before = imports.size();
        for (String line : out.toString().lines().toList()) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                imports.add(new Import(module, matcher.group(1), matcher.group(2), matcher.group(3)));
            }
        }
        assertTrue(imports.size() > before, () -> "jdeps found no imports in " + classes + ": " + out + err);
        return this;
    }

    /** Demands all that follow, of a module that has no more to say. */
    public void check() {
        checkPackages();
        checkImports();
        checkArchives();
    }

    /** Demands a row for each package, and a package for each row. */
    public void checkPackages() {
        Map<String, String> found = new TreeMap<>();
        imports.forEach(each -> found.put(each.from(), each.module()));
        Map<String, String> expected = new TreeMap<>();
        rows.forEach((name, row) -> expected.put(name, row.module()));
        assertEquals(expected, found, "packages and their modules: the table of this test, and what was compiled");
    }

    /** Demands that a package imports only what its row names. */
    public void checkImports() {
        Set<String> wrong = new TreeSet<>();
        for (Import each : imports) {
            Row row = rows.get(each.from());
            if (row != null
                    && each.to().startsWith(ROOT)
                    && !each.to().equals(each.from())
                    && !row.mayImport().contains(each.to())) {
                wrong.add(each.from() + " imports " + each.to());
            }
        }
        assertEquals(Set.of(), wrong);
    }

    /** Demands that nothing else is needed at run time than what is named. */
    public void checkArchives() {
        Set<String> wrong = new TreeSet<>();
        for (Import each : imports) {
            if (!each.to().startsWith(ROOT) && !isAllowed(each)) {
                wrong.add(each.module() + ": " + each.from() + " imports " + each.to() + " of " + each.archive());
            }
        }
        assertEquals(Set.of(), wrong);
    }

    private boolean isAllowed(Import each) {
        if (archives.get(each.module()).contains(each.archive())) {
            return true;
        }
        // Libraries are not on jdeps' own path, so it cannot tell which archive they are in.
        return each.archive().equals("not found")
                && libraries.getOrDefault(each.module(), List.of()).stream().anyMatch(each.to()::startsWith);
    }

    /**
     * The packages that import from others.
     *
     * @param beginning of the names of those others
     */
    public Set<String> importersOf(String beginning) {
        Set<String> importers = new TreeSet<>();
        for (Import each : imports) {
            if (each.to().startsWith(beginning)) {
                importers.add(each.from());
            }
        }
        return importers;
    }
}
