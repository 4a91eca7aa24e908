// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The vocabulary of a {@code tokenizer.json} as GGUF's keys: byte-pair vocabularies over bytes (type {@code gpt2}) and
 * those over characters with bytes for what is missing, as SentencePiece makes them (type {@code llama}; the order of
 * merges becomes scores).
 *
 * <p>Source of the token types: {@code llama.h} of llama.cpp.
 */
final class HubVocabulary {
    private static final String PREFIX = "tokenizer.ggml.";
    private static final long LONGEST = 256 << 20;
    private static final int MOST_TOKENS = 1 << 24;

    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;
    private static final int BYTE = 6;

    private static final String WORD_PIECES = "WordPiece";
    private static final char SPACE = '\u2581';

    /** BERT's tokens with a meaning, and the keys that have their ids. */
    private static final Map<String, List<String>> SPECIAL = Map.of(
            "[CLS]", List.of("cls_token_id", "bos_token_id"),
            "[SEP]", List.of("seperator_token_id", "eos_token_id"),
            "[PAD]", List.of("padding_token_id"),
            "[MASK]", List.of("mask_token_id"),
            "[UNK]", List.of("unknown_token_id"));

    private final Path path;
    private final HubConfig root;
    private final HubConfig model;
    private final Map<String, Object> keys = new LinkedHashMap<>();
    private final String[] tokens;
    private final int[] types;

    private HubVocabulary(Path path, Map<String, ?> json, int size) throws ModelFormatException {
        this.path = path;
        root = new HubConfig(path, json);
        model = root.object("model");
        if (size > MOST_TOKENS) {
            throw bad("file", "at most " + MOST_TOKENS + " tokens", size + " rows of the embedding");
        }
        tokens = new String[size];
        types = new int[size];
        readTokens();
    }

    /**
     * Reads a vocabulary.
     *
     * @param size rows of the embedding; ids without a token get one that is not used
     * @return metadata by GGUF's names
     */
    @SuppressWarnings("unchecked") // names of JSON objects are texts
    static Map<String, Object> keys(Path path, int size) throws IOException {
        if (!Files.isRegularFile(path) || Files.size(path) > LONGEST) {
            throw new ModelFormatException(
                    path, "file", -1, "a tokenizer.json of at most " + LONGEST + " bytes", "none");
        }
        try {
            if (JsonReader.read(Files.readAllBytes(path)) instanceof Map<?, ?> json) {
                return new HubVocabulary(path, (Map<String, ?>) json, size).all();
            }
        } catch (JsonSyntaxException e) {
            throw new ModelFormatException(path, "file", e.offset(), "a JSON object", e.getMessage());
        }
        throw new ModelFormatException(path, "file", 0, "a JSON object", "another value");
    }

    private ModelFormatException bad(String item, String expected, String found) {
        return new ModelFormatException(path, item, -1, expected, found);
    }

    private void readTokens() throws ModelFormatException {
        if (!(model.value("vocab").orElse(null) instanceof Map<?, ?> vocab)
                || !(hasWordPieces() || model.string("type", "BPE").equals("BPE"))) {
            throw bad(
                    "key model",
                    "byte pairs or word pieces, which GGUF has a form for here",
                    model.string("type", "another one"));
        }
        for (Map.Entry<?, ?> entry : vocab.entrySet()) {
            put(entry.getValue(), (String) entry.getKey(), NORMAL);
        }
        if (root.value("added_tokens").orElse(List.of()) instanceof List<?> added) {
            for (Object each : added) {
                if (each instanceof Map<?, ?> token
                        && token.get("content") instanceof String content
                        && !isBeyond(token.get("id"))) {
                    put(token.get("id"), content, Boolean.TRUE.equals(token.get("special")) ? CONTROL : USER_DEFINED);
                }
            }
        }
        for (int id = 0; id < tokens.length; id++) {
            if (tokens[id] == null) {
                tokens[id] = "[PAD" + id + "]";
                types[id] = UNUSED;
            }
        }
    }

    /** Models that see have tokens for pictures; those of the same family that do not have no rows for them. */
    private boolean isBeyond(Object id) {
        return id instanceof Long number && number >= tokens.length;
    }

    private boolean hasWordPieces() throws ModelFormatException {
        return model.string("type", "BPE").equals(WORD_PIECES);
    }

    /** Pieces that begin a word are marked in GGUF, on the hub those that do not. */
    private Map<String, Object> wordPieces() throws ModelFormatException {
        String prefix = model.string("continuing_subword_prefix", "##");
        for (int id = 0; id < tokens.length; id++) {
            List<String> named = SPECIAL.get(tokens[id]);
            if (named != null) {
                types[id] = CONTROL;
                for (String key : named) {
                    keys.put(PREFIX + key, id);
                }
            } else if (types[id] == NORMAL) {
                tokens[id] = tokens[id].startsWith(prefix) ? tokens[id].substring(prefix.length()) : SPACE + tokens[id];
            }
        }
        HubConfig normalizer = root.object("normalizer");
        boolean lowercase =
                normalizer.value("lowercase").map(Boolean.TRUE::equals).orElse(true);
        keys.put(PREFIX + "model", "bert");
        if (!lowercase) {
            keys.put(PREFIX + "normalizer.lowercase", false);
        }
        keys.put(PREFIX + "tokens", tokens);
        keys.put(PREFIX + "token_type", types);
        return keys;
    }

