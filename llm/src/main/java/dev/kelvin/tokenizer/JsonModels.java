// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import dev.kelvin.tokenizer.model.BytePairOptions;
import dev.kelvin.tokenizer.model.BytePairOptions.WholeWords;
import dev.kelvin.tokenizer.model.MergeTable;
import dev.kelvin.tokenizer.model.PairModel;
import dev.kelvin.tokenizer.model.TokenModel;
import dev.kelvin.tokenizer.model.Unigram;
import dev.kelvin.tokenizer.model.WordLevel;
import dev.kelvin.tokenizer.model.WordPiece;
import dev.kelvin.tokenizer.normalizer.ByteSymbols;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/** The model of a {@code tokenizer.json}. */
final class JsonModels {
    /** Ids may leave gaps; tables are as long as the highest. */
    private static final int MOST_UNUSED_IDS = 1 << 20;

    private final JsonNode node;
    private final String type;

    /** All tokens by their spelling, control tokens too. */
    private final Map<String, Integer> vocabulary;

    private double[] scores = new double[0];

    /**
     * Reads the vocabulary of a model.
     *
     * @param node its description
     */
    JsonModels(JsonNode node) throws TokenizerFormatException {
        this.node = node;
        type = node.has("type") ? node.get("type").text() : guessedType(node);
        vocabulary = type.equals("Unigram") ? scored(node.get("vocab")) : listed(node.get("vocab"));
    }

    /** Old files do not say it. */
    private static String guessedType(JsonNode node) {
        if (node.has("merges")) {
            return "BPE";
        }
        if (node.has("vocab") && ((Map<?, ?>) node.value()).get("vocab") instanceof List) {
            return "Unigram";
        }
        return node.has("max_input_chars_per_word") ? "WordPiece" : "WordLevel";
    }

    private static Map<String, Integer> listed(JsonNode vocab) throws TokenizerFormatException {
        Map<?, ?> entries = vocab.object();
        int most = entries.size() + MOST_UNUSED_IDS;
        Map<String, Integer> ids = HashMap.newHashMap(entries.size());
        for (Map.Entry<?, ?> entry : entries.entrySet()) {
            if (!(entry.getValue() instanceof Long id) || id < 0 || id >= most) {
                throw vocab.defect("the id of \"" + entry.getKey() + "\" is " + entry.getValue() + ", of "
                        + entries.size() + " tokens");
            }
            ids.put((String) entry.getKey(), id.intValue());
        }
        return ids;
    }

    private Map<String, Integer> scored(JsonNode vocab) throws TokenizerFormatException {
        List<JsonNode> entries = vocab.list();
        Map<String, Integer> ids = HashMap.newHashMap(entries.size());
        scores = new double[entries.size()];
        for (int id = 0; id < scores.length; id++) {
            List<JsonNode> entry = entries.get(id).list();
            if (entry.size() != 2) {
                throw entries.get(id).defect("expected a piece and its score");
            }
            ids.put(entry.get(0).text(), id);
            scores[id] = entry.get(1).real();
        }
        return ids;
    }

    Map<String, Integer> vocabulary() {
        return vocabulary;
    }

    /** The highest id and one more. */
    int size() {
        return vocabulary.values().stream().mapToInt(id -> id + 1).max().orElse(0);
    }

    /**
     * Whether words can be spelled in bytes by the model, rather than in characters by a stage before it: a byte-pair
     * model without anything that is of characters.
     */
    boolean canSpellBytes() {
        if (!type.equals("BPE") || hasAffixes()) {
            return false;
        }
        boolean all = true;
        for (int value = 0; value < 256; value++) {
            all &= vocabulary.containsKey(String.valueOf(ByteSymbols.symbol(value)));
        }
        return all || (!node.has("unk_token") && !Boolean.TRUE.equals(((Map<?, ?>) node.value()).get("byte_fallback")));
    }

