// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** Spark for tests. */
final class LocalSpark {
    private LocalSpark() {}

    /** In this JVM: two tasks at a time, each of which has four attempts. */
    static SparkSession start() {
        return quiet("local[2,4]").getOrCreate();
    }

    /** Without a page, and with all of its files below {@code target}. */
    static SparkSession.Builder quiet(String master) {
        Path target = Path.of("target").toAbsolutePath();
        return SparkSession.builder()
                .master(master)
                .appName("kelvin")
                .config("spark.ui.enabled", false)
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.local.dir", target.resolve("spark-local").toString())
                .config(
                        "spark.sql.warehouse.dir",
                        target.resolve("spark-warehouse").toString())
                .config("spark.sql.shuffle.partitions", 4);
    }
}
