// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.json.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes the vocabulary of a GGUF file as a {@code tokenizer.json}. */
final class HubTokenizerWriter {
    private HubTokenizerWriter() {}

    /** A byte-pair vocabulary, cut as Qwen's. */
    static void write(GgufFile file, Path path) throws IOException {
        if (file.metadata().string("tokenizer.ggml.model").equals("bert")) {
            writeWordPieces(file, path);
            return;
        }
        String[] tokens = file.metadata().strings("tokenizer.ggml.tokens");
        int[] types = file.metadata().integers("tokenizer.ggml.token_type");
        Map<String, Object> vocabulary = new LinkedHashMap<>();
        List<Object> added = new ArrayList<>();
        for (int id = 0; id < tokens.length; id++) {
            if (types[id] == 1) {
                vocabulary.put(tokens[id], (long) id);
            } else {
                added.add(Map.of("id", (long) id, "content", tokens[id], "special", types[id] == 3));
            }
        }
        String expression =
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                        + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
        Map<String, Object> split = Map.of(
                "type", "Split", "pattern", Map.of("Regex", expression), "behavior", "Isolated", "invert", false);
        Map<String, Object> bytes =
                Map.of("type", "ByteLevel", "add_prefix_space", false, "trim_offsets", false, "use_regex", false);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("added_tokens", added);
        if (!file.metadata().string("tokenizer.ggml.model").equals("gpt2")) {
            json.put("model", pieces(vocabulary));
            Files.writeString(path, JsonWriter.write(json));
            return;
        }
        json.put("normalizer", null);
        json.put("pre_tokenizer", Map.of("type", "Sequence", "pretokenizers", List.of(split, bytes)));
        json.put("post_processor", null);
        json.put("decoder", bytes);
        List<String> merges = List.of(file.metadata().strings("tokenizer.ggml.merges"));
        json.put("model", Map.of("type", "BPE", "vocab", vocabulary, "merges", merges));
        Files.writeString(path, JsonWriter.write(json));
    }

    /** Pieces over characters with bytes for what they lack; none is merged. */
    private static Map<String, Object> pieces(Map<String, Object> vocabulary) {
        return Map.of(
                "type", "BPE", "byte_fallback", true, "unk_token", "<unk>", "vocab", vocabulary, "merges", List.of());
    }

    private static void writeWordPieces(GgufFile file, Path path) throws IOException {
        String[] tokens = file.metadata().strings("tokenizer.ggml.tokens");
        int[] types = file.metadata().integers("tokenizer.ggml.token_type");
        Map<String, Object> vocabulary = new LinkedHashMap<>();
        List<Object> added = new ArrayList<>();
        for (int id = 0; id < tokens.length; id++) {
            boolean begins = tokens[id].startsWith("\u2581");
            String token = types[id] == 3 ? tokens[id] : begins ? tokens[id].substring(1) : "##" + tokens[id];
            vocabulary.put(token, (long) id);
            if (types[id] == 3) {
                added.add(Map.of("id", (long) id, "content", token, "special", true));
            }
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("added_tokens", added);
        json.put("normalizer", Map.of("type", "BertNormalizer", "lowercase", true));
        json.put("pre_tokenizer", Map.of("type", "BertPreTokenizer"));
        json.put(
                "post_processor",
                Map.of("type", "BertProcessing", "sep", List.of("[SEP]", 3L), "cls", List.of("[CLS]", 2L)));
        json.put("decoder", Map.of("type", "WordPiece", "prefix", "##", "cleanup", true));
        json.put(
                "model",
                Map.of(
                        "type",
                        "WordPiece",
                        "unk_token",
                        "[UNK]",
                        "continuing_subword_prefix",
                        "##",
                        "max_input_chars_per_word",
                        100L,
                        "vocab",
                        vocabulary));
        Files.writeString(path, JsonWriter.write(json));
    }
}
