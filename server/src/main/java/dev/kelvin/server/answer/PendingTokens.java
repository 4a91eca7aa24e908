// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.answer;

import dev.kelvin.generate.StopReason;
import dev.kelvin.tokenizer.StreamingDecoder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Tokens of an answer that were picked and not told yet. A token is told with the text that ends it, so that none tells
 * what the text holds back: a stop, or part of one. Where nothing can stop the text, all are told at once. For one
 * thread.
 */
public final class PendingTokens {
    private record Pending(AnswerEvent.Token token, long end) {}

    private final StreamingDecoder decoder;
    private final boolean stops;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private long picked;
    private long told;

    /**
     * No tokens.
     *
     * @param decoder that turns these tokens into their text
     * @param stops whether there are texts that end the answer
     */
    public PendingTokens(StreamingDecoder decoder, boolean stops) {
        this.decoder = decoder;
        this.stops = stops;
    }

    /** Takes a pick. */
    public void add(AnswerEvent.Token token) {
        picked += decoder.accept(token.token().id()).length();
        pending.add(new Pending(token, picked));
    }

    /** Takes a text that is told; returns the tokens to be told with it. */
    public List<AnswerEvent.Token> with(String text) {
        told += text.length();
        List<AnswerEvent.Token> tokens = new ArrayList<>();
        while (!pending.isEmpty() && (!stops || pending.peekFirst().end() <= told)) {
            tokens.add(pending.removeFirst().token());
        }
        return tokens;
    }

    /** The tokens that are left at the end, unless they are those of a stop. */
    public List<AnswerEvent.Token> rest(StopReason reason) {
        List<AnswerEvent.Token> tokens = new ArrayList<>();
        if (reason != StopReason.STOP_TEXT) {
            pending.forEach(each -> tokens.add(each.token()));
        }
        pending.clear();
        return tokens;
    }
}
