// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * How much memory this process can have at most: what the machine has, or less where its control group is limited. Read
 * from the files of Linux; elsewhere it is not known.
 */
public final class SystemMemory {
    private static final String CGROUPS = "sys/fs/cgroup";

    private SystemMemory() {}

    /**
     * How much more this process can have: the limit without what it holds of its own (heap, packed weights; not the
     * mapped files, whose pages can be let go).
     *
     * @return bytes, at least 0, if they are known
     */
    public static OptionalLong free() {
        return free(Path.of("/"));
    }

    /** What the files below {@code root} tell to be free. */
    static OptionalLong free(Path root) {
        OptionalLong limit = limit(root);
        for (String line : lines(root.resolve("proc/self/status"))) {
            if (line.startsWith("RssAnon:") && limit.isPresent()) {
                long held = number(line.replaceAll("\\D", "")) << 10; // in kB
                return OptionalLong.of(Math.max(0, limit.getAsLong() - held));
            }
        }
        return OptionalLong.empty();
    }

    /** The limit in bytes, if it is known. */
    static OptionalLong limit() {
        return limit(Path.of("/"));
    }

    /** The limit that the files below {@code root} tell. */
    static OptionalLong limit(Path root) {
        long limit = Long.MAX_VALUE;
        for (String line : lines(root.resolve("proc/meminfo"))) {
            if (line.startsWith("MemTotal:")) {
                limit = number(line.replaceAll("\\D", "")) << 10; // in kB
            }
        }
        for (String line : lines(root.resolve("proc/self/cgroup"))) {
            String[] parts = line.split(":", 3); // hierarchy, controllers, path
            if (parts.length == 3 && parts[0].equals("0")) {
                limit = Math.min(limit, least(root.resolve(CGROUPS), parts[2], "memory.max"));
            } else if (parts.length == 3 && List.of(parts[1].split(",")).contains("memory")) {
                limit = Math.min(limit, least(root.resolve(CGROUPS + "/memory"), parts[2], "memory.limit_in_bytes"));
            }
        }
        return limit == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(limit);
    }

    /**
     * The least of a group's limit and those of the groups around it. Inside a container the path may be that of the
     * machine; then the root of the hierarchy is the container's own.
     */
    private static long least(Path hierarchy, String group, String file) {
        long least = Long.MAX_VALUE;
        Path folder =
                hierarchy.resolve(Path.of("/").relativize(Path.of("/", group).normalize()));
        while (folder.startsWith(hierarchy)) {
            for (String line : lines(folder.resolve(file))) {
                least = Math.min(least, number(line));
            }
            folder = folder.getParent();
        }
        return least;
    }

    /** A number of bytes; {@code max} and whatever else is no number is no limit. */
    private static long number(String text) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    /** The lines of a file; none if it cannot be read. */
    private static List<String> lines(Path file) {
        try {
            return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            return List.of(); // gone since, or not for us: then it sets no limit that is known
        }
    }
}
