// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import dev.kelvin.tokenizer.decoder.ByteFallbackDecoder;
import dev.kelvin.tokenizer.decoder.ByteLevelDecoder;
import dev.kelvin.tokenizer.decoder.Decoder;
import dev.kelvin.tokenizer.decoder.StripDecoder;
import dev.kelvin.tokenizer.decoder.WordDecoders;
import dev.kelvin.tokenizer.normalizer.BertNormalizer;
import dev.kelvin.tokenizer.normalizer.CharacterRules;
import dev.kelvin.tokenizer.normalizer.CharsMap;
import dev.kelvin.tokenizer.normalizer.Normalizer;
import dev.kelvin.tokenizer.normalizer.Precompiled;
import dev.kelvin.tokenizer.normalizer.Replace;
import dev.kelvin.tokenizer.split.Behavior;
import dev.kelvin.tokenizer.split.ByteLevelSplit;
import dev.kelvin.tokenizer.split.FixedLength;
import dev.kelvin.tokenizer.split.Metaspace;
import dev.kelvin.tokenizer.split.PatternSplit;
import dev.kelvin.tokenizer.split.PreTokenizer;
import dev.kelvin.tokenizer.split.UnicodeScripts;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Normalizers, pre-tokenizers and decoders as {@code tokenizer.json} describes them. */
final class JsonStages {
    private JsonStages() {}

    /** The normalizer of a description; none for null. */
    static Normalizer normalizer(JsonNode node) throws TokenizerFormatException {
        if (node.isNull()) {
            return Normalizer.NONE;
        }
        String type = node.get("type").text();
        return switch (type) {
            case "Sequence" -> {
                List<Normalizer> steps = new ArrayList<>();
                for (JsonNode step : node.get("normalizers").list()) {
                    steps.add(normalizer(step));
                }
                yield Normalizer.sequence(steps);
            }
            case "NFC" -> CharacterRules.form(Form.NFC);
            case "NFD" -> CharacterRules.form(Form.NFD);
            case "NFKC" -> CharacterRules.form(Form.NFKC);
            case "NFKD" -> CharacterRules.form(Form.NFKD);
            case "Lowercase" -> CharacterRules.lowercase();
            case "StripAccents" -> CharacterRules.stripAccents();
            case "Strip" -> CharacterRules.strip(node.flag("strip_left", true), node.flag("strip_right", true));
            case "Nmt" -> CharacterRules.nmt();
            case "Prepend" -> Normalizer.prepend(node.get("prepend").text());
            case "Replace" -> replace(node);
            case "ByteLevel" -> Normalizer.byteLevel();
            case "BertNormalizer" -> bert(node);
            case "Precompiled" ->
                node.get("precompiled_charsmap")
                        .built(() -> new Precompiled(new CharsMap(Base64.getDecoder()
                                .decode(node.get("precompiled_charsmap").text()))));
            default -> throw node.get("type").defect("no normalizer is called " + type);
        };
    }

    private static Normalizer bert(JsonNode node) throws TokenizerFormatException {
        boolean lowercase = node.flag("lowercase", true);
        return new BertNormalizer(
                node.flag("clean_text", true),
                node.flag("handle_chinese_chars", true),
                node.flag("strip_accents", lowercase),
                lowercase);
    }

    private static Replace replace(JsonNode node) throws TokenizerFormatException {
        String content = node.get("content").text();
        JsonNode pattern = node.get("pattern");
        return pattern.has("String")
                ? Replace.ofText(pattern.get("String").text(), content)
                : pattern.built(() -> Replace.ofPattern(pattern.get("Regex").text(), content));
    }

    /**
     * The pre-tokenizer of a description; none for null.
     *
     * @param spells whether a byte-level one spells the bytes; else the model does, and it is the last
     */
    static PreTokenizer preTokenizer(JsonNode node, boolean spells) throws TokenizerFormatException {
        if (node.isNull()) {
            return PreTokenizer.NONE;
        }
        String type = node.get("type").text();
        return switch (type) {
            case "Sequence" -> {
                List<PreTokenizer> steps = new ArrayList<>();
                for (JsonNode step : node.get("pretokenizers").list()) {
                    steps.add(preTokenizer(step, spells));
                }
                yield PreTokenizer.sequence(steps);
            }
            case "ByteLevel" -> {
                PreTokenizer split =
                        new ByteLevelSplit(node.flag("add_prefix_space", true), node.flag("use_regex", true));
                yield spells ? PreTokenizer.sequence(List.of(split, ByteLevelSplit.spelling())) : split;
            }
            case "Whitespace" -> PatternSplit.WORDS_AND_SYMBOLS;
            case "WhitespaceSplit" -> PatternSplit.WHITESPACE;
            case "BertPreTokenizer" ->
                PreTokenizer.sequence(List.of(PatternSplit.WHITESPACE, PatternSplit.punctuation(Behavior.ISOLATED)));
            case "Metaspace" ->
                new Metaspace(character(node.get("replacement")), prepend(node), node.flag("split", true));
            case "CharDelimiterSplit" -> {
                String delimiter = node.get("delimiter").text();
                yield PatternSplit.ofText(delimiter, Behavior.REMOVED, false);
            }
            case "Split" -> split(node);
            case "Punctuation" -> PatternSplit.punctuation(behavior(node));
            case "Digits" -> PatternSplit.digits(node.flag("individual_digits", false));
            case "UnicodeScripts" -> new UnicodeScripts();
            case "FixedLength" -> node.built(() -> new FixedLength(node.integer("length", 5)));
            default -> throw node.get("type").defect("no pre-tokenizer is called " + type);
        };
    }

