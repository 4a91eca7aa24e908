// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.generate.Tokenizers;
import dev.kelvin.server.answer.Served;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Fields;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code /v1/completions} is asked.
 *
 * @param prompts ids of each
 * @param topLogProbs most probable tokens to tell with each; −1 for no log-probabilities
 * @param echo whether an answer begins with its prompt
 */
record CompletionFields(List<int[]> prompts, AnswerFields common, int topLogProbs, boolean echo) {
    private static final int MOST_PROMPTS = 128;
    private static final int MOST_LOG_PROBS = 20;

    static CompletionFields take(Fields fields, Served served) throws ApiException {
        AnswerFields common = AnswerFields.take(fields, served);
        List<int[]> prompts = prompts(fields, served);
        if ((long) prompts.size() * common.choices() > MOST_PROMPTS) {
            throw ApiException.value("prompt", "A request has at most " + MOST_PROMPTS + " answers.");
        }
        int topLogProbs = fields.whole("logprobs", -1, 0, MOST_LOG_PROBS);
        boolean echo = fields.flag("echo", false);
        fields.only("suffix", List.of(""));
        Long best = fields.whole("best_of", 1, MOST_PROMPTS);
        if (best != null && best != common.choices()) {
            throw ApiException.unsupported("best_of", "'best_of' is supported as 'n' alone.");
        }
        fields.end();
        return new CompletionFields(prompts, common, topLogProbs, echo);
    }

    private static List<int[]> prompts(Fields fields, Served served) throws ApiException {
        Object value = fields.value("prompt");
        if (value == null) {
            return List.of(ids("", served));
        }
        if (value instanceof String text) {
            return List.of(ids(text, served));
        }
        if (!(value instanceof List<?> list)) {
            throw ApiException.invalid(
                    "prompt", "invalid_type", "'prompt' must be a text, token ids, or a list of them.");
        }
        int vocabSize = served.tokenizer().vocabSize();
        if (!list.isEmpty() && list.getFirst() instanceof Number) {
            return List.of(Fields.ids("prompt", list, vocabSize));
        }
        List<int[]> prompts = new ArrayList<>();
        for (Object each : list) {
            if (each instanceof String text) {
                prompts.add(ids(text, served));
            } else if (each instanceof List<?> ids) {
                prompts.add(Fields.ids("prompt", ids, vocabSize));
            } else {
                throw ApiException.invalid(
                        "prompt", "invalid_type", "'prompt' must be a text, token ids, or a list of them.");
            }
        }
        if (prompts.isEmpty()) {
            throw ApiException.value("prompt", "'prompt' must not be an empty list.");
        }
        return prompts;
    }

    private static int[] ids(String text, Served served) throws ApiException {
        try {
            return Tokenizers.promptIds(served.tokenizer(), text);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid("prompt", "invalid_prompt", e.getMessage() + ".");
        }
    }

    /** Whether it is told how probable the tokens of prompts are. */
    boolean scoresPrompts() {
        return echo && topLogProbs >= 0;
    }

    /** Answers in the order of prompts, those to one prompt beside each other. */
    List<GenerationRequest> requests() {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int[] prompt : prompts) {
            for (int i = 0; i < common.choices(); i++) {
                requests.add(common.request(prompt, i, topLogProbs));
            }
        }
        return requests;
    }
}
