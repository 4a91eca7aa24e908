// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.chat.ChatTemplate;
import dev.kelvin.chat.jinja.TemplateException;
import dev.kelvin.constraint.ConstrainedText;
import dev.kelvin.constraint.Constraint;
import dev.kelvin.constraint.Grammar;
import dev.kelvin.constraint.GrammarException;
import dev.kelvin.constraint.JsonSchema;
import dev.kelvin.format.json.JsonReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The time of a mask a token under JSON schemas, and of a prompt by published templates: each token and each prompt is
 * timed, because the slow ones are asked for and not only the usual ones. A token's time is that of its mask, of the
 * question whether it is forced, and of its acceptance.
 */
public final class MaskTimes {
    private static final int VOCAB = 151_936;
    private static final int WARM_DOCUMENTS = 60;
    private static final int DOCUMENTS = 200;
    private static final int MOST_TOKENS = 400;
    private static final int RENDERINGS = 2000;
    private static final int TURNS = 10;
    private static final List<String> SCHEMAS = List.of(
            "tool: book berth",
            "tool: calendar event",
            "tool: labels map",
            "tool: comments tree",
            "tool: deep nesting",
            "pattern ^v\\d+(\\.\\d+)*$",
            "uuid in an array",
            "true");
    private static final List<String> TEMPLATES =
            List.of("Qwen-Qwen3-0.6B", "meta-llama-Llama-3.1-8B-Instruct", "mistralai-Mistral-Nemo-Instruct-2407");

    private final WordVocabulary vocabulary;

    private MaskTimes(WordVocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /**
     * The program behind {@code ./dev bench masks}.
     *
     * @param args the folder with {@code grammar}, {@code templates} and {@code tokenizers}
     * @throws IOException if a file of it cannot be read
     * @throws GrammarException if a schema is refused
     * @throws TemplateException if a template refuses the conversation
     */
    public static void main(String[] args) throws IOException, GrammarException, TemplateException {
        Path data = Path.of(args[0]);
        WordVocabulary vocabulary = WordVocabulary.of(data.resolve("tokenizers/hf/roberta-base.tokenizer.json"), VOCAB);
        System.out.println("V = " + VOCAB + ", times in µs, " + DOCUMENTS + " documents a schema");
        System.out.printf("%-28s %-8s %8s %8s %8s %8s%n", "", "masks", "samples", "median", "99 %", "most");
        List<?> cases = (List<?>) JsonReader.read(Files.readAllBytes(data.resolve("grammar/json-schema.json")));
        for (String name : SCHEMAS) {
            Object schema = cases.stream()
                    .map(each -> (Map<?, ?>) each)
                    .filter(each -> name.equals(each.get("name")))
                    .findFirst()
                    .orElseThrow()
                    .get("schema");
            new MaskTimes(vocabulary).schema(name, JsonSchema.grammar(schema));
        }
        for (String name : TEMPLATES) {
            template(name, ChatTemplate.of(Files.readString(data.resolve("templates/" + name + ".jinja"))));
        }
    }

    /** Kept: all documents share a constraint, as a server's do. New: each has its own, so that nothing is known. */
    private void schema(String name, Grammar grammar) {
        Constraint kept = new Constraint(grammar, vocabulary.trie());
        for (int seed = 0; seed < WARM_DOCUMENTS; seed++) {
            document(kept, seed, new ArrayList<>());
            document(new Constraint(grammar, vocabulary.trie()), seed, new ArrayList<>());
        }
        List<Long> times = new ArrayList<>();
        List<Long> first = new ArrayList<>();
        for (int seed = 0; seed < DOCUMENTS; seed++) {
            document(kept, 1000 + seed, times);
            document(new Constraint(grammar, vocabulary.trie()), 1000 + seed, first);
        }
        row(name, "kept", times);
        row(name, "new", first);
    }

    private void document(Constraint constraint, int seed, List<Long> times) {
        SplittableRandom random = new SplittableRandom(seed);
        ConstrainedText text = constraint.begin();
        for (int i = 0; i < MOST_TOKENS && !text.hasEnded(); i++) {
            long begin = System.nanoTime();
            BitSet allowed = text.mask().allowed();
            int forced = text.forced();
            long asked = System.nanoTime() - begin;
            int id = forced >= 0 ? forced : pick(allowed, random);
            begin = System.nanoTime();
            text.accept(id);
            times.add(asked + System.nanoTime() - begin);
        }
    }

    private int pick(BitSet allowed, SplittableRandom random) {
        // One time in three something that closes, so that texts come to their ends.
        if (random.nextInt(3) == 0 && allowed.intersects(vocabulary.closing())) {
            BitSet some = (BitSet) vocabulary.closing().clone();
            some.and(allowed);
            int[] ids = some.stream().toArray();
            return ids[random.nextInt(ids.length)];
        }
        int at = allowed.nextSetBit(random.nextInt(VOCAB));
        return at >= 0 ? at : allowed.nextSetBit(0);
    }

    private static void template(String name, ChatTemplate template) throws TemplateException {
        List<Map<String, String>> messages = new ArrayList<>();
        for (int turn = 0; turn < TURNS; turn++) {
            String said = ("Turn " + turn + ": what does the harbour look like at this hour of the day? ").repeat(4);
            messages.add(Map.of("role", "user", "content", said));
            messages.add(Map.of("role", "assistant", "content", said.toUpperCase(Locale.ROOT)));
        }
        messages.removeLast();
        Map<String, Object> variables =
                Map.of("messages", messages, "add_generation_prompt", true, "bos_token", "<s>", "eos_token", "</s>");
        LocalDateTime now = LocalDateTime.of(2025, 3, 1, 12, 0);
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < 2 * RENDERINGS; i++) {
            long begin = System.nanoTime();
            String prompt = template.render(variables, now);
            long time = System.nanoTime() - begin;
            if (!prompt.contains("Turn 9")) {
                throw new IllegalStateException(name + ": " + prompt);
            }
            if (i >= RENDERINGS) {
                times.add(time);
            }
        }
        row(name.substring(0, Math.min(28, name.length())), "render", times);
    }

    private static void row(String name, String masks, List<Long> times) {
        long[] sorted = times.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        System.out.printf(
                "%-28s %-8s %8d %8.1f %8.1f %8.1f%n",
                name,
                masks,
                sorted.length,
                sorted[sorted.length / 2] / 1e3,
                sorted[(int) (sorted.length * 0.99)] / 1e3,
                sorted[sorted.length - 1] / 1e3);
    }
}
