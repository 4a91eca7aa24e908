// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.Success$;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/** Counts what happens to tasks, and does something once, after the first of the last stage that succeeds. */
final class TaskWatch extends SparkListener {
    final AtomicInteger succeeded = new AtomicInteger();
    final AtomicInteger failed = new AtomicInteger();
    final AtomicInteger speculative = new AtomicInteger();
    final AtomicInteger removedExecutors = new AtomicInteger();
    private final Runnable afterFirst;

    TaskWatch(Runnable afterFirst) {
        this.afterFirst = afterFirst;
    }

    @Override
    public void onTaskStart(SparkListenerTaskStart start) {
        if (start.taskInfo().speculative()) {
            speculative.incrementAndGet();
        }
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
        if (!end.reason().equals(Success$.MODULE$)) {
            failed.incrementAndGet();
        } else if (end.taskType().equals("ResultTask") && succeeded.incrementAndGet() == 1) {
            afterFirst.run();
        }
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
        removedExecutors.incrementAndGet();
    }
}
