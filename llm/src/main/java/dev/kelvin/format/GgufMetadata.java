// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The key-value pairs of a GGUF file, in file order.
 *
 * <p>Each accessor without a default throws {@link ModelFormatException} if the key is missing; each accessor, with or
 * without a default, throws it if the value is of another kind or does not fit. Integers of any width and sign count as
 * one kind, so do both widths of floating point. {@link GgufType} tells which Java type holds which GGUF type.
 * Instances are immutable as long as the arrays of {@link #asMap} are left alone, and may be shared between threads.
 */
public final class GgufMetadata {
    /**
     * One pair.
     *
     * @param type of the value
     * @param elementType of an array's elements, null if the value is not an array
     * @param value as {@link GgufType} describes it
     * @param byteOffset of the value in the file, the type of an array's elements included
     * @param byteEnd where the value ends
     */
    record Entry(GgufType type, GgufType elementType, Object value, long byteOffset, long byteEnd) {
        String describe() {
            return elementType == null ? type.name() : "ARRAY[" + elementType.name() + "]";
        }
    }

    private final Path path;
    private final Map<String, Entry> entries;
    private final Map<String, Object> values;

    GgufMetadata(Path path, Map<String, Entry> entries) {
        this.path = path;
        this.entries = entries;
        Map<String, Object> byKey = LinkedHashMap.newLinkedHashMap(entries.size());
        entries.forEach((key, entry) -> byKey.put(key, entry.value()));
        this.values = Collections.unmodifiableMap(byKey);
    }

    /**
     * Metadata that are in no file.
     *
     * @param name what messages call it
     * @param values of the types that {@link GgufWriter#metadata(String, Object)} takes
     * @throws IllegalArgumentException if no GGUF type fits a value
     */
    public static GgufMetadata of(Path name, Map<String, ?> values) {
        Map<String, Entry> entries = LinkedHashMap.newLinkedHashMap(values.size());
        values.forEach((key, value) -> {
            boolean array = value.getClass().isArray();
            GgufType type = array ? GgufType.ARRAY : GgufEncoder.scalarType(key, value);
            GgufType elementType = array ? GgufEncoder.elementType(key, value) : null;
            entries.put(key, new Entry(type, elementType, value, -1, -1));
        });
        return new GgufMetadata(name, entries);
    }

    /** Whether the key is there. */
    public boolean contains(String key) {
        return entries.containsKey(key);
    }

    /**
     * All values by key, in file order, unmodifiable. Values are boxed numbers, Boolean, String, primitive arrays,
     * {@code String[]}, {@code BigInteger[]} or {@code Object[]} of arrays, as {@link GgufType} describes. The arrays
     * are shared: callers must not write to them.
     */
    public Map<String, Object> asMap() {
        return values;
    }

    /** The type of a value as the file states it, for example {@code "UINT32"} or {@code "ARRAY[STRING]"}. */
    public String typeName(String key) throws ModelFormatException {
        return existing(key, "a value").describe();
    }

    /** The text under this key. */
    public String string(String key) throws ModelFormatException {
        return asString(key, existing(key, "a STRING"));
    }

    /** The text under this key, or {@code otherwise} if the key is missing. */
    public String string(String key, String otherwise) throws ModelFormatException {
        Entry entry = entries.get(key);
        return entry == null ? otherwise : asString(key, entry);
    }

    /** The integer under this key, which must fit an int. */
    public int integer(String key) throws ModelFormatException {
        return asInt(key, existing(key, "an integer"));
    }

    /** The integer under this key, which must fit an int, or {@code otherwise} if the key is missing. */
    public int integer(String key, int otherwise) throws ModelFormatException {
        Entry entry = entries.get(key);
        return entry == null ? otherwise : asInt(key, entry);
    }

    /** The integer under this key, which must fit a long. */
    public long longInteger(String key) throws ModelFormatException {
        return asLong(key, existing(key, "an integer"));
    }

    /** The integer under this key, which must fit a long, or {@code otherwise} if the key is missing. */
    public long longInteger(String key, long otherwise) throws ModelFormatException {
        Entry entry = entries.get(key);
        return entry == null ? otherwise : asLong(key, entry);
    }

    /** The floating-point number under this key; a FLOAT64 is rounded to float. */
    public float real(String key) throws ModelFormatException {
        return asFloat(key, existing(key, "a floating-point number"));
    }

    /**
     * The floating-point number under this key, a FLOAT64 rounded to float, or {@code otherwise} if the key is missing.
     */
    public float real(String key, float otherwise) throws ModelFormatException {
        Entry entry = entries.get(key);
        return entry == null ? otherwise : asFloat(key, entry);
    }

    /** The truth value under this key. */
    public boolean flag(String key) throws ModelFormatException {
        return asBoolean(key, existing(key, "a BOOL"));
    }

    /** The truth value under this key, or {@code otherwise} if the key is missing. */
    public boolean flag(String key, boolean otherwise) throws ModelFormatException {
        Entry entry = entries.get(key);
        return entry == null ? otherwise : asBoolean(key, entry);
    }

    /** The truth values under this key, a new array. */
    public boolean[] flags(String key) throws ModelFormatException {
        Entry entry = existing(key, "an array of BOOL");
        if (entry.value() instanceof boolean[] array) {
            return array.clone();
        }
        throw wrongType(key, entry, "an array of BOOL");
    }

    /** The texts under this key, a new array. Bytes that were not UTF-8 are U+FFFD in it. */
    public String[] strings(String key) throws ModelFormatException {
        Entry entry = existing(key, "an array of STRING");
        if (entry.value() instanceof String[] array) {
            return array.clone();
        }
        throw wrongType(key, entry, "an array of STRING");
    }

    /** The floating-point numbers under this key, a new array; FLOAT64 is rounded to float. */
    public float[] reals(String key) throws ModelFormatException {
        Entry entry = existing(key, "an array of floating-point numbers");
        if (entry.value() instanceof float[] array) {
            return array.clone();
        }
        if (entry.value() instanceof double[] array) {
            float[] rounded = new float[array.length];
            for (int i = 0; i < array.length; i++) {
                rounded[i] = (float) array[i];
            }
            return rounded;
        }
        throw wrongType(key, entry, "an array of floating-point numbers");
    }

    /** The integers under this key, each of which must fit an int, a new array. */
    public int[] integers(String key) throws ModelFormatException {
        Entry entry = existing(key, "an array of integers");
        return switch (entry.value()) {
            case int[] array -> array.clone();
            case byte[] array -> {
                int[] widened = new int[array.length];
                for (int i = 0; i < array.length; i++) {
                    widened[i] = array[i];
                }
                yield widened;
            }
            case short[] array -> {
                int[] widened = new int[array.length];
                for (int i = 0; i < array.length; i++) {
                    widened[i] = array[i];
                }
                yield widened;
            }
            case long[] array -> {
                int[] narrowed = new int[array.length];
                for (int i = 0; i < array.length; i++) {
                    if (array[i] != (int) array[i]) {
                        throw bad(key, entry, "integers that fit 32 bits signed", array[i] + " at index " + i);
                    }
                    narrowed[i] = (int) array[i];
                }
                yield narrowed;
            }
            default -> throw wrongType(key, entry, "an array of integers that fit 32 bits signed");
        };
    }

    @Override
    public String toString() {
        return "GgufMetadata[" + entries.size() + " keys of " + path + "]";
    }

    /** The pairs whose keys do not begin with {@code prefix}. */
    GgufMetadata without(String prefix) {
        Map<String, Entry> others = new LinkedHashMap<>(entries);
        others.keySet().removeIf(key -> key.startsWith(prefix));
        return new GgufMetadata(path, others);
    }

    /** All pairs, in file order. */
    Map<String, Entry> entries() {
        return entries;
    }

    /** Where the value of an existing key lies in the file. */
    long byteOffset(String key) {
        return entries.get(key).byteOffset();
    }

    private Entry existing(String key, String expected) throws ModelFormatException {
        Entry entry = entries.get(key);
        if (entry == null) {
            throw new ModelFormatException(path, "key " + key, -1, expected, "no such key");
        }
        return entry;
    }

    private String asString(String key, Entry entry) throws ModelFormatException {
        if (entry.value() instanceof String text) {
            return text;
        }
        throw wrongType(key, entry, "a STRING");
    }

    private boolean asBoolean(String key, Entry entry) throws ModelFormatException {
        if (entry.value() instanceof Boolean flag) {
            return flag;
        }
        throw wrongType(key, entry, "a BOOL");
    }

    private float asFloat(String key, Entry entry) throws ModelFormatException {
        return switch (entry.value()) {
            case Float number -> number;
            case Double number -> number.floatValue();
            default -> throw wrongType(key, entry, "a floating-point number");
        };
    }

    private int asInt(String key, Entry entry) throws ModelFormatException {
        long value = asLong(key, entry);
        if (value != (int) value) {
            throw bad(key, entry, "an integer that fits 32 bits signed", entry.describe() + " " + value);
        }
        return (int) value;
    }

    private long asLong(String key, Entry entry) throws ModelFormatException {
        return switch (entry.value()) {
            case Long number -> number;
            case Integer number -> number;
            case Short number -> number;
            case Byte number -> number;
            case Number number
            when entry.type() == GgufType.UINT64 ->
                throw bad(key, entry, "an integer that fits 64 bits signed", entry.describe() + " " + number);
            default -> throw wrongType(key, entry, "an integer");
        };
    }

    private ModelFormatException wrongType(String key, Entry entry, String expected) {
        return bad(key, entry, expected, entry.describe());
    }

    private ModelFormatException bad(String key, Entry entry, String expected, String found) {
        return new ModelFormatException(path, "key " + key, entry.byteOffset(), expected, found);
    }
}
