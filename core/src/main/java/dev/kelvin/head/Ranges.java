// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/** What the parameters of samplers must be; each refusal names the sampler and the parameter. */
final class Ranges {
    private Ranges() {}

    /** Refuses NaN, infinities, and what is below the least. */
    static void atLeast(String sampler, String parameter, float value, float least) {
        if (!(value >= least && value <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    sampler + ": " + parameter + " " + value + " is not in [" + least + ", +inf)");
        }
    }

    /** Refuses NaN and infinities. */
    static void finite(String sampler, String parameter, float value) {
        if (!Float.isFinite(value)) {
            throw new IllegalArgumentException(sampler + ": " + parameter + " " + value + " is not finite");
        }
    }

    /** Refuses what is no probability. */
    static void share(String sampler, String parameter, float value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(sampler + ": " + parameter + " " + value + " is not in [0, 1]");
        }
    }

    /** Refuses a number of tokens below −1, which stands for all. */
    static void window(String sampler, int lastN) {
        if (lastN < -1) {
            throw new IllegalArgumentException(sampler + ": lastN " + lastN + " is less than -1");
        }
    }
}
