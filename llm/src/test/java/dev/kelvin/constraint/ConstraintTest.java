// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConstraintTest {
    private static final List<String> GRAMMARS = List.of(
            "root ::= \"a\" [b-z]* \"é\"",
            "root ::= (\"ab\" | \"abc\" | \"a\" root \"c\")+",
            "root ::= \"\\\"\" [^\"\\\\\\x00-\\x1f]{0,5} \"\\\"\" root?",
            "root ::= \"\\\"\" [^\"\\\\\\x00-\\x1f]* \"\\\"\"",
            "root ::= [^a]{2} . \"😀\"?");

    /** A vocabulary of words, of which token 0 ends a text. */
    static TokenTrie vocabulary(byte[]... words) {
        return TokenTrie.of(words.length + 1, id -> id == 0 ? new byte[0] : words[id - 1], id -> id == 0);
    }

    static TokenTrie vocabulary(String... words) {
        byte[][] bytes = new byte[words.length][];
        for (int i = 0; i < words.length; i++) {
            bytes[i] = words[i].getBytes(StandardCharsets.UTF_8);
        }
        return vocabulary(bytes);
    }

    /** Every byte, and words that end inside characters or go beyond strings. */
    static TokenTrie bytesAndWords() {
        String[] words = {
            "ab", "abc", "\"a", "b\"", "c\"\"", "é", "éé\"", "😀", "xyzxyz", "\\n", "a\n", "日本", "日本\"", "aaaaaaa"
        };
        byte[][] all = new byte[256 + words.length + 2][];
        for (int i = 0; i < 256; i++) {
            all[i] = new byte[] {(byte) i};
        }
        for (int i = 0; i < words.length; i++) {
            all[256 + i] = words[i].getBytes(StandardCharsets.UTF_8);
        }
        all[all.length - 2] = new byte[] {(byte) 0xf0, (byte) 0x9f};
        all[all.length - 1] = new byte[] {(byte) 0xa9, '"'};
        return vocabulary(all);
    }

    @Test
    void aMaskAllowsExactlyWhatTheGrammarDoes() throws GrammarException {
        TokenTrie trie = bytesAndWords();
        for (String source : GRAMMARS) {
            Constraint constraint = new Constraint(Gbnf.parse(source), trie);
            Configurations naive = new Configurations(Gbnf.parse(source).automaton());
            Random random = new Random(7);
            for (int text = 0; text < 30; text++) {
                ConstrainedText constrained = constraint.begin();
                Configuration at = naive.start();
                for (int length = 0; length < 12 && !constrained.hasEnded(); length++) {
                    BitSet allowed = constrained.mask().allowed();
                    assertEquals(expected(trie, naive, at), allowed, source);
                    int[] choices = allowed.stream().toArray();
                    int id = choices[random.nextInt(choices.length)];
                    constrained.accept(id);
                    at = after(naive, at, trie.bytes(id));
                }
            }
        }
    }

    private static BitSet expected(TokenTrie trie, Configurations naive, Configuration at) {
        BitSet expected = new BitSet();
        for (int id = 1; id < trie.vocabSize(); id++) {
            expected.set(id, !after(naive, at, trie.bytes(id)).isDead());
        }
        expected.set(0, at.isComplete());
        return expected;
    }

    private static Configuration after(Configurations naive, Configuration from, byte[] bytes) {
        Configuration at = from;
        for (byte each : bytes) {
            at = naive.step(at, each);
        }
        return at;
    }

    @Test
    void onlyOneContinuationIsForced() throws GrammarException {
        TokenTrie trie = vocabulary("t", "true", "tr", "f", "false", ", ", ",", " ");
        ConstrainedText text = new Constraint(Gbnf.parse("root ::= \"true\" \", \" \"false\"?"), trie).begin();
        assertEquals(2, text.forced(), "the longest of t, tr, true");
        text.accept(2);
        assertEquals(6, text.forced());
        text.accept(6);
        assertEquals(-1, text.forced(), "the text may end");
        assertTrue(text.isComplete());
        text.accept(5);
        assertEquals(0, text.forced(), "the text must end");
        text.accept(0);
        assertTrue(text.hasEnded());
        assertThrows(IllegalStateException.class, text::mask);
    }

    @Test
    void aTextThatLongTokensCannotSpellIsNotPassedOver() throws GrammarException {
        TokenTrie trie = vocabulary("birth", "birthDate", "Time", "b");
        for (String rule : new String[] {"\"birthDate\" | \"birthTime\"", "\"birth\" (\"Date\")?"}) {
            ConstrainedText text = new Constraint(Gbnf.parse("root ::= " + rule), trie).begin();
            assertEquals(-1, text.forced(), rule);
            text.accept(1);
        }
        ConstrainedText text = new Constraint(Gbnf.parse("root ::= \"birthDate\""), trie).begin();
        assertEquals(2, text.forced());
    }

    @Test
    void whatIsNotAllowedChangesNothing() throws GrammarException {
        TokenTrie trie = vocabulary("a", "b", "");
        ConstrainedText text = new Constraint(Gbnf.parse("root ::= \"ab\""), trie).begin();
        for (int id : new int[] {2, 0, 3, 4, -1}) {
            assertThrows(IllegalArgumentException.class, () -> text.accept(id));
        }
        text.accept(1);
        ConstrainedText fork = text.fork();
        fork.accept(2);
        assertTrue(fork.isComplete());
        assertFalse(text.isComplete());
    }

    @Test
    void aPlaceMetBeforeHasItsMask() throws GrammarException {
        Constraint constraint =
                new Constraint(Gbnf.parse("root ::= (\"(\" root \")\" | \"x\")*"), vocabulary("(", ")", "x"));
        ConstrainedText text = constraint.begin();
        text.accept(1);
        Object inside = text.mask();
        text.accept(3);
        assertSame(inside, text.mask());
    }
}
