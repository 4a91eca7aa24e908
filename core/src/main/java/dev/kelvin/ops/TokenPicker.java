// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.QuantizedRows;
import dev.kelvin.kernel.composed.SoftmaxRow;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.Tensor;

/**
 * Picks a token a row from the softmax of logits at the row's temperature, by inverse transform, either from logits
 * that are there or from those of a projection, of which never more than a chunk a worker exists.
 *
 * <p><b>First pass</b>, over chunks of 4096 logits, each on one worker: the maximum, the canonical sum of the chunk's
 * exponentials, and the sums of its eight blocks of 512. <b>Second pass</b>, over rows: u times the sum of all chunks
 * lies in one chunk, the same share of the sum of its blocks in one block, and the same share of the sum of its
 * exponentials at one token. A projection computes the logits of this one block again, from {@code 512/V} of the
 * weights.
 *
 * <p>Everything that the second pass reads is a pure function of a chunk's logits, so both sources give the same token
 * and the same bits, on any number of threads. Only where logits are so large for the temperature that the softmax
 * {@linkplain SoftmaxRow lowers} the row by its maximum, the few chunks that are near it are computed twice.
 */
final class TokenPicker {
    private static final int CHUNK = 4096;
    private static final int BLOCK = 512;
    private final Team team;
    private final RangeTask projectTask = this::projectChunks;
    private final RangeTask readTask = this::readChunks;
    private final RangeTask projectAgainTask = this::projectAgain;
    private final RangeTask readAgainTask = this::readAgain;
    private final RangeTask pickTask = this::pickRows;
    private final RowPieces weightChunks = new RowPieces(CHUNK);
    private final RowPieces weightBlocks = new RowPieces(BLOCK);
    private final RowPieces hiddenRows = new RowPieces(1);
    private final ChunkSums sums;
    private final TopTokens[] tops;

    /** The logits of a chunk of each row, [B, length of the chunk], a worker. */
    private HeapTensor[] fullChunk;

    private HeapTensor[] lastChunk;
    private final HeapTensor[] block;

    private final RowQuantizer quantizer;

    /** One hidden row in codes, a worker, where a block is projected again. */
    private final QuantizedRows[] quantizedRow;

    private HeapTensor hidden;

    private Tensor[] chunkWeights;
    private Tensor[] blockWeights;
    private Tensor[] rowsOfHidden;
    private HeapTensor logits;
    private double[] draws;
    private TokenPicks picks;
    private int vocabSize;
    private int chunks;
    private int scratchRows = -1;
    private int scratchVocabSize;

    TokenPicker(Team team, RowQuantizer quantizer) {
        this.team = team;
        this.quantizer = quantizer;
        this.quantizedRow = new QuantizedRows[team.threads()];
        this.sums = new ChunkSums(team.threads());
        this.tops = new TopTokens[team.threads()];
        this.block = new HeapTensor[team.threads()];
        for (int worker = 0; worker < team.threads(); worker++) {
            tops[worker] = new TopTokens();
            block[worker] = HeapTensor.zeros(1, BLOCK);
            quantizedRow[worker] = new QuantizedRows();
        }
    }

    void pick(HeapTensor logits, float[] temperatures, double[] draws, TokenPicks picks) {
        check("pick", "logits", logits.rows(), logits.columns(), temperatures, draws, picks);
        try {
            this.logits = logits;
            prepare(logits.rows(), logits.columns(), temperatures, draws, picks);
            team.run(logits.rows() * chunks, Cost.PICK.picos() * CHUNK, 1, readTask);
            finish("pick");
        } finally {
            release();
        }
    }

    void pickProjected(HeapTensor hidden, Tensor weight, float[] temperatures, double[] draws, TokenPicks picks) {
        Require.sameColumns("pickProjected", "hidden", hidden, "weight", weight);
        Matmul.checkWeight("pickProjected", "weight", weight);
        team.requireAccess("pickProjected", "weight", weight);
        check("pickProjected", "hidden", hidden.rows(), weight.rows(), temperatures, draws, picks);
        try {
            this.hidden = hidden;
            this.chunkWeights = weightChunks.of(weight);
            this.blockWeights = weightBlocks.of(weight);
            this.rowsOfHidden = hiddenRows.of(hidden);
            prepare(hidden.rows(), weight.rows(), temperatures, draws, picks);
            growScratch();
            if (weight instanceof PackedTensor packed) {
                quantizer.begin(hidden, packed);
            }
            team.run(chunks, CHUNK * (Matmul.picosPerRow(hidden) + Cost.PICK.picos() * hidden.rows()), 1, projectTask);
            finish("pickProjected");
        } finally {
            release();
        }
    }

