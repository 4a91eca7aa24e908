// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/**
 * An installation of Spark made of the class path of this JVM, which workers start executors from. The build names its
 * folder in {@code SPARK_HOME}.
 */
final class SparkHome {
    /** Where jars are linked. */
    static final Path FOLDER = Path.of(System.getenv().getOrDefault("SPARK_HOME", "target/spark-home"))
            .toAbsolutePath();

    private SparkHome() {}

    /**
     * Makes the folder, if it is not there.
     *
     * @return the folders of classes that no jar has, as a class path
     */
    static String make() throws IOException {
        Path jars = Files.createDirectories(FOLDER.resolve("jars"));
        if (!Files.exists(FOLDER.resolve("RELEASE"))) {
            Files.writeString(FOLDER.resolve("RELEASE"), "for tests\n");
        }
        List<String> folders = new ArrayList<>();
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        for (String each : path.split(":", -1)) {
            Path entry = Path.of(each).toAbsolutePath();
            Path link = jars.resolve(entry.getFileName());
            if (!each.endsWith(".jar")) {
                folders.add(entry.toString());
            } else if (Files.exists(entry) && !Files.exists(link)) {
                Files.deleteIfExists(link); // of an earlier build
                Files.createSymbolicLink(link, entry);
            }
        }
        return String.join(":", folders);
    }

    /** A cluster in processes of its own, {@code executors} of one core each. */
    static SparkSession.Builder cluster(int executors) throws IOException {
        return executors("local-cluster[" + executors + ",1,2048]");
    }

    /** Executors with the classes of this JVM, under a master. */
    static SparkSession.Builder executors(String master) throws IOException {
        return LocalSpark.quiet(master)
                .config("spark.executor.extraClassPath", make())
                .config("spark.executor.extraJavaOptions", "-ea -XX:+UseSerialGC")
                .config("spark.executorEnv.JAVA_HOME", System.getProperty("java.home"))
                .config("spark.shuffle.io.maxRetries", 1) // an executor that was killed does not come back
                .config("spark.shuffle.io.retryWait", "1s")
                .config("spark.executor.memory", "1g")
                .config("spark.executor.cores", 1);
    }
}