    private void put(Object id, String token, int type) throws ModelFormatException {
        if (!(id instanceof Long number) || number < 0 || number >= tokens.length) {
            throw bad("token " + token, "an id below " + tokens.length + ", as the embedding has rows", id + "");
        }
        tokens[(int) (long) number] = token;
        types[(int) (long) number] = type;
    }

    private Map<String, Object> all() throws ModelFormatException {
        if (hasWordPieces()) {
            return wordPieces();
        }
        List<String> merges = merges();
        if (Boolean.TRUE.equals(model.value("byte_fallback").orElse(false))) {
            keys.put(PREFIX + "model", "llama");
            keys.put(PREFIX + "pre", "default");
            keys.put(PREFIX + "scores", scores(merges));
            keys.put(PREFIX + "add_space_prefix", addsSpace());
        } else {
            keys.put(PREFIX + "model", "gpt2");
            keys.put(PREFIX + "pre", HubPreTokenizer.name(root, model));
            keys.put(PREFIX + "merges", merges.toArray(String[]::new));
        }
        keys.put(PREFIX + "tokens", tokens);
        keys.put(PREFIX + "token_type", types);
        keys.put(
                PREFIX + "add_bos_token",
                beginsWithToken(root.value("post_processor").orElse(null)));
        if (endsWithToken(root.value("post_processor").orElse(null))) {
            keys.put(PREFIX + "add_eos_token", true);
        }
        return keys;
    }

    /** Pairs are an array of two, or in older files one text with a blank between. */
    private List<String> merges() throws ModelFormatException {
        if (!(model.value("merges").orElse(null) instanceof List<?> list)) {
            throw bad("key model.merges", "an array", "none");
        }
        String[] merges = new String[list.size()];
        for (int i = 0; i < merges.length; i++) {
            if (list.get(i) instanceof String text) {
                merges[i] = text;
            } else if (list.get(i) instanceof List<?> pair && pair.size() == 2) {
                merges[i] = pair.get(0) + " " + pair.get(1);
            } else {
                throw bad("key model.merges", "pairs of texts", "another value at index " + i);
            }
        }
        return Arrays.asList(merges);
    }

    /** What is merged first has the highest score. */
    private float[] scores(List<String> merges) throws ModelFormatException {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        for (int i = 0; i < merges.size(); i++) {
            ranks.putIfAbsent(merges.get(i).replace(" ", ""), i);
        }
        String unknown = model.string("unk_token", "");
        float[] scores = new float[tokens.length];
        for (int id = 0; id < tokens.length; id++) {
            Integer rank = ranks.get(tokens[id]);
            scores[id] = types[id] != NORMAL ? 0 : -(rank == null ? merges.size() : rank);
            if (tokens[id].equals(unknown)) {
                types[id] = UNKNOWN;
                keys.put(PREFIX + "unknown_token_id", id);
            } else if (tokens[id].matches("<0x[0-9A-F]{2}>")) {
                types[id] = BYTE;
            }
        }
        return scores;
    }

    /** Whether a text gets a blank before it, by the normalizer or the pre-tokenizer. */
    private boolean addsSpace() throws ModelFormatException {
        String normalizer = String.valueOf(root.value("normalizer").orElse(""));
        HubConfig split = root.object("pre_tokenizer");
        return normalizer.contains("type=Prepend")
                || (split.string("type", "").equals("Metaspace")
                        && !split.string("prepend_scheme", "always").equals("never"));
    }

    /** Whether a template puts a token before a text. */
    private static boolean beginsWithToken(Object processor) {
        List<?> single = template(processor);
        return !single.isEmpty() && isToken(single.getFirst());
    }

    /** Whether a template puts a token behind a text. */
    private static boolean endsWithToken(Object processor) {
        List<?> single = template(processor);
        return !single.isEmpty() && isToken(single.getLast());
    }

    private static boolean isToken(Object part) {
        return part instanceof Map<?, ?> fields && fields.containsKey("SpecialToken");
    }

    /** The template of a text alone; empty if there is none. */
    private static List<?> template(Object processor) {
        if (!(processor instanceof Map<?, ?> fields)) {
            return List.of();
        }
        if (fields.get("processors") instanceof List<?> several) {
            return several.stream()
                    .map(HubVocabulary::template)
                    .filter(found -> !found.isEmpty())
                    .findFirst()
                    .orElse(List.of());
        }
        return fields.get("single") instanceof List<?> single ? single : List.of();
    }
}