    private static Behavior behavior(JsonNode node) throws TokenizerFormatException {
        return node.get("behavior").built(() -> Behavior.named(node.text("behavior", "Isolated")));
    }

    private static PreTokenizer split(JsonNode node) throws TokenizerFormatException {
        Behavior behavior = behavior(node);
        boolean inverted = node.flag("invert", false);
        JsonNode pattern = node.get("pattern");
        return pattern.has("String")
                ? PatternSplit.ofText(pattern.get("String").text(), behavior, inverted)
                : pattern.built(() -> PatternSplit.of(pattern.get("Regex").text(), behavior, inverted));
    }

    private static char character(JsonNode node) throws TokenizerFormatException {
        if (node.text().length() != 1) {
            throw node.defect("expected one character of the basic plane");
        }
        return node.text().charAt(0);
    }

    private static Metaspace.Prepend prepend(JsonNode node) throws TokenizerFormatException {
        if (!node.flag("add_prefix_space", true)) {
            return Metaspace.Prepend.NEVER;
        }
        return node.get("prepend_scheme").built(() -> Metaspace.Prepend.named(node.text("prepend_scheme", "always")));
    }

    /** The decoder of a description; spaces between pieces for null. */
    static Decoder decoder(JsonNode node) throws TokenizerFormatException {
        if (node.isNull()) {
            return WordDecoders.spaced();
        }
        return Decoder.sequence(decoders(List.of(node)));
    }

    /** The stages of some descriptions, those of sequences in place. */
    private static List<Decoder> decoders(List<JsonNode> nodes) throws TokenizerFormatException {
        List<JsonNode> flat = new ArrayList<>();
        flatten(nodes, flat);
        List<Decoder> stages = new ArrayList<>();
        for (int i = 0; i < flat.size(); i++) {
            JsonNode node = flat.get(i);
            boolean last = i == flat.size() - 1;
            switch (node.get("type").text()) {
                case "Fuse" -> {
                    boolean beforeLastStrip = i == flat.size() - 2
                            && flat.getLast().get("type").text().equals("Strip");
                    if (beforeLastStrip) {
                        stages.add(strip(flat.getLast()).ofWhole());
                        return stages;
                    }
                    stages.add(last ? Decoder.NONE : Decoder.whole());
                }
                case "ByteLevel" -> {
                    stages.add(new ByteLevelDecoder());
                    if (!last) {
                        stages.add(Decoder.whole());
                    }
                }
                default -> stages.add(single(node));
            }
        }
        return stages;
    }

    private static void flatten(List<JsonNode> nodes, List<JsonNode> flat) throws TokenizerFormatException {
        for (JsonNode node : nodes) {
            if (node.get("type").text().equals("Sequence")) {
                flatten(node.get("decoders").list(), flat);
            } else {
                flat.add(node);
            }
        }
    }

    private static StripDecoder strip(JsonNode node) throws TokenizerFormatException {
        String content = node.get("content").text();
        if (content.codePointCount(0, content.length()) != 1) {
            throw node.get("content").defect("expected one character");
        }
        return new StripDecoder(content.codePointAt(0), node.integer("start", 0), node.integer("stop", 0));
    }

    private static Decoder single(JsonNode node) throws TokenizerFormatException {
        String type = node.get("type").text();
        return switch (type) {
            case "Replace" -> Decoder.each(replace(node)::normalize);
            case "ByteFallback" -> new ByteFallbackDecoder();
            case "Strip" -> strip(node).ofEach();
            case "Metaspace" ->
                WordDecoders.metaspace(character(node.get("replacement")), prepend(node) != Metaspace.Prepend.NEVER);
            case "WordPiece" -> WordDecoders.wordPiece(node.text("prefix", "##"), node.flag("cleanup", true));
            case "BPEDecoder" -> WordDecoders.endOfWord(node.text("suffix", "</w>"));
            case "CTC" ->
                WordDecoders.ctc(
                        node.text("pad_token", "<pad>"),
                        node.text("word_delimiter_token", "|"),
                        node.flag("cleanup", true));
            default -> throw node.get("type").defect("no decoder is called " + type);
        };
    }
}
