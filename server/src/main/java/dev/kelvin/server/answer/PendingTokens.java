// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.answer;

import dev.kelvin.generate.GeneratedToken;
import dev.kelvin.generate.StopReason;
import dev.kelvin.tokenizer.StreamingDecoder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Tokens of an answer that were picked and not told yet. A token is told with the text that ends it, so that none tells
 * what the text holds back: a stop, or part of one. For one thread.
 */
public final class PendingTokens {
    private record Pending(GeneratedToken token, long end) {}

    private final StreamingDecoder decoder;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private long picked;
    private long told;

    /** @param decoder that turns these tokens into their text */
    public PendingTokens(StreamingDecoder decoder) {
        this.decoder = decoder;
    }

    /** Takes a pick. */
    public void add(GeneratedToken token) {
        picked += decoder.accept(token.id()).length();
        pending.add(new Pending(token, picked));
    }

    /** Takes a text that is told; returns the tokens to be told with it. */
    public List<GeneratedToken> with(String text) {
        told += text.length();
        List<GeneratedToken> tokens = new ArrayList<>();
        while (!pending.isEmpty() && pending.peekFirst().end() <= told) {
            tokens.add(pending.removeFirst().token());
        }
        return tokens;
    }

    /** The tokens that are left at the end, unless they are those of a stop. */
    public List<GeneratedToken> rest(StopReason reason) {
        List<GeneratedToken> tokens = new ArrayList<>();
        if (reason != StopReason.STOP_TEXT) {
            pending.forEach(each -> tokens.add(each.token()));
        }
        pending.clear();
        return tokens;
    }
}
