// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.ai.retry.TransientAiException;

/** What went wrong, in the exceptions that callers of Spring AI's models tell apart. */
final class Failures {
    private Failures() {}

    /** Transient where it helps to ask again later: as many requests wait as may. */
    static RuntimeException of(Throwable cause) {
        return cause instanceof RejectedExecutionException
                ? new TransientAiException(cause.getMessage(), cause)
                : new NonTransientAiException(cause.getMessage(), cause);
    }

    /** An answer that ended before its end, because the model was closed. */
    static RuntimeException closed() {
        return of(new CancellationException("chat: the model was closed while it answered"));
    }
}
