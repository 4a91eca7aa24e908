// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.Engine;
import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.EngineMetrics;
import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.GeneratedToken;
import dev.kelvin.generate.Generation;
import dev.kelvin.generate.GenerationListener;
import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.generate.GenerationTask;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.generate.SamplerLanguage;
import dev.kelvin.head.Categorical;
import dev.kelvin.head.Greedy;
import dev.kelvin.head.Sampler;
import dev.kelvin.head.SamplerChain;
import dev.kelvin.head.Temperature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The model of a chat, and how it picks at this moment. Answers are made on the thread that asks for them;
 * {@link #interrupt} is for any.
 */
final class ChatRun {
    private final OpenModel open;
    private final Engine engine;
    private final long seed;
    private final int maxTokens;
    private SamplerChain chain;
    private int[] tokens = {};
    private int promptTokens;
    private Generation last;
    private volatile GenerationTask running;

    /**
     * A chat that nothing was said in yet.
     *
     * @param limits of the engine
     */
    ChatRun(OpenModel open, SamplerChain chain, long seed, int maxTokens, EngineLimits limits) throws IOException {
        this.open = open;
        this.chain = chain;
        this.seed = seed;
        this.maxTokens = maxTokens;
        engine = open.engine(limits);
    }

    OpenModel open() {
        return open;
    }

    /** What memory does not hold of the model's context, if there is anything to tell. */
    Optional<String> forecast() {
        return MemoryForecast.ofText(engine, open, open.contextLength());
    }

    /** Positions that an answer needs besides its prompt, if there are so many. */
    int room() {
        return Math.max(1, Math.min(maxTokens, open.contextLength() / 4));
    }

    GenerateOptions options() {
        return new GenerateOptions(maxTokens, seed, chain.samplers());
    }

    /** Answers, and remembers the tokens. Returns when it is done. */
    GenerationTask answer(GenerationRequest request, GenerationListener listener) {
        int[] prompt = request.prompt();
        List<Integer> made = new ArrayList<>();
        GenerationTask task = engine.submit(request, new GenerationListener() {
            @Override
            public void token(GeneratedToken token) {
                made.add(token.id());
                listener.token(token);
            }

            @Override
            public void text(String piece) {
                listener.text(piece);
            }
        });
        running = task;
        while (!task.result().isDone()) {
            engine.step();
        }
        running = null;
        tokens = Arrays.copyOf(prompt, prompt.length + made.size());
        for (int i = 0; i < made.size(); i++) {
            tokens[prompt.length + i] = made.get(i);
        }
        promptTokens = prompt.length;
        if (!task.result().isCompletedExceptionally()) {
            last = task.result().join();
        }
        return task;
    }

    /** Ends the answer that is being made, if there is one. */
    void interrupt() {
        GenerationTask task = running;
        if (task != null) {
            task.cancel();
        }
    }

    /** What was done so far. */
    EngineMetrics metrics() {
        return engine.metrics();
    }

    /** What the last answer took; null before the first. */
    Generation last() {
        return last;
    }

    /** The last token with the most probable ones at its place; null if no token was made. */
    GeneratedToken lastToken(int count) {
        if (tokens.length <= promptTokens) {
            return null;
        }
        // The model is asked once more: telling all of them with each token would slow every answer.
        int[] before = Arrays.copyOf(tokens, tokens.length - 1);
        GeneratedToken[] picked = new GeneratedToken[1];
        GenerationRequest request =
                GenerationRequest.of(before, GenerateOptions.greedy(1)).withLogProbs(count);
        List<GeneratedToken> heard = new ArrayList<>();
        engine.generate(request, new GenerationListener() {
            @Override
            public void token(GeneratedToken token) {
                heard.add(token);
            }
        });
        picked[0] = heard.isEmpty() ? null : heard.getFirst();
        return picked[0] == null
                ? null
                : new GeneratedToken(tokens[tokens.length - 1], picked[0].logProb(), picked[0].top());
    }

    /** The samplers as one types them. */
    String samplers() {
        return SamplerLanguage.text(chain);
    }

    /** The temperature; NaN if there is none among the samplers. */
    float temperature() {
        for (Sampler sampler : chain.samplers()) {
            if (sampler instanceof Temperature temperature) {
                return temperature.value();
            }
        }
        return chain.samplers().stream().anyMatch(Greedy.class::isInstance) ? 0 : Float.NaN;
    }

    /** Sets the temperature from now on, where it was among the samplers, else behind them. */
    void temperature(float value) {
        List<Sampler> samplers = new ArrayList<>(chain.samplers());
        samplers.removeIf(Greedy.class::isInstance);
        for (int i = 0; i < samplers.size(); i++) {
            if (samplers.get(i) instanceof Temperature) {
                samplers.set(i, new Temperature(value));
                chain = new SamplerChain(samplers);
                return;
            }
        }
        boolean picks = !samplers.isEmpty() && samplers.getLast() instanceof Categorical;
        samplers.add(picks ? samplers.size() - 1 : samplers.size(), new Temperature(value));
        chain = new SamplerChain(samplers);
    }
}
