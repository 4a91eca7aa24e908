// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The tokens by which a model ends its text: those that a file names as ends, and those known by their spelling,
 * whatever their type but {@link Vocabulary#BYTE}, as many files hold them as ordinary tokens. What ends a text by its
 * spelling is never made of text.
 *
 * <p>Source: the end-of-generation tokens of llama.cpp, {@code llama_vocab::impl::load} in {@code llama-vocab.cpp}. Of
 * several spellings of one kind of {@link #FILLING} it takes any one, here all count.
 */
final class EndTokens {
    private static final Set<String> SPELLINGS = Set.of(
            "<|eot_id|>",
            "<|im_end|>",
            "<|end|>",
            "<|return|>",
            "<|call|>",
            "<|flush|>",
            "<|calls|>",
            "<end_of_turn>",
            "<|endoftext|>",
            "</s>",
            "<|eom_id|>",
            "<EOT>",
            "_<EOT>",
            "[EOT]",
            "[EOS]",
            "<|end_of_text|>",
            "<end_of_utterance>",
            "<eos>",
            "<turn|>",
            "<|tool_response>",
            "<｜end▁of▁sentence｜>",
            "[e~[");

    /** Ends of what is filled into a text, where the file has no id of that kind. */
    private static final Map<SpecialToken, Set<String>> FILLING = new EnumMap<>(Map.of(
            SpecialToken.FIM_PAD, Set.of("<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"),
            SpecialToken.FIM_REPOSITORY, Set.of("<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"),
            SpecialToken.FIM_SEPARATOR, Set.of("<|file_sep|>")));

    private static final SpecialToken[] NAMED = {
        SpecialToken.EOS,
        SpecialToken.EOT,
        SpecialToken.EOM,
        SpecialToken.FIM_PAD,
        SpecialToken.FIM_REPOSITORY,
        SpecialToken.FIM_SEPARATOR
    };

    private final BitSet spelled = new BitSet();
    private final BitSet ends = new BitSet();

    /** The ends of a vocabulary: pieces [V], types [V]. */
    EndTokens(String[] pieces, int[] types, SpecialTokens special) {
        Set<String> spellings = new HashSet<>(SPELLINGS);
        FILLING.forEach((token, some) -> {
            if (special.id(token) < 0) {
                spellings.addAll(some);
            }
        });
        Set<String> found = new HashSet<>();
        for (int id = 0; id < pieces.length; id++) {
            if (types[id] != Vocabulary.BYTE && spellings.contains(pieces[id])) {
                found.add(pieces[id]);
            }
        }
        Set<String> inside = insideOfAText(found);
        for (int id = 0; id < pieces.length; id++) {
            if (found.contains(pieces[id]) && types[id] != Vocabulary.BYTE && !inside.contains(pieces[id])) {
                spelled.set(id);
            }
        }
        ends.or(spelled);
        for (SpecialToken token : NAMED) {
            int id = special.id(token);
            if (id >= 0 && !inside.contains(pieces[id])) {
                ends.set(id);
            }
        }
    }

    /** Spellings that end a message, not the answer, in vocabularies that have certain others. */
    private static Set<String> insideOfAText(Set<String> found) {
        Set<String> inside = new HashSet<>();
        boolean calls = found.contains("<|call|>") || found.contains("<|calls|>");
        if (calls && (found.contains("<|return|>") || found.contains("<|flush|>"))) {
            inside.add("<|end|>");
        }
        if (found.contains("<|tool_response>")) {
            inside.add("</s>");
        }
        return inside;
    }

    /** Whether a text ends at this token. */
    boolean isEnd(int id) {
        return ends.get(id);
    }

    /** Whether the spelling of this token makes it an end. */
    boolean isSpelled(int id) {
        return spelled.get(id);
    }
}
