// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.chat.ChatTemplate;
import dev.kelvin.chat.jinja.TemplateException;
import dev.kelvin.constraint.ConstrainedText;
import dev.kelvin.constraint.Constraint;
import dev.kelvin.constraint.Gbnf;
import dev.kelvin.constraint.Grammar;
import dev.kelvin.constraint.GrammarException;
import dev.kelvin.constraint.JsonSchema;
import dev.kelvin.constraint.TokenTrie;
import dev.kelvin.format.GgufFile;
import dev.kelvin.format.Llama2cFile;
import dev.kelvin.format.ModelFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.hub.HubFolder;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import dev.kelvin.generate.Tokenizers;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.Sequence;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tokenizer.Tokenizer;
import dev.kelvin.tokenizer.TokenizerFormatException;
import dev.kelvin.tokenizer.TokenizerJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What reads strangers' input, one method a kind: true if it was sound, false if it was refused as it should be. */
final class Targets {
    private static final int MOST_TOKENS = 24;
    private static final LocalDateTime NOW = LocalDateTime.of(2026, 1, 2, 3, 4, 5);
    private static final TokenTrie TRIE = trie();

    private final Path folder;

    /** Files are written to a folder that is there. */
    Targets(Path folder) {
        this.folder = folder;
    }

    private static TokenTrie trie() {
        String[] pieces = {
            "", "{", "}", "\"", "a", "b", "ab", ":", ",", "[", "]", "1", "-", "0.5", "true", " ", "\n", "\u00e4"
        };
        return TokenTrie.of(pieces.length, id -> pieces[id].getBytes(StandardCharsets.UTF_8), id -> id == 0);
    }

    boolean gguf(byte[] data) throws IOException {
        try (ModelFile file = GgufFile.of(Path.of("input.gguf"), data)) {
            use(file);
            return true;
        } catch (ModelFormatException e) {
            requireOneLine(e);
            return false;
        }
    }

    /** {@code config.json}, a zero byte, {@code model.safetensors}. */
    boolean hub(byte[] data) throws IOException {
        int cut = cut(data);
        Files.write(folder.resolve("config.json"), Arrays.copyOf(data, cut));
        Files.write(
                folder.resolve("model.safetensors"),
                Arrays.copyOfRange(data, Math.min(cut + 1, data.length), data.length));
        try (ModelFile file = HubFolder.open(folder)) {
            use(file);
            return true;
        } catch (ModelFormatException e) {
            requireOneLine(e);
            return false;
        }
    }

    boolean llama2c(byte[] data) throws IOException {
        Path path = Files.write(folder.resolve("input.bin"), data);
        try (ModelFile file = Llama2cFile.open(path)) {
            use(file);
            return true;
        } catch (ModelFormatException e) {
            requireOneLine(e);
            return false;
        }
    }

    private static void use(ModelFile file) throws ModelFormatException {
        try (Compute compute = Compute.serial()) {
            Decoder model = LanguageModels.load(file, compute);
            if (file.metadata().contains("tokenizer.ggml.model")) {
                use(Tokenizers.of(file));
            }
            HeapTensor hidden = HeapTensor.zeros(1, model.plan().sizes().dim());
            try (Sequence sequence = model.newPool().newSequence()) {
                model.append(sequence, new int[] {0}, 0, 1, hidden);
            }
        }
    }

    private static void use(Tokenizer tokenizer) {
        int[] ids = tokenizer.encode("ab <s>\u00e4\ud83d\ude00", true);
        tokenizer.decode(ids);
    }

    private static void requireOneLine(ModelFormatException e) {
        assertTrue(e.getMessage().lines().count() == 1, e.getMessage());
    }

    boolean tokenizerJson(byte[] data) {
        try {
            use(TokenizerJson.of(data));
            return true;
        } catch (TokenizerFormatException | JsonSyntaxException e) {
            return false;
        }
    }

    /** A template, and after a zero byte what it is rendered with. */
    boolean template(byte[] data) {
        int cut = cut(data);
        String source = new String(data, 0, cut, StandardCharsets.UTF_8);
        Object variables = Map.of("messages", List.of(Map.of("role", "user", "content", "a\u00e4")));
        try {
            if (cut < data.length) {
                variables = JsonReader.read(Arrays.copyOfRange(data, cut + 1, data.length));
            }
            if (variables instanceof Map<?, ?> map) {
                Map<String, Object> named = new LinkedHashMap<>();
                map.forEach((name, value) -> named.put((String) name, value));
                ChatTemplate.of(source).render(named, NOW);
            }
            return true;
        } catch (TemplateException | JsonSyntaxException e) {
            return false;
        }
    }

    boolean gbnf(byte[] data) {
        try {
            use(Gbnf.parse(new String(data, StandardCharsets.UTF_8)));
            return true;
        } catch (GrammarException e) {
            return false;
        }
    }

    boolean jsonSchema(byte[] data) {
        try {
            use(JsonSchema.grammar(JsonReader.read(data)));
            return true;
        } catch (GrammarException | JsonSyntaxException e) {
            return false;
        }
    }

    /** Writes a text of the first tokens that are allowed, which must never be none. */
    private static void use(Grammar grammar) {
        grammar.check("{\"a\": [1, true]}");
        ConstrainedText text = new Constraint(grammar, TRIE).begin();
        for (int i = 0; i < MOST_TOKENS && !text.hasEnded(); i++) {
            BitSet allowed = text.mask().allowed();
            if (allowed.isEmpty()) {
                return; // what may come begins with a character that no token has
            }
            int id = allowed.nextSetBit(i * 7 % TRIE.vocabSize());
            text.accept(id < 0 ? allowed.nextSetBit(0) : id);
        }
    }

    /** Which endpoint the first byte picks, the rest is the body. */
    boolean http(byte[] data) throws Exception {
        if (data.length == 0) {
            return false;
        }
        int status = Endpoints.post(data[0] & 0xff, Arrays.copyOfRange(data, 1, data.length));
        assertTrue(status < 500, "status " + status);
        return status < 400;
    }

    boolean checkpoint(byte[] data) throws Exception {
        return RestoredFiles.checkpoint(Files.write(folder.resolve("input.checkpoint"), data));
    }

    boolean cachedPrefixes(byte[] data) throws Exception {
        return RestoredFiles.prefixes(Files.write(folder.resolve("input.kv"), data));
    }

    /** The place of the first zero byte, or the end. */
    private static int cut(byte[] data) {
        int cut = 0;
        while (cut < data.length && data[cut] != 0) {
            cut++;
        }
        return cut;
    }
}
