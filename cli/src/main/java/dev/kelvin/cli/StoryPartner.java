// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.Generation;
import dev.kelvin.generate.GenerationListener;
import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.generate.StopReason;
import dev.kelvin.generate.Tokenizers;
import dev.kelvin.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletionException;

/** A model without chat training: what one writes is a piece of a story, and it writes the next. */
final class StoryPartner implements ChatPartner {
    private final ChatRun run;
    private final Tokenizer tokenizer;
    private final Terminal terminal;
    private String story = "";

    StoryPartner(ChatRun run, Tokenizer tokenizer, Terminal terminal) {
        this.run = run;
        this.tokenizer = tokenizer;
        this.terminal = terminal;
    }

    @Override
    public void answer(String text, ChatVoice voice) {
        boolean joined = story.isEmpty() || Character.isWhitespace(story.charAt(story.length() - 1));
        story = joined ? story + text : story + " " + text;
        int[] ids = fitting();
        StringBuilder told = new StringBuilder();
        Generation generation;
        try {
            generation = run.answer(GenerationRequest.of(ids, run.options()), GenerationListener.ofText(piece -> {
                        // On a screen the cursor is on a new line, where a space would be seen.
                        voice.text(told.isEmpty() && terminal.interactive() ? piece.stripLeading() : piece);
                        told.append(piece);
                    }))
                    .result()
                    .join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        } finally {
            voice.end();
        }
        story += told;
        if (generation.stopReason() == StopReason.END_OF_TEXT) {
            story = "";
            terminal.remark("the end; what you write next begins another story");
        }
    }

    /** The ids of the story; of one that leaves no room for more, those of its second half. */
    private int[] fitting() {
        int context = run.open().contextLength();
        int[] ids = Tokenizers.promptIds(tokenizer, story);
        if (ids.length + run.room() <= context) {
            return ids;
        }
        int kept = context / 2;
        story = tokenizer.decode(Arrays.copyOfRange(ids, Math.max(0, ids.length - kept), ids.length));
        terminal.remark("the context of " + context + " tokens is full: the model goes on from the last " + kept
                + " of the story");
        return Tokenizers.promptIds(tokenizer, story);
    }

    @Override
    public String prompt() {
        return "> ";
    }

    @Override
    public void reset() {
        story = "";
    }

    @Override
    public int contextTokens() {
        return story.isEmpty() ? 0 : Tokenizers.promptIds(tokenizer, story).length;
    }

    @Override
    public Map<String, Object> saved() {
        return Map.of("story", story);
    }

    @Override
    public void load(Map<?, ?> saved) {
        if (!(saved.get("story") instanceof String text)) {
            throw new IllegalArgumentException("no story in it");
        }
        story = text;
    }
}
