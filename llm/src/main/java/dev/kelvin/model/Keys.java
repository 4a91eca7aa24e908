// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.GgufMetadata;
import dev.kelvin.format.ModelFile;
import dev.kelvin.format.ModelFormatException;
import java.lang.reflect.Array;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/**
 * The metadata keys below one prefix, read with types, defaults and bounds. Every key that is asked for is taken;
 * {@link #settle} deals with the others, so that nothing that changes the result is passed over in silence.
 *
 * <p>Names are without the prefix. Where a number is asked for, an array of equal numbers is that number. An accessor
 * without a default throws if the key is missing; all throw if the value is of another kind or out of range.
 */
public final class Keys {
    /** Beyond this, in either direction, a factor is none: squares of what it multiplies would leave float. */
    private static final float LARGEST_FACTOR = 1e15f;

    private static final int LONGEST_SHOWN = 64;

    private final Path path;
    private final GgufMetadata metadata;
    private final String prefix;
    private final String section;
    private final Set<String> taken = new HashSet<>();
    private final List<ModelFormatException> remarks = new ArrayList<>();

    private Keys(Path path, GgufMetadata metadata, String prefix, String section) {
        this.path = path;
        this.metadata = metadata;
        this.prefix = prefix;
        this.section = section;
    }

    /** The keys of a file's architecture. */
    static Keys ofArchitecture(Path path, GgufMetadata metadata) throws ModelFormatException {
        return new Keys(path, metadata, metadata.string("general.architecture") + ".", KnownKeys.ARCHITECTURE);
    }

    /** The keys of a file's tokenizer, {@code tokenizer.ggml.*}. */
    public static Keys ofTokenizer(ModelFile file) {
        return new Keys(file.path(), file.metadata(), "tokenizer.ggml.", KnownKeys.TOKENIZER);
    }

    private String take(String key) {
        taken.add(key);
        return prefix + key;
    }

    /** Whether the key is there; takes it. */
    public boolean contains(String key) {
        return metadata.contains(take(key));
    }

    /** An integer. */
    public int integer(String key) throws ModelFormatException {
        return isArray(key) ? equalIntegers(key) : metadata.integer(take(key));
    }

    /** An integer, or {@code otherwise} if the key is missing. */
    public int integer(String key, int otherwise) throws ModelFormatException {
        return contains(key) ? integer(key) : otherwise;
    }

    /** An integer of at least 1. */
    public int positive(String key) throws ModelFormatException {
        int value = integer(key);
        if (value < 1) {
            throw refuse(key, "a positive number", value);
        }
        return value;
    }

    /** An integer in [1, {@code most}]. */
    int positiveUpTo(int most, String key) throws ModelFormatException {
        int value = positive(key);
        if (value > most) {
            throw refuse(key, "at most " + most, value);
        }
        return value;
    }

    /** An integer of at least 1, or {@code otherwise} if the key is missing. */
    public int positive(String key, int otherwise) throws ModelFormatException {
        return contains(key) ? positive(key) : otherwise;
    }

    /** A finite floating-point number. */
    public float real(String key) throws ModelFormatException {
        float value = isArray(key) ? equalReals(key) : metadata.real(take(key));
        if (!(Math.abs(value) <= LARGEST_FACTOR)) {
            throw refuse(key, "a number of at most " + LARGEST_FACTOR, value);
        }
        return value;
    }

    private float equalReals(String key) throws ModelFormatException {
        float[] each = reals(key);
        for (int i = 1; i < each.length; i++) {
            if (each[i] != each[0]) {
                throw unequal(key, each, i);
            }
        }
        requireSome(key, each.length);
        return each[0];
    }

    /** A finite floating-point number, or {@code otherwise} if the key is missing. */
    public float real(String key, float otherwise) throws ModelFormatException {
        return contains(key) ? real(key) : otherwise;
    }

    /** A positive, finite floating-point number. */
    public float positiveReal(String key) throws ModelFormatException {
        float value = real(key);
        if (!(value >= Float.MIN_NORMAL)) {
            throw refuse(key, "a positive, finite number", value);
        }
        return value;
    }

    /** A positive, finite floating-point number, or {@code otherwise} if the key is missing. */
    public float positiveReal(String key, float otherwise) throws ModelFormatException {
        return contains(key) ? positiveReal(key) : otherwise;
    }

    /** A truth value, or {@code otherwise} if the key is missing. */
    public boolean flag(String key, boolean otherwise) throws ModelFormatException {
        return metadata.flag(take(key), otherwise);
    }

    /** A text. */
    public String string(String key) throws ModelFormatException {
        return metadata.string(take(key));
    }

    /** A text, or {@code otherwise} if the key is missing. */
    public String string(String key, String otherwise) throws ModelFormatException {
        return metadata.string(take(key), otherwise);
    }

    /** Texts, a new array. */
    public String[] strings(String key) throws ModelFormatException {
        return metadata.strings(take(key));
    }

    /** Floating-point numbers, a new array. */
    public float[] reals(String key) throws ModelFormatException {
        return metadata.reals(take(key));
    }

    /** Integers, a new array. */
    public int[] integers(String key) throws ModelFormatException {
        return metadata.integers(take(key));
    }

