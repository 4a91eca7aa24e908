// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.answer;

import dev.kelvin.converse.ChatRequest;
import dev.kelvin.converse.ChatTask;
import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.generate.GenerationTask;
import dev.kelvin.server.http.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The answers to one request on their way. The engine's thread never waits for a client: what happens is put into a
 * queue, which an answer's length bounds.
 */
public final class Answers {
    private final BlockingQueue<AnswerEvent> events = new LinkedBlockingQueue<>();
    private final List<Runnable> cancels = new CopyOnWriteArrayList<>();

    private Answers() {}

    /**
     * Asks for texts, or for none if one of them is refused.
     *
     * @param explained whether each token is told with how it came about
     * @throws ApiException if they are refused, or must wait
     */
    public static Answers ofTexts(Served served, List<GenerationRequest> requests, boolean explained)
            throws ApiException {
        Answers answers = new Answers();
        List<GenerationTask> tasks =
                served.submitTexts(requests, List.copyOf(answers.listeners(requests.size(), explained)));
        for (int i = 0; i < tasks.size(); i++) {
            int choice = i;
            GenerationTask task = tasks.get(i);
            answers.cancels.add(task::cancel);
            var _ = task.result()
                    .whenComplete((generation, failure) -> answers.events.add(
                            failure == null
                                    ? new AnswerEvent.End(choice, generation.stopReason(), 0, generation)
                                    : new AnswerEvent.Failed(choice, failure)));
        }
        return answers;
    }

    /** The same of answers in conversations. */
    public static Answers ofChats(Served served, List<ChatRequest> requests, boolean explained) throws ApiException {
        Answers answers = new Answers();
        List<ChatTask> tasks = served.submitChats(requests, answers.listeners(requests.size(), explained));
        tasks.forEach(task -> answers.cancels.add(task::cancel));
        return answers;
    }

    private List<AnswerListener> listeners(int count, boolean explained) {
        List<AnswerListener> listeners = new ArrayList<>();
        for (int choice = 0; choice < count; choice++) {
            listeners.add(new AnswerListener(choice, explained, events));
        }
        return listeners;
    }

    /** How many there are. */
    public int count() {
        return cancels.size();
    }

    /** Waits for the next event. */
    public AnswerEvent next() throws InterruptedException {
        return events.take();
    }

    /** Ends them where they are. For any thread. */
    public void cancel() {
        cancels.forEach(Runnable::run);
    }
}
