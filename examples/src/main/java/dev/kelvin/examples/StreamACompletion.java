// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.examples;

import dev.kelvin.generate.Kelvin;
import java.io.IOException;
import java.util.stream.Stream;

/** Continues a text, and shows it while it is made. */
public final class StreamACompletion {
    private StreamACompletion() {}

    /** Takes the path of a model. */
    public static void main(String[] args) throws IOException {
        String prompt = "Once upon a time";
        try (Kelvin kelvin = Models.open(args);
                Stream<String> pieces = kelvin.stream(prompt)) {
            System.out.print(prompt);
            pieces.forEach(System.out::print); // waits for each; closing the stream would end the answer
            System.out.println();
        }
    }
}
