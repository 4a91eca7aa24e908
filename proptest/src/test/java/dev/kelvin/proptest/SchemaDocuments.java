// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.proptest;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import dev.kelvin.constraint.ConstrainedText;
import dev.kelvin.constraint.Constraint;
import dev.kelvin.constraint.GrammarException;
import dev.kelvin.constraint.JsonSchema;
import dev.kelvin.constraint.TokenTrie;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/**
 * Documents that a random model writes under the masks of schemas, shown to a validator that knows nothing of masks.
 * The model takes any allowed token, but one in three times one that closes something, so that it comes to an end.
 */
final class SchemaDocuments {
    private static final Pattern HUGE_EXPONENT = Pattern.compile("\\d[eE][+-]?\\d{8,}");

    private static final Path CASES = Path.of("../../shared/data/grammar/json-schema.json");
    private static final int MOST_TOKENS = 3000;
    private static final List<String> WORDS = List.of(
            "true",
            "false",
            "null",
            "\": ",
            "\",",
            "{\"",
            "\"}",
            "]}",
            ", ",
            "ab",
            "abc",
            "é",
            "日本",
            "😀",
            "12",
            "00",
            "-1",
            ".5",
            "\\n",
            "\\u00e9",
            "name",
            "id",
            "foo",
            "bar",
            "2024-01-",
            "\n  ");

    /** Keywords whose validator and grammar are known to differ; docs/decisions/0072 says how. */
    private static final Set<String> DIFFERENT = Set.of("oneOf", "format");

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final byte[][] tokens = tokens();
    private final TokenTrie trie = TokenTrie.of(tokens.length, id -> tokens[id], id -> id == 0);
    private final BitSet closing = closing();

    private static byte[][] tokens() {
        byte[][] tokens = new byte[257 + WORDS.size()][];
        tokens[0] = new byte[0];
        for (int i = 0; i < 256; i++) {
            tokens[i + 1] = new byte[] {(byte) i};
        }
        for (int i = 0; i < WORDS.size(); i++) {
            tokens[257 + i] = WORDS.get(i).getBytes(StandardCharsets.UTF_8);
        }
        return tokens;
    }

    private static BitSet closing() {
        BitSet closing = new BitSet();
        closing.set(0);
        for (char c : new char[] {'"', '}', ']'}) {
            closing.set(c + 1);
        }
        return closing;
    }

    /** Has so many documents of each schema written; returns how many were shown to the validator. */
    @SuppressWarnings("unchecked")
    int check(int count) throws IOException {
        if (!Files.exists(CASES)) {
            System.out.println("SKIPPED: no " + CASES);
            return -1;
        }
        int shown = 0;
        for (Object each : (List<Object>) JsonReader.read(Files.readAllBytes(CASES))) {
            Map<String, Object> schema = (Map<String, Object>) each;
            boolean differs = ((List<Object>) schema.get("keywords")).stream().anyMatch(DIFFERENT::contains);
            if (schema.containsKey("unsatisfiable") || differs) {
                continue;
            }
            shown += check((String) schema.get("name"), schema.get("schema"), count);
        }
        return shown;
    }

    /** Has so many documents of a schema written, all of which must be valid. */
    int check(String name, Object schema, int count) throws IOException {
        com.networknt.schema.JsonSchema validator = validator(schema);
        Constraint constraint;
        try {
            constraint = new Constraint(JsonSchema.grammar(schema), trie);
        } catch (GrammarException e) {
            throw new AssertionError(name + " is refused: " + e.getMessage(), e);
        }
        int whole = 0;
        for (int seed = 0; whole < count && seed < 4 * count; seed++) {
            String text = document(constraint.begin(), new SplittableRandom(seed));
            if (text == null || HUGE_EXPONENT.matcher(text).find()) {
                continue; // it came to no end, or has a number that the validator's reader cannot hold
            }
            whole++;
            JsonNode value = MAPPER.readTree(text);
            Set<ValidationMessage> wrong = validator.validate(value);
            Law.holds(wrong.isEmpty(), () -> name + ": " + text + " is not valid: " + wrong);
        }
        int found = whole;
        Law.holds(whole == count, () -> name + ": only " + found + " of " + count + " documents came to an end");
        return whole;
    }

    /** A validator of a schema, for which a format is more than an annotation. */
    static com.networknt.schema.JsonSchema validator(Object schema) throws IOException {
        SchemaValidatorsConfig formats =
                SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();
        return JsonSchemaFactory.getInstance(VersionFlag.V202012)
                .getSchema(MAPPER.readTree(JsonWriter.write(schema)), formats);
    }

    /** Whether a validator takes a text. */
    static boolean isValid(com.networknt.schema.JsonSchema validator, String text) throws IOException {
        return validator.validate(MAPPER.readTree(text)).isEmpty();
    }

    private String document(ConstrainedText text, SplittableRandom random) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < MOST_TOKENS; i++) {
            int forced = text.forced();
            int id = forced >= 0 ? forced : pick(text.mask().allowed(), random);
            text.accept(id);
            if (text.hasEnded()) {
                return bytes.toString(StandardCharsets.UTF_8);
            }
            bytes.writeBytes(tokens[id]);
        }
        return null;
    }

    private int pick(BitSet allowed, SplittableRandom random) {
        BitSet some = (BitSet) allowed.clone();
        if (random.nextInt(3) == 0) {
            some.and(closing);
        }
        List<Integer> ids = new ArrayList<>();
        (some.isEmpty() ? allowed : some).stream().forEach(ids::add);
        return ids.get(random.nextInt(ids.size()));
    }
}
