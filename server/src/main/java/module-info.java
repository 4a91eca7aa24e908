// SPDX-License-Identifier: Apache-2.0
/** A model behind HTTP: the interfaces of OpenAI and Ollama, and one of Kelvin's own. */
module dev.kelvin.server {
    requires transitive dev.kelvin.llm;
    requires io.helidon.common.buffers;
    requires io.helidon.common.concurrency.limits;
    requires io.helidon.common.socket;
    requires io.helidon.http;
    requires io.helidon.webserver;

    exports dev.kelvin.server;
}
