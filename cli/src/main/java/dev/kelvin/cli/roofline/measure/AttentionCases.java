// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.cli.roofline.report.Cost;
import dev.kelvin.cli.roofline.report.Resource;
import dev.kelvin.cli.roofline.report.Subject;
import dev.kelvin.operand.AttentionCall;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.operand.AttentionScores;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.F32KvPage;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.KvPage;
import dev.kelvin.tensor.KvRows;
import dev.kelvin.tensor.KvSlice;
import java.util.ArrayList;
import java.util.List;

/** Attention over a cache of keys and values in f32: one query, as in generation, and many, as in a prompt. */
final class AttentionCases {
    private static final int PROMPT = 128;
    private static final String QUICK = "32 8 128 1024";

    private AttentionCases() {}

    /**
     * A shape.
     *
     * @param heads H
     * @param kvHeads Hkv
     * @param headDim Dh
     * @param length t, positions in the cache
     * @param queries the last of them that ask
     */
    private record Sizes(int heads, int kvHeads, int headDim, int length, int queries) {
        static Sizes of(int[] s, int queries) {
            return new Sizes(s[0], s[1], s[2], s[3], Math.min(queries, s[3]));
        }

        /** Pairs of a query and a key that it sees. */
        double pairs() {
            return (double) queries * length - queries * (queries - 1.0) / 2;
        }

        double cacheBytes() {
            return 8.0 * kvHeads * headDim * length;
        }
    }

    static List<Case> cases(Plan plan) {
        List<Case> cases = new ArrayList<>();
        for (int[] s : plan.quick() ? List.of(Shapes.numbers(QUICK)) : Shapes.of("attention")) {
            cases.add(of("decode", Sizes.of(s, 1), plan.threads(), s));
            if (s[3] <= 1024) {
                cases.add(of("prompt", Sizes.of(s, PROMPT), 1, s));
            }
        }
        return cases;
    }

    private static Case of(String name, Sizes sizes, int threads, int[] s) {
        double bytes = sizes.cacheBytes() + 8.0 * sizes.queries() * sizes.heads() * sizes.headDim();
        return new Case(
                new Subject(Subject.KELVIN, "attention", name, Shapes.line(s), "F32", threads),
                new Cost(
                        4 * sizes.pairs() * sizes.heads() * sizes.headDim(),
                        bytes,
                        (long) bytes,
                        Resource.FMA,
                        Resource.READ),
                "Dh·2⁻²⁴·Σ|q·k| a score",
                List.of(),
                () -> Calls.of(threads, (compute, _) -> prepare(compute, sizes)));
    }

    private static Runnable prepare(Compute compute, Sizes sizes) {
        KvSlice slice = KvSlice.at(sizes.kvHeads(), sizes.headDim(), sizes.headDim(), 0);
        F32KvPage[] pages = new F32KvPage[Math.ceilDiv(sizes.length(), KvPage.POSITIONS)];
        for (int i = 0; i < pages.length; i++) {
            pages[i] = new F32KvPage(Operands.normal(i, slice.end(), 1));
        }
        int width = sizes.heads() * sizes.headDim();
        HeapTensor q = HeapTensor.of(Operands.normal(99, sizes.queries() * width, 1), sizes.queries(), width);
        AttentionCall call = call(q, pages, slice, sizes);
        AttentionCall last = call(q.rowRange(sizes.queries() - 1, sizes.queries()), pages, slice, sizes);
        compute.attention().attend(call);
        compute.attention().attend(last);
        for (int i = 0; i < width; i++) {
            float alone = last.out().data()[i];
            Checks.near("attention", call.out().data()[(sizes.queries() - 1) * width + i], alone, 0);
        }
        largest(last, pages);
        return () -> compute.attention().attend(call);
    }

    private static AttentionCall call(HeapTensor q, KvPage[] pages, KvSlice slice, Sizes sizes) {
        float scale = (float) (1 / Math.sqrt(sizes.headDim()));
        KvRows rows = KvRows.of(sizes.length() - q.rows(), q.rows(), pages, slice);
        HeapTensor out = HeapTensor.zeros(q.rows(), q.columns());
        return new AttentionCall(q, rows, out, sizes.heads(), scale, AttentionMask.causal(), AttentionScores.PLAIN);
    }

    /** A mean of values is none of them exceeded, and not nothing. */
    private static void largest(AttentionCall call, F32KvPage[] pages) {
        float most = 0;
        for (F32KvPage page : pages) {
            for (float value : page.elements()) {
                most = Math.max(most, Math.abs(value));
            }
        }
        float found = 0;
        for (float value : call.out().data()) {
            found = Math.max(found, Math.abs(value));
        }
        if (!(found > 0 && found <= most)) {
            throw new IllegalStateException(
                    "attention: the largest of the means is " + found + ", of the values " + most);
        }
    }
}
