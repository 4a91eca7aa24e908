// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A safetensors file: tensors by name, mapped. The header is checked in full before anything is mapped: names are
 * unique, shapes and types give the sizes, and the tensors' bytes follow each other without holes or overlaps up to the
 * end of the file. They may begin at any byte.
 *
 * <p>Source: the format's description in huggingface/safetensors.
 *
 * @param path the file
 * @param tensors by name, in the order of the header, unmodifiable
 * @param bytes the whole file
 */
public record SafetensorsFile(Path path, Map<String, Entry> tensors, MemorySegment bytes) {
    /** The longest header that is read, in bytes: 50,000 tensors or so. */
    static final int LONGEST_HEADER = 8_000_000;

    /** More than so long a header has room for, unless names are a few letters. */
    private static final int MOST_TENSORS = 1 << 16;

    /** A tensor has some ten; the notes of a file, {@code __metadata__}, rarely more. */
    private static final int MOST_VALUES = 10_000;

    /** As many as models have, and some more. */
    private static final int MOST_DIMENSIONS = 8;

    private static final String NOTES = "__metadata__";

    private static final Map<String, Integer> ELEMENT_BYTES = Map.ofEntries(
            Map.entry("F64", 8),
            Map.entry("I64", 8),
            Map.entry("U64", 8),
            Map.entry("C64", 8),
            Map.entry("F32", 4),
            Map.entry("I32", 4),
            Map.entry("U32", 4),
            Map.entry("F16", 2),
            Map.entry("BF16", 2),
            Map.entry("I16", 2),
            Map.entry("U16", 2),
            Map.entry("I8", 1),
            Map.entry("U8", 1),
            Map.entry("BOOL", 1),
            Map.entry("F8_E4M3", 1),
            Map.entry("F8_E5M2", 1),
            Map.entry("F8_E8M0", 1));

    /**
     * What the header says about one tensor.
     *
     * @param type as the format spells it
     * @param shape outermost first
     * @param byteOffset from the beginning of the file
     * @param byteSize the bytes of all elements
     */
    public record Entry(String type, Shape shape, long byteOffset, long byteSize) {}

