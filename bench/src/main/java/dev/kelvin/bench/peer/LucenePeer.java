// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench.peer;

import dev.kelvin.cli.roofline.peer.Computation;
import dev.kelvin.cli.roofline.peer.Peer;
import dev.kelvin.cli.roofline.peer.Problem;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.lucene.util.VectorUtil;

/** Lucene's dot product, by which Elasticsearch, OpenSearch and Solr compare vectors: one thread. */
public final class LucenePeer implements Peer {
    @Override
    public String name() {
        return "Lucene";
    }

    @Override
    public String version() {
        return "org.apache.lucene:lucene-core " + org.apache.lucene.util.Version.LATEST;
    }

    /** As Lucene's own message recommends where it does not find the module. */
    @Override
    public List<String> jvmOptions() {
        return List.of("--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED");
    }

    @Override
    public boolean solves(Problem problem, int threads) {
        return threads == 1 && problem instanceof Problem.Dots;
    }

    @Override
    public Optional<String> missing() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
                ? Optional.empty()
                : Optional.of("this JVM has no module jdk.incubator.vector, and Lucene would take its plain loops");
    }

    /** Lucene takes whole arrays: a pair of them for each pair. */
    @Override
    public Computation prepare(Problem problem, int threads) {
        Problem.Dots p = (Problem.Dots) problem;
        float[][] a = rows(p.a(), p);
        float[][] b = rows(p.b(), p);
        return () -> {
            for (int row = 0; row < a.length; row++) {
                p.y()[row] = VectorUtil.dotProduct(a[row], b[row]);
            }
        };
    }

    private static float[][] rows(float[] values, Problem.Dots p) {
        float[][] rows = new float[p.rows()][];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = Arrays.copyOfRange(values, row * p.length(), (row + 1) * p.length());
        }
        return rows;
    }
}
