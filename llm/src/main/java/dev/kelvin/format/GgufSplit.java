// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model that is split over several files, as llama.cpp's gguf-split writes it: each says which part it is and of how
 * many, and their names differ in the number only ({@code NAME-00001-of-00003.gguf}). Any part stands for all of them.
 */
final class GgufSplit {
    /** What the keys that describe the split begin with. */
    static final String KEYS = "split.";

    private static final String NUMBER = KEYS + "no";
    private static final String COUNT = KEYS + "count";
    private static final String TENSORS = KEYS + "tensors.count";
    private static final Pattern NAME = Pattern.compile("(.*)-(\\d{5,9})-of-(\\d{5,9})\\.gguf", Pattern.DOTALL);

    private GgufSplit() {}

    /**
     * Opens all parts of a model; a file that is not split is its only one.
     *
     * @param path any part
     * @return the parts in their order
     * @throws ModelFormatException if a part is missing or not of this split, or is not a sound GGUF file
     */
    static List<GgufPart> open(Path path, Arena arena) throws IOException {
        GgufPart given = GgufPart.open(path, arena);
        int count = given.header().metadata().integer(COUNT, 1);
        if (count == 1) {
            return List.of(given);
        }
        int number = given.header().metadata().integer(NUMBER);
        if (count < 1) {
            throw bad(given, COUNT, "1 part or more", Integer.toString(count));
        }
        String prefix = prefix(given, number, count);
        List<GgufPart> parts = new ArrayList<>(); // grows with what was found
        for (int i = 0; i < count; i++) {
            parts.add(i == number ? given : openOther(path, name(prefix, i, count), i, count, arena));
        }
        requireAllTensors(parts);
        return List.copyOf(parts);
    }

    /** What the names of all parts begin with. */
    private static String prefix(GgufPart given, int number, int count) throws ModelFormatException {
        Matcher name = NAME.matcher(given.path().getFileName().toString());
        if (!name.matches()
                || Integer.parseInt(name.group(2)) != number + 1
                || Integer.parseInt(name.group(3)) != count) {
            throw bad(
                    given,
                    NUMBER,
                    "a file called like " + name("NAME", number, count) + ", because the other parts are found by name",
                    "part " + (number + 1) + " of " + count + " called "
                            + given.path().getFileName());
        }
        return name.group(1);
    }

    private static String name(String prefix, int number, int count) {
        return String.format(Locale.ROOT, "%s-%05d-of-%05d.gguf", prefix, number + 1, count);
    }

    private static GgufPart openOther(Path given, String name, int number, int count, Arena arena) throws IOException {
        Path path = given.resolveSibling(name);
        if (!Files.exists(path)) {
            String expected = "part " + (number + 1) + " of " + count + " of the model that " + given.getFileName()
                    + " belongs to";
            throw new ModelFormatException(path, "file", -1, expected, "no such file");
        }
        GgufPart part = GgufPart.open(path, arena);
        requireValue(part, COUNT, count);
        requireValue(part, NUMBER, number);
        return part;
    }

    private static void requireAllTensors(List<GgufPart> parts) throws ModelFormatException {
        int tensors =
                parts.stream().mapToInt(part -> part.header().tensors().size()).sum();
        for (GgufPart part : parts) {
            if (part.header().metadata().contains(TENSORS)) {
                requireValue(part, TENSORS, tensors);
            }
        }
    }

    private static void requireValue(GgufPart part, String key, int expected) throws ModelFormatException {
        int found = part.header().metadata().integer(key);
        if (found != expected) {
            throw bad(part, key, expected + ", as the other parts have it", Integer.toString(found));
        }
    }

    private static ModelFormatException bad(GgufPart part, String key, String expected, String found) {
        long byteOffset = part.header().metadata().byteOffset(key);
        return new ModelFormatException(part.path(), "key " + key, byteOffset, expected, found);
    }
}