    /**
     * Opens and checks a file, and maps it as long as the arena lives.
     *
     * @throws ModelFormatException if there is no such file, or it is not a sound safetensors file
     * @throws IOException if reading or mapping fails for another reason
     */
    public static SafetensorsFile open(Path path, Arena arena) throws IOException {
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw bad(path, "file", -1, "a readable safetensors file", "something that is not a regular file");
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            Map<String, Entry> tensors = new Header(path, channel, size).read();
            return new SafetensorsFile(path, tensors, channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena));
        } catch (NoSuchFileException e) {
            throw bad(path, "file", -1, "a readable safetensors file", "no such file");
        } catch (AccessDeniedException e) {
            throw bad(path, "file", -1, "a readable safetensors file", "one that may not be read");
        }
    }

    /** The bytes of a tensor of this file. */
    public MemorySegment bytesOf(Entry tensor) {
        return bytes.asSlice(tensor.byteOffset(), tensor.byteSize());
    }

    /**
     * A refusal because of one tensor.
     *
     * @param name one of this file's
     */
    public ModelFormatException refuse(String name, String expected, String found) {
        return bad(path, "tensor " + name, tensors.get(name).byteOffset(), expected, found);
    }

    private static ModelFormatException bad(Path path, String item, long at, String expected, String found) {
        return new ModelFormatException(path, item, at, expected, found);
    }

    /** Reads what comes before the tensors' bytes. */
    private static final class Header {
        private final Path path;
        private final FileChannel channel;
        private final long size;
        private final Map<String, Entry> tensors = new LinkedHashMap<>();
        private long dataBegin;

        Header(Path path, FileChannel channel, long size) {
            this.path = path;
            this.channel = channel;
            this.size = size;
        }

        Map<String, Entry> read() throws IOException {
            byte[] text = text();
            try {
                JsonReader.readFields(text, MOST_VALUES, this::field);
            } catch (JsonSyntaxException e) {
                throw bad(
                        path,
                        "header",
                        Long.BYTES + e.offset(),
                        "a JSON object that lists the tensors",
                        e.getMessage());
            }
            requireFull();
            return Collections.unmodifiableMap(tensors);
        }

        /** The header's JSON; its length is trusted after the file was found to hold as much. */
        private byte[] text() throws IOException {
            byte[] head = bytes(0, (int) Math.min(size, ForeignFile.HEAD_BYTES));
            if (head.length < Long.BYTES + 2 || head[Long.BYTES] != '{') {
                String found = size == 0
                        ? "an empty file"
                        : ForeignFile.kind(head, size).orElse("something else");
                throw bad(path, "header", 0, "a length of 8 bytes and a JSON object", found);
            }
            long length = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
            if (length < 2 || length > LONGEST_HEADER) {
                String found = Long.toUnsignedString(length);
                throw bad(path, "header length", 0, "2 to " + LONGEST_HEADER + " bytes", found);
            }
            dataBegin = Long.BYTES + length;
            if (dataBegin > size) {
                throw bad(path, "header", Long.BYTES, length + " bytes", cutShort("at least ", dataBegin));
            }
            return bytes(Long.BYTES, (int) length);
        }

        private byte[] bytes(long at, int length) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(length);
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, at + bytes.position()) < 0) {
                    throw bad(path, "file", at, "the bytes that it had when it was opened", "its end");
                }
            }
            return bytes.array();
        }

        private String cutShort(String least, long whole) {
            return String.format(Locale.ROOT, "a file that is cut short: %,d of %s%,d bytes", size, least, whole);
        }

        private void field(String name, Object value) throws ModelFormatException {
            if (name.equals(NOTES)) {
                return;
            }
            if (!(value instanceof Map<?, ?> fields)) {
                throw refuse(name, "an object with dtype, shape and data_offsets", describe(value));
            }
            String type = fields.get("dtype") instanceof String text ? text : "";
            Integer elementBytes = ELEMENT_BYTES.get(type);
            if (elementBytes == null) {
                throw refuse(name, "a dtype among " + sorted(), describe(fields.get("dtype")));
            }
            Shape shape = shape(name, fields.get("shape"));
            long[] range = range(name, fields.get("data_offsets"));
            long needed = byteSize(name, shape, elementBytes);
            if (range[1] - range[0] != needed) {
                throw refuse(name, needed + " bytes for " + type + " " + shape, range[1] - range[0] + " bytes");
            }
            if (tensors.put(name, new Entry(type, shape, dataBegin + range[0], needed)) != null) {
                throw refuse(name, "each tensor name once", "it a second time");
            }
            if (tensors.size() > MOST_TENSORS) {
                throw refuse(name, "at most " + MOST_TENSORS + " tensors", "one more");
            }
        }

        private Shape shape(String name, Object value) throws ModelFormatException {
            if (!(value instanceof List<?> list) || list.size() > MOST_DIMENSIONS) {
                throw refuse(name, "a shape of at most " + MOST_DIMENSIONS + " dimensions", describe(value));
            }
            int[] dims = new int[list.size()];
            long elements = 1;
            for (int i = 0; i < dims.length; i++) {
                if (!(list.get(i) instanceof Long dim) || dim < 0 || dim > Integer.MAX_VALUE) {
                    throw refuse(name, "dimensions from 0 to " + Integer.MAX_VALUE, describe(list.get(i)));
                }
                dims[i] = (int) (long) dim;
                if (Math.multiplyHigh(elements, dim) != 0 || elements * dim < 0) {
                    throw refuse(name, "fewer than 2^63 elements", "shape " + list);
                }
                elements *= dim;
            }
            return Shape.of(dims);
        }

        private long[] range(String name, Object value) throws ModelFormatException {
            if (value instanceof List<?> list
                    && list.size() == 2
                    && list.get(0) instanceof Long begin
                    && list.get(1) instanceof Long end
                    && begin >= 0
                    && begin <= end
                    && end <= Long.MAX_VALUE - dataBegin) {
                return new long[] {begin, end};
            }
            throw refuse(name, "data_offsets [begin, end]", describe(value));
        }

        private long byteSize(String name, Shape shape, int elementBytes) throws ModelFormatException {
            if (shape.elements() > Long.MAX_VALUE / elementBytes) {
                throw refuse(name, "fewer than 2^63 bytes", "shape " + shape);
            }
            return shape.elements() * elementBytes;
        }

        /** The tensors follow each other without holes, up to the end of the file. */
        private void requireFull() throws ModelFormatException {
            List<Map.Entry<String, Entry>> sorted = new ArrayList<>(tensors.entrySet());
            sorted.sort(Comparator.<Map.Entry<String, Entry>>comparingLong(
                            tensor -> tensor.getValue().byteOffset())
                    .thenComparingLong(tensor -> tensor.getValue().byteSize()));
            long end = dataBegin;
            for (Map.Entry<String, Entry> tensor : sorted) {
                long begin = tensor.getValue().byteOffset();
                if (begin != end) {
                    String found = (begin < end ? "an overlap: " : "a hole: ") + "byte " + begin;
                    throw bad(path, "tensor " + tensor.getKey(), begin, "its bytes from byte " + end + " on", found);
                }
                end = begin + tensor.getValue().byteSize();
            }
            if (end > size) {
                throw bad(path, "file", -1, "the bytes of all tensors", cutShort("", end));
            }
            if (end < size) {
                throw bad(path, "file", end, "its end after the last tensor", (size - end) + " bytes more");
            }
        }

        private ModelFormatException refuse(String name, String expected, String found) {
            return bad(path, "tensor " + name, -1, expected, found);
        }

        private static List<String> sorted() {
            return ELEMENT_BYTES.keySet().stream().sorted().toList();
        }

        private static String describe(Object value) {
            return switch (value) {
                case null -> "none";
                case Map<?, ?> fields -> "an object of " + fields.size() + " fields";
                case List<?> list when list.size() > MOST_DIMENSIONS -> "an array of " + list.size();
                default -> value.toString();
            };
        }
    }

    /** The type of a tensor's elements, null if it is none that is computed with. */
    public static DType dtype(Entry tensor) {
        return switch (tensor.type()) {
            case "F32" -> DType.F32;
            case "F16" -> DType.F16;
            case "BF16" -> DType.BF16;
            default -> null;
        };
    }
}
