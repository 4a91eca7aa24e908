// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

/**
 * What one item of work costs a thread, in picoseconds: numbers that belong to a processor. They decide whether work is
 * shared and into how many ranges it is cut, never a result, so a factor of two does little.
 *
 * <p>Rough values for one core with lanes. A cost belongs to the operation that names it and is found by timing that
 * operation on one thread; {@code ./dev costs} does so, in cache and beyond, and prints both beside the values here.
 * {@link #SHARED_REGION}, {@link #FIRST_PRODUCT} and {@link #COMPILATION} are no costs of items but limits in the same
 * unit.
 */
public enum Cost {
    /** Of one element. */
    ACTIVATION(500),
    /** Of one parameter. */
    ADAMW(600),
    /** Of one element. */
    ARITHMETIC(300),
    /** One element of a key and the same one of a value, by query. */
    ATTENTION(40),
    /** Of one element. */
    BLOCK_MAXIMUM(50),
    /** Of one element. */
    CLEAR(60),
    /** What a thread does in plain loops in a quick start, of products and of what lies between, before lanes do it. */
    COMPILATION(500_000_000_000L),
    /** Of one logit. */
    CROSS_ENTROPY(400),
    /** Of one element. */
    DROPOUT(300),
    /** Of one element. */
    ENCODE(20_000),
    /** Of one element. */
    EXP(300),
    /** Of one element. */
    EXPERT_ROW(150),
    /** The most that the first product of a quick start may take plain loops. */
    FIRST_PRODUCT(6_000_000_000L),
    /** Of one element. */
    GELU_BACKWARD(900),
    /** Of one multiply-add. */
    GRADIENT_MULTIPLY_ADD(20),
    /** One element of a key and the same one of a value that a single query fetches from memory, whoever shares it. */
    KEY_AND_VALUE(600),
    /** Of one element. */
    LAYER_NORM(300),
    /** Of one element. */
    MAXIMUM(60),
    /** Of one multiply-add. */
    MULTIPLY_ADD(12),
    /** Of one logit. */
    NUMERATOR(200),
    /** Of one weight. */
    PACK(500),
    /** Of one logit. */
    PICK(500),
    /** Of one multiply-add of plain loops, while they are young. */
    PLAIN_MULTIPLY_ADD(200),
    /** Of one output of a product in plain loops: what else a model computes there until the next product. */
    PLAIN_OUTPUT(25_000),
    /** Of one element. */
    POWER(3_000),
    /** Of one logit. */
    PROBABILITY(100),
    /** Of one element. */
    QUANTIZE(800),
    /** Of one element. */
    RMS_NORM(150),
    /** Of one element. */
    ROPE(300),
    /** Of one logit of a router. */
    ROUTE(5_000),
    /** Of one element. */
    ROW_FACTOR(150),
    /** Of one element. */
    ROW_TABLE(150),
    /** One element of a query and a key it sees: two products forward; backward has five. */
    SEQUENCE_ATTENTION(40),
    /**
     * The least region that is worth handing over. Handing over costs about 1 µs, ten times that if workers sleep; a
     * region below this is run by the caller alone.
     */
    SHARED_REGION(20_000_000),
    /** Of one logit. */
    SOFTMAX_BACKWARD(400),
    /** Of one element. */
    SQUARED_NORM(120),
    /** Of one element of a state by row: it is read, changed and read again. */
    STATE(150),
    /** Of one element: of a key, it goes far from the one before it. */
    STORE(1_500),
    /** Of one element. */
    SWIGLU_BACKWARD(900),
    /** Of one tap of a channel and row. */
    TAP(60),
    /** Of one weight from cache: with one row of x it counts, with many {@link #MULTIPLY_ADD}. */
    WEIGHT(30);

    private final long picos;

    Cost(long picos) {
        this.picos = picos;
    }

    /** Picoseconds an item. */
    public long picos() {
        return picos;
    }
}
