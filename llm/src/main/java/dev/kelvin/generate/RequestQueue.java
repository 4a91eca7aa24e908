// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Requests that wait, oldest first, and never more than may. Any thread adds, the engine's takes; nobody locks. */
final class RequestQueue {
    private final Queue<ActiveGeneration> requests = new ConcurrentLinkedQueue<>();
    private final AtomicInteger places;
    private final int most;

    RequestQueue(int most) {
        this.most = most;
        places = new AtomicInteger(most);
    }

    /** Takes all of them, or none if there are not as many places. */
    boolean offer(List<ActiveGeneration> all) {
        int before = places.getAndUpdate(left -> left >= all.size() ? left - all.size() : left);
        if (before < all.size()) {
            return false;
        }
        requests.addAll(all);
        return true;
    }

    /** The oldest, which waits no more; null if there is none. */
    ActiveGeneration poll() {
        ActiveGeneration oldest = requests.poll();
        if (oldest != null) {
            places.incrementAndGet();
        }
        return oldest;
    }

    /** Whether it waited, which it does no more. */
    boolean remove(ActiveGeneration request) {
        boolean waited = requests.remove(request);
        if (waited) {
            places.incrementAndGet();
        }
        return waited;
    }

    /** Those that were cancelled, which wait no more. */
    List<ActiveGeneration> removeCancelled() {
        List<ActiveGeneration> cancelled = List.of();
        for (ActiveGeneration request : requests) {
            if (request.task().isCancelled() && remove(request)) {
                cancelled = cancelled.isEmpty() ? new ArrayList<>() : cancelled;
                cancelled.add(request);
            }
        }
        return cancelled;
    }

    /** How many wait. */
    int size() {
        return most - places.get();
    }
}
