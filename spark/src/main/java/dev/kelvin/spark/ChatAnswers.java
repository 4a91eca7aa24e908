// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import dev.kelvin.converse.Chat;
import dev.kelvin.converse.ChatListener;
import dev.kelvin.converse.ChatRequest;
import dev.kelvin.converse.ChatTask;
import dev.kelvin.generate.GenerationRequest;

/** Texts are questions. */
final class ChatAnswers implements TextWork {
    private final SharedModel model;
    private final AnswerSpec answer;
    private final Chat chat;
    private final GenerationRequest request;

    ChatAnswers(SharedModel model, AnswerSpec answer) {
        this.model = model;
        this.answer = answer;
        request = answer.request(model.tokenizer());
        chat = new Chat(
                answer.chat().style(model.metadata(), model.tokenizer()),
                model.tokenizer(),
                model.engine()::submitAll,
                answer.chat()::now);
    }

    @Override
    public Pending begin(String text, long key) {
        ChatRequest mine = ChatRequest.of(answer.chat().conversation(text), request.options())
                .withFormat(answer.form().format())
                .withGeneration(request.withSequence(key));
        model.requireRoom(chat.promptIds(mine).length, answer.maxTokens());
        ChatTask task = chat.submit(mine, ChatListener.NONE);
        return new Pending(
                task.result()
                        .thenApply(done -> PlainAnswers.whole(
                                done.stopReason(), done.message().content())),
                task::cancel);
    }
}
