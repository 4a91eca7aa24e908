// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import dev.kelvin.constraint.Constraint;
import dev.kelvin.constraint.Grammar;
import dev.kelvin.constraint.TokenTrie;
import dev.kelvin.generate.GenerationListener;
import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.generate.GenerationTask;
import dev.kelvin.generate.StopReason;
import dev.kelvin.generate.Tokenizers;
import java.util.concurrent.CancellationException;

/** Texts are continued. */
final class PlainAnswers implements TextWork {
    private final SharedModel model;
    private final GenerationRequest request;

    /** Null for any text. */
    private final Constraint constraint;

    PlainAnswers(SharedModel model, AnswerSpec answer) {
        this.model = model;
        request = answer.request(model.tokenizer());
        Grammar grammar = answer.form().grammar();
        constraint = grammar == null ? null : new Constraint(grammar, TokenTrie.of(model.tokenizer()));
    }

    @Override
    public Pending begin(String text, long key) {
        int[] prompt = Tokenizers.promptIds(model.tokenizer(), text);
        model.requireRoom(prompt.length, request.options().maxTokens());
        GenerationRequest mine = request.withPrompt(prompt).withSequence(key);
        if (constraint != null) {
            mine = mine.withConstraint(constraint.begin());
        }
        StringBuilder answer = new StringBuilder();
        GenerationTask task = model.engine().submit(mine, GenerationListener.ofText(answer::append));
        return new Pending(task.result().thenApply(done -> whole(done.stopReason(), answer.toString())), task::cancel);
    }

    /** An answer that was cut off is none. */
    static String whole(StopReason reason, String answer) {
        if (reason == StopReason.CANCELLED) {
            throw new CancellationException("kelvin: the answer was cancelled");
        }
        return answer;
    }
}
