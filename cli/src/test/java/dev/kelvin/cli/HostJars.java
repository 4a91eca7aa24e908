// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;

/** Programs in one jar, in the two ways that there are. */
final class HostJars {
    private static final String INSIDE = "BOOT-INF/";

    private HostJars() {}

    /** Compiles as {@code javac} does. */
    static void compile(String... arguments) {
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said);
        int exitCode = ToolProvider.findFirst("javac").orElseThrow().run(out, out, arguments);
        assertEquals(0, exitCode, said::toString);
    }

    /** The jars of a folder whose names begin with one of these. */
    static List<Path> named(Path folder, String... begins) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar")
                            && Arrays.stream(begins)
                                    .anyMatch(begin ->
                                            file.getFileName().toString().startsWith(begin)))
                    .sorted()
                    .toList();
        }
    }

    /** A jar of all classes and resources, as the shade plugin makes it; of files with one name the first stays. */
    static Path merged(Path to, String main, Path classes, List<Path> libraries) throws IOException {
        Set<String> names = new HashSet<>();
        try (JarOutputStream jar = jar(to, main, null)) {
            addFolder(jar, "", classes);
            for (Path library : libraries) {
                addContents(jar, library, names);
            }
        }
        return to;
    }

    /** A jar with its libraries inside, as they are, and with Spring Boot's classes that load from them. */
    static Path nested(Path to, String main, Path classes, List<Path> libraries) throws IOException {
        try (JarOutputStream jar = jar(to, "org.springframework.boot.loader.launch.JarLauncher", main)) {
            addContents(jar, loader(), new HashSet<>());
            for (String folder : List.of(INSIDE, INSIDE + "classes/", INSIDE + "lib/")) {
                jar.putNextEntry(new JarEntry(folder));
                jar.closeEntry();
            }
            addFolder(jar, INSIDE + "classes/", classes);
            for (Path library : libraries) {
                addStored(jar, INSIDE + "lib/" + library.getFileName(), Files.readAllBytes(library));
            }
        }
        return to;
    }

    private static Path loader() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(file -> file.contains("spring-boot-loader-"))
                .map(Path::of)
                .findFirst()
                .orElseThrow(() -> new AssertionError("spring-boot-loader is not on the class path of the tests"));
    }

    private static JarOutputStream jar(Path to, String main, String start) throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, main);
        if (start != null) {
            attributes.putValue("Start-Class", start);
            attributes.putValue("Spring-Boot-Classes", INSIDE + "classes/");
            attributes.putValue("Spring-Boot-Lib", INSIDE + "lib/");
        }
        OutputStream out = Files.newOutputStream(to);
        return new JarOutputStream(out, manifest);
    }

    private static void addFolder(JarOutputStream jar, String before, Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                jar.putNextEntry(new JarEntry(before + folder.relativize(file)));
                Files.copy(file, jar);
                jar.closeEntry();
            }
        }
    }

    private static void addContents(JarOutputStream jar, Path library, Set<String> names) throws IOException {
        try (JarFile from = new JarFile(library.toFile())) {
            for (JarEntry entry : from.stream().toList()) {
                String name = entry.getName();
                boolean own = name.equals(JarFile.MANIFEST_NAME)
                        || name.equals("module-info.class")
                        || name.equals("META-INF/");
                if (!own && names.add(name)) {
                    jar.putNextEntry(new JarEntry(name));
                    from.getInputStream(entry).transferTo(jar);
                    jar.closeEntry();
                }
            }
        }
    }

    /** Not compressed, so that it can be read where it lies. */
    private static void addStored(JarOutputStream jar, String name, byte[] bytes) throws IOException {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        JarEntry entry = new JarEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(sum.getValue());
        jar.putNextEntry(entry);
        jar.write(bytes);
        jar.closeEntry();
    }
}
