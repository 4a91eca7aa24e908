// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.exception.UnresolvedModelServerException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;

/** What Kelvin throws, as LangChain4j's exceptions. */
final class Failures {
    private Failures() {}

    /** Why a request was not taken. */
    static RuntimeException refused(RuntimeException cause) {
        return cause instanceof IllegalArgumentException
                ? new InvalidRequestException(cause.getMessage(), cause)
                : broken(cause);
    }

    /** Why a request that was taken got no answer. */
    static RuntimeException broken(Throwable failure) {
        boolean wrapped = failure instanceof CompletionException || failure instanceof ExecutionException;
        Throwable cause = wrapped && failure.getCause() != null ? failure.getCause() : failure;
        return switch (cause) {
            case LangChain4jException known -> known;
            case RejectedExecutionException full -> new RateLimitException(full.getMessage(), full);
            case IllegalStateException closed -> new UnresolvedModelServerException(closed.getMessage(), closed);
            default -> new InternalServerException(cause.getMessage(), cause);
        };
    }

    /** That the engine ended an answer, which nobody had asked for. */
    static RuntimeException closed() {
        return new UnresolvedModelServerException("kelvin: the model was closed while it answered");
    }

    static RuntimeException timeout(Duration timeout) {
        return new TimeoutException("kelvin: there was no whole answer within " + timeout);
    }
}
