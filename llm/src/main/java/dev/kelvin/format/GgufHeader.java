// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Everything in a GGUF file that comes before the tensors' bytes, read and checked in full.
 *
 * @param version of the format, 2 or 3
 * @param alignment of the tensors' bytes, a power of two
 * @param dataByteOffset where the tensors' bytes begin, from the beginning of the file
 * @param metadata the key-value pairs
 * @param tensors in file order, unmodifiable, all inside the file
 */
record GgufHeader(int version, int alignment, long dataByteOffset, GgufMetadata metadata, List<TensorInfo> tensors) {
    static final int MAGIC = 'G' | 'G' << 8 | 'U' << 16 | 'F' << 24;
    static final String ALIGNMENT_KEY = "general.alignment";
    static final int DEFAULT_ALIGNMENT = 32;
    static final int SMALLEST_ALIGNMENT = 8;
    static final int LONGEST_NAME = 65_535;
    static final int MOST_DIMENSIONS = 4;
    /** No file known nests at all; the bound keeps a hostile one from exhausting the stack. */
    static final int DEEPEST_ARRAY = 4;
    /** Of keys and, separately, of tensors: what no model comes near. The heap that they take is bounded beside it. */
    private static final long MOST_ENTRIES = 1 << 20;

    /** What a key takes of the heap beside its name and its value. */
    private static final int KEY_HEAP_BYTES = 240;

    /** What a tensor takes of the heap beside its name. */
    private static final int TENSOR_HEAP_BYTES = 320;

    private static final String VOCABULARY = "tokenizer.";

    /** Key, type and value, all but the first as short as they can be. */
    private static final int SMALLEST_KEY_BYTES = 8 + 1 + 4 + 1;
    /** Name, number of dimensions, type and offset. */
    private static final int SMALLEST_TENSOR_BYTES = 8 + 1 + 4 + 4 + 8;

    static GgufHeader read(GgufCursor cursor) throws IOException {
        int version = readVersion(cursor);
        long tensorCount = readCount(cursor, "tensor count");
        long keyCount = readCount(cursor, "metadata count");
        cursor.require(keyCount, SMALLEST_KEY_BYTES, "metadata count");
        GgufMetadata metadata = readMetadata(cursor, keyCount);
        int alignment = alignment(cursor, metadata);
        cursor.require(tensorCount, SMALLEST_TENSOR_BYTES, "tensor count");
        List<Listing> listings = readListings(cursor, tensorCount);
        long dataByteOffset = (cursor.position() + alignment - 1) & -alignment;
        requireWhole(cursor, listings, dataByteOffset, alignment);
        List<TensorInfo> tensors = new ArrayList<>(listings.size());
        for (Listing listing : listings) {
            tensors.add(place(cursor, listing, dataByteOffset, alignment));
        }
        refuseOverlap(cursor, tensors);
        return new GgufHeader(version, alignment, dataByteOffset, metadata, Collections.unmodifiableList(tensors));
    }

    private static int readVersion(GgufCursor cursor) throws IOException {
        byte[] head = cursor.head(ForeignFile.HEAD_BYTES);
        if (!startsWithMagic(head)) {
            String found = ForeignFile.kind(head, cursor.fileSize()).orElseGet(() -> octets(head));
            throw cursor.bad("magic", 0, "\"GGUF\", which begins every GGUF file", found);
        }
        cursor.readInt("magic");
        int version = cursor.readInt("version");
        if (version == 2 || version == 3) {
            return version;
        }
        int swapped = Integer.reverseBytes(version);
        String found;
        if (version == 1) {
            found = "version 1, which is no longer in use; convert the model again";
        } else if (swapped >= 1 && swapped <= 3) {
            found = "version " + swapped + " in big-endian byte order; big-endian files are not supported";
        } else {
            found = "version " + Integer.toUnsignedString(version) + ", which is unknown";
        }
        throw cursor.bad("version", Integer.BYTES, "GGUF version 2 or 3, little-endian", found);
    }

    private static boolean startsWithMagic(byte[] head) {
        return head.length >= Integer.BYTES
                && ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt() == MAGIC;
    }

