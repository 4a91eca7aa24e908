// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.converse;

import dev.kelvin.generate.GenerationRequest;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The ids of the calls of one answer: nine letters and digits, as Mistral's templates ask. They are a function of
 * prompt and seed, so that the same request has the same answer to the letter.
 */
final class ToolCallIds {
    private static final int LENGTH = 9;

    private final SplittableRandom random;

    ToolCallIds(GenerationRequest request) {
        random = new SplittableRandom(
                Arrays.hashCode(request.prompt()) * 31L + request.options().seed());
    }

    String next() {
        StringBuilder id = new StringBuilder(LENGTH);
        while (id.length() < LENGTH) {
            id.append(Character.forDigit(random.nextInt(Character.MAX_RADIX), Character.MAX_RADIX));
        }
        return id.toString();
    }
}
