// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.answer;

import dev.kelvin.generate.GeneratedToken;
import dev.kelvin.generate.GenerationListener;
import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.generate.GenerationTask;
import dev.kelvin.server.http.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The answers to one request on their way. The engine's thread never waits for a client: what happens is put into a
 * queue, which an answer's length bounds.
 */
public final class Answers {
    private final BlockingQueue<AnswerEvent> events = new LinkedBlockingQueue<>();
    private final List<GenerationTask> tasks = new ArrayList<>();

    private Answers() {}

    /**
     * Asks for answers, or for none if one of them is refused.
     *
     * @throws ApiException if they are refused, or must wait
     */
    public static Answers start(Served served, List<GenerationRequest> requests) throws ApiException {
        Answers answers = new Answers();
        try {
            for (int choice = 0; choice < requests.size(); choice++) {
                answers.add(served, requests.get(choice), choice);
            }
        } catch (ApiException refused) {
            answers.cancel();
            throw refused;
        }
        return answers;
    }

    private void add(Served served, GenerationRequest request, int choice) throws ApiException {
        GenerationTask task = served.submit(request, new GenerationListener() {
            @Override
            public void token(GeneratedToken token) {
                events.add(new AnswerEvent.Token(choice, token));
            }

            @Override
            public void text(String piece) {
                events.add(new AnswerEvent.Text(choice, piece));
            }
        });
        tasks.add(task);
        task.result()
                .whenComplete((generation, failure) -> events.add(
                        failure == null
                                ? new AnswerEvent.End(choice, generation)
                                : new AnswerEvent.Failed(choice, failure)));
    }

    /** How many there are. */
    public int count() {
        return tasks.size();
    }

    /** Waits for the next event. */
    public AnswerEvent next() throws InterruptedException {
        return events.take();
    }

    /** Ends them where they are. For any thread. */
    public void cancel() {
        tasks.forEach(GenerationTask::cancel);
    }
}