    private static void check(
            String operation,
            String name,
            int rows,
            int vocabSize,
            float[] temperatures,
            double[] draws,
            TokenPicks picks) {
        if (vocabSize == 0) {
            throw new IllegalArgumentException(operation + ": there is no candidate in a vocabulary of 0");
        }
        if (temperatures.length != rows || draws.length != rows || picks.batch() != rows) {
            throw new IllegalArgumentException(operation + ": " + name + " has " + rows
                    + " rows, which need as many temperatures, draws and picks; got " + temperatures.length + ", "
                    + draws.length + " and " + picks.batch());
        }
        for (int row = 0; row < rows; row++) {
            if (!(temperatures[row] >= 0)) {
                throw new IllegalArgumentException(
                        operation + ": temperatures[" + row + "] must be in [0, +inf], got " + temperatures[row]);
            }
            if (!(draws[row] >= 0 && draws[row] < 1)) {
                throw new IllegalArgumentException(
                        operation + ": draws[" + row + "] must be in [0, 1), got " + draws[row]);
            }
        }
    }

    private void prepare(int rows, int vocabSize, float[] temperatures, double[] draws, TokenPicks picks) {
        this.vocabSize = vocabSize;
        this.chunks = Math.ceilDiv(vocabSize, CHUNK);
        this.draws = draws;
        this.picks = picks;
        sums.prepare(rows, vocabSize, temperatures);
        if (picks.top() > 0) {
            for (TopTokens top : tops) {
                top.reset(rows, picks.top());
            }
        }
    }

    private void growScratch() {
        int rows = hidden.rows();
        if (scratchRows == rows && scratchVocabSize == vocabSize) {
            return;
        }
        scratchRows = -1; // until all of it is there
        fullChunk = new HeapTensor[team.threads()];
        lastChunk = new HeapTensor[team.threads()];
        for (int worker = 0; worker < team.threads(); worker++) {
            fullChunk[worker] = HeapTensor.zeros(rows, Math.min(CHUNK, vocabSize));
            lastChunk[worker] = HeapTensor.view(fullChunk[worker].data(), 0, rows, lengthOfChunk(chunks - 1));
        }
        scratchRows = rows;
        scratchVocabSize = vocabSize;
    }

    private void release() {
        hidden = null;
        quantizer.end();
        chunkWeights = null;
        blockWeights = null;
        rowsOfHidden = null;
        logits = null;
        draws = null;
        picks = null;
    }

    private int lengthOfChunk(int chunk) {
        return Math.min(CHUNK, vocabSize - chunk * CHUNK);
    }

    // First pass

    private void projectChunks(int worker, int begin, int end) {
        Kernels kernels = team.kernels(worker);
        for (int chunk = begin; chunk < end; chunk++) {
            int length = lengthOfChunk(chunk);
            HeapTensor y = length == CHUNK ? fullChunk[worker] : lastChunk[worker];
            projectAll(worker, chunkWeights[chunk], y);
            for (int row = 0; row < hidden.rows(); row++) {
                take(kernels, worker, row, chunk, y.data(), y.offset() + row * length);
            }
        }
    }

    /** Multiplies all rows of hidden with a chunk. */
    private void projectAll(int worker, Tensor weight, HeapTensor y) {
        QuantizedRows codes = weight instanceof PackedTensor ? quantizer.rows(worker) : null;
        project(team.kernels(worker), hidden, codes, weight, y);
    }

    private static void project(Kernels kernels, HeapTensor x, QuantizedRows quantized, Tensor weight, HeapTensor y) {
        switch (weight) {
            case HeapTensor heap -> kernels.products().gemm(x, heap, y, 0, heap.rows());
            case MappedTensor mapped -> kernels.products().gemm(x, mapped, y, 0, mapped.rows());
            case PackedTensor packed -> kernels.products().gemm(quantized, packed, y, 0, packed.rows());
        }
    }

