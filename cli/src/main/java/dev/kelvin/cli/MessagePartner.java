// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.chat.Conversation;
import dev.kelvin.chat.Message;
import dev.kelvin.chat.Role;
import dev.kelvin.chat.Tool;
import dev.kelvin.chat.ToolCall;
import dev.kelvin.converse.Chat;
import dev.kelvin.converse.ChatAnswer;
import dev.kelvin.converse.ChatListener;
import dev.kelvin.converse.ChatRequest;
import dev.kelvin.converse.ChatStyle;
import dev.kelvin.format.json.JsonWriter;
import dev.kelvin.generate.StopReason;
import dev.kelvin.tokenizer.Tokenizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;

/** A model that was trained to talk: messages and answers by its template. */
final class MessagePartner implements ChatPartner {
    private final ChatRun run;
    private final Chat chat;
    private final Terminal terminal;
    private final Map<String, Object> values;
    private final List<Message> messages = new ArrayList<>();
    private final Deque<ToolCall> open = new ArrayDeque<>();
    private String system = "";
    private List<Tool> tools = List.of();
    /** The first message that the model is shown: earlier ones found no room. */
    private int shown;

    /** @param values of the template's variables */
    MessagePartner(ChatRun run, ChatStyle style, Tokenizer tokenizer, Terminal terminal, Map<String, Object> values) {
        this.run = run;
        this.terminal = terminal;
        this.values = values;
        chat = new Chat(style, tokenizer, Chat.Answering.oneByOne(run::answer));
    }

    @Override
    public String prompt() {
        return open.isEmpty() ? "> " : open.getFirst().name() + "> ";
    }

    @Override
    public void answer(String text, ChatVoice voice) {
        int before = messages.size();
        if (open.isEmpty()) {
            messages.add(Message.user(text));
        } else {
            ToolCall call = open.removeFirst();
            messages.add(Message.toolResult(call.id(), call.name(), text));
            if (!open.isEmpty()) {
                return;
            }
        }
        ChatAnswer answer;
        try {
            answer = chat.submit(ChatRequest.of(fitting(), run.options()), listener(voice))
                    .result()
                    .join();
        } catch (CompletionException | IllegalArgumentException e) {
            messages.subList(before, messages.size()).clear();
            open.clear();
            voice.end();
            throw e.getCause() instanceof RuntimeException cause && e instanceof CompletionException ? cause : e;
        }
        voice.end();
        messages.add(answer.message());
        open.addAll(answer.message().toolCalls());
        for (ToolCall call : open) {
            terminal.line(call.name() + "(" + JsonWriter.write(call.arguments()) + ")");
        }
        if (!open.isEmpty()) {
            terminal.out().flush();
            terminal.remark("the model calls a tool: type its result");
        }
        if (answer.stopReason() == StopReason.MAX_TOKENS) {
            terminal.remark("the answer was cut off at --max-tokens");
        } else if (answer.stopReason() == StopReason.CONTEXT_FULL) {
            terminal.remark("the answer was cut off: the model's context is full");
        }
    }

    private static ChatListener listener(ChatVoice voice) {
        return new ChatListener() {
            @Override
            public void reasoning(String piece) {
                voice.reasoning(piece);
            }

            @Override
            public void text(String piece) {
                voice.text(piece);
            }
        };
    }

    private Conversation conversation() {
        List<Message> all = new ArrayList<>();
        if (!system.isEmpty()) {
            all.add(Message.system(system));
        }
        all.addAll(messages.subList(shown, messages.size()));
        return new Conversation(all, tools, values, false);
    }

    /**
     * What the model is shown. Where no room is left for an answer, the oldest exchanges go, up to half of the context,
     * so that what follows is not computed anew with each message.
     */
    private Conversation fitting() {
        int context = run.open().contextLength();
        int from = shown;
        int most = context - run.room();
        while (chat.promptIds(conversation()).length > most && next(shown) < messages.size()) {
            shown = next(shown);
            most = context / 2;
        }
        if (shown > from) {
            terminal.remark("the context of " + context + " tokens is full: the model no longer sees the oldest "
                    + shown + " messages");
        }
        return conversation();
    }

    /** The next message that a user begins an exchange with. */
    private int next(int from) {
        int next = from + 1;
        while (next < messages.size() && messages.get(next).role() != Role.USER) {
            next++;
        }
        return next;
    }

    @Override
    public void reset() {
        messages.clear();
        open.clear();
        shown = 0;
    }

    @Override
    public int contextTokens() {
        return messages.isEmpty() ? 0 : chat.promptIds(conversation()).length;
    }

    @Override
    public boolean system(String text) {
        system = text;
        return true;
    }

    @Override
    public String system() {
        return system;
    }

    @Override
    public boolean tools(List<Tool> tools) {
        this.tools = List.copyOf(tools);
        return true;
    }

    @Override
    public List<Tool> tools() {
        return tools;
    }

    @Override
    public Map<String, Object> saved() {
        List<Object> all = new ArrayList<>();
        if (!system.isEmpty()) {
            all.add(ChatFile.json(Message.system(system)));
        }
        messages.forEach(message -> all.add(ChatFile.json(message)));
        Map<String, Object> saved = new LinkedHashMap<>();
        saved.put("messages", all);
        if (!tools.isEmpty()) {
            saved.put("tools", tools.stream().map(Tool::variable).toList());
        }
        return saved;
    }

    @Override
    public void load(Map<?, ?> saved) {
        if (!(saved.get("messages") instanceof List<?> list)) {
            throw new IllegalArgumentException("no messages in it");
        }
        List<Message> read = new ArrayList<>();
        list.forEach(each -> read.add(ChatFile.message(each)));
        List<Tool> given = saved.get("tools") == null ? List.of() : ChatFile.tools(saved.get("tools"));
        reset();
        boolean scene = !read.isEmpty() && read.getFirst().role() == Role.SYSTEM;
        system = scene ? read.removeFirst().content() : "";
        messages.addAll(read);
        tools = given;
        if (!messages.isEmpty()) {
            open.addAll(messages.getLast().toolCalls());
        }
    }
}
