// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link CompanyTest} with many requests, in all ways. */
class CompanyIT {
    @ParameterizedTest
    @CsvSource({
        "stories260K/stories260K.gguf, 200",
        "architectures/gemma3.gguf, 60",
        "architectures/lfm2.gguf, 60",
        "architectures/lfm2moe.gguf, 30",
        "architectures/qwen3moe.gguf, 30"
    })
    void answersAreTheSameInAnyCompany(String name, int requests) throws IOException {
        CompanyTest.meet(name, 2, requests, 6);
    }
}
