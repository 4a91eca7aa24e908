// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The public API of a module as text: its exported types and their public and protected members, a line a member, in
 * the order of the sources, with the values of constants. {@code docs/api} holds it, so that a change of the API is a
 * change of a file that somebody reads. The JDK's {@code javap} lists; what is added here is which types count, whom a
 * sealed type permits, and short names.
 *
 * <p>A module has a test that calls {@link #check}; {@code ./dev api} runs these tests so that they write.
 */
public final class ApiListing {
    private static final Path FOLDER = Path.of("../docs/api");
    private static final Pattern EXPORT = Pattern.compile("(?m)^\\s*exports\\s+([\\w.]+)\\s*;");

    /** Types of these packages have their simple names. */
    private static final Pattern JAVA = Pattern.compile(
            "(?<![\\w.$])java\\.(?:lang|lang\\.foreign|util|util\\.function|util\\.concurrent|util\\.stream|io|nio|nio\\.file)"
                    + "\\.(?=[A-Z])");

    private static final Pattern OWN = Pattern.compile("(?<![\\w.$])dev\\.kelvin\\.(?=[a-z])");
    private static final Pattern TYPE = Pattern.compile("\\b(?:class|interface)\\s+(\\S+?)[<\\s]");

    /** What every record and every enum has. */
    private static final Set<String> RECORD =
            Set.of("final String toString()", "final int hashCode()", "final boolean equals(Object)");

    private ApiListing() {}

    /**
     * Fails unless {@code docs/api/NAME.txt} is the API of the module whose tests run, or writes that file if the
     * environment has {@code KELVIN_API=write}.
     *
     * @param anchor a type of the module
     * @param name of the file
     */
    public static void check(Class<?> anchor, String name) throws IOException {
        String found = of(anchor, name);
        Path file = FOLDER.resolve(name + ".txt");
        if ("write".equals(System.getenv("KELVIN_API"))) {
            Files.createDirectories(FOLDER);
            Files.writeString(file, found);
            return;
        }
        String written = Files.exists(file) ? Files.readString(file) : "";
        List<String> added = difference(found, written);
        List<String> removed = difference(written, found);
        assertTrue(
                added.isEmpty() && removed.isEmpty(),
                () -> "the public API is not that of docs/api/" + name
                        + ".txt; if that is meant, ./dev api writes it anew, and CHANGELOG.md says what changed"
                        + lines("\n  new:  ", added)
                        + lines("\n  gone: ", removed));
        assertEquals(written, found, "the order of members");
    }

    /** The API of the module that a type is of, in whose folder this JVM runs. */
    static String of(Class<?> anchor, String name) throws IOException {
        Path classes = location(anchor);
        Set<String> types = new LinkedHashSet<>();
        for (String exported : exports(classes)) {
            types.addAll(types(classes, exported, anchor.getClassLoader()));
        }
        StringBuilder text =
                new StringBuilder("# The public API of kelvin-" + name + ", by its tests. ./dev api writes it anew.\n");
        String last = "";
        for (List<String> block : blocks(javap(classes, types))) {
            String header = block.getFirst();
            Matcher matcher = TYPE.matcher(header + " ");
            assertTrue(matcher.find(), header);
            Class<?> type = load(matcher.group(1), anchor.getClassLoader());
            if (!type.getPackageName().equals(last)) {
                last = type.getPackageName();
                text.append("\npackage ").append(last).append('\n');
            }
            append(text, block, type);
        }
        return text.toString();
    }

    private static Path location(Class<?> anchor) {
        try {
            return Path.of(
                    anchor.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The exported packages by the module's descriptor; without one, all that there are. */
    private static Set<String> exports(Path classes) throws IOException {
        Path descriptor = Path.of("src/main/java/module-info.java");
        Set<String> exports = new TreeSet<>();
        if (Files.exists(descriptor)) {
            Matcher matcher = EXPORT.matcher(Files.readString(descriptor));
            while (matcher.find()) {
                exports.add(matcher.group(1));
            }
        } else {
            try (Stream<Path> files = Files.walk(classes)) {
                files.filter(file -> file.toString().endsWith(".class"))
                        .map(file -> classes.relativize(file.getParent()).toString())
                        .filter(folder -> !folder.isEmpty())
                        .forEach(folder -> exports.add(folder.replace('/', '.')));
            }
        }
        assertTrue(!exports.isEmpty(), "nothing is exported");
        return exports;
    }

    /** Names of the types of a package that others can name, and of those that lend them members. */
    private static Collection<String> types(Path classes, String exported, ClassLoader loader) throws IOException {
        Set<String> types = new TreeSet<>();
        try (Stream<Path> files = Files.list(classes.resolve(exported.replace('.', '/')))) {
            for (Path file : files.toList()) {
                String simple = file.getFileName().toString();
                if (simple.endsWith(".class") && !simple.equals("package-info.class")) {
                    Class<?> type = load(exported + "." + simple.substring(0, simple.length() - 6), loader);
                    if (isNamed(type)) {
                        types.add(type.getName());
                        addHidden(type, types);
                    }
                }
            }
        }
        return types;
    }

    /** Public members of a type that is not public are those of whoever extends it. */
    private static void addHidden(Class<?> type, Set<String> types) {
        List<Class<?>> above = new ArrayList<>(List.of(type.getInterfaces()));
        if (type.getSuperclass() != null) {
            above.add(type.getSuperclass());
        }
        for (Class<?> each : above) {
            if (each.getPackageName().equals(type.getPackageName()) && !isNamed(each) && types.add(each.getName())) {
                addHidden(each, types);
            }
        }
    }

    private static Class<?> load(String name, ClassLoader loader) {
        try {
            return Class.forName(name, false, loader);
        } catch (ClassNotFoundException e) {
            throw new LinkageError(name, e);
        }
    }

    private static boolean isNamed(Class<?> type) {
        if (type.isAnonymousClass() || type.isLocalClass()) {
            return false;
        }
        int modifiers = type.getModifiers();
        boolean open = Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
        return open && (type.getEnclosingClass() == null || isNamed(type.getEnclosingClass()));
    }

    private static String javap(Path classes, Collection<String> types) {
        List<String> arguments = new ArrayList<>(List.of("-protected", "-constants", "-cp", classes.toString()));
        arguments.addAll(types);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = ToolProvider.findFirst("javap")
                .orElseThrow(() -> new AssertionError("this JDK has no javap (module jdk.jdeps)"))
                .run(new PrintWriter(out), new PrintWriter(err), arguments.toArray(String[]::new));
        assertEquals(0, exitCode, () -> "javap: " + out + err);
        return out.toString();
    }

    /** A header and its members for each type. */
    private static List<List<String>> blocks(String listing) {
        List<List<String>> blocks = new ArrayList<>();
        for (String line : listing.lines().toList()) {
            if (line.endsWith(" {")) {
                blocks.add(new ArrayList<>(List.of(line.substring(0, line.length() - 2))));
            } else if (line.startsWith("  ")) {
                blocks.getLast().add(line.strip());
            }
        }
        return blocks;
    }

    private static void append(StringBuilder text, List<String> block, Class<?> type) {
        String header = shortened(block.getFirst(), type)
                .replaceFirst("(static )?final class (.*?) extends Record", "record $2")
                .replaceFirst("(static )?(final )?class (.*?) extends Enum<.*?>", "enum $3");
        text.append('\n').append(header).append(permits(type)).append('\n');
        String constant = "static final " + shortened(type.getName(), type) + " ";
        String values = "static " + shortened(type.getName(), type);
        for (String member : block.subList(1, block.size())) {
            String line = shortened(member, type).replaceFirst("^public ", "").replaceFirst(";$", "");
            boolean implied = (type.isRecord() && RECORD.contains(line))
                    || (type.isEnum()
                            && (line.startsWith(values + "[] values()") || line.startsWith(values + " valueOf(")));
            if (!implied) {
                text.append("    ")
                        .append(type.isEnum() && line.startsWith(constant) ? line.substring(constant.length()) : line)
                        .append('\n');
            }
        }
    }

    private static String permits(Class<?> type) {
        Class<?>[] permitted = type.getPermittedSubclasses();
        return permitted == null
                ? ""
                : Arrays.stream(permitted)
                        .map(each -> shortened(each.getName(), type))
                        .collect(Collectors.joining(", ", " permits ", ""));
    }

    /** Types of the own package and of the JDK by their simple names, others of Kelvin without what all begin with. */
    private static String shortened(String line, Class<?> type) {
        String own = "(?<![\\w.$])" + Pattern.quote(type.getPackageName() + ".") + "(?=[A-Z])";
        String all = JAVA.matcher(line.replaceAll(own, "")).replaceAll("");
        return OWN.matcher(all).replaceAll("").replace('$', '.');
    }

    private static List<String> difference(String text, String other) {
        Set<String> lines = new LinkedHashSet<>(qualified(text));
        lines.removeAll(qualified(other));
        return List.copyOf(lines);
    }

    /** Each member with the type that it is of. */
    private static List<String> qualified(String text) {
        List<String> lines = new ArrayList<>();
        String type = "";
        for (String line : text.lines().toList()) {
            if (line.startsWith("    ")) {
                lines.add(type + ": " + line.strip());
            } else if (!line.isBlank()) {
                type = line;
                lines.add(line);
            }
        }
        return lines;
    }

    private static String lines(String before, List<String> lines) {
        return lines.stream().limit(20).map(before::concat).collect(Collectors.joining());
    }
}
