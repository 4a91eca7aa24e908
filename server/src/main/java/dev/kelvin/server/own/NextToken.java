// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.own;

import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.GenerationListener;
import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.generate.GenerationTask;
import dev.kelvin.generate.SamplerLanguage;
import dev.kelvin.generate.Tokenizers;
import dev.kelvin.head.Sampler;
import dev.kelvin.head.SamplerChain;
import dev.kelvin.head.Sampling;
import dev.kelvin.server.answer.Failure;
import dev.kelvin.server.answer.SamplerDefaults;
import dev.kelvin.server.answer.SamplerFields;
import dev.kelvin.server.answer.Served;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Call;
import dev.kelvin.server.http.Fields;
import dev.kelvin.server.openai.ChatConversation;
import dev.kelvin.tensor.HeapTensor;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * {@code POST /kelvin/next}: the distribution that the next token of a text is drawn from, and what each sampler leaves
 * of it. The text is {@code ids}, or a {@code prompt}, or {@code messages} as a chat has them; {@code answer_ids}
 * follow.
 */
public final class NextToken {
    private static final int MOST = 4096;

    /** Vocabularies up to this size are told whole, unless that is not wanted. */
    private static final int SMALL = 8192;

    private final Served served;

    /** Looks into a model. */
    public NextToken(Served served) {
        this.served = served;
    }

    /** Answers a call. */
    public void answer(Call call) throws ApiException {
        Fields fields = call.fields();
        served.checkName(fields.string("model"));
        int vocabSize = served.tokenizer().vocabSize();
        int[] ids = ids(fields, vocabSize);
        int top = fields.whole("top", 40, 1, MOST);
        boolean withLogits = fields.flag("logits", vocabSize <= SMALL);
        Long seed = fields.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE);
        List<Sampler> samplers = samplers(fields, vocabSize);
        fields.end();
        GenerateOptions options = new GenerateOptions(1, seed == null ? 0 : seed, samplers);
        call.json(look(ids, options).json(ids, top, withLogits));
    }

    private int[] ids(Fields fields, int vocabSize) throws ApiException {
        int[] ids = fields.ids("ids", vocabSize);
        String prompt = fields.string("prompt");
        boolean messages = fields.has("messages");
        int given = (ids == null ? 0 : 1) + (prompt == null ? 0 : 1) + (messages ? 1 : 0);
        if (given != 1) {
            throw ApiException.invalid("ids", "invalid_value", "Give one of 'ids', 'prompt' and 'messages'.");
        }
        int[] before;
        try {
            before = ids != null
                    ? ids
                    : messages
                            ? served.chat().promptIds(ChatConversation.take(fields))
                            : Tokenizers.promptIds(served.tokenizer(), prompt);
        } catch (IllegalArgumentException e) {
            throw Failure.refused(messages ? "messages" : "prompt", e);
        }
        int[] answer = fields.ids("answer_ids", vocabSize);
        if (answer == null) {
            return before;
        }
        int[] all = Arrays.copyOf(before, before.length + answer.length);
        System.arraycopy(answer, 0, all, before.length, answer.length);
        return all;
    }

    private List<Sampler> samplers(Fields fields, int vocabSize) throws ApiException {
        String sampler = fields.string("sampler");
        List<Sampler> parameters = SamplerFields.take(fields, SamplerDefaults.OPENAI, served.tokenizer());
        if (sampler == null) {
            return parameters;
        }
        try {
            SamplerChain chain = SamplerLanguage.parse(sampler);
            if (SamplerLanguage.largestId(chain) >= vocabSize) {
                throw new IllegalArgumentException("an id is outside the vocabulary");
            }
            return SamplerLanguage.withBreakers(chain, served.tokenizer()).samplers();
        } catch (IllegalArgumentException e) {
            throw ApiException.value("sampler", "'sampler': " + e.getMessage() + ".");
        }
    }

    private NextDistribution look(int[] ids, GenerateOptions options) throws ApiException {
        AtomicReference<NextDistribution> seen = new AtomicReference<>();
        GenerationListener listener = new GenerationListener() {
            @Override
            public boolean wantsLogits() {
                return true;
            }

            @Override
            public void logits(HeapTensor logits, Sampling sampling) {
                seen.set(NextDistribution.of(logits, sampling, served.tokenizer()));
            }
        };
        GenerationTask task = served.submit(GenerationRequest.of(ids, options), listener);
        try {
            task.result().join();
        } catch (CompletionException e) {
            throw Failure.told(e.getCause());
        }
        NextDistribution found = seen.get();
        if (found == null) {
            throw ApiException.invalid("ids", "context_length_exceeded", "No position is left for a next token.");
        }
        return found;
    }
}
