// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.cli.roofline.report.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a container or a service may use on Linux: the tightest limits of its control group and of those around it, of
 * version 2 or 1. Source: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1 of Linux.
 *
 * @param processors at once, on the average; infinite if nothing limits them
 * @param memoryBytes {@link Long#MAX_VALUE} if nothing limits them
 */
record ControlGroup(double processors, long memoryBytes) {
    private static final ControlGroup FREE = new ControlGroup(Double.POSITIVE_INFINITY, Long.MAX_VALUE);

    /** Version 1 writes as no limit the largest multiple of a page. */
    private static final long NO_LIMIT = 1L << 62;

    /** That of this process; without limits where there are no control groups. */
    static ControlGroup current() {
        return of(Path.of("/"));
    }

    /** That of the process that a file system describes. */
    static ControlGroup of(Path root) {
        ControlGroup group = FREE;
        for (String line : lines(root.resolve("proc/self/cgroup"))) {
            String[] words = line.split(":", 3); // number:controllers:path
            if (words.length == 3) {
                group = group.and(root.resolve("sys/fs/cgroup").resolve(words[1]), words[2]);
            }
        }
        return group;
    }

    /** With the limits of a group and of all that it is in, up to the one that is mounted. */
    private ControlGroup and(Path mount, String path) {
        ControlGroup group = this;
        Path folder = mount.resolve(path.substring(Math.min(1, path.length()))).normalize();
        for (; folder != null && folder.startsWith(mount) && !folder.equals(mount); folder = folder.getParent()) {
            group = group.and(folder);
        }
        return group.and(mount); // also where the path is one of another name space
    }

    private ControlGroup and(Path folder) {
        double share = number(folder.resolve("cpu.cfs_quota_us")) / number(folder.resolve("cpu.cfs_period_us"));
        List<String> max = words(folder.resolve("cpu.max"));
        if (max.size() == 2) {
            share = number(max.get(0)) / number(max.get(1));
        }
        double bytes = number(folder.resolve("memory.max"));
        if (Double.isNaN(bytes)) {
            bytes = number(folder.resolve("memory.limit_in_bytes"));
        }
        return new ControlGroup(
                share > 0 ? Math.min(processors, share) : processors,
                bytes > 0 && bytes < NO_LIMIT ? Math.min(memoryBytes, (long) bytes) : memoryBytes);
    }

    /** The words of the first line; none if there is no such file. */
    private static List<String> words(Path file) {
        List<String> lines = lines(file);
        return lines.isEmpty() ? List.of() : List.of(lines.getFirst().strip().split(" +", -1));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }

    /** NaN if it is no number, as {@code max} is none. */
    private static double number(String word) {
        try {
            return Long.parseLong(word);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    private static double number(Path file) {
        List<String> words = words(file);
        return words.isEmpty() ? Double.NaN : number(words.getFirst());
    }

    /** The limits for a reader; {@code no limit} without. */
    @Override
    public String toString() {
        List<String> limits = new ArrayList<>();
        if (Double.isFinite(processors)) {
            limits.add(Figures.number(processors) + " processors");
        }
        if (memoryBytes < Long.MAX_VALUE) {
            limits.add(Figures.size(memoryBytes) + " of memory");
        }
        return limits.isEmpty() ? "no limit" : "at most " + String.join(", ", limits);
    }
}
