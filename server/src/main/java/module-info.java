// SPDX-License-Identifier: Apache-2.0
/**
 * A model behind HTTP: the interfaces of OpenAI and Ollama, and one of Kelvin's own.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.server.KelvinServer}:
 *
 * <pre>{@code
 * OpenModel open = OpenModel.of(GgufFile.open(path), Compute.start(2), LoadOptions.QUIET);
 * try (KelvinServer server = KelvinServer.start(open, EngineLimits.STANDARD, ServerOptions.loopback("model", 8080))) {
 *     Thread.sleep(Duration.ofHours(1));
 * }
 * }</pre>
 */
module dev.kelvin.server {
    requires transitive dev.kelvin.llm;
    requires io.helidon.common.buffers;
    requires io.helidon.common.concurrency.limits;
    requires io.helidon.common.socket;
    requires io.helidon.http;
    requires io.helidon.webserver;

    exports dev.kelvin.server;
}
