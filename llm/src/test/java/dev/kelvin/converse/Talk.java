// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.converse;

import dev.kelvin.chat.ChatTemplate;
import dev.kelvin.chat.ToolCall;
import dev.kelvin.chat.jinja.TemplateException;
import dev.kelvin.generate.Engine;
import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.GeneratedToken;
import dev.kelvin.generate.ScriptedModel;
import dev.kelvin.head.Temperature;
import dev.kelvin.ops.Compute;
import dev.kelvin.tokenizer.GgufTokenizers;
import dev.kelvin.tokenizer.Tokenizer;
import dev.kelvin.tokenizer.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionException;

/** A model whose letters are tokens, that says what it is told to, and somebody who listens. */
final class Talk implements AutoCloseable, ChatListener {
    static final String CHATML =
            "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}"
                    + "{% endfor %}{{ '<|im_start|>assistant\n' }}";

    private static final List<String> CONTROL = List.of(
            "<s>",
            "<|im_end|>",
            "<|im_start|>",
            "[TOOL_CALLS]",
            "[ARGS]",
            "<|tool_call|>",
            "<|START_ACTION|>",
            "<|END_ACTION|>",
            "<|channel|>",
            "<|message|>",
            "<|start|>",
            "<|constrain|>",
            "<|return|>",
            "<|call|>",
            "<|end|>");
    private static final List<String> OWN = List.of("<think>", "</think>", "<tool_call>", "</tool_call>");
    private static final int CONTEXT = 6000;

    final Tokenizer tokenizer = tokenizer();
    final StringBuilder told = new StringBuilder();
    final List<ToolCall> calls = new ArrayList<>();
    final List<String> tokens = new ArrayList<>();
    private final Compute compute = Compute.serial();
    private final ChatStyle style;

    Talk(String template) {
        try {
            style = ChatStyle.of(ChatTemplate.of(template), tokenizer);
        } catch (TemplateException e) {
            throw new AssertionError(e);
        }
    }

    static Tokenizer tokenizer() {
        List<String> pieces = new ArrayList<>(List.of("<unk>"));
        pieces.addAll(CONTROL);
        pieces.addAll(OWN);
        int letters = pieces.size();
        pieces.add("\n");
        for (char c = ' '; c < 127; c++) {
            pieces.add(c == ' ' ? "\u2581" : String.valueOf(c));
        }
        int[] types = new int[pieces.size()];
        for (int id = 0; id < types.length; id++) {
            types[id] = id == 0
                    ? Vocabulary.UNKNOWN
                    : id <= CONTROL.size()
                            ? Vocabulary.CONTROL
                            : id < letters ? Vocabulary.USER_DEFINED : Vocabulary.NORMAL;
        }
        return GgufTokenizers.sentencePieces(
                new Vocabulary(pieces.toArray(String[]::new), new float[types.length], types, 1, 2, 0, false, false));
    }

    static GenerateOptions random(int maxTokens, long seed) {
        return new GenerateOptions(maxTokens, seed, List.of(new Temperature(Float.POSITIVE_INFINITY)));
    }

    /** A chat with a model that says this, then ends its text. */
    Chat saying(int promptLength, String answer) {
        Engine engine = engine(promptLength, answer);
        return new Chat(style, tokenizer, Chat.Answering.oneByOne((request, listener) -> {
            var task = engine.submit(request, listener);
            while (!task.result().isDone()) {
                engine.step();
            }
            return task;
        }));
    }

    /** A chat that goes on when the engine is told to. */
    Chat chat(Engine engine) {
        return new Chat(style, tokenizer, engine::submitAll);
    }

    /** An engine of a model that says this. */
    Engine engine(int promptLength, String answer) {
        int[] ids = tokenizer.encode(answer, true);
        int[] script = new int[promptLength + ids.length + 1];
        System.arraycopy(ids, 0, script, promptLength, ids.length);
        script[script.length - 1] = 2;
        return new Engine(
                ScriptedModel.of(compute, tokenizer.vocabSize(), CONTEXT, script),
                tokenizer,
                compute,
                EngineLimits.STANDARD);
    }

    /** The answer of a model that would say this. */
    ChatAnswer answer(ChatRequest request, String answer) {
        Chat chat = saying(1, "");
        int length = chat.promptIds(request).length;
        try {
            return saying(length, answer).submit(request, this).result().join();
        } catch (CompletionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    @Override
    public void token(GeneratedToken token, boolean isText) {
        tokens.add((isText ? "" : "!") + tokenizer.piece(token.id()));
    }

    @Override
    public void text(String piece) {
        told.append(piece);
    }

    @Override
    public void reasoning(String piece) {
        told.append(piece.replaceAll("(?s)(.)", "~$1"));
    }

    @Override
    public void toolCall(int index, ToolCall call) {
        told.append('[').append(index).append(':').append(call.name()).append(']');
        calls.add(call);
    }

    @Override
    public void end(ChatAnswer answer) {
        told.append('.');
    }

    @Override
    public void close() {
        compute.close();
    }

    static List<String> pieces(Tokenizer tokenizer, int[] ids) {
        return Arrays.stream(ids).mapToObj(tokenizer::piece).toList();
    }
}
