// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.answer;

import dev.kelvin.chat.ToolCall;
import dev.kelvin.converse.ChatAnswer;
import dev.kelvin.converse.ChatListener;
import dev.kelvin.generate.GeneratedToken;
import dev.kelvin.generate.GenerationListener;
import dev.kelvin.head.Explanation;
import dev.kelvin.head.Sampling;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;

/** Puts what happens to one answer into a queue, on the engine's thread. */
final class AnswerListener implements GenerationListener, ChatListener {
    private final int choice;
    private final boolean explained;
    private final Queue<AnswerEvent> events;

    /** Of picks whose tokens were not told yet: a chat tells them late. */
    private final Deque<Explanation> explanations = new ArrayDeque<>();

    AnswerListener(int choice, boolean explained, Queue<AnswerEvent> events) {
        this.choice = choice;
        this.explained = explained;
        this.events = events;
    }

    @Override
    public boolean takesMore() {
        // A connection that does not read is ended by its deadline.
        return true;
    }

    @Override
    public boolean wantsLogits() {
        return explained;
    }

    @Override
    public void logits(HeapTensor logits, Sampling sampling) {
        explanations.add(sampling.explain(logits));
    }

    @Override
    public void token(GeneratedToken token) {
        token(token, true);
    }

    @Override
    public void token(GeneratedToken token, boolean isText) {
        events.add(new AnswerEvent.Token(choice, token, isText, explanations.poll()));
    }

    @Override
    public void text(String piece) {
        events.add(new AnswerEvent.Text(choice, piece));
    }

    @Override
    public void reasoning(String piece) {
        events.add(new AnswerEvent.Reasoning(choice, piece));
    }

    @Override
    public void toolCall(int index, ToolCall call) {
        events.add(new AnswerEvent.Call(choice, index, call));
    }

    @Override
    public void end(ChatAnswer answer) {
        events.add(new AnswerEvent.End(choice, answer.stopReason(), answer.reasoningTokens(), answer.generation()));
    }

    @Override
    public void failed(Throwable cause) {
        events.add(new AnswerEvent.Failed(choice, cause));
    }
}
