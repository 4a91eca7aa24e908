// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.converse;

import dev.kelvin.chat.AnswerParser;
import dev.kelvin.chat.AnswerPart;
import dev.kelvin.chat.Message;
import dev.kelvin.chat.Role;
import dev.kelvin.chat.ToolCall;
import dev.kelvin.generate.GeneratedToken;
import dev.kelvin.generate.Generation;
import dev.kelvin.generate.GenerationListener;
import dev.kelvin.generate.GenerationTask;
import dev.kelvin.generate.StopReason;
import dev.kelvin.head.Sampling;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Takes an answer apart while the engine makes it. For the engine's thread. */
final class AnswerReader implements GenerationListener {
    private final AnswerParser parser;
    private final ChatListener listener;
    private final ToolCallIds ids;
    private final boolean parallelToolCalls;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder reasoning = new StringBuilder();
    private final List<ToolCall> calls = new ArrayList<>();
    /** A token that was not told yet, because what it is shows in its text. */
    private GeneratedToken untold;

    private int reasoningTokens;

    /** Whether a call came that is all that is wanted. */
    private volatile boolean enough;

    /** What the engine makes; null until it has said so. */
    private volatile GenerationTask task;

    AnswerReader(AnswerParser parser, ChatListener listener, ToolCallIds ids, boolean parallelToolCalls) {
        this.parser = parser;
        this.listener = listener;
        this.ids = ids;
        this.parallelToolCalls = parallelToolCalls;
    }

    /** The whole answer, once the engine is done. */
    CompletableFuture<ChatAnswer> answerOf(GenerationTask task) {
        this.task = task;
        if (enough) {
            task.cancel();
        }
        return task.result().handle((generation, failure) -> {
            if (failure != null) {
                listener.failed(failure);
                throw failure instanceof CompletionException known ? known : new CompletionException(failure);
            }
            ChatAnswer answer = answer(generation);
            listener.end(answer);
            return answer;
        });
    }

    @Override
    public boolean takesMore() {
        return listener.takesMore();
    }

    @Override
    public boolean wantsLogits() {
        return listener.wantsLogits();
    }

    @Override
    public void logits(HeapTensor logits, Sampling sampling) {
        listener.logits(logits, sampling);
    }

    @Override
    public void token(GeneratedToken token) {
        tellToken(parser.isInText(), parser.isInReasoning());
        untold = token;
    }

    @Override
    public void text(String piece) {
        boolean inText = parser.isInText();
        boolean inReasoning = parser.isInReasoning();
        List<AnswerPart> parts = parser.accept(piece);
        tellToken(inText && parser.isInText(), inReasoning || parser.isInReasoning());
        tell(parts);
    }

    private void tellToken(boolean isText, boolean isReasoning) {
        if (untold != null) {
            GeneratedToken token = untold;
            untold = null;
            reasoningTokens += isReasoning ? 1 : 0;
            listener.token(token, isText);
        }
    }

    private void tell(List<AnswerPart> parts) {
        for (AnswerPart part : parts) {
            if (enough) {
                return;
            }
            switch (part) {
                case AnswerPart.Text piece -> {
                    text.append(piece.text());
                    listener.text(piece.text());
                }
                case AnswerPart.Reasoning piece -> {
                    reasoning.append(piece.text());
                    listener.reasoning(piece.text());
                }
                case AnswerPart.Call call -> tell(call);
            }
        }
    }

    private void tell(AnswerPart.Call part) {
        ToolCall call = new ToolCall(ids.next(), part.name(), part.arguments());
        calls.add(call);
        listener.toolCall(calls.size() - 1, call);
        if (!parallelToolCalls) {
            enough = true;
            GenerationTask running = task;
            if (running != null) {
                running.cancel();
            }
        }
    }

    private ChatAnswer answer(Generation generation) {
        tellToken(parser.isInText(), parser.isInReasoning());
        tell(parser.finish());
        Message message = new Message(Role.ASSISTANT, text.toString(), reasoning.toString(), calls, "", "");
        StopReason reason = enough ? StopReason.END_OF_TEXT : generation.stopReason();
        return new ChatAnswer(message, reason, reasoningTokens, generation);
    }
}