    /**
     * An integer for each layer: of an array its elements, of a single integer as many times that.
     *
     * @param count of layers
     */
    public int[] integers(String key, int count) throws ModelFormatException {
        int[] each = new int[count];
        if (isArray(key)) {
            int[] found = integers(key);
            if (found.length != count) {
                throw refuse(key, count + " elements, one a layer", found.length + " elements");
            }
            return found;
        }
        Arrays.fill(each, integer(key));
        return each;
    }

    /**
     * A truth value for each layer: the elements of an array, or by a rule with a period, which the key may hold.
     *
     * @param count of layers
     * @param rule from a period to the layers for which it holds
     * @param period where the key is missing
     */
    boolean[] flags(String key, int count, IntFunction<IntPredicate> rule, int period) throws ModelFormatException {
        if (contains(key) && isArray(key)) {
            boolean[] found = metadata.flags(prefix + key);
            if (found.length != count) {
                throw refuse(key, count + " elements, one a layer", found.length + " elements");
            }
            return found;
        }
        int found = integer(key, period);
        if (found < 0) {
            throw refuse(key, "a number of layers", found);
        }
        IntPredicate holds = rule.apply(found);
        boolean[] each = new boolean[count];
        for (int i = 0; i < count; i++) {
            each[i] = holds.test(i);
        }
        return each;
    }

    private boolean isArray(String key) {
        Object value = metadata.asMap().get(prefix + key);
        return value != null && value.getClass().isArray();
    }

    private int equalIntegers(String key) throws ModelFormatException {
        int[] each = integers(key);
        for (int i = 1; i < each.length; i++) {
            if (each[i] != each[0]) {
                throw unequal(key, each, i);
            }
        }
        requireSome(key, each.length);
        return each[0];
    }

    /** Shows an array as long as files have them, and of a longer one where it changes. */
    private ModelFormatException unequal(String key, Object array, int index) {
        String found = Array.getLength(array) <= LONGEST_SHOWN
                ? (array instanceof int[] integers ? Arrays.toString(integers) : Arrays.toString((float[]) array))
                : Array.get(array, 0) + ", and " + Array.get(array, index) + " at index " + index;
        return refuse(key, "one value for all layers", found);
    }

    private void requireSome(String key, int length) throws ModelFormatException {
        if (length == 0) {
            throw refuse(key, "a value", "an empty array");
        }
    }

    /** How many tokens the file's vocabulary has; 0 if it has none. */
    int tokens() throws ModelFormatException {
        String key = "tokenizer.ggml.tokens";
        if (!metadata.contains(key)) {
            return 0;
        }
        int tokens = metadata.strings(key).length;
        if (tokens == 0) {
            throw new ModelFormatException(path, "key " + key, -1, "at least one token", "none");
        }
        return tokens;
    }

    /** A refusal, to be thrown. */
    public ModelFormatException refuse(String key, String expected, Object found) {
        return new ModelFormatException(path, "key " + prefix + key, -1, expected, found.toString());
    }

    /** Tells in one line, when the file is settled, of a choice that was made. */
    public void remark(String key, String expected, Object found) {
        remarks.add(refuse(key, expected, found));
    }

    /**
     * Deals with what nobody took: what is known to change the result is refused, what is known to be harmless is
     * passed over, the rest is named, or with {@link LoadOptions#strict} refused. Then tells what was to be remarked.
     */
    public void settle(LoadOptions options) throws ModelFormatException {
        List<ModelFormatException> unmet = unmet();
        if (!unmet.isEmpty()) {
            throw unmet.getFirst();
        }
        for (String name : metadata.asMap().keySet()) {
            if (name.startsWith(prefix) && !taken.contains(name.substring(prefix.length()))) {
                untaken(name.substring(prefix.length()), options);
            }
        }
        remarks.forEach(remark -> options.progress().remark(remark.getMessage()));
    }

    /** A refusal for each key that nobody took although it changes the result. */
    List<ModelFormatException> unmet() throws ModelFormatException {
        List<ModelFormatException> unmet = new ArrayList<>();
        for (String name : metadata.asMap().keySet()) {
            String key = name.startsWith(prefix) ? name.substring(prefix.length()) : "";
            if (name.startsWith(prefix) && !taken.contains(key) && effect(key) == KnownKeys.Effect.CHANGES) {
                unmet.add(refuse(key, "nothing that would change the result and is not computed", shown(name)));
            }
        }
        return unmet;
    }

    private KnownKeys.Effect effect(String key) {
        return KnownKeys.effect(section, key, metadata.asMap().get(prefix + key));
    }

    /** A value for messages: that of a key, or of an array its type. */
    private String shown(String name) throws ModelFormatException {
        Object value = metadata.asMap().get(name);
        return value.getClass().isArray() ? metadata.typeName(name) : value.toString();
    }

    private void untaken(String key, LoadOptions options) throws ModelFormatException {
        if (effect(key) == KnownKeys.Effect.UNKNOWN) {
            ModelFormatException unknown = refuse(key, "a key that is known", shown(prefix + key) + "; it is not read");
            if (options.strict()) {
                throw unknown;
            }
            options.progress().remark(unknown.getMessage());
        }
    }
}
