// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import dev.kelvin.tokenizer.decoder.Decoder;
import dev.kelvin.tokenizer.normalizer.Normalizer;
import dev.kelvin.tokenizer.split.PreTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tokenizers of the Hugging Face hub: {@code tokenizer.json}. Normalizers, pre-tokenizers, models, post-processors and
 * decoders of every kind; truncation, padding, dropout and pairs of texts are not used.
 *
 * <p>Source: the library {@code tokenizers}, which defines the file.
 */
public final class TokenizerJson {
    private TokenizerJson() {}

    /**
     * Reads a tokenizer.
     *
     * @param file a {@code tokenizer.json}
     * @throws TokenizerFormatException if it says what cannot be understood or is not supported
     * @throws IOException if it cannot be read or is no JSON
     */
    public static Tokenizer read(Path file) throws IOException {
        return of(Files.readAllBytes(file));
    }

    /**
     * A tokenizer of the text of such a file.
     *
     * @param json UTF-8
     * @throws TokenizerFormatException as above
     * @throws JsonSyntaxException if it is no JSON
     */
    public static Tokenizer of(byte[] json) throws TokenizerFormatException, JsonSyntaxException {
        return of(json, SpecialTokens.NONE);
    }

    /**
     * A tokenizer of the text of such a file, with the ids that another file of the same model names. Where the
     * tokenizer itself puts a token before a text, that is BOS. Ids that the vocabulary does not have are left out.
     *
     * @param json UTF-8
     * @param named the ids; what is added to a text and suppressed is not read
     * @throws TokenizerFormatException as above
     * @throws JsonSyntaxException if it is no JSON
     */
    public static Tokenizer of(byte[] json, SpecialTokens named) throws TokenizerFormatException, JsonSyntaxException {
        return of(json, named, Integer.MAX_VALUE);
    }

    /**
     * The same for a model with an embedding of so many rows: tokens that were added beyond them are left out. A model
     * that reads texts alone may share its file with others that have a token for pictures.
     *
     * @param rows of the embedding
     */
    public static Tokenizer of(byte[] json, SpecialTokens named, int rows)
            throws TokenizerFormatException, JsonSyntaxException {
        JsonNode root = new JsonNode("", JsonReader.read(json));
        try {
            return tokenizer(root, named, rows);
        } catch (IllegalArgumentException e) {
            // What stages and tables refuse when they are put together.
            TokenizerFormatException defect = root.defect(e.getMessage());
            defect.initCause(e);
            throw defect;
        }
    }

    private static Tokenizer tokenizer(JsonNode root, SpecialTokens named, int rows) throws TokenizerFormatException {
        JsonModels model = new JsonModels(root.get("model"));
        List<JsonNode> added =
                root.has("added_tokens") ? root.get("added_tokens").list() : List.of();
        Normalizer normalizer = JsonStages.normalizer(root.get("normalizer"));
        Vocabularies tables = new Vocabularies(model, added, normalizer, rows);
        PipelineTokenizer.Surround surround = JsonSurround.of(root.get("post_processor"));
        TokenTable table = new TokenTable(tables.pieces, tables.types, special(surround, named, tables.pieces.length));
        EndTokens ends = table.ends();
        boolean spellsBytes = endsInByteLevel(root.get("pre_tokenizer")) && model.canSpellBytes();
        PreTokenizer preTokenizer = JsonStages.preTokenizer(root.get("pre_tokenizer"), !spellsBytes);
        Pipeline pipeline = new Pipeline(
                tables.raw(ends),
                tables.normalized(ends),
                normalizer,
                preTokenizer,
                model.build(id -> tables.isControl(id, ends), spellsBytes));
        Decoder decoder = JsonStages.decoder(root.get("decoder"));
        String decoderText = String.valueOf(root.get("decoder").value());
        TokenTexts texts = new TokenPieces(
                tables.spellings,
                tables.control,
                tables.skipped(),
                decoder,
                decoderText.contains("type=ByteLevel"),
                decoderText.contains("type=ByteFallback"));
        return new PipelineTokenizer(table, pipeline, surround, texts, ends);
    }

    /** What stands around a text begins and ends it. */
    private static SpecialTokens special(PipelineTokenizer.Surround surround, SpecialTokens named, int size) {
        int[] before = surround.before();
        int[] after = surround.after();
        SpecialTokens begun = SpecialTokens.of(
                before.length > 0 ? before[0] : -1, after.length > 0 ? after[after.length - 1] : -1, before.length > 0);
        Map<SpecialToken, Integer> ids = new EnumMap<>(SpecialToken.class);
        ids.putAll(begun.ids());
        named.ids().forEach((token, id) -> {
            if (id < size && !(token == SpecialToken.BOS && ids.containsKey(token))) {
                ids.put(token, id);
            }
        });
        return new SpecialTokens(ids, begun.addsBos(), after.length > 0, List.of());
    }