    private void readChunks(int worker, int begin, int end) {
        for (int item = begin; item < end; item++) {
            int row = item / chunks;
            int chunk = item % chunks;
            int offset = logits.offset() + row * vocabSize + chunk * CHUNK;
            take(team.kernels(worker), worker, row, chunk, logits.data(), offset);
        }
    }

    private void take(Kernels kernels, int worker, int row, int chunk, float[] x, int offset) {
        int length = lengthOfChunk(chunk);
        float max = sums.take(kernels, worker, row * chunks + chunk, x, offset, length);
        if (picks.top() > 0) {
            tops[worker].offer(row, x, offset, length, max, chunk * CHUNK);
        }
    }

    // What the first pass could not do without the maxima of rows

    private void projectAgain(int worker, int begin, int end) {
        Kernels kernels = team.kernels(worker);
        for (int chunk = begin; chunk < end; chunk++) {
            boolean projected = false;
            int length = lengthOfChunk(chunk);
            HeapTensor y = length == CHUNK ? fullChunk[worker] : lastChunk[worker];
            for (int row = 0; row < hidden.rows(); row++) {
                int item = row * chunks + chunk;
                if (sums.wantsAgain(row, item)) {
                    if (!projected) {
                        projectAll(worker, chunkWeights[chunk], y);
                        projected = true;
                    }
                    sums.takeAgain(kernels, worker, row, item, y.data(), y.offset() + row * length, length);
                }
            }
        }
    }

    private void readAgain(int worker, int begin, int end) {
        for (int item = begin; item < end; item++) {
            int row = item / chunks;
            int chunk = item % chunks;
            if (sums.wantsAgain(row, item)) {
                int offset = logits.offset() + row * vocabSize + chunk * CHUNK;
                sums.takeAgain(team.kernels(worker), worker, row, item, logits.data(), offset, lengthOfChunk(chunk));
            }
        }
    }

    // Second pass

    private void finish(String operation) {
        int rows = draws.length;
        if (!sums.findRowMaxima(operation, rows)) {
            if (hidden == null) {
                team.run(rows * chunks, Cost.PICK.picos() * CHUNK, 1, readAgainTask);
            } else {
                team.run(chunks, CHUNK * Matmul.picosPerRow(hidden), 1, projectAgainTask);
            }
        }
        sums.addUpRows(rows);
        long picos =
                hidden == null ? BLOCK * Cost.PICK.picos() : BLOCK * (Matmul.picosPerRow(hidden) + Cost.PICK.picos());
        team.run(rows, picos, 1, pickTask);
    }

    private void pickRows(int worker, int begin, int end) {
        Kernels kernels = team.kernels(worker);
        for (int row = begin; row < end; row++) {
            int token = sums.isGreedy(row) ? sums.argmax(row) : draw(kernels, worker, row);
            picks.tokens[row] = token;
            picks.logProbs[row] = sums.logProb(row, sums.pickedLogit(row));
            if (picks.top() > 0) {
                rank(row);
            }
        }
    }

    private int draw(Kernels kernels, int worker, int row) {
        int from = sums.drawBlock(row, draws[row]);
        int length = Math.min(BLOCK, vocabSize - from);
        if (hidden == null) {
            return from
                    + sums.drawToken(
                            kernels, worker, row, logits.data(), logits.offset() + row * vocabSize + from, length);
        }
        HeapTensor y = block[worker];
        HeapTensor x = (HeapTensor) rowsOfHidden[row];
        Tensor weight = blockWeights[from / BLOCK];
        QuantizedRows codes = quantizedRow[worker];
        if (weight instanceof PackedTensor packed) {
            codes.prepare(1, x.columns(), packed.layout());
            kernels.products().quantize(x, codes, 0, 1);
        }
        project(kernels, x, codes, weight, y);
        return from + sums.drawToken(kernels, worker, row, y.data(), y.offset(), length);
    }

    private void rank(int row) {
        for (int other = 1; other < tops.length; other++) {
            tops[0].merge(row, tops[other]);
        }
        tops[0].copyTo(row, picks);
        for (int i = row * picks.top(); i < row * picks.top() + picks.topCounts[row]; i++) {
            picks.topLogProbs[i] = sums.logProb(row, picks.topLogProbs[i]);
        }
    }
}
