// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.launcher.JavaModuleOptions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Speculative execution: Spark starts a second attempt of a slow task beside the first, on another host, and takes
 * whichever ends first. A local cluster is one host, so this one has a master and two workers on addresses of their
 * own.
 */
class SpeculationIT {
    private static final int ROWS = 24;
    private static final int TOKENS = 32;

    private final List<Process> daemons = new ArrayList<>();

    @AfterEach
    void end() {
        daemons.forEach(Process::destroy);
    }

    @Test
    void whicheverAttemptEndsFirstGivesTheSameBytes() throws IOException, InterruptedException {
        Map<Long, String> expected = Prompts.alone(ROWS, TOKENS, 31);
        SparkSession.Builder builder = SparkHome.executors(startCluster())
                .config("spark.speculation", true)
                .config("spark.speculation.interval", "50ms")
                .config("spark.speculation.quantile", "0.5")
                .config("spark.speculation.multiplier", "1.1")
                .config("spark.speculation.minTaskRuntime", "100ms");
        try (SparkSession spark = builder.getOrCreate()) {
            var _ = spark.sql("ADD FILE '" + Models.STORIES + "'"); // one of the session
            TaskWatch watch = new TaskWatch(() -> {});
            spark.sparkContext().addSparkListener(watch);
            Dataset<Row> rows = Prompts.rows(spark, ROWS)
                    .repartition(6)
                    .mapPartitions((MapPartitionsFunction<Row, Row>) SpeculationIT::slow, Encoders.row(Prompts.SCHEMA));
            KelvinOptions options = Prompts.options("stories.gguf", TOKENS, 31).build();
            assertEquals(expected, Prompts.texts(Kelvin.generate(rows, "prompt", options), "generated"));
            assertTrue(watch.speculative.get() >= 1, "a second attempt ran beside the first");
        }
    }

    /** The last task's first attempt would take a minute. */
    private static Iterator<Row> slow(Iterator<Row> rows) throws InterruptedException {
        TaskContext task = TaskContext.get();
        if (task.partitionId() == 5 && task.attemptNumber() == 0) {
            Thread.sleep(60_000);
        }
        return rows;
    }

    /** Starts a master and two workers of one core, and says where the master is. */
    private String startCluster() throws IOException, InterruptedException {
        var _ = SparkHome.make();
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        String url = "spark://127.0.0.1:" + port;
        daemon("127.0.0.1", "master.Master", "--port", String.valueOf(port));
        awaitListener(port); // a driver that finds no master gives up after a minute
        for (String host : List.of("127.0.0.1", "127.0.0.2")) {
            Path work = SparkHome.FOLDER.resolve("work-" + host);
            daemon(host, "worker.Worker", "--cores", "1", "--memory", "1g", "--work-dir", work.toString(), url);
        }
        return url;
    }

    private static void awaitListener(int port) throws IOException, InterruptedException {
        for (int i = 0; i < 1200; i++) {
            try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (ConnectException _) {
                Thread.sleep(100);
            }
        }
        throw new IOException("no master listens at " + port);
    }

    private void daemon(String host, String name, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-cp", SparkHome.FOLDER.resolve("jars") + "/*"));
        command.addAll(List.of("org.apache.spark.deploy." + name, "--host", host, "--webui-port", "0"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("SPARK_LOCAL_IP", host);
        builder.environment().put("SPARK_HOME", SparkHome.FOLDER.toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        Path log = Files.createDirectories(SparkHome.FOLDER.resolve("logs")).resolve(name + "-" + host + ".log");
        daemons.add(
                builder.redirectErrorStream(true).redirectOutput(log.toFile()).start());
    }
}