    private static boolean endsInByteLevel(JsonNode node) throws TokenizerFormatException {
        if (node.isNull()) {
            return false;
        }
        return switch (node.get("type").text()) {
            case "ByteLevel" -> true;
            case "Sequence" -> {
                List<JsonNode> steps = node.get("pretokenizers").list();
                boolean last = false;
                for (int i = 0; i < steps.size(); i++) {
                    last = endsInByteLevel(steps.get(i));
                    if (last && i < steps.size() - 1) {
                        yield false;
                    }
                }
                yield last;
            }
            default -> false;
        };
    }

    /** The tokens of the model and those added to it. */
    private static final class Vocabularies {
        private final String[] pieces;
        private final int[] types;

        /** How decoders see them: an added token that is normalized, in its normalized form. */
        private final String[] spellings;

        private final BitSet control = new BitSet();
        private final List<AddedToken> rawTokens = new ArrayList<>();
        private final List<AddedToken> normalizedTokens = new ArrayList<>();

        Vocabularies(JsonModels model, List<JsonNode> added, Normalizer normalizer, int rows)
                throws TokenizerFormatException {
            int[] ids = addedIds(model, added);
            int last = Arrays.stream(ids).filter(id -> id < rows).max().orElse(-1);
            int size = Math.max(model.size(), last + 1);
            pieces = new String[size];
            types = new int[size];
            Arrays.fill(types, Vocabulary.NORMAL);
            model.vocabulary().forEach((piece, id) -> pieces[id] = piece);
            spellings = pieces.clone();
            // Of those with one spelling the first counts, and the library has special ones first.
            for (boolean special : new boolean[] {true, false}) {
                for (int i = 0; i < ids.length; i++) {
                    if (ids[i] < rows && added.get(i).flag("special", false) == special) {
                        add(ids[i], added.get(i), normalizer);
                    }
                }
            }
        }

        /**
         * The ids of added tokens: that of the model where it knows the spelling, else the next after its tokens,
         * whatever the file says, which says the same in all but broken files.
         */
        private static int[] addedIds(JsonModels model, List<JsonNode> added) throws TokenizerFormatException {
            Map<String, Integer> known = new HashMap<>(model.vocabulary());
            int next = known.size();
            int[] ids = new int[added.size()];
            for (int i = 0; i < ids.length; i++) {
                String content = added.get(i).get("content").text();
                Integer id = known.get(content);
                if (id == null) {
                    id = next++;
                    known.put(content, id);
                }
                ids[i] = id;
            }
            return ids;
        }

        private void add(int id, JsonNode node, Normalizer normalizer) throws TokenizerFormatException {
            String content = node.get("content").text();
            boolean special = node.flag("special", false);
            boolean normalized = node.flag("normalized", !special);
            pieces[id] = content;
            types[id] = special ? Vocabulary.CONTROL : Vocabulary.USER_DEFINED;
            control.set(id, special);
            if (content.isEmpty()) {
                return;
            }
            String text = normalized ? normalizer.normalize(content) : content;
            spellings[id] = text;
            AddedToken token = new AddedToken(
                    text, id, node.flag("single_word", false), node.flag("lstrip", false), node.flag("rstrip", false));
            (normalized ? normalizedTokens : rawTokens).add(token);
        }

        /** Control tokens are known by their spelling, so that one that is changed by normalization is kept. */
        BitSet skipped() {
            BitSet skipped = new BitSet();
            control.stream().filter(id -> pieces[id].equals(spellings[id])).forEach(skipped::set);
            return skipped;
        }

        boolean isControl(int id, EndTokens ends) {
            return control.get(id) || ends.isSpelled(id);
        }

        Pipeline.Tokens raw(EndTokens ends) {
            return tokens(rawTokens, ends);
        }

        Pipeline.Tokens normalized(EndTokens ends) {
            return tokens(normalizedTokens, ends);
        }

        private Pipeline.Tokens tokens(List<AddedToken> all, EndTokens ends) {
            if (all.isEmpty()) {
                return Pipeline.Tokens.NONE;
            }
            List<AddedToken> plain =
                    all.stream().filter(token -> !isControl(token.id(), ends)).toList();
            return new Pipeline.Tokens(plain, all);
        }
    }
}