    /** The first bytes as numbers and letters. */
    private static String octets(byte[] head) {
        StringBuilder numbers = new StringBuilder();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(Integer.BYTES, head.length); i++) {
            int octet = head[i] & 0xff;
            numbers.append(String.format("%02x ", octet));
            text.append(octet > ' ' && octet < 0x7f ? (char) octet : '.');
        }
        return numbers + "\"" + text + "\"";
    }

    private static long readCount(GgufCursor cursor, String item) throws IOException {
        long start = cursor.position();
        long count = cursor.readLong(item);
        if (count < 0 || count > MOST_ENTRIES) {
            throw cursor.bad(item, start, "at most " + MOST_ENTRIES, Long.toUnsignedString(count));
        }
        return count;
    }

    private static GgufMetadata readMetadata(GgufCursor cursor, long count) throws IOException {
        Map<String, GgufMetadata.Entry> entries = new LinkedHashMap<>();
        for (long i = 0; i < count; i++) {
            long start = cursor.position();
            String key = cursor.readName("metadata entry " + i, LONGEST_NAME);
            String item = "key " + key;
            cursor.charge(KEY_HEAP_BYTES + (long) Character.BYTES * key.length(), item);
            cursor.vocabulary(key.startsWith(VOCABULARY));
            GgufType type = readType(cursor, item);
            GgufMetadata.Entry entry = GgufValues.readEntry(cursor, item, type);
            cursor.vocabulary(false);
            if (entries.putIfAbsent(key, entry) != null) {
                throw cursor.bad(item, start, "each key once", "it a second time");
            }
        }
        return new GgufMetadata(cursor.path(), entries);
    }

    static GgufType readType(GgufCursor cursor, String item) throws IOException {
        long start = cursor.position();
        int id = cursor.readInt(item);
        GgufType type = GgufType.ofId(id);
        if (type == null) {
            int last = GgufType.values().length - 1;
            throw cursor.bad(item, start, "a value type from 0 to " + last, Integer.toUnsignedString(id));
        }
        return type;
    }

    private static int alignment(GgufCursor cursor, GgufMetadata metadata) throws ModelFormatException {
        if (!metadata.contains(ALIGNMENT_KEY)) {
            return DEFAULT_ALIGNMENT;
        }
        int alignment = metadata.integer(ALIGNMENT_KEY);
        if (alignment < SMALLEST_ALIGNMENT || Integer.bitCount(alignment) != 1) {
            throw cursor.bad(
                    "key " + ALIGNMENT_KEY,
                    metadata.byteOffset(ALIGNMENT_KEY),
                    "a power of two, " + SMALLEST_ALIGNMENT + " or more",
                    Integer.toString(alignment));
        }
        return alignment;
    }

    /**
     * A tensor as listed: its place can be checked only when the end of the whole list, and so the data's beginning, is
     * known.
     */
    private record Listing(String name, DType dtype, Shape shape, long byteSize, long offsetInData, long listedAt) {
        String item() {
            return "tensor " + name;
        }
    }

    private static List<Listing> readListings(GgufCursor cursor, long count) throws IOException {
        Map<String, Listing> byName = new LinkedHashMap<>();
        for (long i = 0; i < count; i++) {
            long start = cursor.position();
            String name = cursor.readName("tensor info " + i, LONGEST_NAME);
            cursor.charge(TENSOR_HEAP_BYTES + (long) Character.BYTES * name.length(), "tensor " + name);
            if (byName.putIfAbsent(name, readListing(cursor, name)) != null) {
                throw cursor.bad("tensor " + name, start, "each tensor name once", "it a second time");
            }
        }
        return new ArrayList<>(byName.values());
    }

    private static Listing readListing(GgufCursor cursor, String name) throws IOException {
        String item = "tensor " + name;
        long start = cursor.position();
        int rank = cursor.readInt(item);
        if (rank < 0 || rank > MOST_DIMENSIONS) {
            throw cursor.bad(item, start, "at most " + MOST_DIMENSIONS + " dimensions", Integer.toUnsignedString(rank));
        }
        int[] dims = new int[rank];
        for (int i = rank - 1; i >= 0; i--) {
            long at = cursor.position();
            long dim = cursor.readLong(item);
            if (dim < 0 || dim > Integer.MAX_VALUE) {
                throw cursor.bad(item, at, "dimensions from 0 to " + Integer.MAX_VALUE, Long.toUnsignedString(dim));
            }
            dims[i] = (int) dim;
        }
        long typeAt = cursor.position();
        int typeId = cursor.readInt(item);
        DType dtype = DType.ofGgmlId(typeId)
                .orElseThrow(() ->
                        cursor.bad(item, typeAt, "a known tensor type", "type id " + Integer.toUnsignedString(typeId)));
        long bytes = byteSize(cursor, item, start, dtype, dims);
        long offsetAt = cursor.position();
        return new Listing(name, dtype, Shape.of(dims), bytes, cursor.readLong(item), offsetAt);
    }

    private static long byteSize(GgufCursor cursor, String item, long at, DType dtype, int[] dims)
            throws ModelFormatException {
        int columns = dims.length == 0 ? 1 : dims[dims.length - 1];
        if (columns % dtype.blockSize() != 0) {
            throw cursor.bad(
                    item,
                    at,
                    "rows of a multiple of " + dtype.blockSize() + " elements for " + dtype,
                    columns + " elements");
        }
        long rows = 1;
        for (int i = 0; i < dims.length - 1; i++) {
            rows *= dims[i];
            if (rows > Integer.MAX_VALUE) {
                throw cursor.bad(
                        item,
                        at,
                        "at most " + Integer.MAX_VALUE + " rows",
                        "dimensions " + Arrays.toString(dims) + " with more");
            }
        }
        // Both factors are below 2^31, so only the block's bytes can carry the product over 63 bits.
        long blocks = rows * (columns / dtype.blockSize());
        if (blocks > Long.MAX_VALUE / dtype.blockBytes()) {
            throw cursor.bad(item, at, "a size below 2^63 bytes", dtype + " " + Arrays.toString(dims));
        }
        return blocks * dtype.blockBytes();
    }

    /** Refuses a file that ends before the last of its tensors, as an interrupted download does. */
    private static void requireWhole(GgufCursor cursor, List<Listing> listings, long dataByteOffset, int alignment)
            throws ModelFormatException {
        long needed = 0;
        for (Listing listing : listings) {
            long most = Long.MAX_VALUE - dataByteOffset - alignment - listing.byteSize();
            if (listing.offsetInData() < 0 || listing.offsetInData() > most) {
                throw cursor.bad(
                        listing.item(),
                        listing.listedAt(),
                        "an offset and a size below 2^63",
                        Long.toUnsignedString(listing.offsetInData()) + " and " + listing.byteSize());
            }
            needed = Math.max(needed, dataByteOffset + listing.offsetInData() + listing.byteSize());
        }
        for (Listing listing : listings) {
            if (dataByteOffset + listing.offsetInData() + listing.byteSize() > cursor.fileSize()) {
                throw cursor.bad(
                        listing.item(),
                        listing.listedAt(),
                        "its bytes inside the file",
                        String.format(
                                Locale.ROOT,
                                "a file that is cut short: %,d of %,d bytes",
                                cursor.fileSize(),
                                (needed + alignment - 1) & -alignment));
            }
        }
    }

    private static TensorInfo place(GgufCursor cursor, Listing listing, long dataByteOffset, int alignment)
            throws ModelFormatException {
        long offset = listing.offsetInData();
        if ((offset & (alignment - 1)) != 0) {
            throw cursor.bad(
                    listing.item(),
                    listing.listedAt(),
                    "an offset that is a multiple of " + alignment,
                    Long.toUnsignedString(offset));
        }
        return new TensorInfo(
                cursor.path(),
                listing.name(),
                listing.dtype(),
                listing.shape(),
                dataByteOffset + offset,
                listing.byteSize());
    }

    private static void refuseOverlap(GgufCursor cursor, List<TensorInfo> tensors) throws ModelFormatException {
        List<TensorInfo> sorted = new ArrayList<>(tensors);
        sorted.removeIf(tensor -> tensor.byteSize() == 0);
        sorted.sort((a, b) -> Long.compare(a.byteOffset(), b.byteOffset()));
        for (int i = 1; i < sorted.size(); i++) {
            TensorInfo before = sorted.get(i - 1);
            TensorInfo tensor = sorted.get(i);
            long end = before.byteOffset() + before.byteSize();
            if (tensor.byteOffset() < end) {
                throw cursor.bad(
                        "tensor " + tensor.name(),
                        tensor.byteOffset(),
                        "bytes of its own, from byte " + end + " on",
                        "bytes shared with tensor " + before.name());
            }
        }
    }
}
