// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train.stories;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An endless book of small English stories. Each is a pure function of (seed, number): people and animals with traits,
 * wishes and possessions, weather, places, causes, effects and an end that answers the beginning.
 *
 * <p>Immutable and safe for use by several threads.
 */
public final class Stories {
    /** The line between two stories of a file. */
    public static final String SEPARATOR = "<|endoftext|>";

    private static final List<String> WORDS = List.of("beings", "things", "places", "qualities", "doings");
    private static final List<String> PLOTS =
            List.of("common", "talk", "lost-things", "skills", "kindness", "together", "nature", "journeys", "home");

    private final Lexicon lexicon = new Lexicon(lines("words-", WORDS));
    private final Grammar grammar = new Grammar(lines("plots-", PLOTS), new Synonyms(lines("", List.of("same"))));

    /** Reads the word lists and the plots. */
    public Stories() {}

    private static List<String> lines(String prefix, List<String> names) {
        List<String> lines = new ArrayList<>();
        for (String name : names) {
            String resource = prefix + name + ".txt";
            try (InputStream in = Stories.class.getResourceAsStream(resource)) {
                if (in == null) {
                    throw new IllegalStateException("stories: no resource " + resource);
                }
                lines.addAll(new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .toList());
            } catch (IOException e) {
                throw new IllegalStateException("stories: resource " + resource, e);
            }
        }
        return lines;
    }

    /**
     * One story.
     *
     * @param seed of the book
     * @param number of the story, any
     * @return ASCII text, paragraphs separated by an empty line, no line feed at the end
     */
    public String story(long seed, long number) {
        return new Teller(lexicon, grammar, new Dice(seed, number)).tell();
    }

    Lexicon lexicon() {
        return lexicon;
    }

    Grammar grammar() {
        return grammar;
    }

    /**
     * Writes stories 0 to count − 1, each followed by a line {@link #SEPARATOR}.
     *
     * @param arguments seed, count and the file
     */
    public static void main(String... arguments) throws IOException {
        if (arguments.length != 3) {
            throw new IllegalArgumentException("stories: give a seed, a count and a file");
        }
        long seed = Long.parseLong(arguments[0]);
        long count = Long.parseLong(arguments[1]);
        Stories stories = new Stories();
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(Path.of(arguments[2])), 1 << 16)) {
            for (long number = 0; number < count; number++) {
                String text = stories.story(seed, number) + "\n" + SEPARATOR + "\n";
                out.write(text.getBytes(StandardCharsets.UTF_8));
            }
        }
    }
}
