// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.kelvin.generate.GeneratedToken;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * The log-probabilities of an answer's text, if they were asked for. For the engine's thread until the answer's end.
 */
final class TokenLog {
    private final Tokenizer tokenizer;
    private final List<TokenLogProbs> tokens = new ArrayList<>();

    TokenLog(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** Takes a token as a listener is told of it. */
    void add(GeneratedToken token, boolean isText) {
        if (isText && !Float.isNaN(token.logProb())) {
            List<TokenLogProbs.Alternative> top = token.top().stream()
                    .map(each -> new TokenLogProbs.Alternative(each.id(), text(each.id()), each.logProb()))
                    .toList();
            tokens.add(new TokenLogProbs(token.id(), text(token.id()), token.logProb(), top));
        }
    }

    private String text(int id) {
        return OpenModel.tokenText(tokenizer, id);
    }

    List<TokenLogProbs> tokens() {
        return tokens;
    }
}
