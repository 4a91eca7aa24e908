// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.format.GgufWriter;

/** Vocabularies that have any size and cut any text: tokens for what is known, numbered pieces for the rest. */
final class SyntheticVocabulary {
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int BYTE = 6;
    private static final int BYTES = 256;

    private SyntheticVocabulary() {}

    /** Type {@code llama}: three control tokens, a token a byte. */
    static void sentencePieces(GgufWriter writer, int size) {
        String[] first = {"<unk>", "<s>", "</s>"};
        String[] pieces = new String[size];
        float[] scores = new float[size];
        int[] types = new int[size];
        for (int id = 0; id < size; id++) {
            if (id < first.length) {
                pieces[id] = first[id];
                types[id] = id == 0 ? UNKNOWN : CONTROL;
            } else if (id < first.length + BYTES) {
                pieces[id] = String.format("<0x%02X>", id - first.length);
                types[id] = BYTE;
            } else {
                pieces[id] = "\u2581w" + id;
                types[id] = NORMAL;
                scores[id] = -id;
            }
        }
        writer.metadata("tokenizer.ggml.model", "llama")
                .metadata("tokenizer.ggml.tokens", pieces)
                .metadata("tokenizer.ggml.scores", scores)
                .metadata("tokenizer.ggml.token_type", types)
                .metadata("tokenizer.ggml.bos_token_id", 1)
                .metadata("tokenizer.ggml.eos_token_id", 2)
                .metadata("tokenizer.ggml.unknown_token_id", 0);
    }

    /** Type {@code gpt2}: a character for each byte, one merge, and a control token at the end. */
    static void bytePairs(GgufWriter writer, int size) {
        String[] pieces = new String[size];
        int[] types = new int[size];
        int beyond = BYTES; // bytes that are no printable Latin letter or sign have the characters from 256 on
        for (int id = 0; id < size; id++) {
            types[id] = NORMAL;
            if (id < BYTES) {
                boolean printable = (id > ' ' && id < 0x7f) || (id > 0xa0 && id != 0xad);
                pieces[id] = Character.toString(printable ? id : beyond++);
            } else {
                pieces[id] = id == BYTES ? "\u0120w" : "\u0120w" + id;
            }
        }
        pieces[size - 1] = "<|endoftext|>";
        types[size - 1] = CONTROL;
        writer.metadata("tokenizer.ggml.model", "gpt2")
                .metadata("tokenizer.ggml.pre", "qwen2")
                .metadata("tokenizer.ggml.tokens", pieces)
                .metadata("tokenizer.ggml.token_type", types)
                .metadata("tokenizer.ggml.merges", new String[] {"\u0120 w"})
                .metadata("tokenizer.ggml.bos_token_id", size - 1)
                .metadata("tokenizer.ggml.eos_token_id", size - 1)
                .metadata("tokenizer.ggml.padding_token_id", size - 1)
                .metadata("tokenizer.ggml.add_bos_token", false);
    }

    /** Type {@code bert}: five control tokens, the letters at a word's beginning and inside. */
    static void wordPieces(GgufWriter writer, int size) {
        String[] first = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
        String[] pieces = new String[size];
        int[] types = new int[size];
        for (int id = 0; id < size; id++) {
            types[id] = id < first.length ? CONTROL : NORMAL;
            int letter = id - first.length;
            if (id < first.length) {
                pieces[id] = first[id];
            } else if (letter < 2 * 94) {
                pieces[id] = (letter < 94 ? "\u2581" : "") + (char) ('!' + letter % 94);
            } else {
                pieces[id] = "\u2581w" + id;
            }
        }
        writer.metadata("tokenizer.ggml.model", "bert")
                .metadata("tokenizer.ggml.tokens", pieces)
                .metadata("tokenizer.ggml.token_type", types)
                .metadata("tokenizer.ggml.token_type_count", 2)
                .metadata("tokenizer.ggml.bos_token_id", 2)
                .metadata("tokenizer.ggml.eos_token_id", 3)
                .metadata("tokenizer.ggml.cls_token_id", 2)
                .metadata("tokenizer.ggml.seperator_token_id", 3)
                .metadata("tokenizer.ggml.padding_token_id", 0)
                .metadata("tokenizer.ggml.mask_token_id", 4)
                .metadata("tokenizer.ggml.unknown_token_id", 1);
    }
}
