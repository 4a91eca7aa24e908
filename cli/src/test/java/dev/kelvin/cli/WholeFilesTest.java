// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A file is complete under its name or not there, because {@code FileReplacement} writes it: no other class calls what
 * could write to a file, but for those that are named here with their reason.
 */
class WholeFilesTest {
    /** Methods of the JDK that make or change a file. {@code FileChannel.open} is left out: readers need it. */
    private static final Set<String> WRITERS = Set.of(
            "java/nio/file/Files.write",
            "java/nio/file/Files.writeString",
            "java/nio/file/Files.newOutputStream",
            "java/nio/file/Files.newBufferedWriter",
            "java/nio/file/Files.copy",
            "java/nio/file/Files.move",
            "java/io/FileOutputStream.<init>",
            "java/io/FileWriter.<init>",
            "java/io/RandomAccessFile.<init>",
            "java/io/PrintStream.<init>(Ljava/lang/String;)V",
            "java/io/PrintStream.<init>(Ljava/io/File;)V");

    private static final Map<String, String> OTHERS = Map.of(
            "dev/kelvin/format/ProcessEnd java/nio/file/Files.move", "gives a whole file its name",
            "dev/kelvin/train/stories/Stories java/nio/file/Files.newOutputStream", "a tool of the developers",
            "dev/kelvin/cli/Main java/io/FileOutputStream.<init>", "a descriptor that is open",
            "dev/kelvin/cli/StandardOutput java/io/FileOutputStream.<init>", "a descriptor that is open",
            "dev/kelvin/cli/TemperatureCommand java/nio/file/Files.writeString", "to what is no regular file");

    @Test
    void onlyTheNamedWriteToFilesByThemselves() throws IOException {
        Set<String> found = new TreeSet<>();
        int classes = 0;
        for (String folder : ArchitectureTest.classFolders()) {
            List<Path> files;
            try (Stream<Path> all = Files.walk(Path.of(folder))) {
                files = all.filter(file -> file.toString().endsWith(".class")).toList();
            }
            for (Path file : files) {
                classes++;
                addWriters(file, found);
            }
        }
        assertTrue(classes > 500, classes + " classes");
        assertEquals(new TreeMap<>(OTHERS).navigableKeySet(), found);
    }

    private static void addWriters(Path file, Set<String> found) throws IOException {
        ClassModel model = ClassFile.of().parse(file);
        String name = model.thisClass().asInternalName();
        for (PoolEntry entry : model.constantPool()) {
            if (entry instanceof MemberRefEntry member) {
                String method =
                        member.owner().asInternalName() + "." + member.name().stringValue();
                String exact = method + member.type().stringValue();
                if (WRITERS.contains(method) || WRITERS.contains(exact)) {
                    found.add(name.replaceFirst("\\$.*", "") + " " + method);
                }
            }
        }
    }
}