    private boolean hasAffixes() {
        Map<?, ?> map = (Map<?, ?>) node.value();
        return isText(map.get("continuing_subword_prefix")) || isText(map.get("end_of_word_suffix"));
    }

    private static boolean isText(Object value) {
        return value instanceof String text && !text.isEmpty();
    }

    /**
     * Builds the model.
     *
     * @param isControl the tokens that text never becomes
     * @param spellsBytes whether words are spelled in bytes
     */
    TokenModel build(IntPredicate isControl, boolean spellsBytes) throws TokenizerFormatException {
        Map<String, Integer> ids = HashMap.newHashMap(vocabulary.size());
        vocabulary.forEach((piece, id) -> {
            if (!isControl.test(id)) {
                ids.put(piece, id);
            }
        });
        return switch (type) {
            case "BPE" -> pairs(ids, spellsBytes);
            case "Unigram" -> unigram(ids);
            case "WordPiece" ->
                WordPiece.continued(
                        ids,
                        node.text("continuing_subword_prefix", "##"),
                        unknownId("[UNK]"),
                        node.integer("max_input_chars_per_word", 100));
            case "WordLevel" -> new WordLevel(ids, unknownId("<unk>"));
            default -> throw node.get("type").defect("no model is called " + type);
        };
    }

    private int unknownId(String otherwise) throws TokenizerFormatException {
        String piece = node.text("unk_token", otherwise);
        return piece == null ? -1 : vocabulary.getOrDefault(piece, -1);
    }

    private TokenModel unigram(Map<String, Integer> ids) throws TokenizerFormatException {
        int unknownId = node.integer("unk_id", -1);
        if (unknownId >= scores.length) {
            throw node.get("unk_id").defect(unknownId + " of " + scores.length + " tokens");
        }
        double least = Double.POSITIVE_INFINITY;
        for (double score : scores) {
            least = Math.min(least, score);
        }
        return new Unigram(ids, scores, least, unknownId, node.flag("byte_fallback", false));
    }

    private TokenModel pairs(Map<String, Integer> ids, boolean spellsBytes) throws TokenizerFormatException {
        String prefix = node.text("continuing_subword_prefix", "");
        BytePairOptions options = new BytePairOptions(
                spellsBytes,
                node.flag("byte_fallback", false),
                unknownId(null),
                node.flag("fuse_unk", false),
                prefix,
                node.text("end_of_word_suffix", ""),
                node.flag("ignore_merges", false) ? WholeWords.ALL : WholeWords.NONE);
        JsonNode list = node.get("merges");
        List<JsonNode> entries = list.list();
        MergeTable merges = new MergeTable(entries.size());
        int rank = 0;
        for (JsonNode entry : entries) {
            String[] pair = pair(entry);
            if (pair == null) {
                continue;
            }
            Integer left = ids.get(pair[0]);
            Integer right = ids.get(pair[1]);
            int cut = Math.min(prefix.length(), pair[1].length());
            Integer result = ids.get(pair[0].concat(pair[1].substring(cut)));
            if (left != null && right != null && result != null) {
                merges.add(left, right, rank, result);
            }
            rank++;
        }
        return PairModel.ranked(ids, merges, options);
    }

    /** Two pieces, in a list or with a space between; null for the line that names a version. */
    private static String[] pair(JsonNode entry) throws TokenizerFormatException {
        if (entry.value() instanceof String line) {
            int cut = line.indexOf(' ');
            if (line.startsWith("#version")) {
                return null;
            }
            if (cut < 0 || line.indexOf(' ', cut + 1) >= 0) {
                throw entry.defect("\"" + line + "\" is not two pieces");
            }
            return new String[] {line.substring(0, cut), line.substring(cut + 1)};
        }
        List<JsonNode> parts = entry.list();
        if (parts.size() != 2) {
            throw entry.defect("is not two pieces");
        }
        return new String[] {parts.get(0).text(), parts.get(1).text()};
    }
}
