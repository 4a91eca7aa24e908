// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import static dev.kelvin.server.http.ErrorForm.OLLAMA;
import static dev.kelvin.server.http.ErrorForm.OPENAI;

import dev.kelvin.server.answer.Served;
import dev.kelvin.server.answer.Vectors;
import dev.kelvin.server.http.Dispatcher;
import dev.kelvin.server.ollama.OllamaChat;
import dev.kelvin.server.ollama.OllamaEmbed;
import dev.kelvin.server.ollama.OllamaGenerate;
import dev.kelvin.server.ollama.OllamaModels;
import dev.kelvin.server.openai.Chats;
import dev.kelvin.server.openai.Completions;
import dev.kelvin.server.openai.Embeddings;
import dev.kelvin.server.openai.Models;
import dev.kelvin.server.openai.ResponseStore;
import dev.kelvin.server.openai.Responses;
import dev.kelvin.server.openai.Templates;
import dev.kelvin.server.own.Health;
import dev.kelvin.server.own.Metrics;
import dev.kelvin.server.own.ModelInfo;
import dev.kelvin.server.own.NextToken;
import dev.kelvin.server.own.Page;
import dev.kelvin.server.own.Tokens;

/** All that is answered, and where. */
final class Endpoints {
    private static final int MOST_RESPONSES = 256;
    private static final long MOST_CHARACTERS = 16 << 20;

    private Endpoints() {}

    static void addTo(Dispatcher to, Served served, Metrics metrics) {
        Vectors vectors = new Vectors(served);
        addOwn(to, served, metrics);
        addOpenAi(to, served, vectors);
        addOllama(to, served, vectors);
    }

    private static void addOwn(Dispatcher to, Served served, Metrics metrics) {
        Page.addTo(to);
        Health health = new Health(served);
        Tokens tokens = new Tokens(served);
        to.addOpen("GET", "/health", health::live)
                .addOpen("GET", "/health/ready", health::ready)
                .add("GET", "/metrics", OPENAI, metrics::answer)
                .add("POST", "/tokenize", OPENAI, tokens::tokenize)
                .add("POST", "/detokenize", OPENAI, tokens::detokenize)
                .add("POST", "/apply-template", OPENAI, new Templates(served)::answer)
                .add("GET", "/kelvin/model", OPENAI, new ModelInfo(served)::answer)
                .add("POST", "/kelvin/next", OPENAI, new NextToken(served)::answer);
    }

    private static void addOpenAi(Dispatcher to, Served served, Vectors vectors) {
        Models models = new Models(served);
        Responses responses = new Responses(served, new ResponseStore(MOST_RESPONSES, MOST_CHARACTERS));
        to.add("GET", "/v1/models", OPENAI, models::list)
                .add("GET", "/v1/models/", OPENAI, models::one)
                .add("POST", "/v1/completions", OPENAI, new Completions(served)::answer)
                .add("POST", "/v1/chat/completions", OPENAI, new Chats(served)::answer)
                .add("POST", "/v1/responses", OPENAI, responses::answer)
                .add("GET", "/v1/responses/", OPENAI, responses::get)
                .add("DELETE", "/v1/responses/", OPENAI, responses::delete)
                .add("POST", "/v1/embeddings", OPENAI, new Embeddings(served, vectors)::answer);
    }

    private static void addOllama(Dispatcher to, Served served, Vectors vectors) {
        OllamaModels models = new OllamaModels(served);
        OllamaEmbed embed = new OllamaEmbed(served, vectors);
        to.add("GET", "/api/version", OLLAMA, models::version)
                .add("GET", "/api/tags", OLLAMA, models::tags)
                .add("GET", "/api/ps", OLLAMA, models::running)
                .add("POST", "/api/show", OLLAMA, models::show)
                .add("POST", "/api/chat", OLLAMA, new OllamaChat(served)::answer)
                .add("POST", "/api/generate", OLLAMA, new OllamaGenerate(served)::answer)
                .add("POST", "/api/embed", OLLAMA, embed::answer)
                .add("POST", "/api/embeddings", OLLAMA, embed::answerOne);
    }
}
