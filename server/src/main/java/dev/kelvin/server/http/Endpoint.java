// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.http;

import java.io.IOException;

/** Answers one kind of request. For any number of threads. */
@FunctionalInterface
public interface Endpoint {
    /**
     * Answers a call, on a thread of its own.
     *
     * @throws ApiException if it is refused, before anything of the answer was written
     * @throws IOException if the client does not take the answer
     * @throws InterruptedException if the connection was cut
     */
    void answer(Call call) throws ApiException, IOException, InterruptedException;
}
